#include "knowledge/checks/postgres_chunk.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/strings.h"
#include "core/world/executor.h"

namespace lakeshift::checks {

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

std::string shown(const std::optional<std::string>& value) {
  if (!value) return "NULL";
  if (value->size() <= kShown) return "'" + printable(*value) + "'";
  return "'" + printable(value->substr(0, kShown)) + fmt::format("…' ({} bytes)", value->size());
}

using Hash = std::pair<std::int64_t, std::uint64_t>;  // rows and their hash

Hash hash_at(const std::map<std::string, HashedRow>& rows, const std::string& label) {
  const auto found = rows.find(label);
  return found == rows.end() ? Hash{} : Hash{found->second.count, found->second.hash};
}

}  // namespace

// A chunk's digest, and what was at work before it was read (only asked when it is marked).
struct ChunkCheck::Look {
  Digest digest;
  std::uint64_t oldest = 0;
};

// A row that differed. It is judged when both sides agree, or when they differed often enough over
// a source that stood still.
struct ChunkCheck::Suspect {
  std::string label;
  HashedRow row;
  std::optional<Hash> before;  // in the source at the last look
  int struck = 0;
};

Result<std::unique_ptr<ChunkCheck>> ChunkCheck::open(const databases::PostgresAddress& source,
                                                     const databases::PostgresAddress& target,
                                                     const RowsOptions& options, world::Run& run) {
  std::unique_ptr<ChunkCheck> check(new ChunkCheck(options, run));
  LS_ASSIGN(check->source_, PostgresSession::connect(source, run.stop));
  LS_ASSIGN(check->target_, PostgresSession::connect(target, run.stop));
  for (const auto& [session, view] : {std::pair(check->source_.get(), &options.source_view),
                                      std::pair(check->target_.get(), &options.target_view)})
    if (!view->empty())
      LS_TRY(
          session->exec("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY; SET TRANSACTION "
                        "SNAPSHOT " +
                        databases::quote_literal(*view)));
  LS_ASSIGN(check->client_reason_, hashes_differ(*check->source_, *check->target_));
  const bool in_server = !check->client_reason_;
  check->at_source_ = std::make_unique<RowDigester>(*check->source_, in_server);
  check->at_target_ = std::make_unique<RowDigester>(*check->target_, in_server);
  return check;
}

void ChunkCheck::serve(const RowsOptions& options, world::Run& run) {
  options_ = &options;
  run_ = &run;
  for (PostgresSession* session : {source_.get(), target_.get()}) session->stop_with(run.stop);
}

Result<ChunkOutcome> ChunkCheck::compare(const HashedTable& table, const std::string& where,
                                         bool mark, std::size_t most_differences) {
  table_ = &table;
  where_ = where;
  mark_ = mark;
  most_differences_ = most_differences;
  found_ = {};
  if (run_->stop.stop_requested()) return fail("cancelled", "stopped", table.about());
  LS_TRY(compare());
  return std::move(found_);
}

Result<SinceMark> ChunkCheck::mark_since(const HashedTable& table) {
  LS_ASSIGN(auto marks, on_both([&](RowDigester& side) {
              return mark_side(&side == at_source_.get() ? *source_ : *target_, side, table);
            }));
  return SinceMark{std::move(marks.first), std::move(marks.second)};
}

Result<std::optional<ChunkOutcome>> ChunkCheck::compare_since(const HashedTable& table,
                                                              const SinceMark& mark) {
  LS_ASSIGN(const auto added, on_both([&](RowDigester& side) {
              return &side == at_source_.get()
                         ? added_since(*source_, side, table, mark.source, mark.added)
                         : added_since(*target_, side, table, mark.target, mark.added);
            }));
  if (!added.first || !added.second || *added.first != *added.second)
    return std::optional<ChunkOutcome>();
  ChunkOutcome found;
  found.rows_kept = mark.source.old;
  found.rows = mark.source.old + mark.source.young.rows + added.first->rows;
  found.equal_at_once = true;
  return std::optional<ChunkOutcome>(std::move(found));
}

// Reads the source, waits until the target holds all of that, reads the target. At rest both at the
// same time: somebody waits.
template <typename F>
Result<ChunkCheck::BothBy<F>> ChunkCheck::on_both(const F& read) {
  if (options_->wait_applied) {
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

Status ChunkCheck::wait() {
  if (!options_->wait_applied) return {};
  LS_ASSIGN(const std::string text,
            source_->value("SELECT pg_catalog.pg_current_wal_insert_lsn()"));
  LS_ASSIGN(source_position_, databases::parse_lsn(text));
  return options_->wait_applied(source_position_);
}

Result<ChunkCheck::Look> ChunkCheck::look(RowDigester& side) {
  Look found;
  if (mark_) {
    LS_ASSIGN(found.oldest, oldest_at_work(&side == at_source_.get() ? *source_ : *target_));
  }
  LS_ASSIGN(found.digest, side.whole(*table_, where_));
  return found;
}

Status ChunkCheck::compare() {
  LS_ASSIGN(const auto looks, on_both([&](RowDigester& side) { return look(side); }));
  found_.rows = looks.first.digest.rows;
  found_.equal_at_once = looks.first.digest == looks.second.digest;
  if (mark_) found_.mark = {found_.rows, looks.first.oldest, looks.second.oldest};
  if (found_.equal_at_once) return {};
  LS_ASSIGN(const auto buckets,
            on_both([&](RowDigester& side) { return side.buckets(*table_, where_); }));
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
      kRowsAtOnce * kBuckets / std::max<std::int64_t>(1, found_.rows), 1, kBuckets));
  while (!differ.empty() && !found_.cut) {
    std::set<int> some;
    while (!differ.empty() && some.size() < at_once) some.insert(differ.extract(differ.begin()));
    LS_TRY(compare_rows_of(some));
  }
  return {};
}

Status ChunkCheck::compare_rows_of(const std::set<int>& buckets) {
  LS_ASSIGN(const auto rows,
            on_both([&](RowDigester& side) { return side.rows(*table_, where_, buckets); }));
  std::vector<Suspect> suspects;
  for (const auto& [label, row] : rows.first)
    if (hash_at(rows.second, label) != hash_at(rows.first, label))
      suspects.push_back({label, row, {}, 0});
  for (const auto& [label, row] : rows.second)
    if (!rows.first.contains(label)) suspects.push_back({label, row, {}, 0});
  found_.rechecked += static_cast<std::int64_t>(suspects.size());
  for (int look = 1; !suspects.empty(); ++look) {
    LS_TRY(look_at(suspects));
    if (found_.cut) return {};
    if (look == kMostLooks) break;
    if (!suspects.empty() && !run_->world.clock.sleep(kBetweenLooks, run_->stop))
      return fail("cancelled", "stopped", table_->about());
  }
  for (const Suspect& row : suspects) found_.moving.push_back(key_text(row.row.key));
  return {};
}

// Looks at all once, many with one wait; leaves those that are not judged yet.
Status ChunkCheck::look_at(std::vector<Suspect>& suspects) {
  const int strikes = options_->wait_applied ? std::max(1, options_->strikes) : 1;
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
              on_both([&](RowDigester& side) { return side.rows_again(*table_, some); }));
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
      if (found_.cut) return {};
    }
  }
  suspects = std::move(left);
  return {};
}

std::string ChunkCheck::key_text(const RowKey& key) const {
  std::string text;
  std::size_t at = 0;
  for (const std::string& column : key_columns(*table_))
    text += (text.empty() ? "" : ", ") + column + "=" + shown(key[at++]);
  return text;
}

// "id" = $1::bigint AND …; keyless: every column by its text.
std::string ChunkCheck::condition() const {
  std::string text;
  int number = 0;
  for (const HashedColumn& column : table_->columns) {
    if (table_->keyed() && !column.in_key) continue;
    const std::string name = quote_name(column.name);
    text += text.empty() ? "" : " AND ";
    text += table_->keyed() ? fmt::format("{} = ${}::{}", name, ++number, column.type)
                            : fmt::format("{}::text COLLATE \"C\" IS NOT DISTINCT FROM ${}::text",
                                          name, ++number);
  }
  return text.empty() ? "true" : text;
}

Result<std::vector<RowKey>> ChunkCheck::read(PostgresSession& session, const std::string& columns,
                                             const RowKey& key) {
  std::vector<databases::PostgresParameter> parameters;
  for (const auto& value : key)
    parameters.push_back(value ? databases::PostgresParameter(*value)
                               : databases::PostgresParameter());
  LS_ASSIGN(const PostgresRows rows,
            session.query(fmt::format("SELECT {} FROM ONLY {} WHERE {}", columns,
                                      quote_name(table_->schema, table_->name), condition()),
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
Status ChunkCheck::name_difference(const RowKey& key) {
  if (found_.differences.size() >= most_differences_) {
    found_.cut = true;
    return {};
  }
  std::string columns;
  if (table_->keyed())
    for (const HashedColumn& column : table_->columns)
      columns += (columns.empty() ? "" : ", ") + column.portable;
  else
    columns = "count(*)::text";
  LS_ASSIGN(const std::vector<RowKey> here, read(*source_, columns, key));
  LS_TRY(wait());
  LS_ASSIGN(const std::vector<RowKey> there, read(*target_, columns, key));
  if (here == there) return {};
  using Kind = RowDifference::Kind;
  RowDifference found{Kind::count, table_->about(), key_text(key), {}, {}, {}, source_position_};
  if (!table_->keyed()) {
    found.source = here.at(0).at(0).value_or("0");
    found.target = there.at(0).at(0).value_or("0");
    found_.differences.push_back(found);
    return {};
  }
  if (here.size() != 1 || there.size() != 1) {
    found.kind = there.empty()  ? Kind::missing_in_target
                 : here.empty() ? Kind::only_in_target
                                : Kind::count;
    found.source = std::to_string(here.size());
    found.target = std::to_string(there.size());
    found_.differences.push_back(found);
    return {};
  }
  found.kind = Kind::changed;
  for (std::size_t i = 0; i < table_->columns.size(); ++i) {
    if (here[0][i] == there[0][i]) continue;
    found.column = table_->columns[i].name;
    found.source = shown(here[0][i]);
    found.target = shown(there[0][i]);
    found_.differences.push_back(found);
  }
  return {};
}

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

}  // namespace lakeshift::checks
