// Native subscriptions: one server follows the slot of another by itself.
//
// Seen in versions 11 to 17 (src/backend/commands/subscriptioncmds.c, replication/logical/origin.c
// of their sources, and tried): a worker goes on from the later of its origin's progress and what
// the slot was told. The origin's progress is as durable as the rows; what a slot was told is not,
// it may fall back when its server crashes. Dropping a subscription forgets the origin's progress
// at once, even when the dropping transaction is undone.
#pragma once

#include <optional>
#include <string>

#include "core/world/clock.h"
#include "core/world/secret.h"
#include "knowledge/databases/postgres_session.h"

namespace lakeshift::databases {

struct SubscriptionState {
  unsigned oid = 0;
  bool enabled = false;
  int worker = 0;           // process of the worker that applies; 0: none runs
  std::int64_t errors = 0;  // of its apply so far; from version 15 on
};
// Of this database; none: there is no such subscription.
Result<std::optional<SubscriptionState>> read_subscription(PostgresSession& session,
                                                           const std::string& name);
// Up to where it has applied, 0 when it has applied nothing. Error 42501 without the right to see
// origins.
Result<Lsn> subscription_progress(PostgresSession& session, const SubscriptionState& state);

struct SubscriptionPlan {
  std::string name, slot, publication;
  PostgresAddress publisher;  // as this server reaches it; with its password
  Lsn from = 0;               // all that was committed before is here
};
// Makes it over the slot, which is there, and starts it. The server connects to the publisher
// first. The password goes to this server alone: no statement, and so no log of it, holds it.
// Errors: 42710 when there is one; 08006 with the server's words when it cannot connect; 42P01 for
// a published table that is not here.
Status start_subscription(PostgresSession& session, const SubscriptionPlan& plan);

// Stops its worker and returns when it is gone, at a transaction's end if that comes within
// `patience`. Success when there is no subscription.
Status stop_subscription(PostgresSession& session, const std::string& name, world::Clock& clock,
                         world::Millis patience, std::stop_token stop);

// Stops it and takes it away, and leaves its slot. Success when there is none.
Status drop_subscription(PostgresSession& session, const std::string& name, world::Clock& clock,
                         std::stop_token stop);

// What would keep a subscription here from following `publisher`; found by making one in a
// transaction that is undone. `publication`: that of the publisher; empty: there is none yet. Then
// a server from version 15 on warns in its log, with the connection text: so it does not connect
// unless our user may keep it from that.
struct SubscriptionProbe {
  std::optional<Error> refused;      // our user may make none
  std::optional<Error> unreachable;  // the publisher, from this server
  bool origin_rights = true;         // to set and see how far it has applied
  int subscriptions = 0;             // enabled ones of the whole server
  int origins = 0;
};
Result<SubscriptionProbe> probe_subscription(PostgresSession& session,
                                             const PostgresAddress& publisher,
                                             const std::string& publication);

}  // namespace lakeshift::databases
