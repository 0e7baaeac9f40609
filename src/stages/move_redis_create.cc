// Making a move of Redis, and following its changes.
#include <fmt/format.h>

#include <algorithm>

#include "core/base/strings.h"
#include "knowledge/transfers/redis_fence.h"
#include "stages/move_redis_run.h"

namespace lakeshift::stages {

namespace {

constexpr world::Millis kRedisLook{100};
constexpr world::Millis kRedisSave{1000};
constexpr world::Millis kRedisTell{5000};

std::string redis_way(const RedisMoveRun& move) {
  return move.found.psync ? "as a replica does (PSYNC)"
                          : "by keyspace events, with a comparison of all keys at each switch";
}

class RedisCreation {
 public:
  explicit RedisCreation(RedisMoveRun& move) : move_(move) {}

  Result<bool> make() {
    const bool is_new = move_.state.phase == "new";
    LS_TRY(move_.preflight(is_new));
    move_.report.findings = move_.found.findings;
    if (is_new || move_.found.blocked()) {
      move_.add_gate("preflight", !move_.found.blocked(),
                     move_.found.blocked() ? "obstacles stand in the way" : "no obstacle",
                     "follow the remedies of the findings");
      if (!move_.gates_open()) return false;
    }
    if (move_.input.dry_run) return show();
    move_.state.phase = "creating";
    LS_TRY(move_.room->save(move_.state));
    if (is_new)
      LS_TRY(
          move_.did("preflight",
                    fmt::format("no obstacle: {} keys, version {} to {}", move_.found.source.keys,
                                move_.found.source.version_text, move_.found.target.version_text),
                    {{"keys", move_.found.source.keys},
                     {"bytes", move_.found.source.data_bytes},
                     {"psync", move_.found.psync},
                     {"source", move_.sides.source.to_text()},
                     {"target", move_.sides.target.to_text()}}));
    LS_TRY(fence_target());
    LS_TRY(copy());
    move_.state.phase = "following";
    LS_TRY(move_.room->save(move_.state));
    return true;
  }

  // Of a copy that was made: it goes on. None: there was nothing to copy.
  std::unique_ptr<transfers::RedisFollower> take_follower() { return std::move(follower_); }

 private:
  Result<bool> show() {
    if (move_.config().cold)
      move_.report.steps = {
          fmt::format("cold: would carry none of {} keys", move_.found.source.keys)};
    else
      move_.report.steps = {
          "would make the applications' users that the target does not have, and fence them there",
          fmt::format("would copy {} keys, {} MB", move_.found.source.keys,
                      move_.found.source.data_bytes >> 20),
          "would follow the changes until stopped, " + redis_way(move_)};
    return true;
  }

  // Born inert.
  Status fence_target() {
    const auto& users = move_.config().applications;
    if (users.empty()) {
      move_.say(move_.config().fence == "pause"
                    ? "writers are kept off by CLIENT PAUSE at a switch, and by the hooks after it"
                    : "no applications are named: nobody is fenced, and no switch is possible",
                true);
      return {};
    }
    LS_ASSIGN(const auto source, move_.connect(move_.sides.source));
    LS_ASSIGN(const auto target, move_.connect(move_.sides.target));
    LS_ASSIGN(const auto made, transfers::carry_redis_users(*source, *target, users));
    LS_ASSIGN(const auto fence, transfers::fence_redis(*target, users));
    return move_.did("fence target",
                     fmt::format("the target refuses {} users until the switch, {} of them were "
                                 "made there",
                                 users.size(), made.size()),
                     {{"users", users}, {"made", made}, {"saved", fence.saved}});
  }

  Status copy() {
    if (move_.config().cold)
      return move_.did("cold",
                       fmt::format("declared cold: {} keys stay where they are, none was carried",
                                   move_.found.source.keys),
                       {{"keys_left", move_.found.source.keys}});
    const world::Instant began = move_.run.world.clock.now();
    LS_ASSIGN(follower_, move_.follow(0, move_.run.stop, true));
    transfers::RedisFollower* const follower = follower_.get();
    if (!follower->snapshot_failure().empty())
      move_.say("the source's snapshot broke off, so each key is read by itself: " +
                follower->snapshot_failure());
    const auto tell = [&](std::int64_t done, std::int64_t of) {
      move_.progress("keys copied", done, of);
    };
    LS_TRY(move_.patiently([&] { return follower->copy_all(tell, move_.run.stop); }));
    LS_TRY(move_.patiently([&] { return follower->drain(move_.run.stop); }));
    const auto took = std::max<long long>(1, (move_.run.world.clock.now() - began).count());
    const transfers::RedisFollowState now = follower->state();
    LS_TRY(move_.save_positions(0, follower->safe_positions()));
    return move_.did(
        "copy",
        fmt::format(
            "copied {} keys, {} MB in {:.1f} s {}: {} by the commands of their types, {} of "
            "them big, {} gone meanwhile; {} changes followed",
            now.carried.keys, now.carried.bytes >> 20, static_cast<double>(took) / 1000.0,
            follower->has_snapshot() ? "from the source's snapshot" : "key by key",
            now.carried.by_type, now.carried.big, now.carried.gone, now.changes),
        {{"keys", now.carried.keys},
         {"bytes", now.carried.bytes},
         {"by_type", now.carried.by_type},
         {"big", now.carried.big},
         {"gone", now.carried.gone},
         {"changes", now.changes},
         {"ms", took},
         {"snapshot", follower->has_snapshot()},
         {"psync", move_.found.psync}});
  }

  RedisMoveRun& move_;
  std::unique_ptr<transfers::RedisFollower> follower_;
};

void tell_redis(RedisMoveRun& move, const transfers::RedisFollowState& now) {
  move.live.measure("keys_behind", static_cast<long long>(now.waiting));
  move.live.measure("changes", now.changes);
}

Status catch_up_redis(RedisMoveRun& move, transfers::RedisFollower& follower) {
  long long lag = 0;
  do {
    const world::Instant began = move.run.world.clock.now();
    LS_TRY(move.patiently([&] { return follower.drain(move.run.stop); }));
    tell_redis(move, follower.state());
    lag = (move.run.world.clock.now() - began).count();
  } while (lag > move.config().lag_limit_ms);
  LS_TRY(move.save_positions(move.state.leg, follower.safe_positions()));
  const auto now = follower.state();
  return move.did("caught up",
                  fmt::format("caught up: {} is {} ms behind, {} changes told to this run",
                              side_of(move.state.leg, false), lag, now.changes),
                  {{"lag_ms", lag}, {"changes", now.changes}, {"leg", move.state.leg}});
}

}  // namespace

Result<MoveOutcome> follow_redis_leg(RedisMoveRun& move, bool until_caught_up,
                                     std::unique_ptr<transfers::RedisFollower> follower) {
  if (move.config().cold) {
    move.say("cold: nothing is followed");
    return MoveOutcome::done;
  }
  if (move.found.source.version_text.empty()) LS_TRY(move.preflight(false));
  const bool known = follower != nullptr || move.follows_from_start(move.state.leg);
  if (follower == nullptr)
    LS_TRY(move.patiently([&]() -> Status {
      LS_ASSIGN(follower, move.follow(move.state.leg, move.run.stop));
      return {};
    }));
  if (!known || follower->has_gap()) LS_TRY(move.fill_gap(*follower));
  if (until_caught_up) {
    LS_TRY(catch_up_redis(move, *follower));
    return MoveOutcome::done;
  }
  move.say(move.traffic() + "; following, stop with Ctrl-C");
  world::Instant told{}, saved{};
  while (follower->failure() && !move.run.stop.stop_requested()) {
    const world::Instant at = move.run.world.clock.now();
    if (follower->has_gap()) LS_TRY(move.fill_gap(*follower));
    if (at - saved >= kRedisSave) {
      saved = at;
      LS_TRY(move.save_positions(move.state.leg, follower->safe_positions()));
    }
    if (move.room->wanted()) {
      move.say("another lakeshift goes on with this move");
      return MoveOutcome::done;
    }
    const auto now = follower->state();
    move.progress("changes followed", now.changes, 0);
    tell_redis(move, now);
    if (at - told >= kRedisTell) {
      told = at;
      move.say(fmt::format("{} waits for {} keys; {} changes told, {} keys carried",
                           side_of(move.state.leg, false), now.waiting, now.changes,
                           now.carried.keys));
    }
    move.run.world.clock.sleep(kRedisLook, move.run.stop);
  }
  LS_TRY(follower->failure());
  return MoveOutcome::interrupted;
}

Result<MoveReport> create_redis_move(const MoveInput& input, world::Run& run) {
  RedisMoveRun move(input, run, "create");
  LS_TRY(move.open(true));
  if (!input.dry_run) LS_TRY(move.settle_switch());
  std::unique_ptr<transfers::RedisFollower> follower;
  if (move.state.phase == "new" || move.state.phase == "creating") {
    RedisCreation creation(move);
    LS_ASSIGN(const bool made, creation.make());
    if (!made) return move.end(MoveOutcome::blocked, "something stands in the way");
    follower = creation.take_follower();
  }
  if (input.dry_run) return move.end(MoveOutcome::done);
  LS_ASSIGN(const MoveOutcome outcome,
            follow_redis_leg(move, input.until_caught_up, std::move(follower)));
  return move.end(outcome);
}

}  // namespace lakeshift::stages
