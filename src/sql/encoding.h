// UTF-8, as far as SQL text needs it.
#pragma once

#include <cstddef>
#include <cstdint>

namespace lakeshift::sql {

// The length of the well-formed UTF-8 sequence at `p`, of at most `left` bytes; 0 when there is
// none.
std::size_t utf8_length(const unsigned char* p, std::size_t left);

// The offset of the first byte of [begin, end) that is not UTF-8, or is NUL; `end` when all is
// well.
std::uint32_t find_invalid(const char* text, std::uint32_t begin, std::uint32_t end);

}  // namespace lakeshift::sql
