// One chunk of a table compared between two servers, by one session on each. For postgres_rows.cc.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "knowledge/checks/postgres_digest.h"
#include "knowledge/checks/postgres_rows.h"

namespace lakeshift::checks {

struct ChunkOutcome {
  std::int64_t rows = 0;       // in the source
  std::int64_t rows_kept = 0;  // of these: as they were when they were compared
  std::int64_t rechecked = 0;  // rows that differed once and were looked at again
  bool equal_at_once = false;
  ChunkMark mark;  // when asked for; holds only for what was equal at once
  std::vector<RowDifference> differences;
  bool cut = false;                 // more differences than were asked for
  std::vector<std::string> moving;  // keys of rows that are not judged
};

// Of one thread at a time.
class ChunkCheck {
 public:
  // `options`, of which only what a chunk needs is read, and `run` outlive it.
  static Result<std::unique_ptr<ChunkCheck>> open(const databases::PostgresAddress& source,
                                                  const databases::PostgresAddress& target,
                                                  const RowsOptions& options, world::Run& run);
  // For a comparison of other options, which outlive it too.
  void serve(const RowsOptions& options, world::Run& run);
  Result<ChunkOutcome> compare(const HashedTable& table, const std::string& where, bool mark,
                               std::size_t most_differences);

  // Of a table that was equal in the views: for compare_since().
  Result<SinceMark> mark_since(const HashedTable& table);
  // At rest: what both sides added since is the same, and nothing else changed. None: it is not, or
  // cannot be told by this.
  Result<std::optional<ChunkOutcome>> compare_since(const HashedTable& table,
                                                    const SinceMark& mark);

  databases::PostgresSession& source() { return *source_; }
  databases::PostgresSession& target() { return *target_; }
  // Why rows are hashed here and not by the servers.
  const std::optional<std::string>& client_reason() const { return client_reason_; }

 private:
  struct Look;
  struct Suspect;

  ChunkCheck(const RowsOptions& options, world::Run& run) : options_(&options), run_(&run) {}
  template <typename F>
  using ReadBy = std::decay_t<decltype(*std::declval<const F&>()(std::declval<RowDigester&>()))>;
  template <typename F>
  using BothBy = std::pair<ReadBy<F>, ReadBy<F>>;
  template <typename F>
  Result<BothBy<F>> on_both(const F& read);
  Status wait();
  Result<Look> look(RowDigester& side);
  Status compare();
  Status compare_rows_of(const std::set<int>& buckets);
  Status look_at(std::vector<Suspect>& suspects);
  std::string key_text(const RowKey& key) const;
  std::string condition() const;
  Result<std::vector<RowKey>> read(databases::PostgresSession& session, const std::string& columns,
                                   const RowKey& key);
  Status name_difference(const RowKey& key);

  const RowsOptions* options_;
  world::Run* run_;
  std::unique_ptr<databases::PostgresSession> source_, target_;
  std::unique_ptr<RowDigester> at_source_, at_target_;
  std::optional<std::string> client_reason_;
  // Of the chunk at hand.
  const HashedTable* table_ = nullptr;
  std::string where_;
  bool mark_ = false;
  std::size_t most_differences_ = 0;
  ChunkOutcome found_;
  databases::Lsn source_position_ = 0;
};

}  // namespace lakeshift::checks
