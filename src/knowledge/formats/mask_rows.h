// Rows as COPY writes them in text, masked column by column.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "knowledge/formats/mask.h"

namespace lakeshift::formats {

// "a\tb\\N": fields of one row, unescaped; none: NULL. A newline behind it is no part.
std::vector<std::optional<std::string>> read_copy_row(std::string_view row);
std::string write_copy_row(const std::vector<std::optional<std::string>>& fields);  // with newline

// The masks of a table's columns, in the order of the rows they are for; none: as it is. Thread
// safe.
struct RowMask {
  std::vector<std::string> columns;
  std::vector<std::shared_ptr<const Mask>> masks;
  bool masks_any() const;
  void apply(std::vector<std::optional<std::string>>& fields) const;
  std::string apply(std::string_view copy_row) const;
};

}  // namespace lakeshift::formats
