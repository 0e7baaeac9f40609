// The words any of our grammars gives a meaning to. Which of them are reserved is a dialect's
// matter. Found by a hash table that the compiler fills.
#pragma once

#include <cstdint>
#include <string_view>

#include "sql/keyword_list.h"

namespace lakeshift::sql {

enum class Word : std::uint16_t {
  none,
#define LS_WORD(id) k##id,
  LS_SQL_WORDS(LS_WORD)
#undef LS_WORD
      count_
};

inline constexpr std::size_t kWordCount = static_cast<std::size_t>(Word::count_);

// The keyword that `text` spells in any case, or none.
Word find_word(std::string_view text);
// In capitals; "" for none.
std::string_view spell_word(Word word);

}  // namespace lakeshift::sql
