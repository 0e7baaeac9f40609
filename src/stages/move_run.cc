#include "stages/move_run.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/world/time_limit.h"
#include "knowledge/databases/postgres_dump.h"
#include "knowledge/databases/postgres_slot.h"
#include "knowledge/transfers/postgres_switch.h"

namespace lakeshift::stages {

using databases::PostgresSession;

namespace {

constexpr int kAnywayTries = 60;  // a server that is started again answers within half a minute
constexpr world::Millis kAnywayPause{500};
// One that fell silent behind a proxy never answers; one that is only slow has ever longer.
constexpr world::Millis kFirstLimit{10'000};
constexpr world::Millis kLongestLimit{600'000};
constexpr int kEndTries = 500;
constexpr world::Millis kEndPause{20};

// Work that must be done after a stop, in as many attempts as it takes.
template <typename F>
auto anyway(world::Clock& clock, const F& attempt) {
  world::Millis span = kFirstLimit;
  for (int tries = 1;; ++tries) {
    const world::TimeLimit limit(clock, span);
    auto done = attempt(limit.token());
    if (done || tries == kAnywayTries) return done;
    if (limit.over())
      span = std::min(2 * span, kLongestLimit);
    else if (done.error().retry != Retry::later)
      return done;
    clock.sleep(kAnywayPause, {});
  }
}

}  // namespace

Status MoveRun::open(bool drive) {
  LS_ASSIGN(sides, find_sides(run.world, input.move));
  return open_room(drive);
}

Result<std::unique_ptr<PostgresSession>> MoveRun::connect_anyway(
    const databases::PostgresAddress& side) {
  LS_ASSIGN(auto session, anyway(run.world.clock, [&](std::stop_token stop) {
              return PostgresSession::connect(side, std::move(stop));
            }));
  session->stop_with({});
  return session;
}

Result<databases::Preflight> MoveRun::preflight(PostgresSession& source, PostgresSession& target) {
  databases::PreflightOptions options;
  options.accept.insert(input.move.accept.begin(), input.move.accept.end());
  options.parallel = input.move.workers;
  options.headroom = input.move.headroom;
  options.now_ms = run.world.clock.now().time_since_epoch().count();
  options.own_subscription = subscription_of(input.move);
  options.own_publication = publication_of(input.move);
  if (input.move.by_subscription())
    options.doors = {sides.source_for_target, sides.target_for_source};
  if (const auto program = dump_program(source.version(), target.version()))
    options.dump_version = program->version;
  return databases::run_preflight(source, target, options);
}

std::optional<databases::DumpProgram> MoveRun::dump_program(int source, int target) {
  if (!dump_programs_) dump_programs_ = databases::find_dump_programs(run.world);
  return databases::choose_dump_program(*dump_programs_, source, target);
}

// A run that was killed may have left statements at work in the server, which would still take
// rights away, or make a slot, after we have looked.
Status MoveRun::end_own_sessions(PostgresSession& side) {
  for (int attempt = 1;; ++attempt) {
    LS_ASSIGN(const databases::PostgresRows rows,
              side.query("SELECT pg_catalog.pg_terminate_backend(pid) FROM "
                         "pg_catalog.pg_stat_activity WHERE application_name = $1 AND pid <> "
                         "pg_catalog.pg_backend_pid() AND usename = current_user AND datname = "
                         "pg_catalog.current_database()",
                         {side.address().application}));
    if (rows.size() == 0) return {};
    if (attempt == kEndTries)
      return fail("sessions-left", "sessions of a killed lakeshift do not end",
                  side.address().to_text(), "end them with pg_terminate_backend(), then run again");
    run.world.clock.sleep(kEndPause, {});
  }
}

// A connection that is cut in the midst must not leave both sides fenced.
Result<std::int64_t> MoveRun::open_writers_anyway(const databases::PostgresAddress& side) {
  return anyway(run.world.clock, [&](std::stop_token stop) -> Result<std::int64_t> {
    LS_ASSIGN(const auto session, PostgresSession::connect(side, std::move(stop)));
    LS_TRY(end_own_sessions(*session));
    return transfers::open_writers(*session);
  });
}

Status MoveRun::go_back(const std::string& reason) {
  LS_ASSIGN(const std::int64_t grants, open_writers_anyway(sides.from(state.leg)));
  remember_switch("went back", reason);
  state.phase = "following";
  state.pause_began_ms = 0;
  LS_TRY(room->save(state));
  LS_TRY(did(
      "go-back", fmt::format("went back: {} takes the writes again", side_of(state.leg, true)),
      {{"reason", reason}, {"grants", grants}, {"pause_ms", report.pause_ms}, {"leg", state.leg}}));
  // What remains is tidying: the next switch does it when the other side is away.
  const std::string next = slot_of(input.move, state.leg + 1);
  const Status tidied = [&]() -> Status {
    LS_ASSIGN(const auto from, connect(sides.from(state.leg)));
    LS_ASSIGN(const auto to, connect(sides.to(state.leg)));
    LS_TRY(end_own_sessions(*to));
    LS_TRY(databases::drop_slot(*to, next, run.world.clock));
    LS_TRY(from->query("DELETE FROM lakeshift.progress WHERE slot = $1", {next}));
    return {};
  }();
  if (!tidied)
    say("slot " + next + " may be left at the " + side_of(state.leg, false) + ": " +
            tidied.error().to_text(),
        true);
  return {};
}

Status MoveRun::open_other_side() {
  LS_ASSIGN(const std::int64_t grants, open_writers_anyway(sides.to(state.leg)));
  remember_switch("switched", "");
  const int old = state.leg;
  ++state.leg;
  state.phase = "following";
  state.pause_began_ms = 0;
  LS_TRY(room->save(state));
  LS_TRY(did("open",
             fmt::format("{} takes the writes: {} rights given", side_of(old, false), grants),
             {{"grants", grants}, {"pause_ms", report.pause_ms}, {"leg", state.leg}}));
  // Nobody needs the old leg's slot; it would only keep log.
  LS_ASSIGN(const auto from, connect_anyway(sides.from(old)));
  return databases::drop_slot(*from, slot_of(input.move, old), run.world.clock);
}

}  // namespace lakeshift::stages
