// apply: carries out a saved plan exactly.
#pragma once

#include <set>

#include "core/engine/walk.h"
#include "core/state/work_dir.h"

namespace lakeshift::stages {

struct ApplyResult {
  model::Accounting accounting;  // how every object of the plan ended
  engine::WalkResult walk;
  bool complete() const;        // nothing failed, nothing left
  std::string summary() const;  // "12 created, 3 adopted, 1 failed"
};

// Refuses a plan whose digest is not the one the journal's open run began with ("plan-changed"),
// unless that run came to its end or nothing of it is in doubt, and a target that drifted since the
// plan was made ("target-drifted") when `current_target` is given and an object that the plan
// creates, changes or adopts no longer has the state the plan saw (what this run has already begun
// to change is not judged). `part`: ids of the changes to carry out now, with all that they need;
// the run stays the whole plan's, so that the other changes can follow. The same plan again goes on
// where the run ended: what is done is not repeated, what failed is tried again.
Result<ApplyResult> apply(const model::Plan& plan, engine::KindSet kinds, engine::Platform& target,
                          state::Journal& journal, const engine::Supplies& supplies,
                          world::Run& run, const model::Inventory* current_target,
                          const std::set<std::string>* part = nullptr);

std::string digest_of(const model::Plan& plan);

// After a run of this plan that came to its end the ledger has a row for every object of the plan:
// error "accounting" names those that it lost. Says nothing about a plan that was not carried out.
Status check_ledger(const model::Plan& plan, state::Journal& journal);

// Whether this very plan was carried out to its end and nothing of it failed.
Result<bool> is_applied(const model::Plan& plan, state::Journal& journal);
// The run that was interrupted, if there is one: the digest of its plan.
Result<std::optional<std::string>> open_run(state::Journal& journal);
// Gives an interrupted run up, so that another plan can be applied: what it was creating when it
// was interrupted may be in the target without being known here.
Status abandon_run(state::Journal& journal);

}  // namespace lakeshift::stages
