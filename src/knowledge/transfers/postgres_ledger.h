// What a move of a database remembers in the database that it fills: schema `lakeshift`. Rows are
// written in the transaction that did the work, so they are true after any crash.
#pragma once

#include <map>
#include <string>
#include <utility>

#include "knowledge/databases/postgres_session.h"

namespace lakeshift::transfers {

inline constexpr const char* kLedgerSchema = "lakeshift";

using TableName = std::pair<std::string, std::string>;  // schema, name
std::string table_text(const TableName& table);         // "shop.order"

// Of a table whose rows are in: an index, or a key.
struct TableStatement {
  std::string sql;
  bool is_index = false;  // others of the same table can be built at the same time
};

// Creates what is missing; safe with several at once. Error "ledger-newer": a later lakeshift wrote
// it.
Status create_ledger(databases::PostgresSession& target);

// Until the session ends nobody else applies this slot's changes here, a process that was killed
// included: its session in the server may still be at work. Waits up to `patience`; error
// "apply-busy" names the session that holds it.
Status claim_apply(databases::PostgresSession& target, const std::string& slot, world::Clock& clock,
                   world::Millis patience, std::stop_token stop);

// Every change committed in the source before `end` is in the target.
struct Progress {
  databases::Lsn commit = 0;
  databases::Lsn end = 0;
  std::int64_t transactions = 0, changes = 0;
};
// Sets out: the target holds the source as of `start`. Keeps a row that is there.
Status begin_progress(databases::PostgresSession& target, const std::string& slot,
                      databases::Lsn start);
// Error "apply-not-begun".
Result<Progress> read_progress(databases::PostgresSession& target, const std::string& slot);
// One statement of the applying transaction; parameters: slot, commit, end, commit time
// (microseconds since 2000-01-01), transactions, changes.
extern const char* const kAdvanceProgress;

// Tables and the position of the snapshot they were copied from: changes committed before it are in
// the copy.
Result<std::map<TableName, databases::Lsn>> copied_tables(databases::PostgresSession& target,
                                                          const std::string& slot);

}  // namespace lakeshift::transfers
