// discover: reads everything on one side into the inventory.
#pragma once

#include "core/engine/kind.h"
#include "core/state/work_dir.h"

namespace lakeshift::stages {

struct DiscoverResult {
  model::Inventory inventory;
  std::vector<model::Finding> findings;
  long long calls = 0;
};

// Reads every kind in parallel (run.parallel calls in flight over all kinds), each list and object
// once. Objects that fail are in the inventory with unread_code. A list that fails makes its
// KindCount unavailable and a blocking finding. A login that is refused and not
// replaced ends everything (retry=after_login): an inventory with holes would look like losses.
// Check of accounting: for every kind listed = objects + out of scope, else error "accounting".
// `put_content` stores bytes; rehearsals and tests may pass one that only hashes.
Result<DiscoverResult> discover(
    engine::Platform& platform, engine::KindSet kinds, world::Run& run,
    const std::function<Result<std::string>(std::string_view)>& put_content);

// Error "not-read" names the first kind that moves and whose list failed: a plan may go on without
// it, but what is switched or brought over by such a reading would take the rest for gone.
Status check_whole(const DiscoverResult& result);

// The equation alone: error "accounting" names every kind where listed != objects + out of scope.
Status check_discovered(const model::Inventory& inventory);

}  // namespace lakeshift::stages
