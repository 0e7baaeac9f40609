// What a byte is to the lexer. Bytes of 0x80 and above are letters.
#pragma once

#include <array>
#include <cstdint>

namespace lakeshift::sql {

enum CharClass : std::uint8_t { kOther, kBlank, kLetter, kDigit, kOperator };

constexpr std::array<std::uint8_t, 256> build_classes() {
  std::array<std::uint8_t, 256> table{};
  for (int c : {' ', '\t', '\n', '\r', '\f', '\v'}) table[static_cast<std::size_t>(c)] = kBlank;
  for (int c = 'a'; c <= 'z'; ++c) table[static_cast<std::size_t>(c)] = kLetter;
  for (int c = 'A'; c <= 'Z'; ++c) table[static_cast<std::size_t>(c)] = kLetter;
  table['_'] = kLetter;
  for (std::size_t c = 0x80; c < 0x100; ++c) table[c] = kLetter;
  for (int c = '0'; c <= '9'; ++c) table[static_cast<std::size_t>(c)] = kDigit;
  for (char c : {'+', '-', '*', '/', '<', '>', '=', '~', '!', '@', '#', '%', '^', '&', '|', '?'})
    table[static_cast<std::size_t>(c)] = kOperator;
  return table;
}
inline constexpr auto kClasses = build_classes();

inline CharClass class_of(char c) {
  return static_cast<CharClass>(kClasses[static_cast<unsigned char>(c)]);
}
inline bool is_letter(char c) { return class_of(c) == kLetter; }
inline bool is_digit(char c) { return class_of(c) == kDigit; }
inline bool is_word(char c) { return is_letter(c) || is_digit(c); }

}  // namespace lakeshift::sql
