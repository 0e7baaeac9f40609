// Where pacing starts: the documented rate limits of a Databricks workspace, per API family.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "core/engine/platform.h"
#include "core/world/pacer.h"

namespace lakeshift::platforms {

// More calls of one workspace at once are refused whatever their family (ucx issue 401).
inline constexpr int kDocumentedInFlight = 20;

// One pacer per documented limit, and one per family that has none. Thread safe; pacers live as
// long as the set.
class PacerSet {
 public:
  PacerSet(world::Clock& clock, bool documented) : clock_(clock), documented_(documented) {}
  world::Pacer& of(const engine::Call& call);

 private:
  world::Clock& clock_;
  const bool documented_;
  std::mutex mutex_;
  std::map<std::string, std::unique_ptr<world::Pacer>, std::less<>> pacers_;
};

}  // namespace lakeshift::platforms
