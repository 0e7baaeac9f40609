#include "knowledge/transfers/postgres_copier.h"

#include <fmt/format.h>

#include <algorithm>

#include "knowledge/databases/postgres_stream.h"
#include "knowledge/transfers/postgres_triggers.h"

namespace lakeshift::transfers {

using databases::PostgresRows;
using databases::PostgresSession;
using databases::quote_name;

namespace {

constexpr std::size_t kPieceBytes = 128u << 10;  // rows are handed over in pieces of this size
constexpr world::Millis kWaitForTask{2};
constexpr std::int64_t kWorthFreezing = 1 << 20;  // of less, emptying it twice is the larger part

// An index is built in memory, and by more than one process, only as far as this setting goes (each
// process takes 32 MB of it, and the default is 64). How much a server can spare it does not tell;
// half of its shared buffers, all workers together, is less than any service leaves free.
constexpr const char* kRoomForIndexes =
    "SELECT pg_catalog.set_config('maintenance_work_mem', greatest(w.setting::bigint, "
    "least(1048576, b.setting::bigint * 4 / {}))::text || 'kB', false) "
    "FROM pg_catalog.pg_settings w, pg_catalog.pg_settings b "
    "WHERE w.name = 'maintenance_work_mem' AND b.name = 'shared_buffers'";

// Processes beside the session's own for building an index; the server's setting is the most.
constexpr const char* kHelpers =
    "SELECT pg_catalog.set_config(name, least(reset_val::int, $1::int)::text, false) "
    "FROM pg_catalog.pg_settings WHERE name = 'max_parallel_maintenance_workers'";

}  // namespace

Status Copier::go() {
  LS_ASSIGN(const auto target, PostgresSession::connect(target_, run_.stop));
  LS_TRY(create_ledger(*target));
  LS_TRY(find_unfinished(*target));
  if (!unfinished_.empty() || state_.start == 0) LS_TRY(make_snapshot(*target));
  if (unfinished_.empty() && to_follow_.empty()) return {};
  std::unique_ptr<PostgresSession> reader;
  if (!unfinished_.empty()) {
    LS_ASSIGN(reader, join_snapshot());
    LS_TRY(plan(*reader, *target));
  }
  for (const TableName& name : to_follow_) {
    CopyTable copied;
    copied.name = name;
    tables_.push_back({std::move(copied), 0});
    work_.with(
        [&](Work& work) { work.ready.push_front({tables_.size() - 1, Task::Kind::copied}); });
  }
  for (Table& table : tables_)
    if (options_.after_table) table.after = options_.after_table(table.plan.name);
  work_.with([](Work& work) { work.open = work.ready.size(); });
  {
    world::Executor executor(std::max<std::size_t>(1, options_.workers));
    world::TaskGroup group(executor);
    for (std::size_t i = 0; i < executor.size(); ++i) group.add([this] { this->work(); });
    group.wait();
  }
  const auto failure = work_.with([](Work& work) { return work.failure; });
  if (failure) return fail(*failure);
  if (run_.stop.stop_requested()) return fail("cancelled", "stopped; the next run goes on");
  return {};
}

Status Copier::find_unfinished(PostgresSession& target) {
  std::map<TableName, bool> ready;  // of those copied
  LS_ASSIGN(const PostgresRows rows,
            target.query("SELECT schema, name, ready_at IS NOT NULL FROM lakeshift.tables "
                         "WHERE slot = $1 AND copied_at IS NOT NULL",
                         {options_.slot}));
  for (int row = 0; row < rows.size(); ++row)
    ready[{rows.text(row, 0), rows.text(row, 1)}] = rows.truth(row, 2);
  state_.tables = static_cast<std::int64_t>(options_.tables.size());
  state_.tables_done = 0;
  for (const TableName& table : options_.tables) {
    const auto found = ready.find(table);
    if (found == ready.end())
      unfinished_.push_back(table);
    else if (!found->second)
      to_follow_.push_back(table);
    else
      ++state_.tables_done;
  }
  if (state_.snapshots == 0) state_.tables_kept = state_.tables_done;
  const auto progress = read_progress(target, options_.slot);
  if (progress) state_.start = progress->end;
  if (!progress && progress.error().code != "apply-not-begun") return fail(progress.error());
  return {};
}

Status Copier::make_snapshot(PostgresSession& target) {
  LS_ASSIGN(const auto beside, PostgresSession::connect(source_, run_.stop));
  ++state_.snapshots;
  if (state_.start == 0) return start_afresh(*beside, target);
  if (options_.choose_rows && unfinished_.size() < options_.tables.size())
    return fail("subset-cut-short",
                "some tables hold the rows of a snapshot that is gone; chosen anew, the others "
                "would not fit them",
                "replication slot " + options_.slot,
                "run 'lakeshift move cancel', empty the target, and make a copy of another name");
  // Changes since the first snapshot wait in the slot: without it the copy cannot be completed.
  LS_TRY(databases::read_slot(*beside, options_.slot));
  const std::string name =
      fmt::format("{}_again_{}", options_.slot.substr(0, 40), beside->backend());
  LS_ASSIGN(snapshot_, databases::create_slot(source_, name, true, run_.stop));
  return {};
}

Status Copier::start_afresh(PostgresSession& beside, PostgresSession& target) {
  // A run that died between making the slot and saying so here: nothing was copied from it.
  const auto slot = databases::read_slot(beside, options_.slot);
  if (!slot && slot.error().code == "slot-foreign") return fail(slot.error());
  LS_TRY(databases::drop_slot(beside, options_.slot, run_.world.clock));
  LS_ASSIGN(snapshot_, databases::create_slot(source_, options_.slot, false, run_.stop));
  LS_TRY(begin_progress(target, options_.slot, snapshot_.position));
  state_.start = snapshot_.position;
  return {};
}

Result<std::unique_ptr<PostgresSession>> Copier::join_snapshot() {
  LS_ASSIGN(auto session, PostgresSession::connect(source_, run_.stop));
  LS_TRY(session->exec(
      fmt::format("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET TRANSACTION SNAPSHOT {}",
                  databases::quote_literal(snapshot_.name))));
  return session;
}

Status Copier::plan(PostgresSession& snapshot, PostgresSession& target) {
  ChosenRows chosen;
  if (options_.choose_rows) {
    LS_ASSIGN(chosen, options_.choose_rows(snapshot));
  }
  for (const TableName& name : unfinished_) {
    LS_ASSIGN(CopyTable planned, plan_copy(snapshot, target, name, options_.part_bytes));
    if (const auto rows = chosen.find(name); rows != chosen.end()) planned.parts = rows->second;
    LS_ASSIGN(planned.frozen, claim_table(target, planned));
    if (!planned.binary) state_.as_text.emplace_back(table_text(name), planned.text_reason);
    const std::size_t parts = planned.parts.size();
    std::optional<formats::RowMask> mask;
    if (options_.masks != nullptr) mask = options_.masks->of(name, planned.names);
    if (mask && !mask->masks_any()) mask.reset();
    if (mask) planned.binary = false;
    tables_.push_back({std::move(planned), parts, std::move(mask)});
  }
  order();
  return {};
}

void Copier::order() {
  std::int64_t all = 0;
  for (const Table& table : tables_) all += table.plan.bytes;
  const auto workers = static_cast<std::int64_t>(std::max<std::size_t>(1, options_.workers));
  for (Table& table : tables_) {
    // One that is much more than a worker's share is copied by several. Indexes even out the rest.
    CopyTable& plan = table.plan;
    plan.frozen &= plan.bytes >= kWorthFreezing && plan.bytes <= all / workers * 5 / 4;
    if (plan.frozen) table.parts_open = 1;
  }
  // Large tables first, so that the end is not one long one.
  std::stable_sort(tables_.begin(), tables_.end(),
                   [](const Table& a, const Table& b) { return a.plan.bytes > b.plan.bytes; });
  work_.with([&](Work& work) {
    for (std::size_t i = 0; i < tables_.size(); ++i)
      for (std::size_t part = 0; part < tables_[i].parts_open; ++part)
        work.ready.push_back({i, Task::Kind::part, part});
    work.parts = work.ready.size();
  });
}

// From here the table is ours: what an earlier snapshot brought is removed, what others wrote
// never. False: it cannot be truncated.
Result<bool> Copier::claim_table(PostgresSession& target, const CopyTable& table) {
  const std::string name = quote_name(table.name.first, table.name.second);
  LS_ASSIGN(
      const PostgresRows ours,
      target.query("SELECT FROM lakeshift.tables WHERE slot = $1 AND schema = $2 AND name = $3",
                   {options_.slot, table.name.first, table.name.second}));
  if (ours.size() == 0) {
    LS_ASSIGN(const std::string any,
              target.value(fmt::format("SELECT EXISTS (SELECT FROM ONLY {})", name)));
    if (any == "t")
      return fail("target-not-empty", "the target's table holds rows that this move did not write",
                  table_text(table.name), "empty it (TRUNCATE), or leave the table out");
  }
  const std::string where = fmt::format(
      "slot = {} AND schema = {} AND name = {}", databases::quote_literal(options_.slot),
      databases::quote_literal(table.name.first), databases::quote_literal(table.name.second));
  const auto set_up = [&](const std::string& empty) {
    return target.exec(fmt::format(
        "BEGIN; {0}; DELETE FROM lakeshift.parts WHERE {1}; DELETE FROM lakeshift.statements WHERE "
        "{1};"
        "DELETE FROM lakeshift.tables WHERE {1}; INSERT INTO lakeshift.tables (slot, schema, name, "
        "snapshot_lsn, snapshot, parts) VALUES ({2}, {3}, {4}, '{5}', {6}, {7}); COMMIT",
        empty, where, databases::quote_literal(options_.slot),
        databases::quote_literal(table.name.first), databases::quote_literal(table.name.second),
        databases::lsn_text(snapshot_.position), databases::quote_literal(snapshot_.name),
        table.parts.size()));
  };
  const Status truncated = set_up("TRUNCATE ONLY " + name);
  if (truncated) return true;
  if (truncated.error().code != "0A000") return fail(truncated.error());
  // A foreign key refers to it: such a table cannot be truncated alone.
  LS_TRY(target.exec("ROLLBACK"));
  LS_TRY(set_up("DELETE FROM ONLY " + name));
  return false;
}

void Copier::work() {
  Sessions sessions;
  const Status done = do_tasks(sessions);
  if (done) return;
  stopped_ = true;
  work_.with([&](Work& work) {
    if (!work.failure) work.failure = done.error();
  });
}

Status Copier::do_tasks(Sessions& sessions) {
  LS_ASSIGN(sessions.target, PostgresSession::connect(target_, run_.stop));
  LS_TRY(silence_session(*sessions.target));
  LS_TRY(sessions.target->query(
      fmt::format(kRoomForIndexes, std::max<std::size_t>(1, options_.workers))));
  while (!stopped_ && !run_.stop.stop_requested()) {
    const auto task = take();
    if (!task) {
      if (work_.with([](const Work& work) { return work.open == 0; })) return {};
      run_.world.clock.sleep(kWaitForTask, run_.stop);
      continue;
    }
    LS_TRY(run(sessions, *task));
    finish(*task);
  }
  return {};
}

std::optional<Copier::Task> Copier::take() {
  return work_.with([&](Work& work) -> std::optional<Task> {
    // Rows wait for the network, indexes for the target's processors: both at once. And two that
    // add to one table wait for each other: better each to its own.
    const bool is_enough = work.parts > 0 && work.statements >= (options_.workers + 1) / 2;
    auto found = work.ready.end();
    for (auto one = work.ready.begin(); one != work.ready.end(); ++one) {
      if (is_enough && one->kind == Task::Kind::statement) continue;
      if (found == work.ready.end()) found = one;
      if (one->kind == Task::Kind::part && tables_[one->table].copying > 0) continue;
      found = one;
      break;
    }
    if (found == work.ready.end()) return std::nullopt;
    const Task task = *found;
    work.ready.erase(found);
    work.parts -= task.kind == Task::Kind::part;
    tables_[task.table].copying += task.kind == Task::Kind::part;
    work.statements += task.kind == Task::Kind::statement;
    return task;
  });
}

// What follows is first in line: index builds overlap with the copy of what is left.
void Copier::finish(const Task& task) {
  work_.with([&](Work& work) {
    --work.open;
    Table& table = tables_[task.table];
    switch (task.kind) {
      case Task::Kind::part:
        --table.copying;
        if (--table.parts_open > 0) return;
        work.ready.push_front({task.table, Task::Kind::copied});
        ++work.open;
        return;
      case Task::Kind::statement:
        --work.statements;
        if (--table.statements_open > 0) return;
        return go_on_after(work, task.table);
      case Task::Kind::copied:
        return go_on_after(work, task.table);
      case Task::Kind::ready:
        return;
    }
  });
}

void Copier::go_on_after(Work& work, std::size_t number) {
  Table& table = tables_[number];
  std::vector<Task> tasks;
  for (; table.next < table.after.size(); ++table.next) {
    if (table.ran[table.next]) continue;
    // A key is added while nothing else is at work on the table.
    const bool is_index = table.after[table.next].is_index;
    if (!tasks.empty() && !is_index) break;
    tasks.push_back({number, Task::Kind::statement, table.next});
    if (!is_index) {
      ++table.next;
      break;
    }
  }
  table.statements_open = tasks.size();
  if (tasks.empty()) tasks.push_back({number, Task::Kind::ready});
  work.open += tasks.size();
  work.ready.insert(work.ready.begin(), tasks.begin(), tasks.end());
}

Status Copier::run(Sessions& sessions, const Task& task) {
  switch (task.kind) {
    case Task::Kind::part:
      return copy_rows(sessions, task);
    case Task::Kind::copied:
      return begin_after(sessions, task);
    case Task::Kind::statement:
      return run_statement(sessions, task);
    case Task::Kind::ready:
      break;
  }
  return end_table(sessions, task);
}

Status Copier::copy_rows(Sessions& sessions, const Task& task) {
  const Table& table = tables_[task.table];
  if (!sessions.source) {
    LS_ASSIGN(sessions.source, join_snapshot());
  }
  PostgresSession& target = *sessions.target;
  LS_TRY(target.exec("BEGIN"));
  if (!table.plan.frozen) {
    LS_TRY(copy_part(sessions, table, task.number));
  } else {
    LS_TRY(
        target.exec("TRUNCATE ONLY " + quote_name(table.plan.name.first, table.plan.name.second)));
    for (std::size_t part = 0; part < table.plan.parts.size(); ++part)
      LS_TRY(copy_part(sessions, table, part));
  }
  return target.exec("COMMIT");
}

Status Copier::copy_part(Sessions& sessions, const Table& copied_table, std::size_t part) {
  const CopyTable& table = copied_table.plan;
  const auto& mask = copied_table.mask;
  PostgresSession& target = *sessions.target;
  LS_TRY(target.begin_copy(copy_in_sql(table)));
  std::string piece;
  piece.reserve(kPieceBytes * 2);
  std::int64_t bytes = 0;
  const auto hand_over = [&]() -> Status {
    bytes += static_cast<std::int64_t>(piece.size());
    const Status put = target.put_copy(piece);
    piece.clear();
    return put;
  };
  const auto copied =
      sessions.source->copy_out(copy_out_sql(table, part), [&](std::string_view row) -> Status {
        if (mask)
          piece += mask->apply(row);
        else
          piece += row;
        return piece.size() < kPieceBytes ? Status{} : hand_over();
      });
  Status put = copied ? hand_over() : Status{};
  if (!copied || !put) {
    target.abandon_copy("the source could not be read");
    return fail(copied ? put.error() : copied.error());
  }
  LS_ASSIGN(const std::int64_t rows, target.finish_copy());
  if (rows != *copied)
    return fail("rows-lost",
                fmt::format("the source sent {} rows, the target took {}", *copied, rows),
                table_text(table.name), "report it; the part was not kept");
  LS_TRY(
      target.query("INSERT INTO lakeshift.parts (slot, schema, name, part, rows, bytes) "
                   "VALUES ($1, $2, $3, $4::int, $5::bigint, $6::bigint)",
                   {options_.slot, table.name.first, table.name.second, std::to_string(part),
                    std::to_string(rows), std::to_string(bytes)}));
  count(rows, bytes, 0);
  return {};
}

Status Copier::begin_after(Sessions& sessions, const Task& task) {
  PostgresSession& target = *sessions.target;
  Table& table = tables_[task.table];
  const TableName& name = table.plan.name;
  LS_TRY(
      target.query("UPDATE lakeshift.tables SET copied_at = pg_catalog.clock_timestamp() "
                   "WHERE slot = $1 AND schema = $2 AND name = $3 AND copied_at IS NULL",
                   {options_.slot, name.first, name.second}));
  LS_ASSIGN(const PostgresRows done,
            target.query("SELECT number FROM lakeshift.statements WHERE slot = $1 AND schema = $2 "
                         "AND name = $3",
                         {options_.slot, name.first, name.second}));
  table.ran.resize(table.after.size());
  for (int row = 0; row < done.size(); ++row)
    if (const auto number = static_cast<std::size_t>(done.integer(row, 0));
        number < table.ran.size())
      table.ran[number] = true;
  return {};
}

Status Copier::run_statement(Sessions& sessions, const Task& task) {
  PostgresSession& target = *sessions.target;
  const TableName& name = tables_[task.table].plan.name;
  const std::string& sql = tables_[task.table].after[task.number].sql;
  const std::size_t open = work_.with([](const Work& work) { return work.open; });
  const std::size_t idle = options_.workers > open ? options_.workers - open : 0;
  LS_TRY(target.query(kHelpers, {std::to_string(idle)}));
  LS_TRY(target.exec("BEGIN"));
  if (const Status ran = target.exec(sql); !ran)
    return fail_because(ran.error(), table_text(name), "after its copy: " + sql);
  LS_TRY(
      target.query("INSERT INTO lakeshift.statements (slot, schema, name, number, statement) "
                   "VALUES ($1, $2, $3, $4::int, $5)",
                   {options_.slot, name.first, name.second, std::to_string(task.number), sql}));
  return target.exec("COMMIT");
}

Status Copier::end_table(Sessions& sessions, const Task& task) {
  PostgresSession& target = *sessions.target;
  const TableName& name = tables_[task.table].plan.name;
  // Who writes there first, perhaps minutes from now, must not meet plans made without statistics.
  LS_TRY(target.exec("ANALYZE " + quote_name(name.first, name.second)));
  LS_TRY(
      target.query("UPDATE lakeshift.tables SET ready_at = pg_catalog.clock_timestamp() "
                   "WHERE slot = $1 AND schema = $2 AND name = $3",
                   {options_.slot, name.first, name.second}));
  count(0, 0, 1);
  return {};
}

void Copier::count(std::int64_t rows, std::int64_t bytes, std::int64_t tables) {
  reporting_.with([&](int&) {
    state_.rows += rows;
    state_.bytes += bytes;
    state_.tables_done += tables;
    if (options_.on_progress) options_.on_progress(state_);
  });
}

}  // namespace lakeshift::transfers
