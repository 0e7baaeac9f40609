// The UTF-8 functions of strings.h.
#include <algorithm>
#include <iterator>

#include "core/base/strings.h"

namespace lakeshift {
namespace {

struct CodePoint {
  char32_t value = 0;
  std::size_t size = 0;  // bytes; 0 = invalid
};

// One code point at the start of `bytes`, as RFC 3629 allows (no surrogates, no overlong forms).
CodePoint decode_utf8(std::string_view bytes) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return {first, 1};
  const std::size_t size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || bytes.size() < size) return {};
  char32_t value = first & (0x7fU >> size);
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xc0U) != 0x80U) return {};
    value = (value << 6) | (byte(i) & 0x3fU);
  }
  constexpr char32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  if (value < kLeast[size] || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff)) return {};
  return {value, size};
}

struct CodeRange {
  char32_t first, last;
};

// Unicode 15: marks and format characters that take no column.
constexpr CodeRange kZeroWidth[] = {
    {0x0300, 0x036f}, {0x0483, 0x0489},   {0x0591, 0x05bd},   {0x0610, 0x061a},  {0x064b, 0x065f},
    {0x06d6, 0x06dc}, {0x0900, 0x0902},   {0x093c, 0x093c},   {0x0941, 0x0948},  {0x0e31, 0x0e31},
    {0x0e34, 0x0e3a}, {0x0e47, 0x0e4e},   {0x1ab0, 0x1aff},   {0x1dc0, 0x1dff},  {0x200b, 0x200f},
    {0x202a, 0x202e}, {0x2060, 0x2064},   {0x20d0, 0x20ff},   {0xfe00, 0xfe0f},  {0xfe20, 0xfe2f},
    {0xfeff, 0xfeff}, {0x1f3fb, 0x1f3ff}, {0xe0020, 0xe007f}, {0xe0100, 0xe01ef}};

// Unicode 15, East Asian Width W and F, and emoji presentation.
constexpr CodeRange kDoubleWidth[] = {
    {0x1100, 0x115f},   {0x231a, 0x231b},   {0x23e9, 0x23ec},   {0x23f0, 0x23f0},
    {0x23f3, 0x23f3},   {0x25fd, 0x25fe},   {0x2614, 0x2615},   {0x2648, 0x2653},
    {0x267f, 0x267f},   {0x2693, 0x2693},   {0x26a1, 0x26a1},   {0x26aa, 0x26ab},
    {0x26bd, 0x26be},   {0x26c4, 0x26c5},   {0x26ce, 0x26ce},   {0x26d4, 0x26d4},
    {0x26ea, 0x26ea},   {0x26f2, 0x26f3},   {0x26f5, 0x26f5},   {0x26fa, 0x26fa},
    {0x26fd, 0x26fd},   {0x2705, 0x2705},   {0x270a, 0x270b},   {0x2728, 0x2728},
    {0x274c, 0x274c},   {0x274e, 0x274e},   {0x2753, 0x2755},   {0x2757, 0x2757},
    {0x2795, 0x2797},   {0x27b0, 0x27b0},   {0x27bf, 0x27bf},   {0x2b1b, 0x2b1c},
    {0x2b50, 0x2b50},   {0x2b55, 0x2b55},   {0x2e80, 0x303e},   {0x3041, 0xa4cf},
    {0xa960, 0xa97f},   {0xac00, 0xd7a3},   {0xf900, 0xfaff},   {0xfe30, 0xfe6f},
    {0xff00, 0xff60},   {0xffe0, 0xffe6},   {0x1f004, 0x1f004}, {0x1f0cf, 0x1f0cf},
    {0x1f18e, 0x1f18e}, {0x1f191, 0x1f19a}, {0x1f1e6, 0x1f1ff}, {0x1f200, 0x1f320},
    {0x1f32d, 0x1f335}, {0x1f337, 0x1f37c}, {0x1f37e, 0x1f393}, {0x1f3a0, 0x1f3ca},
    {0x1f3cf, 0x1f3d3}, {0x1f3e0, 0x1f3f0}, {0x1f3f4, 0x1f3f4}, {0x1f3f8, 0x1f43e},
    {0x1f440, 0x1f440}, {0x1f442, 0x1f4fc}, {0x1f4ff, 0x1f53d}, {0x1f54b, 0x1f54e},
    {0x1f550, 0x1f567}, {0x1f57a, 0x1f57a}, {0x1f595, 0x1f596}, {0x1f5a4, 0x1f5a4},
    {0x1f5fb, 0x1f64f}, {0x1f680, 0x1f6c5}, {0x1f6cc, 0x1f6cc}, {0x1f6d0, 0x1f6d2},
    {0x1f6d5, 0x1f6d7}, {0x1f6dc, 0x1f6df}, {0x1f6eb, 0x1f6ec}, {0x1f6f4, 0x1f6fc},
    {0x1f7e0, 0x1f7eb}, {0x1f7f0, 0x1f7f0}, {0x1f90c, 0x1f9ff}, {0x1fa70, 0x1faff},
    {0x20000, 0x3fffd}};

template <std::size_t N>
bool is_in(char32_t value, const CodeRange (&ranges)[N]) {
  const auto after =
      std::upper_bound(std::begin(ranges), std::end(ranges), value,
                       [](char32_t v, const CodeRange& range) { return v < range.first; });
  return after != std::begin(ranges) && value <= std::prev(after)->last;
}

std::size_t columns_of(char32_t value) {
  if (value < 0x20 || (value >= 0x7f && value < 0xa0) || is_in(value, kZeroWidth)) return 0;
  return is_in(value, kDoubleWidth) ? 2 : 1;
}

}  // namespace

void append_utf8(std::string& out, char32_t code) {
  const auto tail = [&](int shift) {
    out += static_cast<char>(0x80U | ((static_cast<unsigned>(code) >> shift) & 0x3fU));
  };
  const auto head = [&](unsigned mark, int shift) {
    out += static_cast<char>(mark | (static_cast<unsigned>(code) >> shift));
  };
  if (code < 0x80) {
    head(0, 0);
  } else if (code < 0x800) {
    head(0xc0, 6);
    tail(0);
  } else if (code < 0x10000) {
    head(0xe0, 12);
    tail(6);
    tail(0);
  } else {
    head(0xf0, 18);
    tail(12);
    tail(6);
    tail(0);
  }
}

bool is_valid_utf8(std::string_view bytes) {
  while (!bytes.empty()) {
    const CodePoint point = decode_utf8(bytes);
    if (point.size == 0) return false;
    bytes.remove_prefix(point.size);
  }
  return true;
}

std::string printable(std::string_view bytes) {
  constexpr std::string_view kHexDigits = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size());
  while (!bytes.empty()) {
    const CodePoint point = decode_utf8(bytes);
    const bool control =
        point.value < 0x20 || (point.value >= 0x7f && point.value < 0xa0) ||
        (point.value >= 0x202a && point.value <= 0x202e) ||  // would reorder the line
        (point.value >= 0x2066 && point.value <= 0x2069);
    const std::size_t size = std::max<std::size_t>(point.size, 1);
    if (point.size > 0 && !control) {
      text += bytes.substr(0, size);
    } else {
      for (const char c : bytes.substr(0, size)) {
        const auto byte = static_cast<unsigned char>(c);
        text += "\\x";
        text += kHexDigits[byte >> 4];
        text += kHexDigits[byte & 15];
      }
    }
    bytes.remove_prefix(size);
  }
  return text;
}

std::size_t display_width(std::string_view utf8) {
  std::size_t width = 0;
  while (!utf8.empty()) {
    const CodePoint point = decode_utf8(utf8);
    width += point.size == 0 ? 1 : columns_of(point.value);
    utf8.remove_prefix(std::max<std::size_t>(point.size, 1));
  }
  return width;
}

std::string fit_width(std::string_view utf8, std::size_t columns) {
  if (display_width(utf8) <= columns) return std::string(utf8);
  if (columns == 0) return {};
  std::size_t width = 0;
  std::size_t end = 0;
  while (end < utf8.size()) {
    const CodePoint point = decode_utf8(utf8.substr(end));
    const std::size_t more = point.size == 0 ? 1 : columns_of(point.value);
    if (width + more > columns - 1) break;
    width += more;
    end += std::max<std::size_t>(point.size, 1);
  }
  return std::string(utf8.substr(0, end)) + "…";
}

}  // namespace lakeshift
