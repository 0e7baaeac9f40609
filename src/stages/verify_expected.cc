#include "core/base/embedded.h"
#include "core/base/strings.h"
#include "stages/verify.h"

namespace lakeshift::stages {

Result<std::vector<model::ExpectedDifference>> expected_differences() {
  constexpr const char* kFile = "data/expected_differences.csv";
  std::vector<model::ExpectedDifference> table;
  bool is_head = true;
  for (const std::string& line : split(embedded_file(kFile), '\n')) {
    if (trim(line).empty() || line.starts_with('#')) continue;
    const std::vector<std::string> cells = split(line, ';');
    if (cells.size() != 5)
      return fail("bad-table", "the line '" + line + "' is not kind;pattern;direction;reason;source", kFile);
    if (!is_head) table.push_back({cells[0], cells[1], cells[2], cells[3], cells[4]});
    is_head = false;
  }
  return table;
}

}  // namespace lakeshift::stages
