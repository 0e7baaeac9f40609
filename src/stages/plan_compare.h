// Phases 2b and 4: what arrives inert, what a kind says about its own, and how drafts differ from
// the target.
#pragma once

#include "core/engine/kind.h"
#include "stages/plan_draft.h"

namespace lakeshift::stages {

engine::PlanContext context_of(const Planning& planning, const Draft& draft);

// Mutes what would run by itself (each a decision), except where the target's running state is not
// lakeshift's to switch; then asks the kinds what cannot or must not be made by calls.
void mute_and_classify(Planning& planning);
// Chooses the verb of every draft that is not decided, with its differences and reason.
void compare_drafts(Planning& planning);

}  // namespace lakeshift::stages
