// Small text functions. All are pure and byte-wise unless they say UTF-8.
#pragma once

#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace lakeshift {

std::vector<std::string> split(std::string_view text, char separator);
std::string join(std::span<const std::string> parts, std::string_view separator);
std::string_view trim(std::string_view text);
std::string to_lower(std::string_view ascii);
bool equals_ignoring_case(std::string_view a, std::string_view b);
bool contains(std::string_view text, std::string_view part);
std::string replace_all(std::string text, std::string_view from, std::string_view to);

// Shell-style pattern: '*' any run, '?' one character; the whole text must match.
bool matches_glob(std::string_view text, std::string_view pattern);

// The candidate with the least edit distance, if it is close enough to be a typo (<= 1/3 of its
// length); else "".
std::string closest(std::string_view typo, std::span<const std::string> candidates);

std::string base64_encode(std::string_view bytes);
Result<std::string> base64_decode(std::string_view text);
// Percent-encodes for a URL query or path part ('/' kept when keep_slash).
std::string url_encode(std::string_view text, bool keep_slash = false);
std::string url_decode(std::string_view text);

bool is_valid_utf8(std::string_view bytes);
void append_utf8(std::string& out, char32_t code);  // at most U+1FFFFF
// Printable form for terminals and logs: control characters and invalid bytes are escaped as \xNN.
std::string printable(std::string_view bytes);
// Terminal columns a UTF-8 text takes (wide characters count 2); and a cut to at most `columns`,
// with "…".
std::size_t display_width(std::string_view utf8);
std::string fit_width(std::string_view utf8, std::size_t columns);

}  // namespace lakeshift
