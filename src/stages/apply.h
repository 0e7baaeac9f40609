// apply: carries out a saved plan exactly.
#pragma once

#include "core/engine/walk.h"
#include "core/state/work_dir.h"

namespace lakeshift::stages {

struct ApplyResult {
  model::Accounting accounting;   // how every object of the plan ended
  engine::WalkResult walk;
  bool complete() const;          // nothing failed, nothing left
};

// Refuses a plan whose digest is not the one the journal's open run began with ("plan-changed") unless that run is
// finished, and a target that drifted since the plan was made ("target-drifted") when `current_target` is given and
// an object that the plan changes or adopts no longer has the state the plan saw.
Result<ApplyResult> apply(const model::Plan& plan, engine::KindSet kinds, engine::Platform& target,
                          state::Journal& journal, const engine::Supplies& supplies, world::Run& run,
                          const model::Inventory* current_target);

}  // namespace lakeshift::stages
