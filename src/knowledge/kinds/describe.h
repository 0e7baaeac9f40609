// A kind as data: for documentation pages, for programs, and for judging our field tables from
// outside.
#pragma once

#include "core/base/json.h"
#include "core/engine/kind.h"

namespace lakeshift::kinds {

// {"name", "title", "plural", "wave", "moves", "id", "key", "endpoints": {…}, "permissions",
// "stamp", "runs_by_itself",
//  "fields": [{"pattern", "role", "meaning", "target", "default", "unordered"}]}
// Every leaf of the field table; tables that contain themselves once per level, two levels deep.
Json describe_kind(const engine::Kind& kind);
// {"kinds": [...]}, sorted by name.
Json describe_kinds(engine::KindSet kinds);

std::string_view to_text(model::Role role);
std::string_view to_text(model::Meaning meaning);

}  // namespace lakeshift::kinds
