// What no change stream carries, made equal on the other side as a whole: rows of unlogged tables,
// large objects with owner, rights and comment, and what materialised views hold.
#pragma once

#include <cstdint>
#include <stop_token>
#include <string>
#include <vector>

#include "knowledge/databases/postgres_session.h"
#include "knowledge/transfers/postgres_ledger.h"

namespace lakeshift::transfers {

// Those of `tables` that are unlogged here.
Result<std::vector<TableName>> unlogged_tables(databases::PostgresSession& side,
                                               const std::vector<TableName>& tables);

// Replaces the rows there with the rows here, in one transaction each table; returns the rows.
// Errors: those of plan_copy(); "rows-lost".
Result<std::int64_t> carry_table(databases::PostgresSession& from, databases::PostgresSession& to,
                                 const TableName& table);

struct LargeObjects {
  std::int64_t seen = 0;  // on this side
  std::int64_t made = 0, changed = 0, removed = 0;
  std::int64_t bytes = 0;            // of made and changed ones
  std::vector<std::string> refused;  // owners and rights that could not be given, with the reason
  bool equal() const { return made + changed + removed == 0; }
};

// Makes the other side's large objects those of this side, by their numbers; compared by checksum,
// each written in one transaction. Over a side at rest, a second call finds nothing to do and so
// proves equality. Memory is bounded by a piece, not by an object. Objects only there are removed,
// unless `keeps_others`.
Result<LargeObjects> carry_large_objects(databases::PostgresSession& from,
                                         databases::PostgresSession& to, bool keeps_others,
                                         std::stop_token stop);

// Fills the materialised views of this side that are filled on the other, in the order of what
// reads what. Returns "schema.view: reason" of those that could not be.
Result<std::vector<std::string>> refresh_views(databases::PostgresSession& from,
                                               databases::PostgresSession& to);

}  // namespace lakeshift::transfers
