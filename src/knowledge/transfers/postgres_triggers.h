// Keeping the target's triggers silent while rows come from another database, where they fired.
#pragma once

#include "knowledge/databases/postgres_session.h"
#include "knowledge/transfers/postgres_ledger.h"

namespace lakeshift::transfers {

enum class Silence {
  replica_role,       // session_replication_role = replica: triggers, rules, foreign keys
  disabled_triggers,  // not allowed to: the tables' own triggers are disabled one by one
};

// Tries; managed services differ and say no with 42501.
Result<Silence> silence_session(databases::PostgresSession& target);

// For disabled_triggers: disables the table's enabled triggers of users and remembers which, in one
// transaction.
Status disable_triggers(databases::PostgresSession& target, const TableName& table);

// Enables what disable_triggers() disabled and nothing else; returns how many.
Result<std::int64_t> enable_triggers(databases::PostgresSession& target);

}  // namespace lakeshift::transfers
