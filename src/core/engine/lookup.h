// Finding out what an interrupted create left behind.
#pragma once

#include <optional>
#include <set>
#include <string>

#include "core/engine/kind.h"

namespace lakeshift::engine {

struct LookedUp {
  std::string id;
  Json document;  // as the list or get returned it; null when the kind's own find said the id only
};

// The object in the target that a create of `change` made: by the kind's find, else by stamp, else
// by natural key among those whose id is not in `taken`. Nothing when there is none. Errors:
// "ambiguous" (several objects have the key and no stamp tells them apart), those of the calls.
Result<std::optional<LookedUp>> look_up(const Kind& kind, Platform& platform,
                                        const model::Change& change,
                                        const std::set<std::string>& taken, std::stop_token stop);

// Kinds whose objects can share a name and carry no stamp: what is there before a create must be
// known to recognise what it made. `ids_of_same_key` lists that.
bool needs_look_before(const Kind& kind);
Result<std::set<std::string>> ids_of_same_key(const Kind& kind, Platform& platform,
                                              const model::Change& change, std::stop_token stop);

// The object's whole document, by the kind's get (or its list).
Result<Json> read_document(const Kind& kind, Platform& platform, const std::string& id,
                           std::stop_token stop);
// The GET call of one object.
Call get_call(const Kind& kind, const std::string& id);

}  // namespace lakeshift::engine
