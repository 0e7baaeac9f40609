// Proving that both sides of a move hold the same rows, while they live and at rest.
#include <fmt/format.h>

#include <algorithm>

#include "core/base/strings.h"
#include "knowledge/checks/postgres_digest.h"
#include "knowledge/checks/postgres_rows.h"
#include "knowledge/transfers/postgres_ledger.h"
#include "knowledge/transfers/postgres_switch.h"
#include "knowledge/transfers/postgres_unstreamed.h"
#include "stages/move_staging.h"

namespace lakeshift::stages {

using databases::Lsn;

namespace {

constexpr std::size_t kKeysAtOnce = 1000;
constexpr std::int64_t kLiveChunkRows = 500'000;  // the shorter the look, the fewer rows move in it
constexpr world::Millis kPoll{20};
constexpr world::Millis kPatience{120'000};  // for an apply of another process
constexpr std::size_t kMostNamed = 50;       // rows that keep moving, in artefacts

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

Status choose_rows(MoveRun& move, const TouchedRows& only, std::stop_token stop,
                   checks::RowsOptions& options) {
  LS_ASSIGN(const auto session,
            databases::PostgresSession::connect(move.sides.from(move.state.leg), stop));
  for (const auto& table : move.state.tables) {
    if (only.whole.contains(table)) {
      options.tables.push_back(table);
      continue;
    }
    const auto keys = only.keys.find(table);
    if (keys == only.keys.end() || keys->second.empty()) continue;
    LS_ASSIGN(const checks::HashedTable hashed,
              checks::read_hashed_table(*session, table.first, table.second));
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

Result<RowsProof> prove_rows(MoveRun& move, const WaitApplied& wait, const TouchedRows* only,
                             std::stop_token stop) {
  checks::RowsOptions options;
  options.wait_applied = wait;
  if (only != nullptr)
    LS_TRY(choose_rows(move, *only, stop, options));
  else
    options.tables = move.state.tables;
  RowsProof proof;
  if (wait) {
    options.chunk_rows = kLiveChunkRows;
    LS_ASSIGN(const auto session,
              databases::PostgresSession::connect(move.sides.from(move.state.leg), stop));
    LS_ASSIGN(const auto unlogged, transfers::unlogged_tables(*session, options.tables));
    for (const auto& table : unlogged) std::erase(options.tables, table);
    proof.unlogged = unlogged.size();
  }
  if (options.tables.empty()) return proof;
  const auto tables_in_all = static_cast<long long>(options.tables.size());
  long long compared = 0, rows = 0;
  options.on_table = [&](const checks::TableProof& table) {
    rows += table.rows;
    move.progress("rows compared", rows, 0);
    move.progress("tables compared", ++compared, tables_in_all);
  };
  world::Run mine{move.run.world, move.run.events, stop};
  LS_ASSIGN(const auto tables, checks::compare_rows(move.sides.from(move.state.leg),
                                                    move.sides.to(move.state.leg), options, mine));
  for (const checks::TableProof& table : tables) {
    proof.rows += table.rows;
    proof.equal = proof.equal && table.equal;
    proof.method = table.method;
    for (const checks::RowDifference& difference : table.differences)
      proof.differences.push_back(difference_text(difference, move.state.forward()));
    if (table.cut) proof.differences.push_back(table.table + ": more rows differ");
    for (const std::string& row : table.moving) proof.moving.push_back(table.table + ": " + row);
  }
  return proof;
}

Status save_proof(MoveRun& move, const RowsProof& proof) {
  move.report.rows_proven = proof.rows;
  move.report.differences = proof.differences;
  const std::vector<std::string> named(
      proof.moving.begin(), proof.moving.begin() + static_cast<std::ptrdiff_t>(
                                                       std::min(proof.moving.size(), kMostNamed)));
  const Json facts = {{"leg", move.state.leg},
                      {"equal", proof.equal},
                      {"rows", proof.rows},
                      {"tables", move.state.tables.size()},
                      {"method", proof.method},
                      {"differences", proof.differences},
                      {"not_judged", proof.moving.size()},
                      {"unlogged_tables", proof.unlogged},
                      {"not_judged_rows", named},
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
  return move.did("verify", text, facts);
}

Result<MoveReport> verify_move(const MoveInput& input, world::Run& run) {
  MoveRun move(input, run, "verify");
  LS_TRY(move.open(false));
  LS_ASSIGN(const bool mine, input.dry_run ? Result<bool>(false) : move.room->try_lock());
  if (mine) {
    LS_ASSIGN(move.state, move.room->load());
    LS_TRY(move.settle_switch());
  }
  move.add_gate("copy finished", move.state.phase == "following", "phase " + move.state.phase,
                "run 'lakeshift move create " + input.move.name + "' until it follows");
  if (!move.gates_open()) return move.end(MoveOutcome::blocked, "there is nothing to compare yet");
  if (input.dry_run) {
    move.report.steps = {
        fmt::format("would compare every row of {} tables", move.state.tables.size())};
    return move.end(MoveOutcome::done);
  }
  const std::string slot = slot_of(input.move, move.state.leg);
  LS_ASSIGN(const auto from, move.connect(move.sides.from(move.state.leg)));
  LS_ASSIGN(const auto to, move.connect(move.sides.to(move.state.leg)));
  std::unique_ptr<MoveFollower> follower;
  if (mine)
    follower =
        std::make_unique<MoveFollower>(move.sides, input.move, move.state.leg, run, move.live);
  const WaitApplied wait = [&](Lsn position) -> Status {
    if (follower) return follower->wait_applied(position, run.stop);
    // Another process applies; an idle source's position moves on by this mark.
    LS_TRY(transfers::mark_fence(*from));
    const world::Instant began = run.world.clock.now();
    while (true) {
      LS_ASSIGN(const transfers::Progress now, transfers::read_progress(*to, slot));
      if (now.end >= position) return {};
      if (run.world.clock.now() - began > kPatience)
        return fail("apply-idle", "the process that follows makes no progress", slot,
                    "look at it, or stop it and verify again");
      if (!run.world.clock.sleep(kPoll, run.stop)) return fail("cancelled", "stopped");
    }
  };
  LS_ASSIGN(const RowsProof proof, input.move.is_staging()
                                       ? prove_masked_rows(move, wait, run.stop)
                                       : prove_rows(move, wait, nullptr, run.stop));
  LS_TRY(save_proof(move, proof));
  return move.end(proof.equal ? MoveOutcome::done : MoveOutcome::blocked,
                  proof.equal ? "" : "rows differ");
}

}  // namespace lakeshift::stages
