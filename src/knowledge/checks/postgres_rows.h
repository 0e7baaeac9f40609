// Are the rows of two PostgreSQL databases equal? Checksums that do not depend on order, chunk by
// chunk; where they differ, the rows, named by table, key, column and both values.
//
// Equality proves that both sides hold the same multiset of rows, compared as the values' exact
// form (scale of numbers and sign of zero included), up to a chance of about 2^-64 per chunk: the
// count and the exact sum of the rows' hashes must agree. It says nothing of definitions, sequences
// or large objects.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/world/world.h"
#include "knowledge/checks/postgres_marks.h"
#include "knowledge/databases/postgres_address.h"
#include "knowledge/databases/postgres_text.h"

namespace lakeshift::checks {

struct RowDifference {
  enum class Kind { missing_in_target, only_in_target, changed, count };
  Kind kind = Kind::changed;
  std::string table;             // "shop.order"
  std::string key;               // "id='5'"; the whole row when the table has no key
  std::string column;            // of a changed row
  std::string source, target;    // both values (or counts of equal rows), as text; "NULL"
  databases::Lsn source_at = 0;  // position of the source when its value was read
  std::string to_text() const;
};

struct TableProof {
  std::string table;
  std::int64_t rows = 0;    // in the source
  std::int64_t chunks = 0;  // compared
  // Proven by an earlier run, and untouched since on both sides; those that were not untouched are
  // among the compared ones.
  std::int64_t chunks_kept = 0, rows_kept = 0;  // rows: those of `since` as well
  std::int64_t chunks_again = 0;
  std::int64_t rechecked = 0;  // rows that differed once and were looked at again
  bool equal = false;          // of all that was judged
  // Rows that changed each time they were looked at: not judged; to be compared at rest.
  std::vector<std::string> moving;
  bool cut = false;    // more differences than were asked for
  std::string method;  // "server hash" or "client hash: reason"
  std::vector<RowDifference> differences;
};

using SinceMarks = std::map<std::pair<std::string, std::string>, SinceMark>;  // by schema, name

class ChunkCheck;  // sessions of both sides; opaque here

struct RowsOptions {
  std::vector<std::pair<std::string, std::string>>
      tables;  // schema, name: ordinary ones, partitions
  // Instead of all rows of a table: those of these conditions.
  std::map<std::pair<std::string, std::string>, std::vector<std::string>> only = {};
  std::int64_t chunk_rows = 2'000'000;  // tables with a whole-number key are cut into ranges
  std::size_t most_differences = 100;   // per table
  // Live: waits until the target holds all that the source committed before the position. Empty:
  // both sides are at rest. A row that differs is then looked at again, and counts only when it
  // differs `strikes` times without having changed in the source.
  std::function<Status(databases::Lsn)> wait_applied;
  int strikes = 3;
  // Live as well: exported snapshots of both sides that hold the same transactions. What differs in
  // them differs. When all sessions have joined them, on_joined() is called: they may end.
  std::string source_view = {}, target_view = {};
  std::function<void()> on_joined = {};
  // Chunks compared at once, each with a session on either side. The functions here are called by
  // one thread at a time.
  std::size_t workers = 1;
  // Of tables without a key that are equal in the views, what is needed to prove them at rest,
  // later, by what was written since (`since`, where it is there); else they are read whole again.
  // Holds as long as no server crashed meanwhile: it might give the numbers of transactions away
  // again.
  SinceMarks* remember = nullptr;
  const SinceMarks* since = nullptr;
  std::shared_ptr<ChunkCheck> ahead = {};  // of open_rows_ahead(), for one comparison at a time
  // After every chunk: its rows, and whether these were compared or only looked at for whether they
  // are as they were. May take its time: throttle.
  std::function<Status(const std::string& table, std::int64_t rows, bool compared)> after_chunk;
  // For going on after a stop: what earlier runs have proven, and what this one does, besides. Of
  // tables compared whole. Those taken over are looked at when all others are compared.
  RowMarks* marks = nullptr;
  std::function<Status(const RowMarks&)> save_marks;  // now and then
  std::function<void(const TableProof&)> on_table;    // after each table, as they end
};

// Sessions that have read these tables' definitions: for a comparison that has to be short.
Result<std::shared_ptr<ChunkCheck>> open_rows_ahead(
    const databases::PostgresAddress& source, const databases::PostgresAddress& target,
    const std::vector<std::pair<std::string, std::string>>& tables, world::Run& run);

// One proof per table, in order. Errors: a server's SQLSTATE with the table, "column-missing",
// "cancelled".
Result<std::vector<TableProof>> compare_rows(const databases::PostgresAddress& source,
                                             const databases::PostgresAddress& target,
                                             const RowsOptions& options, world::Run& run);

}  // namespace lakeshift::checks
