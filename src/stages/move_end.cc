// How a move stands, and how it ends: completed on the target, or cancelled on the source.
#include <fmt/format.h>

#include "knowledge/databases/postgres_slot.h"
#include "knowledge/databases/postgres_stream.h"
#include "knowledge/databases/postgres_subscription.h"
#include "knowledge/transfers/postgres_ledger.h"
#include "knowledge/transfers/postgres_publication.h"
#include "knowledge/transfers/postgres_triggers.h"
#include "stages/move_staging.h"
#include "stages/move_subscription.h"

namespace lakeshift::stages {

using databases::PostgresSession;

namespace {

// What the fence took stays noted, so that the side can be opened by hand.
constexpr const char* kForgetAllButFence =
    "DROP TABLE IF EXISTS lakeshift.progress, lakeshift.tables, lakeshift.parts, "
    "lakeshift.statements, lakeshift.schema_step, lakeshift.disabled_triggers, lakeshift.format";

}  // namespace

Status remove_traces(MoveRun& move, PostgresSession& side, bool keep_fence) {
  const MoveConfig& config = move.input.move;
  LS_TRY(databases::drop_subscription(side, subscription_of(config), move.run.world.clock,
                                      move.run.stop));
  for (int leg = 0; leg <= move.state.leg + 1; ++leg)
    LS_TRY(databases::drop_slot(side, slot_of(config, leg), move.run.world.clock));
  LS_TRY(transfers::drop_publication(side, publication_of(config)));
  LS_TRY(transfers::create_ledger(side));
  LS_TRY(transfers::enable_triggers(side));
  return side.exec(keep_fence ? kForgetAllButFence : "DROP SCHEMA IF EXISTS lakeshift CASCADE");
}

namespace {

Result<MoveReport> end_move(const MoveInput& input, world::Run& run, bool complete) {
  MoveRun move(input, run, complete ? "complete" : "cancel");
  LS_TRY(move.open(true));
  if (!input.dry_run) LS_TRY(move.settle_switch());
  if (complete && input.move.is_staging()) return complete_staging(move);
  move.add_end_gate(complete);
  if (!move.gates_open()) return move.end(MoveOutcome::blocked, "a gate is closed");
  if (input.dry_run) {
    move.report.steps = {
        "would drop the slots, publications, subscriptions and notes of the move on both "
        "sides",
        complete ? "would leave the source fenced, with all its data"
                 : "would leave the target with what was copied, its "
                   "applications' roles fenced"};
    return move.end(MoveOutcome::done);
  }
  LS_ASSIGN(const auto source, move.connect(move.sides.source));
  LS_ASSIGN(const auto target, move.connect(move.sides.target));
  // The side that is left stays fenced.
  LS_TRY(remove_traces(move, *source, complete));
  LS_TRY(remove_traces(move, *target, !complete));
  LS_TRY(move.mark_ended(complete, "data"));
  return move.end(MoveOutcome::done);
}

// What a side says of its slot and its fence; an unreachable one is a finding, no error.
Status look_at_side(MoveRun& move, int leg) {
  const databases::PostgresAddress& side = move.sides.from(leg);
  const auto unreachable = [&](const Error& error) {
    model::Finding finding;
    finding.code = "pg-side-unreachable";
    finding.kind = "server";
    finding.key = side.to_text();
    finding.where = side_of(leg, true);
    finding.cause = error.to_text();
    move.report.findings.push_back(std::move(finding));
    return Status{};
  };
  auto session = move.connect(side);
  if (!session) return unreachable(session.error());
  const auto slot = databases::read_slot(**session, slot_of(move.input.move, leg));
  if (!slot) return slot.error().code == "slot-missing" ? Status{} : unreachable(slot.error());
  LS_ASSIGN(const std::string kept,
            (*session)->value("SELECT pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_lsn(), "
                              "$1::pg_lsn)::bigint",
                              {databases::lsn_text(slot->confirmed)}));
  move.report.steps.push_back(fmt::format("{}: slot {} {}, {} bytes of changes not yet at the {}",
                                          side_of(leg, true), slot_of(move.input.move, leg),
                                          slot->active ? "is read" : "waits, nobody reads it", kept,
                                          side_of(leg, false)));
  LS_ASSIGN(const auto other, move.connect(move.sides.to(leg)));
  LS_ASSIGN(const std::string subscription, subscription_text(move, *other));
  if (!subscription.empty()) move.report.steps.push_back(subscription);
  return {};
}

}  // namespace

Result<MoveReport> move_status(const MoveInput& input, world::Run& run) {
  MoveRun move(input, run, "status");
  LS_TRY(move.open(false));
  LS_TRY(move.look_who_drives());
  if (move.state.phase != "completed" && move.state.phase != "cancelled")
    LS_TRY(look_at_side(move, move.state.leg));
  LS_ASSIGN(const auto verified, move.room->document("verified"));
  if (verified)
    move.report.steps.push_back(fmt::format("rows compared at {}: {} rows, {}",
                                            text_at(*verified, "at"), int_at(*verified, "rows"),
                                            bool_at(*verified, "equal") ? "equal" : "they differ"));
  move.tell_switches();
  return move.end(MoveOutcome::done);
}

Result<MoveReport> complete_move(const MoveInput& input, world::Run& run) {
  return end_move(input, run, true);
}

Result<MoveReport> cancel_move(const MoveInput& input, world::Run& run) {
  return end_move(input, run, false);
}

}  // namespace lakeshift::stages
