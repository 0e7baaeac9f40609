// Phase 5: the calls of every change, and the order they need; cycles of references are broken by
// create-then-update.
#pragma once

#include "stages/plan_draft.h"

namespace lakeshift::stages {

void plan_calls(Planning& planning);

}  // namespace lakeshift::stages
