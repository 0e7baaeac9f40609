#include "knowledge/platforms/limits.h"

#include <charconv>

#include "core/base/embedded.h"
#include "core/base/strings.h"

namespace lakeshift::platforms {

Result<std::vector<ObjectLimit>> object_limits() {
  constexpr const char* kFile = "data/workspace_limits.csv";
  std::vector<ObjectLimit> limits;
  bool is_head = true;
  for (const std::string& line : split(embedded_file(kFile), '\n')) {
    if (trim(line).empty() || line.starts_with('#')) continue;
    if (std::exchange(is_head, false)) continue;
    const std::vector<std::string> cells = split(line, ',');
    ObjectLimit limit;
    if (cells.size() == 4) {
      limit = {cells[0], cells[1], 0, cells[3]};
      const auto [end, error] =
          std::from_chars(cells[2].data(), cells[2].data() + cells[2].size(), limit.most);
      if (error != std::errc() || end != cells[2].data() + cells[2].size()) limit.most = 0;
    }
    if (limit.most <= 0)
      return fail("bad-table", "the line '" + line + "' is not kinds,scope,most,source", kFile);
    limits.push_back(std::move(limit));
  }
  return limits;
}

}  // namespace lakeshift::platforms
