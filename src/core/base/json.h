// JSON reading and writing without exceptions. Include in sources; headers take json_fwd.h.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "core/base/json_fwd.h"
#include "core/base/result.h"

namespace lakeshift {

// Parses UTF-8 text. Errors: "bad-json" with line, column and what was found; `about` is passed
// through. Nesting deeper than 512 levels is refused (no stack overflow on hostile input).
Result<Json> parse_json(std::string_view text, std::string_view about);

// Compact and indented texts with sorted keys. Invalid UTF-8 inside strings is written as U+FFFD.
std::string dump_json(const Json& value);
std::string dump_json_pretty(const Json& value);

// Member access that never throws: the member's value if present and of that type, else the
// fallback.
std::string text_at(const Json& object, std::string_view key, std::string_view fallback = {});
bool bool_at(const Json& object, std::string_view key, bool fallback = false);
long long int_at(const Json& object, std::string_view key, long long fallback = 0);
// The member, or a null value that lives for ever.
const Json& member(const Json& object, std::string_view key);

// Dotted paths through objects only ("settings.name"). Missing parts give null / are created.
const Json& at_path(const Json& root, std::string_view dotted);
void set_path(Json& root, std::string_view dotted, Json value);
void erase_path(Json& root, std::string_view dotted);

// A scalar as text: strings unquoted, numbers and booleans as JSON writes them; used for ids that
// come as either.
std::string scalar_text(const Json& value);

}  // namespace lakeshift
