// Repeats the changes of a source's replication slot in the target, without gap or duplicate.
//
// Several source transactions make one target transaction, sent in pipeline mode, many rows with
// one statement where that is the same (postgres_groups.h); it also holds the position reached
// (postgres_ledger.h), so that killed at any instant, by whichever side, the next
// run goes on exactly there. The slot is told only what is durable in the target. The target's
// triggers and rules stay silent. Every change must find exactly one row: a row that is missing or
// there twice means that something else wrote to the target, and stops the apply with table, key
// and row.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "core/world/world.h"
#include "knowledge/databases/postgres_address.h"
#include "knowledge/databases/postgres_text.h"
#include "knowledge/formats/mask_rows.h"

namespace lakeshift::transfers {

struct ApplyState {
  databases::Lsn applied = 0;     // all that was committed before it is durable in the target
  databases::Lsn server_end = 0;  // the source's position, as last heard
  std::uint64_t lag_bytes = 0;
  double lag_seconds = 0;  // age of the last applied commit by the source's clock; 0: nothing waits
  std::int64_t transactions = 0, changes = 0;
  std::int64_t together = 0;        // rows that went many with one statement
  std::int64_t one_by_one = 0;      // tables whose changes could not go together, and were repeated
  std::int64_t already_copied = 0;  // changes that the copy of their table held
  std::int64_t own_schema = 0;      // changes of schema lakeshift, which is never moved
  std::int64_t cascaded = 0;        // deletes that the target's own foreign keys had done already
  std::int64_t reconnects = 0;
};

// A row that a change touched: the target's key columns and their values as text. Empty: which row
// is not known (a truncate, a table without key), so it may be any.
struct TouchedRow {
  std::string schema, table;
  std::vector<std::pair<std::string, std::string>> key;
  bool added = false;  // by an INSERT
};

// The definition of a table changed in the source, or differs from the target's.
struct RelationChange {
  std::string table;
  std::vector<std::string> differences;
  databases::Lsn at = 0;
};

struct ApplyOptions {
  std::string slot;
  std::string publication;
  std::size_t batch_changes = 5000;  // a target transaction ends after so many
  std::size_t batch_bytes = 4u << 20;
  std::size_t ahead_bytes = 32u << 20;  // of the stream, held in memory
  world::Millis patience{300'000};      // without progress while a server is away
  // Ends when everything before this position is in the target; 0: goes on. May change meanwhile.
  const std::atomic<databases::Lsn>* until = nullptr;
  // A position that somebody waits for: the source is asked for news until it is reached.
  const std::atomic<databases::Lsn>* awaited = nullptr;
  // When all that was committed before this position is durable in the target, and nothing of what
  // was committed later is there, at_hold() is called by the apply's thread, again and again until
  // it or somebody else sets another position; 0: goes on.
  const std::atomic<databases::Lsn>* hold = nullptr;
  std::function<void()> at_hold;
  // Asked for every table when its first change comes, and again when its definition has changed:
  // the masks of its rows (schema, name, columns). Then no error tells what is in a row.
  std::function<Result<formats::RowMask>(const std::string&, const std::string&,
                                         const std::vector<std::string>&)>
      masks;
  // Asked when a definition differs: success means that the target was put right, and the apply
  // goes on from the last whole transaction. Empty: stops with "relation-changed".
  std::function<Status(const RelationChange&)> on_relation_change;
  // Messages with prefix "lakeshift" (14 and later), in their place in the stream. The transactions
  // before it may not be committed yet.
  std::function<void(std::string_view content, databases::Lsn at)> on_message;
  // Every row that is written here, before it is durable; must return quickly. For proving later
  // what changed since.
  std::function<void(TouchedRow)> on_touch;
  // After every durable batch, and when the lag was heard anew; must return quickly.
  std::function<void(const ApplyState&)> on_progress;
};

// Runs until `until` is reached, stop is requested (both are success) or something is wrong.
// Connections that break are made again. Errors: those of read_slot() and claim_apply(),
// "apply-not-begun", "slot-ahead" (someone else consumed the slot: changes are missing),
// "relation-changed", "row-missing", "row-twice", "duplicate-key", or the target's SQLSTATE with
// table, key and row.
Result<ApplyState> apply_changes(const databases::PostgresAddress& source,
                                 const databases::PostgresAddress& target,
                                 const ApplyOptions& options, world::Run& run);

}  // namespace lakeshift::transfers
