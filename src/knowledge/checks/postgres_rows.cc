#include "knowledge/checks/postgres_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "core/base/strings.h"
#include "core/world/executor.h"
#include "knowledge/checks/postgres_digest.h"

namespace lakeshift::checks {

using databases::Lsn;
using databases::PostgresRows;
using databases::PostgresSession;
using databases::quote_name;

namespace {

constexpr std::size_t kShown = 80;              // bytes of a value in a difference
constexpr std::int64_t kRowsAtOnce = 300'000;   // about so many are held in memory
constexpr std::size_t kLooksAtOnce = 2000;      // rows that are looked at again with one wait
constexpr std::size_t kLookedBytes = 4u << 20;  // and bytes of their keys
constexpr int kMostLooks = 20;                  // at a row that keeps moving
constexpr world::Millis kBetweenLooks{100};
constexpr world::Millis kSaveEvery{300};

std::string shown(const std::optional<std::string>& value) {
  if (!value) return "NULL";
  if (value->size() <= kShown) return "'" + printable(*value) + "'";
  return "'" + printable(value->substr(0, kShown)) + fmt::format("…' ({} bytes)", value->size());
}

using Hash = std::pair<std::int64_t, std::uint64_t>;  // rows and their hash

class RowsCheck {
 public:
  RowsCheck(const RowsOptions& options, world::Run& run) : options_(options), run_(run) {}

  Status open(const databases::PostgresAddress& source, const databases::PostgresAddress& target) {
    LS_ASSIGN(source_, PostgresSession::connect(source, run_.stop));
    LS_ASSIGN(target_, PostgresSession::connect(target, run_.stop));
    LS_ASSIGN(client_reason_, hashes_differ(*source_, *target_));
    at_source_ = std::make_unique<RowDigester>(*source_, !client_reason_);
    at_target_ = std::make_unique<RowDigester>(*target_, !client_reason_);
    if (options_.marks == nullptr) return {};
    LS_ASSIGN(const std::string here, server_identity(*source_));
    LS_ASSIGN(const std::string there, server_identity(*target_));
    if (options_.marks->source != here || options_.marks->target != there)
      *options_.marks = {here, there, {}};
    return {};
  }

  Result<TableProof> prove(const std::string& schema, const std::string& name) {
    LS_ASSIGN(table_, read_hashed_table(*source_, schema, name));
    LS_ASSIGN(const HashedTable there, read_hashed_table(*target_, schema, name));
    for (const HashedColumn& column : table_.columns)
      if (std::none_of(there.columns.begin(), there.columns.end(),
                       [&](const HashedColumn& other) { return other.name == column.name; }))
        return fail("column-missing", "the target lacks column " + column.name, table_.about(),
                    "make the table there as it is in the source");
    proof_ = TableProof{};
    proof_.table = table_.about();
    proof_.method = client_reason_ ? "client hash: " + *client_reason_ : "server hash";
    const auto only = options_.only.find({schema, name});
    TableMarks* const marks = only == options_.only.end() ? marks_of_table(there) : nullptr;
    std::vector<std::string> chunks;
    if (marks != nullptr && !marks->chunks.empty()) {
      chunks = marks->chunks;
    } else {
      LS_ASSIGN(chunks, only == options_.only.end()
                            ? cut()
                            : Result<std::vector<std::string>>(only->second));
    }
    if (marks != nullptr) marks->chunks = chunks;
    std::vector<std::string> kept;
    for (const std::string& chunk : chunks) {
      if (marks != nullptr && marks->proven.contains(chunk)) {
        kept.push_back(chunk);
        continue;
      }
      LS_TRY(compare_chunk(chunk, marks));
      if (proof_.cut) break;
    }
    if (!kept.empty() && !proof_.cut) kept_.push_back({proof_.table, table_, std::move(kept)});
    proof_.equal = proof_.differences.empty() && !proof_.cut;
    return proof_;
  }

  // What an earlier run proved, as late as can be: what was written since is compared again.
  Status take_over(std::vector<TableProof>& proofs) {
    for (Kept& kept : kept_) {
      TableProof& proof = *std::find_if(proofs.begin(), proofs.end(),
                                        [&](const auto& one) { return one.table == kept.about; });
      table_ = std::move(kept.table);
      proof_ = std::move(proof);
      TableMarks& marks = options_.marks->tables[kept.about];
      for (const std::string& chunk : kept.chunks) {
        LS_TRY(take_over(chunk, marks));
        if (proof_.cut) break;
      }
      proof_.equal = proof_.differences.empty() && !proof_.cut;
      proof = std::move(proof_);
    }
    return {};
  }

 private:
  struct Kept {
    std::string about;
    HashedTable table;
    std::vector<std::string> chunks;
  };

  TableMarks* marks_of_table(const HashedTable& there) {
    if (options_.marks == nullptr) return nullptr;
    TableMarks& marks = options_.marks->tables[table_.about()];
    const std::string compared = digest_of_columns(table_, there, !client_reason_);
    if (marks.compared != compared) marks = {compared, {}, {}};
    return &marks;
  }

  Status compare_chunk(const std::string& chunk, TableMarks* marks) {
    if (run_.stop.stop_requested()) return fail("cancelled", "stopped", table_.about());
    ChunkMark mark;
    bool at_once = false;
    LS_TRY(compare(chunk, marks == nullptr ? nullptr : &mark, at_once));
    ++proof_.chunks;
    // What came to agree only at a later look is proven, but not as it was at the first.
    if (marks != nullptr && at_once) {
      marks->proven[chunk] = mark;
      LS_TRY(save_marks(false));
    }
    return options_.after_chunk ? options_.after_chunk(proof_.table, read_rows_, true) : Status{};
  }

  Status take_over(const std::string& chunk, TableMarks& marks) {
    if (run_.stop.stop_requested()) return fail("cancelled", "stopped", table_.about());
    const ChunkMark mark = marks.proven.at(chunk);
    LS_ASSIGN(const bool here, is_untouched(*source_, table_, chunk, mark.rows, mark.source));
    LS_ASSIGN(const bool there, here ? is_untouched(*target_, table_, chunk, mark.rows, mark.target)
                                     : Result<bool>(false));
    if (!there) {
      marks.proven.erase(chunk);
      ++proof_.chunks_again;
      return compare_chunk(chunk, &marks);
    }
    ++proof_.chunks_kept;
    proof_.rows += mark.rows;
    proof_.rows_kept += mark.rows;
    return options_.after_chunk ? options_.after_chunk(proof_.table, mark.rows, false) : Status{};
  }

 public:
  Status save_marks(bool now) {
    if (options_.marks == nullptr || !options_.save_marks) return {};
    const world::Instant at = run_.world.clock.now();
    if (!now && at - saved_ < kSaveEvery) return {};
    LS_ASSIGN(const bool flushed, wait_flushed(*target_, run_.world.clock, run_.stop));
    if (!flushed) return {};
    saved_ = at;
    return options_.save_marks(*options_.marks);
  }

 private:
  // Ranges of the whole-number key; the first and last are open, so nothing falls between.
  Result<std::vector<std::string>> cut() {
    const std::int64_t parts = std::min<std::int64_t>(
        10'000, table_.estimated_rows / std::max<std::int64_t>(1, options_.chunk_rows) + 1);
    if (parts <= 1 || table_.whole_number_key.empty()) return std::vector<std::string>{""};
    LS_ASSIGN(const PostgresRows edges,
              source_->query(fmt::format("SELECT min({0}), max({0}) FROM ONLY {1}",
                                         table_.whole_number_key,
                                         quote_name(table_.schema, table_.name))));
    if (!edges.cell(0, 0)) return std::vector<std::string>{""};
    const auto low = static_cast<std::uint64_t>(edges.integer(0, 0));
    const auto high = static_cast<std::uint64_t>(edges.integer(0, 1));
    const std::uint64_t step = (high - low) / static_cast<std::uint64_t>(parts) + 1;
    std::vector<std::string> chunks;
    std::string from;
    for (std::uint64_t edge = low + step; edge - low < high - low; edge += step) {
      const std::string at = std::to_string(static_cast<std::int64_t>(edge));
      chunks.push_back(from + table_.whole_number_key + " < " + at);
      from = table_.whole_number_key + " >= " + at + " AND ";
    }
    chunks.push_back(from.empty() ? "" : from + "true");
    return chunks;
  }

  // Reads the source, waits until the target holds all of that, reads the target. At rest both at
  // the same time: somebody waits.
  template <typename F>
  auto on_both(const F& read)
      -> Result<std::pair<std::decay_t<decltype(*read(std::declval<RowDigester&>()))>,
                          std::decay_t<decltype(*read(std::declval<RowDigester&>()))>>> {
    if (options_.wait_applied) {
      LS_ASSIGN(auto here, read(*at_source_));
      LS_TRY(wait());
      LS_ASSIGN(auto there, read(*at_target_));
      return std::make_pair(std::move(here), std::move(there));
    }
    std::optional<decltype(read(*at_target_))> read_there;
    auto beside = std::make_unique<world::Executor>(1);
    beside->submit([&] { read_there = read(*at_target_); });
    auto read_here = read(*at_source_);
    beside.reset();  // waits
    LS_ASSIGN(auto here, std::move(read_here));
    LS_ASSIGN(auto there, std::move(*read_there));
    return std::make_pair(std::move(here), std::move(there));
  }

  Status wait() {
    if (!options_.wait_applied) return {};
    LS_ASSIGN(const std::string text,
              source_->value("SELECT pg_catalog.pg_current_wal_insert_lsn()"));
    LS_ASSIGN(source_position_, databases::parse_lsn(text));
    return options_.wait_applied(source_position_);
  }

  // A chunk's digest, and what was at work before it was read (only asked when it is kept).
  struct Look {
    Digest digest;
    std::uint64_t oldest = 0;
  };
  Result<Look> look(RowDigester& side, const std::string& chunk, bool keeps) {
    Look found;
    if (keeps) {
      LS_ASSIGN(found.oldest, oldest_at_work(&side == at_source_.get() ? *source_ : *target_));
    }
    LS_ASSIGN(found.digest, side.whole(table_, chunk));
    return found;
  }

  Status compare(const std::string& chunk, ChunkMark* mark, bool& equal_at_once) {
    LS_ASSIGN(const auto looks,
              on_both([&](RowDigester& side) { return look(side, chunk, mark != nullptr); }));
    const std::pair<Digest, Digest> whole{looks.first.digest, looks.second.digest};
    read_rows_ = whole.first.rows;
    proof_.rows += whole.first.rows;
    equal_at_once = whole.first == whole.second;
    if (mark != nullptr) *mark = {whole.first.rows, looks.first.oldest, looks.second.oldest};
    if (equal_at_once) return {};
    LS_ASSIGN(const auto buckets,
              on_both([&](RowDigester& side) { return side.buckets(table_, chunk); }));
    std::set<int> differ;
    for (int bucket = 0; bucket < kBuckets; ++bucket) {
      const auto here = buckets.first.find(bucket);
      const auto there = buckets.second.find(bucket);
      const Digest none{0, "0"};
      if ((here == buckets.first.end() ? none : here->second) !=
          (there == buckets.second.end() ? none : there->second))
        differ.insert(bucket);
    }
    const auto at_once = static_cast<std::size_t>(std::clamp<std::int64_t>(
        kRowsAtOnce * kBuckets / std::max<std::int64_t>(1, whole.first.rows), 1, kBuckets));
    while (!differ.empty() && !proof_.cut) {
      std::set<int> some;
      while (!differ.empty() && some.size() < at_once) some.insert(differ.extract(differ.begin()));
      LS_TRY(compare_rows_of(chunk, some));
    }
    return {};
  }

  Status compare_rows_of(const std::string& chunk, const std::set<int>& buckets) {
    LS_ASSIGN(const auto rows,
              on_both([&](RowDigester& side) { return side.rows(table_, chunk, buckets); }));
    std::vector<Suspect> suspects;
    for (const auto& [label, row] : rows.first)
      if (hash_at(rows.second, label) != hash_at(rows.first, label))
        suspects.push_back({label, row, {}, 0});
    for (const auto& [label, row] : rows.second)
      if (!rows.first.contains(label)) suspects.push_back({label, row, {}, 0});
    proof_.rechecked += static_cast<std::int64_t>(suspects.size());
    for (int look = 1; !suspects.empty(); ++look) {
      LS_TRY(look_at(suspects));
      if (proof_.cut) return {};
      if (look == kMostLooks) break;
      if (!suspects.empty() && !run_.world.clock.sleep(kBetweenLooks, run_.stop))
        return fail("cancelled", "stopped", table_.about());
    }
    for (const Suspect& row : suspects) proof_.moving.push_back(key_text(row.row.key));
    return {};
  }

  // A row that differed. It is judged when both sides agree, or when they differed often enough
  // over a source that stood still.
  struct Suspect {
    std::string label;
    HashedRow row;
    std::optional<Hash> before;  // in the source at the last look
    int struck = 0;
  };

  // Looks at all once, many with one wait; leaves those that are not judged yet.
  Status look_at(std::vector<Suspect>& suspects) {
    const int strikes = options_.wait_applied ? std::max(1, options_.strikes) : 1;
    std::vector<Suspect> left;
    for (std::size_t from = 0; from < suspects.size();) {
      std::vector<HashedRow> some;
      std::size_t to = from;
      for (std::size_t bytes = 0;
           to < suspects.size() && to - from < kLooksAtOnce && (bytes == 0 || bytes < kLookedBytes);
           ++to) {
        some.push_back(suspects[to].row);
        for (const auto& value : some.back().key) bytes += value ? value->size() : 0;
      }
      LS_ASSIGN(const auto rows,
                on_both([&](RowDigester& side) { return side.rows_again(table_, some); }));
      for (; from < to; ++from) {
        Suspect& row = suspects[from];
        const Hash here = hash_at(rows.first, row.label);
        if (here == hash_at(rows.second, row.label)) continue;
        row.struck = row.before && *row.before != here ? 1 : row.struck + 1;
        row.before = here;
        if (row.struck < strikes) {
          left.push_back(std::move(row));
          continue;
        }
        LS_TRY(name_difference(row.row.key));
        if (proof_.cut) return {};
      }
    }
    suspects = std::move(left);
    return {};
  }

  static Hash hash_at(const std::map<std::string, HashedRow>& rows, const std::string& label) {
    const auto found = rows.find(label);
    return found == rows.end() ? Hash{} : Hash{found->second.count, found->second.hash};
  }

  std::string key_text(const RowKey& key) const {
    std::string text;
    std::size_t at = 0;
    for (const std::string& column : key_columns(table_))
      text += (text.empty() ? "" : ", ") + column + "=" + shown(key[at++]);
    return text;
  }

  // "id" = $1::bigint AND …; keyless: every column by its text.
  std::string condition() const {
    std::string text;
    int number = 0;
    for (const HashedColumn& column : table_.columns) {
      if (table_.keyed() && !column.in_key) continue;
      const std::string name = quote_name(column.name);
      text += text.empty() ? "" : " AND ";
      text += table_.keyed() ? fmt::format("{} = ${}::{}", name, ++number, column.type)
                             : fmt::format("{}::text COLLATE \"C\" IS NOT DISTINCT FROM ${}::text",
                                           name, ++number);
    }
    return text.empty() ? "true" : text;
  }

  Result<std::vector<RowKey>> read(PostgresSession& session, const std::string& columns,
                                   const RowKey& key) {
    std::vector<databases::PostgresParameter> parameters;
    for (const auto& value : key)
      parameters.push_back(value ? databases::PostgresParameter(*value)
                                 : databases::PostgresParameter());
    LS_ASSIGN(const PostgresRows rows,
              session.query(fmt::format("SELECT {} FROM ONLY {} WHERE {}", columns,
                                        quote_name(table_.schema, table_.name), condition()),
                            parameters));
    std::vector<RowKey> found;
    for (int i = 0; i < rows.size(); ++i) {
      RowKey row;
      for (int column = 0; column < rows.columns(); ++column) {
        const auto cell = rows.cell(i, column);
        row.push_back(cell ? std::optional<std::string>(*cell) : std::nullopt);
      }
      found.push_back(std::move(row));
    }
    return found;
  }

  // Reads the row itself from both sides; it may have become equal in this instant.
  Status name_difference(const RowKey& key) {
    if (proof_.differences.size() >= options_.most_differences) {
      proof_.cut = true;
      return {};
    }
    std::string columns;
    if (table_.keyed())
      for (const HashedColumn& column : table_.columns)
        columns += (columns.empty() ? "" : ", ") + column.portable;
    else
      columns = "count(*)::text";
    LS_ASSIGN(const std::vector<RowKey> here, read(*source_, columns, key));
    LS_TRY(wait());
    LS_ASSIGN(const std::vector<RowKey> there, read(*target_, columns, key));
    if (here == there) return {};
    using Kind = RowDifference::Kind;
    RowDifference found{Kind::count, table_.about(), key_text(key), {}, {}, {}, source_position_};
    if (!table_.keyed()) {
      found.source = here.at(0).at(0).value_or("0");
      found.target = there.at(0).at(0).value_or("0");
      proof_.differences.push_back(found);
      return {};
    }
    if (here.size() != 1 || there.size() != 1) {
      found.kind = there.empty()  ? Kind::missing_in_target
                   : here.empty() ? Kind::only_in_target
                                  : Kind::count;
      found.source = std::to_string(here.size());
      found.target = std::to_string(there.size());
      proof_.differences.push_back(found);
      return {};
    }
    found.kind = Kind::changed;
    for (std::size_t i = 0; i < table_.columns.size(); ++i) {
      if (here[0][i] == there[0][i]) continue;
      found.column = table_.columns[i].name;
      found.source = shown(here[0][i]);
      found.target = shown(there[0][i]);
      proof_.differences.push_back(found);
    }
    return {};
  }

  const RowsOptions& options_;
  world::Run& run_;
  std::unique_ptr<PostgresSession> source_, target_;
  std::unique_ptr<RowDigester> at_source_, at_target_;
  std::optional<std::string> client_reason_;
  HashedTable table_;
  TableProof proof_;
  Lsn source_position_ = 0;
  std::int64_t read_rows_ = 0;  // of the chunk that was read last
  std::vector<Kept> kept_;
  world::Instant saved_{};
};

}  // namespace

std::string RowDifference::to_text() const {
  const std::string row = table + ": row " + key;
  switch (kind) {
    case Kind::missing_in_target:
      return row + " is missing in the target";
    case Kind::only_in_target:
      return row + " is only in the target";
    case Kind::count:
      return fmt::format("{} is there {} times in the source, {} times in the target", row, source,
                         target);
    case Kind::changed:
      break;
  }
  return fmt::format("{}, column {}: {} in the source, {} in the target", row, column, source,
                     target);
}

Result<std::vector<TableProof>> compare_rows(const databases::PostgresAddress& source,
                                             const databases::PostgresAddress& target,
                                             const RowsOptions& options, world::Run& run) {
  RowsCheck check(options, run);
  LS_TRY(check.open(source, target));
  std::vector<TableProof> proofs;
  for (const auto& [schema, name] : options.tables) {
    LS_ASSIGN(TableProof proof, check.prove(schema, name));
    if (options.on_table) options.on_table(proof);
    proofs.push_back(std::move(proof));
  }
  LS_TRY(check.take_over(proofs));
  return proofs;
}

}  // namespace lakeshift::checks
