// A move's whole plan tried on copies: create, verify, cutover, rollback, cutover, complete, by the
// very functions that move production, between a masked staging copy that stands alone and another
// database.
#pragma once

#include "stages/move.h"

namespace lakeshift::stages {

// Times every step and predicts the real window from what it measured; evidence and the document
// rehearsal.json are the move's own, and a rollback done here opens its gate `rehearsed`. Hooks are
// not called: they would switch what they switch in earnest. Afterwards the staging copy takes
// writes again and the other database is left as it is after a completed move. What is left of a
// rehearsal that was cut short is undone first. Needs no lock of the move.
// Errors: "no-rehearsal" (not configured), those of the verbs.
Result<MoveReport> rehearse_move(const MoveInput& input, const MoveConfig* staging,
                                 world::Run& run);

}  // namespace lakeshift::stages
