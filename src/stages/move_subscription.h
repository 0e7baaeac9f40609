// Following by the server's own subscription, between verbs (MoveConfig::follow).
//
// A verb that needs the stream takes it back (MoveRun::take_stream_back), follows as ever, and
// hands it over at its end. Whether the server follows is told by whether it has the subscription
// (postgres_handover.h), and by nothing else.
#pragma once

#include "stages/move_run.h"

namespace lakeshift::stages {

// Our own apply up to a position (0: until another process wants to drive), or until stopped.
Result<MoveOutcome> apply_here(MoveRun& move, databases::Lsn until);

// What is there already is applied by us, which names a row that cannot be; then the server
// follows. Ends when that is caught up, or goes on looking at it until stopped: without the lock,
// so that others may drive; when they are gone and have left the stream, it hands it over again.
// Errors: those of the apply and of hand_over(); "subscription-stuck".
Result<MoveOutcome> follow_by_subscription(MoveRun& move, bool until_caught_up);

// For status: a line on the subscription of the present leg; none when there is none.
Result<std::string> subscription_text(MoveRun& move, databases::PostgresSession& to);

}  // namespace lakeshift::stages
