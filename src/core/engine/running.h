// What runs by itself: telling it apart from what an object is.
#pragma once

#include "core/engine/kind.h"

namespace lakeshift::engine {

// The document as it would arrive: nothing in it runs by itself.
Json inert_copy(const Kind& kind, const Json& document);
// Gives `desired` the running state that `actual` has: used where lakeshift must not switch
// anything.
void keep_running_state(const Kind& kind, const Json& actual, Json& desired);
// One entry per member that being inert changed: (path, before, after).
struct Muted {
  std::string path;
  Json before, after;
};
std::vector<Muted> what_was_muted(const Json& before, const Json& after);

// Digest of what is sent, compared and held as content, without running state.
std::string fingerprint_of(const Kind& kind, const model::Object& object);

}  // namespace lakeshift::engine
