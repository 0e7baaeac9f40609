// Tables for terminals. Pure.
#pragma once

#include <string>
#include <vector>

#include "surfaces/report/style.h"

namespace lakeshift::report {

struct Column {
  std::string title;
  bool right = false;  // numbers
};

struct Cell {
  std::string text;
  Tone tone = Tone::plain;
};

// Columns are as wide as their widest cell; when the table is wider than the terminal, the widest
// columns are cut with "…" (never below 6 columns). Every line ends with a newline and has no
// trailing blanks.
std::string format_table(const std::vector<Column>& columns,
                         const std::vector<std::vector<Cell>>& rows, const Style& style);

}  // namespace lakeshift::report
