// The snapshot copy of a database's tables: the slot first, then every table from the view that the
// slot exported, by several workers, streamed from COPY to COPY.
//
// What is finished is remembered in the target with the rows (postgres_ledger.h). A snapshot dies
// with its connection; a later run then makes another, copies the unfinished tables anew from it
// and leaves the finished ones, and the change apply leaves out, table by table, what the copy
// holds.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "core/world/world.h"
#include "knowledge/databases/postgres_address.h"
#include "knowledge/transfers/postgres_ledger.h"
#include "knowledge/transfers/postgres_mask_plan.h"

namespace lakeshift::transfers {

struct CopyState {
  std::int64_t tables = 0, tables_done = 0;  // done: statements after the copy included
  std::int64_t tables_kept = 0;              // finished by an earlier run
  std::int64_t rows = 0, bytes = 0;          // of this run
  std::int64_t snapshots = 0;                // views that were needed
  // Tables copied as text, with the reason.
  std::vector<std::pair<std::string, std::string>> as_text;
  databases::Lsn start = 0;  // where the slot's changes begin
};

struct CopyOptions {
  std::string slot;
  // Ordinary tables and partitions, not the partitioned parents. Columns that are computed are left
  // to the target.
  std::vector<TableName> tables;
  std::size_t workers = 2;
  std::int64_t part_bytes = 256 << 20;  // larger tables are split
  world::Millis patience{300'000};      // without progress while a server is away
  // Statements to run in the target once the table's last part is in, each in a transaction of its
  // own, once, in this order (neighbouring indexes at the same time). They run beside the copy of
  // other tables, in half of the workers while there are rows to be copied. An index is built by
  // more than one process only as far as workers have nothing to do.
  std::function<std::vector<TableStatement>(const TableName&)> after_table;
  // Rows are masked on their way, as text.
  const MaskPlan* masks = nullptr;
  // Chooses rows in the snapshot's own session: all come from that one snapshot. When it is lost
  // before the end but after a table was finished: error "subset-cut-short".
  std::function<Result<ChosenRows>(databases::PostgresSession& snapshot)> choose_rows;
  std::function<void(const CopyState&)> on_progress;  // from any thread, one at a time
};

// Success: every table is in the target as of its snapshot, and the change apply can go on from the
// slot. Errors: "slot-missing", "slot-lost", "target-not-empty" (rows that no run of ours wrote),
// those of plan_copy(), or a server's SQLSTATE with the table; "cancelled". All resumable.
Result<CopyState> copy_tables(const databases::PostgresAddress& source,
                              const databases::PostgresAddress& target, const CopyOptions& options,
                              world::Run& run);

// The copy makes statistics of each table. Those of a table with its partitions or children, which
// no autovacuum makes for partitioned ones, need all of them.
Status analyze_parents(databases::PostgresSession& target);

}  // namespace lakeshift::transfers
