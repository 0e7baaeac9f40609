// Patterns inside strings: regular expressions, SIMILAR TO, TO_CHAR and TO_DATE formats.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace lakeshift::sql {

// A POSIX regular expression as Java's. Nothing, with the reason in `fault`, when it cannot be
// said.
std::optional<std::string> java_regex(std::string_view posix, std::string& fault);
// The same for Perl's (REGEXP functions with 'p'), which Java nearly speaks.
// A SIMILAR TO pattern as a regular expression that spans the whole text.
std::optional<std::string> similar_regex(std::string_view pattern, char escape, std::string& fault);
// The replacement of REGEXP_REPLACE: \1 is $1 in Java, and $ stands for itself.
std::string java_replacement(std::string_view text, bool perl);

}  // namespace lakeshift::sql
