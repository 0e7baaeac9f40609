// The ledger row of an object after its change has ended.
#pragma once

#include <optional>
#include <string>

#include "core/engine/kind.h"
#include "core/state/journal.h"

namespace lakeshift::engine {

// What is known from before and still true is kept ("verified" of an unchanged object). An
// interrupted change is "planned".
Status record_in_ledger(state::Journal& journal, const model::Plan& plan,
                        const model::Change& change, const Kind* kind, const std::string& target_id,
                        model::Verb outcome, const std::optional<Error>& error, int attempts);

}  // namespace lakeshift::engine
