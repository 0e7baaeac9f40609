#include "knowledge/checks/postgres_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <mutex>

#include "core/world/executor.h"
#include "knowledge/checks/postgres_chunk.h"

namespace lakeshift::checks {

using databases::PostgresRows;
using databases::PostgresSession;
using databases::quote_name;

namespace {

constexpr world::Millis kSaveEvery{300};

class RowsCheck {
 public:
  RowsCheck(const databases::PostgresAddress& source, const databases::PostgresAddress& target,
            const RowsOptions& given, world::Run& run)
      : from_(source), to_(target), given_(given), options_(given), run_(run) {
    if (given.wait_applied)
      options_.wait_applied = [this](databases::Lsn position) {
        const std::scoped_lock lock(calling_);
        return given_.wait_applied(position);
      };
  }

  Result<std::vector<TableProof>> prove() {
    std::vector<std::shared_ptr<ChunkCheck>> checks;
    if (options_.ahead) {
      options_.ahead->serve(options_, run_);
      checks.push_back(options_.ahead);
    }
    while (checks.size() < std::max<std::size_t>(1, options_.workers)) {
      LS_ASSIGN(auto check, ChunkCheck::open(from_, to_, options_, run_));
      checks.push_back(std::move(check));
    }
    if (options_.on_joined) options_.on_joined();
    const std::shared_ptr<ChunkCheck>& first = checks.front();
    LS_TRY(open_marks(*first));
    if (checks.size() > 1) {
      world::Executor beside(checks.size() - 1);
      for (std::size_t i = 1; i < checks.size(); ++i)
        beside.submit([this, &check = *checks[i]] { work(check); });
      work(*first);
    } else {
      work(*first);
    }
    if (failure_) return fail(*failure_);
    tell_ended();
    LS_TRY(take_over(*first));
    std::vector<TableProof> proofs;
    for (Table& table : tables_) proofs.push_back(std::move(table.proof));
    return proofs;
  }

 private:
  struct Table {
    HashedTable hashed;
    TableProof proof;
    TableMarks* marks = nullptr;
    std::vector<std::string> chunks;  // to be compared
    std::vector<std::string> kept;    // proven by an earlier run
    std::size_t next = 0, ended = 0;  // of `chunks`
    bool told = false;                // that it ended
  };
  struct Job {
    Table* table = nullptr;
    std::string chunk;
    std::size_t most_differences = 0;
  };

  Status open_marks(ChunkCheck& check) {
    if (options_.marks == nullptr) return {};
    LS_ASSIGN(const std::string here, server_identity(check.source()));
    LS_ASSIGN(const std::string there, server_identity(check.target()));
    if (options_.marks->source != here || options_.marks->target != there)
      *options_.marks = {here, there, {}};
    return {};
  }

  void work(ChunkCheck& check) {
    while (auto job = take(check))
      if (const Status done = compare(check, *job); !done) return fail_with(done.error());
  }

  void fail_with(const Error& error) {
    const std::scoped_lock lock(mutex_);
    if (!failure_) failure_ = error;
  }

  // The next chunk; none: all are taken, or it is over.
  std::optional<Job> take(ChunkCheck& check) {
    const std::scoped_lock lock(mutex_);
    while (!failure_) {
      if (!tables_.empty() && tables_.back().next < tables_.back().chunks.size()) {
        Table& table = tables_.back();
        return Job{&table, table.chunks[table.next++], left(table)};
      }
      if (tables_.size() == options_.tables.size()) return std::nullopt;
      if (const Status prepared = prepare(check); !prepared) failure_ = prepared.error();
    }
    return std::nullopt;
  }

  std::size_t left(const Table& table) const {
    return options_.most_differences -
           std::min(options_.most_differences, table.proof.differences.size());
  }

  Status prepare(ChunkCheck& check) {
    const auto& [schema, name] = options_.tables[tables_.size()];
    LS_ASSIGN(HashedTable hashed, read_hashed_table(check.source(), schema, name));
    LS_ASSIGN(const HashedTable there, read_hashed_table(check.target(), schema, name));
    for (const HashedColumn& column : hashed.columns)
      if (std::none_of(there.columns.begin(), there.columns.end(),
                       [&](const HashedColumn& other) { return other.name == column.name; }))
        return fail("column-missing", "the target lacks column " + column.name, hashed.about(),
                    "make the table there as it is in the source");
    Table table;
    table.proof.table = hashed.about();
    table.proof.method =
        check.client_reason() ? "client hash: " + *check.client_reason() : "server hash";
    table.hashed = std::move(hashed);
    const auto only = options_.only.find({schema, name});
    std::vector<std::string> chunks;
    if (only != options_.only.end()) {
      chunks = only->second;
    } else {
      table.marks = marks_of(table.hashed, there, !check.client_reason());
      if (table.marks != nullptr) chunks = table.marks->chunks;
      if (chunks.empty()) {
        LS_ASSIGN(chunks, cut(check.source(), table.hashed));
      }
    }
    if (table.marks != nullptr) table.marks->chunks = chunks;
    for (const std::string& chunk : chunks)
      (table.marks != nullptr && table.marks->proven.contains(chunk) ? table.kept : table.chunks)
          .push_back(chunk);
    tables_.push_back(std::move(table));
    return {};
  }

  TableMarks* marks_of(const HashedTable& here, const HashedTable& there, bool in_server) {
    if (options_.marks == nullptr) return nullptr;
    TableMarks& marks = options_.marks->tables[here.about()];
    const std::string compared = digest_of_columns(here, there, in_server);
    if (marks.compared != compared) marks = {compared, {}, {}};
    return &marks;
  }

  // Ranges of the whole-number key; the first and last are open, so nothing falls between.
  Result<std::vector<std::string>> cut(PostgresSession& source, const HashedTable& table) const {
    const std::int64_t parts = std::min<std::int64_t>(
        10'000, table.estimated_rows / std::max<std::int64_t>(1, options_.chunk_rows) + 1);
    if (parts <= 1 || table.whole_number_key.empty()) return std::vector<std::string>{""};
    LS_ASSIGN(
        const PostgresRows edges,
        source.query(fmt::format("SELECT min({0}), max({0}) FROM ONLY {1}", table.whole_number_key,
                                 quote_name(table.schema, table.name))));
    if (!edges.cell(0, 0)) return std::vector<std::string>{""};
    const auto low = static_cast<std::uint64_t>(edges.integer(0, 0));
    const auto high = static_cast<std::uint64_t>(edges.integer(0, 1));
    const std::uint64_t step = (high - low) / static_cast<std::uint64_t>(parts) + 1;
    std::vector<std::string> chunks;
    std::string from;
    for (std::uint64_t edge = low + step; edge - low < high - low; edge += step) {
      const std::string at = std::to_string(static_cast<std::int64_t>(edge));
      chunks.push_back(from + table.whole_number_key + " < " + at);
      from = table.whole_number_key + " >= " + at + " AND ";
    }
    chunks.push_back(from.empty() ? "" : from + "true");
    return chunks;
  }

  Status compare(ChunkCheck& check, const Job& job) {
    Table& table = *job.table;
    LS_ASSIGN(const ChunkOutcome found, compare_chunk(check, table, job));
    const std::scoped_lock calling(calling_);
    LS_TRY(note(check, table, job.chunk, found));
    {
      const std::scoped_lock lock(mutex_);
      if (table.proof.cut) table.chunks.resize(table.next);
      ++table.ended;
    }
    tell_ended();
    return {};
  }

  Result<ChunkOutcome> compare_chunk(ChunkCheck& check, const Table& table, const Job& job) {
    const bool remembers = options_.remember != nullptr && !options_.source_view.empty();
    const std::pair name(table.hashed.schema, table.hashed.name);
    const bool whole = !table.hashed.keyed() && job.chunk.empty() && !options_.only.contains(name);
    if (whole && options_.since != nullptr) {
      if (const auto mark = options_.since->find(name); mark != options_.since->end()) {
        LS_ASSIGN(auto found, check.compare_since(table.hashed, mark->second));
        if (found) return std::move(*found);
      }
    }
    LS_ASSIGN(ChunkOutcome found,
              check.compare(table.hashed, job.chunk, table.marks != nullptr, job.most_differences));
    if (whole && remembers && found.equal_at_once) {
      LS_ASSIGN(SinceMark mark, check.mark_since(table.hashed));
      const std::scoped_lock lock(mutex_);
      (*options_.remember)[name] = std::move(mark);
    }
    return found;
  }

  Status note(ChunkCheck& check, Table& table, const std::string& chunk,
              const ChunkOutcome& found) {
    // What came to agree only at a later look is proven, but not as it was at the first.
    const bool keep = table.marks != nullptr && found.equal_at_once;
    {
      const std::scoped_lock lock(mutex_);
      add(table.proof, found);
      if (keep) table.marks->proven[chunk] = found.mark;
    }
    if (keep) LS_TRY(save_marks(check));
    return options_.after_chunk ? options_.after_chunk(table.proof.table, found.rows, true)
                                : Status{};
  }

  // Of the tables whose last chunk was compared.
  void tell_ended() {
    std::vector<TableProof> ended;
    {
      const std::scoped_lock lock(mutex_);
      for (Table& table : tables_) {
        if (table.told || table.ended < table.chunks.size()) continue;
        table.told = true;
        table.proof.equal = is_equal(table.proof);
        ended.push_back(table.proof);
      }
    }
    if (options_.on_table) std::for_each(ended.begin(), ended.end(), options_.on_table);
  }

  static bool is_equal(const TableProof& proof) { return proof.differences.empty() && !proof.cut; }

  void add(TableProof& proof, const ChunkOutcome& found) const {
    ++proof.chunks;
    proof.rows += found.rows;
    proof.rows_kept += found.rows_kept;
    proof.rechecked += found.rechecked;
    proof.moving.insert(proof.moving.end(), found.moving.begin(), found.moving.end());
    proof.differences.insert(proof.differences.end(), found.differences.begin(),
                             found.differences.end());
    proof.cut = proof.cut || found.cut || proof.differences.size() > options_.most_differences;
    proof.differences.resize(std::min(proof.differences.size(), options_.most_differences));
  }

  // What an earlier run proved, as late as can be: what was written since is compared again.
  Status take_over(ChunkCheck& check) {
    for (Table& table : tables_) {
      for (const std::string& chunk : table.kept) {
        if (table.proof.cut) break;
        LS_TRY(take_over(check, table, chunk));
      }
      table.proof.equal = is_equal(table.proof);
    }
    return {};
  }

  Status take_over(ChunkCheck& check, Table& table, const std::string& chunk) {
    if (run_.stop.stop_requested()) return fail("cancelled", "stopped", table.proof.table);
    const ChunkMark mark = table.marks->proven.at(chunk);
    LS_ASSIGN(const bool here,
              is_untouched(check.source(), table.hashed, chunk, mark.rows, mark.source));
    LS_ASSIGN(const bool there,
              here ? is_untouched(check.target(), table.hashed, chunk, mark.rows, mark.target)
                   : Result<bool>(false));
    if (!there) {
      table.marks->proven.erase(chunk);
      ++table.proof.chunks_again;
      LS_ASSIGN(const ChunkOutcome found, check.compare(table.hashed, chunk, true, left(table)));
      return note(check, table, chunk, found);
    }
    ++table.proof.chunks_kept;
    table.proof.rows += mark.rows;
    table.proof.rows_kept += mark.rows;
    return options_.after_chunk ? options_.after_chunk(table.proof.table, mark.rows, false)
                                : Status{};
  }

  Status save_marks(ChunkCheck& check) {
    if (options_.marks == nullptr || !options_.save_marks) return {};
    const world::Instant at = run_.world.clock.now();
    if (at - saved_ < kSaveEvery) return {};
    LS_ASSIGN(const bool flushed, wait_flushed(check.target(), run_.world.clock, run_.stop));
    if (!flushed) return {};
    saved_ = at;
    RowMarks marks;
    {
      const std::scoped_lock lock(mutex_);
      marks = *options_.marks;
    }
    return options_.save_marks(marks);
  }

  const databases::PostgresAddress& from_;
  const databases::PostgresAddress& to_;
  const RowsOptions& given_;
  RowsOptions options_;
  world::Run& run_;
  world::Instant saved_{};
  std::mutex calling_;  // the options' functions; taken before the other
  std::mutex mutex_;    // of what follows, and of the marks
  std::deque<Table> tables_;
  std::optional<Error> failure_;
};

}  // namespace

Result<std::shared_ptr<ChunkCheck>> open_rows_ahead(
    const databases::PostgresAddress& source, const databases::PostgresAddress& target,
    const std::vector<std::pair<std::string, std::string>>& tables, world::Run& run) {
  static const RowsOptions kAtRest;
  LS_ASSIGN(std::shared_ptr<ChunkCheck> check, ChunkCheck::open(source, target, kAtRest, run));
  for (const auto& [schema, name] : tables) {
    LS_ASSIGN(const HashedTable hashed, read_hashed_table(check->source(), schema, name));
    LS_TRY(check->compare(hashed, "false", false, 0));
    LS_TRY(read_hashed_table(check->target(), schema, name));
  }
  return check;
}

Result<std::vector<TableProof>> compare_rows(const databases::PostgresAddress& source,
                                             const databases::PostgresAddress& target,
                                             const RowsOptions& options, world::Run& run) {
  return RowsCheck(source, target, options, run).prove();
}

}  // namespace lakeshift::checks
