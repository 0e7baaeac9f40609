// Phase 2: which object of the target a draft is, if any.
#pragma once

#include "stages/plan_draft.h"

namespace lakeshift::stages {

// Sets actual, owned and row of every draft; renames or blocks where names clash. Order of proof:
// the ledger's target id, the stamp, the natural key when it is unique, equal content where the
// platform allows equal names.
void match_drafts(Planning& planning);

}  // namespace lakeshift::stages
