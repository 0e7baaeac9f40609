// A file that other programs can read a secret from and that is on no disk.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace lakeshift::world {

// In memory, readable by programs that run_process() starts while this lives, and by nobody else;
// wiped when destroyed. path() is valid in this process and in those.
class SecretFile {
 public:
  virtual ~SecretFile() = default;
  virtual const std::string& path() const = 0;
};

// Error "io".
Result<std::unique_ptr<SecretFile>> make_secret_file(std::string_view content);

}  // namespace lakeshift::world
