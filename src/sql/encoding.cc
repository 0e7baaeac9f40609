#include "sql/encoding.h"

#include <cstring>

namespace lakeshift::sql {

std::size_t utf8_length(const unsigned char* p, std::size_t left) {
  const unsigned char c = p[0];
  const std::size_t length = c < 0x80   ? 1
                             : c < 0xC2 ? 0
                             : c < 0xE0 ? 2
                             : c < 0xF0 ? 3
                             : c < 0xF5 ? 4
                                        : 0;
  if (length == 0 || length > left) return 0;
  for (std::size_t i = 1; i < length; ++i)
    if ((p[i] & 0xC0) != 0x80) return 0;
  if (length == 3 && ((c == 0xE0 && p[1] < 0xA0) || (c == 0xED && p[1] > 0x9F))) return 0;
  if (length == 4 && ((c == 0xF0 && p[1] < 0x90) || (c == 0xF4 && p[1] > 0x8F))) return 0;
  return length;
}

std::uint32_t find_invalid(const char* text, std::uint32_t begin, std::uint32_t end) {
  std::uint32_t i = begin;
  while (i < end) {
    if (i + 8 <= end) {
      std::uint64_t chunk;
      std::memcpy(&chunk, text + i, 8);
      const std::uint64_t zero = (chunk - 0x0101010101010101u) & ~chunk & 0x8080808080808080u;
      if (((chunk & 0x8080808080808080u) | zero) == 0) {
        i += 8;
        continue;
      }
    }
    if (text[i] == '\0') return i;
    const std::size_t length =
        utf8_length(reinterpret_cast<const unsigned char*>(text + i), end - i);
    if (length == 0) return i;
    i += static_cast<std::uint32_t>(length);
  }
  return end;
}

}  // namespace lakeshift::sql
