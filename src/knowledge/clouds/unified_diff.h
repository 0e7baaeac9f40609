// Unified diffs of texts whose lines correspond one to one (rewrites inside lines).
#pragma once

#include <string>
#include <string_view>

namespace lakeshift::clouds {

// As `diff -u` prints it, three lines of context, applicable with `patch -p1`. Credentials in the
// lines shown are redacted (such a patch then needs a hand). Empty when the texts are equal.
std::string unified_diff(std::string_view path, std::string_view before, std::string_view after);

}  // namespace lakeshift::clouds
