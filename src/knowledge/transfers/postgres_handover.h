// Giving the changes of a slot over to a native subscription, and taking them back.
//
// While a subscription of the move is there, the following server applies the changes by itself;
// while there is none, our own apply does (postgres_apply.h). Nothing else says which: a process
// that was killed at any instant left the one or the other. Neither way repeats or passes over a
// change: a subscription begins at the progress row's position, which becomes the progress of its
// origin; and the row takes what the origin reached before the subscription is dropped. Both are
// done under the apply's own lock (claim_apply), so that what a killed process left at work is
// waited for.
#pragma once

#include <optional>
#include <string>

#include "core/world/world.h"
#include "knowledge/databases/postgres_subscription.h"

namespace lakeshift::transfers {

struct HandOverPlan {
  databases::PostgresAddress from, to;  // as we reach them
  databases::PostgresAddress door;      // `from` as `to` reaches it; without password: the one that
                                        // our own session used
  std::string subscription, slot, publication;
};

// Our own apply has ended. Returns the position from which the server goes on; the same when it has
// it already. Errors: those of claim_apply(), read_progress(), read_slot(), start_subscription();
// "publication-whole": tables of the publication are no part of the move.
Result<databases::Lsn> hand_over(const HandOverPlan& plan, world::Clock& clock,
                                 std::stop_token stop);

struct TakenBack {
  databases::Lsn since = 0, until = 0;  // what the progress row said before, and says now
  std::int64_t errors = 0;              // of the server's apply, where it counts them
};
// None: there was no subscription. The slot stays. Errors: those of claim_apply(), read_slot().
Result<std::optional<TakenBack>> take_back(const HandOverPlan& plan, world::Clock& clock,
                                           std::stop_token stop);

}  // namespace lakeshift::transfers
