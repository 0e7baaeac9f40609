// Proving that both sides of a move hold the same rows, while they live and at rest.
#include <fmt/format.h>

#include <algorithm>

#include "core/base/strings.h"
#include "knowledge/checks/postgres_chunk.h"
#include "knowledge/transfers/postgres_unstreamed.h"
#include "stages/move_run.h"

namespace lakeshift::stages {

namespace {

constexpr std::size_t kKeysAtOnce = 1000;
constexpr std::size_t kMostNamed = 50;  // rows that keep moving, in artefacts

// Conditions that an index of the key can answer.
std::vector<std::string> conditions_of(const checks::HashedTable& table,
                                       const std::set<TouchedRows::Key>& keys) {
  std::vector<std::string> conditions;
  for (auto next = keys.begin(); next != keys.end();) {
    std::vector<std::string> columns;
    for (const auto& [column, value] : *next) columns.push_back(column);
    std::vector<checks::RowKey> values;
    for (; next != keys.end() && values.size() < kKeysAtOnce; ++next) {
      checks::RowKey row;
      for (const auto& [column, value] : *next) row.emplace_back(value);
      if (row.size() != columns.size()) break;
      values.push_back(std::move(row));
    }
    conditions.push_back(checks::condition_of(table, columns, values));
  }
  return conditions;
}

Status choose_rows(MoveRun& move, const TouchedRows& only, databases::PostgresSession& session,
                   checks::RowsOptions& options) {
  for (const auto& table : move.state.tables) {
    if (only.whole.contains(table)) {
      options.tables.push_back(table);
      continue;
    }
    const auto keys = only.keys.find(table);
    if (keys == only.keys.end() || keys->second.empty()) continue;
    LS_ASSIGN(const checks::HashedTable hashed,
              checks::read_hashed_table(session, table.first, table.second));
    options.tables.push_back(table);
    options.only[table] = conditions_of(hashed, keys->second);
  }
  return {};
}

// The way back reads the target as its source.
std::string difference_text(const checks::RowDifference& difference, bool forward) {
  std::string text = difference.to_text();
  if (forward) return text;
  text = replace_all(std::move(text), "in the source", "in the \1");
  text = replace_all(std::move(text), "in the target", "in the source");
  return replace_all(std::move(text), "in the \1", "in the target");
}

}  // namespace

Result<std::set<TouchedRows::Table>> tables_without_key(MoveRun& move) {
  LS_ASSIGN(const auto session, move.connect(move.sides.from(move.state.leg)));
  std::set<TouchedRows::Table> keyless;
  for (const auto& table : move.state.tables) {
    LS_ASSIGN(const checks::HashedTable hashed,
              checks::read_hashed_table(*session, table.first, table.second));
    if (!hashed.keyed()) keyless.insert(table);
  }
  return keyless;
}

Result<std::unique_ptr<StillPoint>> stand_still(MoveRun& move, MoveFollower& follower) {
  auto still = follower.stand_still(move.run.stop);
  if (still || still.error().code != "no-still-point") return still;
  move.say("both sides are compared while they move: " + still.error().to_text());
  return std::unique_ptr<StillPoint>();
}

Result<RowsProof> prove_rows(MoveRun& move, const WaitApplied& wait, const TouchedRows* only,
                             std::stop_token stop, const RowsAids* aids,
                             std::unique_ptr<StillPoint> still) {
  checks::RowsOptions options;
  if (still) {
    options.source_view = still->from.name;
    options.target_view = still->to_name;
    options.on_joined = [&] { still.reset(); };
  } else {
    options.wait_applied = wait;
  }
  std::unique_ptr<databases::PostgresSession> mine;
  if (aids == nullptr || !aids->ahead) {
    LS_ASSIGN(mine, databases::PostgresSession::connect(move.sides.from(move.state.leg), stop));
  }
  databases::PostgresSession& session = mine ? *mine : aids->ahead->source();
  if (only != nullptr)
    LS_TRY(choose_rows(move, *only, session, options));
  else
    options.tables = move.state.tables;
  RowsProof proof;
  if (wait || still) {
    options.chunk_rows = move.input.move.verify_chunk_rows;
    LS_ASSIGN(const auto unlogged, transfers::unlogged_tables(session, options.tables));
    for (const auto& table : unlogged) std::erase(options.tables, table);
    proof.unlogged = unlogged.size();
  }
  if (options.tables.empty()) return proof;
  if (aids != nullptr) {
    options.chunk_rows = aids->chunk_rows;
    options.workers = aids->workers;
    options.after_chunk = aids->after_chunk;
    options.marks = aids->marks;
    options.save_marks = aids->save_marks;
    options.ahead = aids->ahead;
    options.remember = aids->remember;
    options.since = aids->since;
  }
  const auto tables_in_all = static_cast<long long>(options.tables.size());
  long long compared = 0, rows = 0;
  options.on_table = [&](const checks::TableProof& table) {
    rows += table.rows;
    if (aids == nullptr || !aids->after_chunk) move.progress("rows compared", rows, 0);
    move.progress("tables compared", ++compared, tables_in_all);
  };
  world::Run within{move.run.world, move.run.events, stop};
  LS_ASSIGN(const auto tables,
            checks::compare_rows(move.sides.from(move.state.leg), move.sides.to(move.state.leg),
                                 options, within));
  for (const checks::TableProof& table : tables) {
    proof.rows += table.rows;
    proof.chunks += table.chunks;
    proof.chunks_kept += table.chunks_kept;
    proof.rows_kept += table.rows_kept;
    proof.chunks_again += table.chunks_again;
    proof.equal = proof.equal && table.equal;
    proof.method = table.method;
    for (const checks::RowDifference& difference : table.differences)
      proof.differences.push_back(difference_text(difference, move.state.forward()));
    proof.tables.push_back({{"table", table.table},
                            {"rows", table.rows},
                            {"equal", table.equal},
                            {"differences", table.differences.size()},
                            {"not_judged", table.moving.size()},
                            {"taken_over", table.rows_kept},
                            {"method", table.method}});
    if (table.cut) proof.differences.push_back(table.table + ": more rows differ");
    for (const std::string& row : table.moving) proof.moving.push_back(table.table + ": " + row);
  }
  return proof;
}

namespace {

constexpr const char* kSizes =
    "SELECT n.nspname || '.' || c.relname, pg_catalog.pg_table_size(c.oid) FROM "
    "pg_catalog.pg_class "
    "c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'r'";

// With the bytes that each table takes where the writes are.
Result<Json> with_sizes(MoveRun& move, Json tables) {
  LS_ASSIGN(const auto session, move.connect(move.sides.from(move.state.leg)));
  LS_ASSIGN(const databases::PostgresRows rows, session->query(kSizes));
  std::map<std::string, std::int64_t> bytes;
  for (int row = 0; row < rows.size(); ++row) bytes[rows.text(row, 0)] = rows.integer(row, 1);
  for (Json& table : tables) table["bytes"] = bytes[text_at(table, "table")];
  return tables;
}

}  // namespace

Status save_proof(MoveRun& move, const RowsProof& proof, bool evidence) {
  LS_ASSIGN(const Json by_table, with_sizes(move, proof.tables));
  move.report.rows_proven = proof.rows;
  move.report.differences = proof.differences;
  move.report.verification = {{"rows", proof.rows},
                              {"chunks", proof.chunks},
                              {"chunks_taken_over", proof.chunks_kept},
                              {"rows_taken_over", proof.rows_kept},
                              {"chunks_written_to_since", proof.chunks_again},
                              {"not_judged", proof.moving.size()}};
  const std::vector<std::string> named(
      proof.moving.begin(), proof.moving.begin() + static_cast<std::ptrdiff_t>(
                                                       std::min(proof.moving.size(), kMostNamed)));
  const Json facts = {{"leg", move.state.leg},
                      {"equal", proof.equal},
                      {"rows", proof.rows},
                      {"tables", move.state.tables.size()},
                      {"method", proof.method},
                      {"by_table", by_table},
                      {"differences", proof.differences},
                      {"not_judged", proof.moving.size()},
                      {"unlogged_tables", proof.unlogged},
                      {"not_judged_rows", named},
                      {"chunks", proof.chunks},
                      {"chunks_taken_over", proof.chunks_kept},
                      {"rows_taken_over", proof.rows_kept},
                      {"chunks_written_to_since", proof.chunks_again},
                      {"at", world::to_iso8601(move.run.world.clock.now())}};
  LS_TRY(move.room->save_document("verified", facts));
  std::string text =
      fmt::format("{} rows of {} tables compared: {}", proof.rows, move.state.tables.size(),
                  proof.equal ? "equal" : fmt::format("{} differences", proof.differences.size()));
  if (!proof.moving.empty())
    text += fmt::format(
        "; {} rows changed each time they were looked at: a cutover compares them "
        "at rest",
        proof.moving.size());
  if (proof.unlogged > 0)
    text +=
        fmt::format("; {} unlogged tables are carried and compared at a switch", proof.unlogged);
  if (proof.chunks_kept + proof.chunks_again > 0)
    text += fmt::format(
        "; {} rows of them in {} chunks taken over from a comparison that was cut short: neither "
        "side has written to them since; {} chunks were written to and compared again",
        proof.rows_kept, proof.chunks_kept, proof.chunks_again);
  return evidence ? move.did("verify", text, facts) : Status{};
}

}  // namespace lakeshift::stages
