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

constexpr std::size_t hash(std::string_view text) {
  std::uint32_t h = static_cast<std::uint32_t>(text.size());
  for (char c : text) h = (h ^ upper(c)) * 0x01000193u;
  return (h ^ (h >> 15)) & (kSlots - 1);
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
