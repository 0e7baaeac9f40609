// Places of a text, when many are asked for: finds the lines once.
#pragma once

#include <string_view>
#include <vector>

#include "sql/finding.h"

namespace lakeshift::sql {

// As locate(). `source` outlives it. Not thread safe.
class Lines {
 public:
  explicit Lines(std::string_view source);
  Place locate(std::uint32_t offset) const;

 private:
  std::string_view source_;
  std::vector<std::uint32_t> starts_{};
  // Where the last answer ended: long lines are counted once, not from their beginning each time.
  mutable std::uint32_t line_ = 0, offset_ = 0, column_ = 1;
};

}  // namespace lakeshift::sql
