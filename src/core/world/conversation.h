// A program that is asked line by line for as long as it is needed.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/world/clock.h"

namespace lakeshift::world {

// Not thread safe. Destroying it closes the program's input, waits for it a few seconds, then ends
// it.
class Conversation {
 public:
  virtual ~Conversation() = default;
  // The next line of the program's standard output, without its end. Errors: "timeout"; "ended"
  // when the program is gone, with the last lines of its standard error.
  virtual Result<std::string> read_line(Millis limit) = 0;
  // Writes the line and its end. Error "ended".
  virtual Status write_line(std::string_view line) = 0;
};

// Starts command[0] (found by PATH) in the environment of run_process(). Its standard error goes
// into the file. Error "cannot-start".
Result<std::unique_ptr<Conversation>> converse(const std::vector<std::string>& command,
                                               const std::string& error_file);

}  // namespace lakeshift::world
