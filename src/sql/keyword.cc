#include "sql/keyword.h"

#include <array>

namespace lakeshift::sql {
namespace {

constexpr std::string_view kSpelled[] = {"",
#define LS_WORD(id) #id,
                                         LS_SQL_WORDS(LS_WORD)
#undef LS_WORD
};
constexpr std::size_t kLongest = 24;
constexpr std::size_t kSlots = 4096;

constexpr unsigned char upper(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 'a' && byte <= 'z' ? static_cast<unsigned char>(byte - 32) : byte;
}

// Of the length and five characters, which tell most words apart; `& 0xDF` is upper case.
constexpr std::size_t hash(std::string_view text) {
  const auto at = [&](std::size_t i) {
    return static_cast<std::uint32_t>(static_cast<unsigned char>(text[i]) & 0xDFu);
  };
  const std::size_t n = text.size();
  if (n == 0) return 0;
  std::uint32_t h = static_cast<std::uint32_t>(n) + at(0) * 0x9E3779B1u + at(n - 1) * 0x85EBCA6Bu +
                    at(n / 2) * 0xC2B2AE35u + at(n / 4) * 0x27D4EB2Fu +
                    at(n - 1 - n / 4) * 0x165667B1u;
  h ^= h >> 15;
  return (h ^ (h >> 7)) & (kSlots - 1);
}

constexpr std::array<std::uint16_t, kSlots> build_table() {
  std::array<std::uint16_t, kSlots> table{};
  for (std::size_t i = 1; i < kWordCount; ++i) {
    std::size_t slot = hash(kSpelled[i]);
    while (table[slot] != 0) slot = (slot + 1) & (kSlots - 1);
    table[slot] = static_cast<std::uint16_t>(i);
  }
  return table;
}
constexpr std::array<std::uint16_t, kSlots> kTable = build_table();

bool spells(std::string_view text, std::string_view capitals) {
  if (text.size() != capitals.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i)
    if (upper(text[i]) != static_cast<unsigned char>(capitals[i])) return false;
  return true;
}

}  // namespace

Word find_word(std::string_view text) {
  if (text.size() > kLongest) return Word::none;
  for (std::size_t slot = hash(text); kTable[slot] != 0; slot = (slot + 1) & (kSlots - 1))
    if (spells(text, kSpelled[kTable[slot]])) return static_cast<Word>(kTable[slot]);
  return Word::none;
}

std::string_view spell_word(Word word) { return kSpelled[static_cast<std::size_t>(word)]; }

}  // namespace lakeshift::sql
