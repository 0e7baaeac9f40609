// Following a leg's changes between verbs: by our own apply, or handed over to the server.
#include <fmt/format.h>

#include "knowledge/databases/postgres_slot.h"
#include "knowledge/transfers/postgres_switch.h"
#include "stages/move_run.h"
#include "stages/move_subscription.h"

namespace lakeshift::stages {

using databases::Lsn;
using databases::PostgresSession;

namespace {

constexpr world::Millis kLook{200};
constexpr world::Millis kTell{5000};

// The slot of a leg that ended is dropped by the switch, unless it was killed just there.
Status tidy_old_slot(MoveRun& move) {
  if (move.state.leg == 0) return {};
  LS_ASSIGN(const auto old, move.connect(move.sides.from(move.state.leg - 1)));
  return databases::drop_slot(*old, slot_of(move.input.move, move.state.leg - 1),
                              move.run.world.clock);
}

// The stream tells only how far it was read at its source: what that has written since is asked.
// While it does not answer, the apply has its own patience.
void tell_lag(MoveRun& move, std::unique_ptr<PostgresSession>& from,
              const transfers::ApplyState& now) {
  const auto written = [&]() -> Result<Lsn> {
    if (!from) {
      LS_ASSIGN(from, move.connect(move.sides.from(move.state.leg)));
    }
    LS_ASSIGN(const std::string text, from->value("SELECT pg_catalog.pg_current_wal_lsn()"));
    return databases::parse_lsn(text);
  }();
  const std::string done =
      fmt::format("; {} changes in {} transactions", now.changes, now.transactions);
  if (!written) {
    from.reset();
    move.say(side_of(move.state.leg, true) + " does not answer" + done, true);
    return;
  }
  const Lsn bytes = *written > now.applied ? *written - now.applied : 0;
  const std::string late =
      now.lag_seconds > 0 ? fmt::format(", {:.1f} s", now.lag_seconds) : std::string();
  move.say(
      fmt::format("{} is {} bytes{} behind{}", side_of(move.state.leg, false), bytes, late, done));
}

}  // namespace

Result<MoveOutcome> apply_here(MoveRun& move, Lsn until) {
  std::unique_ptr<PostgresSession> from;
  auto follower = std::make_unique<MoveFollower>(move.sides, move.input.move, move.state.leg,
                                                 move.run, move.live);
  world::Instant told = until == 0 ? world::Instant{} : move.run.world.clock.now();
  while (follower->running() && !move.run.stop.stop_requested()) {
    const transfers::ApplyState now = follower->state();
    if (until != 0 && now.applied >= until) break;
    if (until == 0 && move.room->wanted()) {
      move.say("another lakeshift goes on with this move");
      return MoveOutcome::done;
    }
    move.progress("changes applied", now.changes, 0);
    if (const world::Instant at = move.run.world.clock.now(); at - told >= kTell) {
      told = at;
      tell_lag(move, from, now);
    }
    move.run.world.clock.sleep(until == 0 ? kLook : kLook / 10, move.run.stop);
  }
  follower->stop();
  const Status failure = follower->failure();
  move.end_apply(follower);
  LS_TRY(failure);
  return move.run.stop.stop_requested() ? MoveOutcome::interrupted : MoveOutcome::done;
}

Result<MoveOutcome> follow_leg(MoveRun& move, bool until_caught_up) {
  LS_TRY(tidy_old_slot(move));
  if (move.input.move.by_subscription()) return follow_by_subscription(move, until_caught_up);
  if (!until_caught_up) {
    move.say(move.traffic() + "; following, stop with Ctrl-C");
    return apply_here(move, 0);
  }
  LS_ASSIGN(auto from, move.connect(move.sides.from(move.state.leg)));
  MoveFollower follower(move.sides, move.input.move, move.state.leg, move.run, move.live);
  long long lag = 0;
  do {
    LS_ASSIGN(lag, follower.measure_lag(*from, move.run.stop));
  } while (lag > move.input.move.lag_limit_ms);
  const transfers::ApplyState now = follower.state();
  LS_TRY(move.did("caught up",
                  fmt::format("caught up: {} is {} ms behind, {} changes applied by this run",
                              side_of(move.state.leg, false), lag, now.changes),
                  {{"lag_ms", lag}, {"changes", now.changes}, {"leg", move.state.leg}}));
  return MoveOutcome::done;
}

}  // namespace lakeshift::stages
