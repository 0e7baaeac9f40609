#include "sql/lines.h"

#include <algorithm>

namespace lakeshift::sql {

Lines::Lines(std::string_view source) : source_(source) {
  starts_.push_back(source.starts_with("\xEF\xBB\xBF") ? 3 : 0);
  for (std::size_t i = source.find('\n'); i != source.npos; i = source.find('\n', i + 1))
    starts_.push_back(static_cast<std::uint32_t>(i + 1));
}

Place Lines::locate(std::uint32_t offset) const {
  offset = std::min(offset, static_cast<std::uint32_t>(source_.size()));
  const auto above = std::upper_bound(starts_.begin() + 1, starts_.end(), offset);
  const auto line = static_cast<std::uint32_t>(above - starts_.begin());
  if (line != line_ || offset < offset_) {
    line_ = line;
    offset_ = std::min(starts_[line - 1], offset);
    column_ = 1;
  }
  for (; offset_ < offset; ++offset_)
    if ((static_cast<unsigned char>(source_[offset_]) & 0xC0) != 0x80) ++column_;
  return {line, column_};
}

}  // namespace lakeshift::sql
