#include "knowledge/platforms/expected_differences.h"

#include "core/base/embedded.h"
#include "core/base/strings.h"

namespace lakeshift::platforms {
namespace {

// "tasks[2].x" -> "tasks[].x"
std::string pattern_of(const std::string& path) {
  std::string pattern;
  bool inside = false;
  for (const char c : path) {
    if (c == ']') inside = false;
    if (!inside) pattern += c;
    if (c == '[') inside = true;
  }
  return pattern;
}

}  // namespace

Result<std::vector<model::ExpectedDifference>> expected_differences() {
  constexpr const char* kFile = "data/expected_differences.csv";
  std::vector<model::ExpectedDifference> table;
  bool is_head = true;
  for (const std::string& line : split(embedded_file(kFile), '\n')) {
    if (trim(line).empty() || line.starts_with('#')) continue;
    const std::vector<std::string> cells = split(line, ';');
    if (cells.size() != 5)
      return fail("bad-table",
                  "the line '" + line + "' is not kind;pattern;direction;reason;source", kFile);
    if (!is_head) table.push_back({cells[0], cells[1], cells[2], cells[3], cells[4]});
    is_head = false;
  }
  return table;
}

const model::ExpectedDifference* expectation_of(const std::vector<model::ExpectedDifference>& table,
                                                std::string_view kind, std::string_view direction,
                                                const model::Difference& difference) {
  const std::string pattern = pattern_of(difference.path);
  for (const model::ExpectedDifference& expected : table)
    if (matches_glob(kind, expected.kind) && matches_glob(direction, expected.direction) &&
        (matches_glob(pattern, expected.pattern) || pattern.starts_with(expected.pattern + ".")))
      return &expected;
  return nullptr;
}

}  // namespace lakeshift::platforms
