// Searching texts: every match of a pattern, and whether a place lies inside a storage URL.
#pragma once

#include <re2/re2.h>

#include <string_view>

namespace lakeshift::rules {

// Calls `each(offset, text)` for group 1 of every match, without dots and colons at its end (they
// belong to the prose).
template <typename Each>
void each_match(std::string_view text, const RE2& pattern, Each each) {
  re2::StringPiece rest(text.data(), text.size()), found;
  while (RE2::FindAndConsume(&rest, pattern, &found)) {
    std::string_view match(found.data(), found.size());
    while (match.ends_with('.') || match.ends_with(':')) match.remove_suffix(1);
    if (!match.empty()) each(static_cast<std::size_t>(match.data() - text.data()), match);
  }
}

const RE2& storage_url_pattern();
bool is_inside_storage_url(std::string_view text, std::size_t offset);

}  // namespace lakeshift::rules
