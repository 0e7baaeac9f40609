// The steps of switching writers from one database to the other and back, each safe to repeat.
//
// Order of a cutover (source -> target): fence_writers(source) · mark_fence(source) · the apply
// reaches the mark · carry_sequences · prepare_way_back(target -> source), before the target's
// first write · open_writers(target). A rollback is the same with the sides exchanged; the reverse
// stream then holds nothing but what the applications wrote, so no loop can arise.
#pragma once

#include <string>
#include <vector>

#include "core/world/clock.h"
#include "knowledge/databases/postgres_session.h"

namespace lakeshift::transfers {

struct FenceReport {
  std::vector<std::string> roles;  // that can no longer write here
  std::int64_t sessions_ended = 0;
  std::vector<std::string> refused;     // the attempted writes: "role app on shop.order: 42501"
  std::vector<std::string> not_fenced;  // superusers with sessions here: nothing can stop them
};

// Takes from every named role the rights to write to tables, columns and sequences of this database
// (its own, its groups', everybody's), to log in, and its sessions; remembers in schema `lakeshift`
// what it took. Then attempts a write as each role to each table. Error "fence-open": one is not
// refused, a right is left, or a transaction of whomever has written and does not end. `roles`: the
// applications' own roles; owners of tables keep rights implicitly, so these are refused with
// "fence-owner".
Result<FenceReport> fence_writers(databases::PostgresSession& side,
                                  const std::vector<std::string>& roles, world::Clock& clock);

// Roles that may log in and write here and are not among `roles`: the fence would leave them out.
// Superusers and our own user are not named.
Result<std::vector<std::string>> unnamed_writers(databases::PostgresSession& side,
                                                 const std::vector<std::string>& roles);

// What our user lacks here for fencing the roles that there are: statements that give it, to be run
// by an administrator. Empty: nothing.
Result<std::vector<std::string>> missing_fence_rights(databases::PostgresSession& side,
                                                      const std::vector<std::string>& roles);

// Gives back exactly what fence_writers() took; returns how many grants.
Result<std::int64_t> open_writers(databases::PostgresSession& side);

// The position after which no application has written. The mark makes an idle server's stream move
// past it.
Result<databases::Lsn> mark_fence(databases::PostgresSession& side);

// Sets the other side's sequences to at least this side's value plus `headroom` steps in each one's
// direction; a sequence that is further already stays. Returns how many were moved. Error
// "sequence-missing".
Result<std::int64_t> carry_sequences(databases::PostgresSession& from,
                                     databases::PostgresSession& to, std::int64_t headroom);

// Publication and slot on `from`, before its first write, and the ledger in `to` that says from
// where its changes go on. Repeated: what is there is kept when the slot is, else made anew.
Result<databases::Lsn> prepare_way_back(databases::PostgresSession& from,
                                        databases::PostgresSession& to, const std::string& slot,
                                        const std::string& publication, std::stop_token stop);

}  // namespace lakeshift::transfers
