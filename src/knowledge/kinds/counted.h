// Kinds that are counted, not moved: hooks that list them. Of an item only its id and its key are
// kept: such lists hold credentials (recipients, connections, warehouse settings) and nothing reads
// the rest.
#pragma once

#include <string>

#include "core/engine/kind.h"

namespace lakeshift::kinds {

// One listed item: counted, and found unless the kind says that it is out of scope.
void count_item(const engine::Kind& kind, engine::DiscoverContext& context, const Json& item);
// Something there is only one of, or that only its name tells.
void count_one(const engine::Kind& kind, engine::DiscoverContext& context, const std::string& key);

// Hook: the kind's own list.
Status count_listed(const engine::Kind& kind, engine::DiscoverContext& context);
// Hook: the same for a list whose items other kinds need too.
Status count_shared(const engine::Kind& kind, engine::DiscoverContext& context);

// A list per parent, in tasks of their own: `listing` with `parameters`. A list that fails is a
// finding about `parent`.
void count_part(const engine::Kind& kind, engine::DiscoverContext& context, engine::Listing listing,
                Json parameters, const std::string& parent);
void report_part(const engine::Kind& kind, engine::DiscoverContext& context,
                 const std::string& parent, const Error& error);

}  // namespace lakeshift::kinds
