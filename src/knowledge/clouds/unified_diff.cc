#include "knowledge/clouds/unified_diff.h"

#include <algorithm>
#include <vector>

#include "knowledge/rules/credentials_in_text.h"

namespace lakeshift::clouds {
namespace {

constexpr std::size_t kContext = 3;

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    std::size_t end = text.find('\n');
    lines.push_back(text.substr(0, end));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return lines;
}

void put_line(std::string& out, char mark, std::string_view line, bool last,
              bool ends_with_newline) {
  out += mark;
  out += rules::without_credentials(line);
  out += '\n';
  if (last && !ends_with_newline) out += "\\ No newline at end of file\n";
}

}  // namespace

std::string unified_diff(std::string_view path, std::string_view before, std::string_view after) {
  const auto old_lines = lines_of(before), new_lines = lines_of(after);
  const std::size_t count = std::min(old_lines.size(), new_lines.size());
  std::vector<std::size_t> changed;
  for (std::size_t i = 0; i < count; ++i)
    if (old_lines[i] != new_lines[i]) changed.push_back(i);
  if (changed.empty()) return {};
  while (path.starts_with('/')) path.remove_prefix(1);
  std::string out = "--- a/" + std::string(path) + "\n+++ b/" + std::string(path) + "\n";
  const bool newline = before.ends_with('\n');
  for (std::size_t i = 0; i < changed.size();) {
    std::size_t j = i;
    while (j + 1 < changed.size() && changed[j + 1] - changed[j] <= 2 * kContext) ++j;
    std::size_t first = changed[i] < kContext ? 0 : changed[i] - kContext,
                end = std::min(count, changed[j] + kContext + 1);
    std::string range = std::to_string(first + 1) + "," + std::to_string(end - first);
    out += "@@ -" + range + " +" + range + " @@\n";
    for (std::size_t line = first; line < end;) {
      if (old_lines[line] == new_lines[line]) {
        put_line(out, ' ', old_lines[line], line + 1 == count, newline);
        ++line;
        continue;
      }
      std::size_t stop = line;
      while (stop < end && old_lines[stop] != new_lines[stop]) ++stop;
      for (std::size_t k = line; k < stop; ++k)
        put_line(out, '-', old_lines[k], k + 1 == count, newline);
      for (std::size_t k = line; k < stop; ++k)
        put_line(out, '+', new_lines[k], k + 1 == count, newline);
      line = stop;
    }
    i = j + 1;
  }
  return out;
}

}  // namespace lakeshift::clouds
