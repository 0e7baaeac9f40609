// The SQLite form of a store. Not thread safe.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "core/base/result.h"
#include "twin/store.h"

namespace lakeshift::twin {

class StateFile {
 public:
  // Errors: "io" names the file and what SQLite said.
  static Result<std::unique_ptr<StateFile>> open(const std::string& path);
  virtual ~StateFile() = default;
  virtual Status read_rows(const std::function<void(const std::string& kind, Row row)>& each) = 0;
  virtual Status read_contents(
      const std::function<void(const std::string& id, std::string bytes)>& each) = 0;
  virtual Status read_counters(
      const std::function<void(const std::string& name, long long value)>& each) = 0;
  virtual Status begin() = 0;
  virtual Status end() = 0;
  virtual Status write_row(const std::string& kind, const Row& row) = 0;
  virtual Status erase_row(const std::string& kind, const std::string& id) = 0;
  virtual Status write_content(const std::string& id, const std::string* bytes) = 0;  // null erases
  virtual Status write_counter(const std::string& name, long long value) = 0;
};

}  // namespace lakeshift::twin
