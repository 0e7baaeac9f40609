// Carrying out a saved plan with everything it needs from outside: contents, secret values.
#pragma once

#include <set>

#include "stages/apply.h"
#include "surfaces/cli/sides.h"

namespace lakeshift::cli {

// Opens the sources of secret values, marks the target as changed, applies. `part` and `current` as
// in stages::apply; null: everything, and no look for drift.
Result<stages::ApplyResult> carry_out_plan(Session& session, Migration& migration,
                                           const model::Plan& plan, engine::Platform& target,
                                           const std::set<std::string>* part,
                                           const model::Inventory* current);

}  // namespace lakeshift::cli
