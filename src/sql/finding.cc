#include "sql/finding.h"

namespace lakeshift::sql {

Place locate(std::string_view source, std::uint32_t offset) {
  Place place;
  if (offset > source.size()) offset = static_cast<std::uint32_t>(source.size());
  std::size_t line_start = 0;
  for (std::size_t i = 0; i < offset; ++i) {
    if (source[i] != '\n') continue;
    ++place.line;
    line_start = i + 1;
  }
  if (line_start == 0 && source.starts_with("\xEF\xBB\xBF") && offset >= 3) line_start = 3;
  for (std::size_t i = line_start; i < offset; ++i)
    if ((static_cast<unsigned char>(source[i]) & 0xC0) != 0x80) ++place.column;
  return place;
}

}  // namespace lakeshift::sql
