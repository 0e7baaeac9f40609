// Switching the writers of a Redis to the other side of a move, within a budget.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "core/base/strings.h"
#include "knowledge/transfers/redis_fence.h"
#include "stages/move_redis_run.h"
#include "stages/move_switch_verb.h"

namespace lakeshift::stages {

using databases::RedisAddress;
using databases::RedisReply;
using databases::RedisSession;
using transfers::RedisKey;

namespace {

constexpr world::Millis kWriteTrial{150};
constexpr std::size_t kFewKeys = 2000;  // so many are compared within the pause
constexpr int kProofRounds = 5;
constexpr int kPauseSpare = 600'000;  // a server's own pause outlives ours, which is ended by hand

class RedisSwitch final : public SwitchVerb {
 public:
  RedisSwitch(RedisMoveRun& move, bool forward) : SwitchVerb(move, forward), move_(move) {}

 private:
  Result<MoveReport> go() override {
    LS_TRY(look_at_gates());
    if (!move_.gates_open()) return blocked();
    if (move_.input.dry_run) return show();
    if (!cold()) {
      LS_TRY(catch_up());
      LS_TRY(prove_before());
      if (!move_.gates_open()) {
        follower_.reset();
        return blocked();
      }
    }
    LS_TRY(open_stream_ahead());
    LS_TRY(move_.call_hook("before-fence", kHookLimit));
    return pause();
  }

  bool cold() const { return move_.config().cold; }
  bool pauses() const { return move_.config().fence == "pause"; }

  Status look_at_gates() {
    look_at_move();
    if (!move_.gates_open()) return {};
    look_at_rollback();
    LS_TRY(move_.preflight(false));
    for (const model::Finding& finding : move_.found.findings)
      if (finding.severity == model::Severity::blocking) move_.report.findings.push_back(finding);
    move_.add_gate("servers", !move_.found.blocked(),
                   move_.found.blocked() ? "obstacles stand in the way" : "no obstacle",
                   "follow the remedies of the findings");
    return look_at_fence();
  }

  Status look_at_fence() {
    if (pauses()) {
      const bool hooked = move_.config().hooks.contains("before-open");
      move_.add_gate("applications", hooked && (move_.found.psync || cold()),
                     !hooked
                         ? "CLIENT PAUSE keeps writers off for a moment only, and no hook turns "
                           "them to the other side"
                     : move_.found.psync || cold()
                         ? "CLIENT PAUSE, then hook before-open turns the applications"
                         : "CLIENT PAUSE holds up the marks that keyspace events need",
                     hooked ? "say fence: acl, or make PSYNC possible"
                            : "name in hooks: before-open what turns the applications' traffic");
      return {};
    }
    const auto& users = move_.config().applications;
    const auto mine = [](const RedisAddress& side) {
      return side.user.empty() ? std::string("default") : side.user;
    };
    const bool own = std::any_of(users.begin(), users.end(), [&](const std::string& user) {
      return user == mine(move_.sides.source) || user == mine(move_.sides.target);
    });
    move_.add_gate("applications", !users.empty() && !own,
                   users.empty() ? "no user of an application is named"
                   : own         ? "the move's own user is named"
                                 : join(users, ", "),
                   "name in 'applications' the users that write; the move has a user of its own; "
                   "or say fence: pause");
    for (const RedisAddress* side : {&move_.sides.source, &move_.sides.target}) {
      LS_ASSIGN(const auto nodes, move_.connect(*side));
      if (move_.input.dry_run) continue;
      const Status can = transfers::try_redis_fence(*nodes);
      move_.add_gate("fence rights", can.has_value(), can ? side->to_text() : can.error().to_text(),
                     "ACL SETUSER " + mine(*side) +
                         " +acl +client there; where a service refuses ACL SETUSER, say fence: "
                         "pause with a hook before-open");
    }
    return {};
  }

  Result<MoveReport> show() {
    const int leg = move_.state.leg;
    move_.report.steps = {
        cold() ? "cold: would compare nothing" : "would compare every key while both sides live",
        fmt::format("would keep writers off the {}, at most for {} ms", side_of(leg, true),
                    budget().count()),
        "would wait for the last change, compare what changed, and begin the way back",
        "would open the " + side_of(leg, false)};
    return move_.end(MoveOutcome::done);
  }

  Status catch_up() {
    const bool known = move_.follows_from_start(move_.state.leg);
    LS_ASSIGN(follower_, move_.follow(move_.state.leg, move_.run.stop));
    if (!known || follower_->has_gap()) LS_TRY(move_.fill_gap(*follower_));
    LS_TRY(follower_->drain(move_.run.stop));
    const world::Instant began = move_.run.world.clock.now();
    LS_TRY(follower_->drain(move_.run.stop));
    const long long lag = (move_.run.world.clock.now() - began).count();
    move_.add_gate("lag", lag <= move_.config().lag_limit_ms, fmt::format("{} ms behind", lag),
                   "wait until it is below " + std::to_string(move_.config().lag_limit_ms) + " ms");
    return {};
  }

  Status prove_before() {
    follower_->take_touched();
    const RedisSettle settle = [this] { return follower_->drain(move_.run.stop); };
    if (move_.input.whole_proof || forward()) {
      if (!move_.input.whole_proof) {
        LS_ASSIGN(const auto verified, move_.room->document("verified"));
        const bool equal =
            verified && bool_at(*verified, "equal") && int_at(*verified, "leg") == move_.state.leg;
        move_.add_gate("verified", equal,
                       equal ? "equal at " + text_at(*verified, "at") : "no equal 'verify' of now",
                       "run 'lakeshift move verify " + move_.config().name + "'");
        whole_ = false;
        return {};
      }
      LS_ASSIGN(const RedisProof proof, prove_redis(move_, settle, nullptr, move_.run.stop));
      move_.report.rows_proven = proof.keys;
      move_.report.differences = proof.differences;
      move_.add_gate("keys equal", proof.equal(),
                     fmt::format("{} keys compared, {} differ, {} keep changing", proof.keys,
                                 proof.differences.size(), proof.moving.size()),
                     "find out who wrote to the " + side_of(move_.state.leg, false));
    }
    return prove_few();
  }

  // What changes during a comparison is compared again, until few are left.
  Status prove_few() {
    const RedisSettle settle = [this] { return follower_->drain(move_.run.stop); };
    for (int round = 0; round < kProofRounds && move_.gates_open(); ++round) {
      keep_touched();
      if (whole_ || touched_.size() <= kFewKeys) return {};
      const std::vector<RedisKey> keys(touched_.begin(), touched_.end());
      touched_.clear();
      LS_ASSIGN(const RedisProof proof, prove_redis(move_, settle, &keys, move_.run.stop));
      if (proof.equal()) continue;
      move_.report.differences = proof.differences;
      move_.add_gate("changed keys equal", false,
                     fmt::format("{} keys differ", proof.differences.size()),
                     "find out who wrote to the " + side_of(move_.state.leg, false));
    }
    return {};
  }

  // A server keeps its stream from the first replica on, and lets that one wait some seconds
  // (repl-diskless-sync-delay): not in the pause, where the stream is asked for from its position.
  Status open_stream_ahead() {
    if (cold() || !move_.found.psync) return {};
    LS_ASSIGN(const auto nodes, move_.connect(move_.sides.to(move_.state.leg)));
    const transfers::RedisChanges nothing{[](const RedisKey&) {}, [](int) {}, [] {}};
    for (const RedisAddress& primary : nodes->primaries()) {
      const auto stream = transfers::make_redis_psync(primary, nothing, move_.run.stop);
      LS_TRY(stream->begin({}));
    }
    return {};
  }

  void keep_touched() {
    transfers::RedisTouched more = follower_->take_touched();
    whole_ = whole_ || more.whole;
    touched_.merge(more.keys);
  }

  void end_followers(bool) override {
    follower_.reset();
    way_back_.reset();
  }
  Result<MoveOutcome> follow() override { return follow_redis_leg(move_, !move_.input.follow); }

  Status within_pause(world::TimeLimit& watch) override {
    const std::stop_token stop = watch.token();
    LS_TRY(fence(stop));
    LS_TRY(move_.call_hook("after-fence", watch.left()));
    if (!cold()) {
      at_ = "waiting for the last changes";
      LS_TRY(follower_->drain(stop));
      LS_TRY(move_.did("drain", "the " + side_of(move_.state.leg, false) + " holds every change"));
      LS_TRY(prove_at_rest(stop));
      LS_TRY(begin_way_back(stop));
    }
    at_ = "calling hook before-open";
    LS_TRY(move_.call_hook("before-open", watch.left()));
    return begin_to_open(stop);
  }

  Status fence(std::stop_token stop) {
    const std::string side = side_of(move_.state.leg, true);
    at_ = "keeping writers off the " + side;
    LS_ASSIGN(const auto from,
              databases::RedisNodes::connect(move_.sides.from(move_.state.leg), stop));
    if (pauses()) return hold_up(*from, stop);
    LS_ASSIGN(const transfers::RedisFenceReport fence,
              transfers::fence_redis(*from, move_.config().applications));
    if (!fence.saved)
      move_.say("the " + side + " saves no rules of users: its fence ends when it is restarted",
                true);
    return move_.did(
        "fence",
        fmt::format("the {} refuses {} users: {} connections ended, {} writes tried "
                    "and refused",
                    side, fence.users.size(), fence.sessions_ended, fence.refused.size()),
        {{"users", fence.users},
         {"sessions_ended", fence.sessions_ended},
         {"refused", fence.refused},
         {"saved", fence.saved}});
  }

  // A write that is tried waits; its connection ends before the pause does, so it is never done.
  Status hold_up(databases::RedisNodes& from, std::stop_token stop) {
    for (const RedisAddress& primary : from.primaries()) {
      LS_ASSIGN(RedisSession* const session, from.session(primary));
      LS_TRY(session->call(
          {"CLIENT", "PAUSE", std::to_string(budget().count() + kPauseSpare), "WRITE"}));
      LS_ASSIGN(const auto trial, RedisSession::connect(primary, stop));
      trial->queue({"DEL", "lakeshift:no-such-key"});
      LS_TRY(trial->flush());
      LS_ASSIGN(const std::optional<RedisReply> answer, trial->receive(kWriteTrial));
      if (answer)
        return fail("fence-leaks", "a write was done although writes are paused", primary.to_text(),
                    "another client ends the pause (CLIENT UNPAUSE)");
    }
    return move_.did("fence", "the " + side_of(move_.state.leg, true) +
                                  " holds up all writes: one was tried and got no answer");
  }

  Status prove_at_rest(std::stop_token stop) {
    at_ = "comparing what changed";
    keep_touched();
    // Keyspace events tell neither of a flush nor of what a broken connection missed.
    const bool all = whole_ || !move_.found.psync;
    const std::vector<RedisKey> keys(touched_.begin(), touched_.end());
    LS_ASSIGN(const RedisProof proof, prove_redis(move_, {}, all ? nullptr : &keys, stop));
    move_.report.rows_proven += proof.keys;
    if (!proof.equal()) {
      move_.report.differences = proof.differences;
      return fail("keys-differ", proof.differences.front(),
                  fmt::format("{} keys at rest", proof.keys),
                  "find out who else wrote to the " + side_of(move_.state.leg, false));
    }
    return move_.did("compare",
                     fmt::format("{} keys {}: equal at rest", proof.keys,
                                 all ? "(all)" : "that changed since they were compared"),
                     {{"keys", proof.keys}, {"all", all}, {"expiring", proof.expiring}});
  }

  // Before the first write of the side that is to be opened.
  Status begin_way_back(std::stop_token stop) {
    at_ = "preparing the way back";
    follower_.reset();
    const int next = move_.state.leg + 1;
    LS_TRY(move_.save_positions(next, {}));
    LS_ASSIGN(way_back_, move_.follow(next, stop));
    const transfers::RedisPositions positions = way_back_->safe_positions();
    LS_TRY(move_.save_positions(next, positions));
    Json facts = Json::object();
    for (const auto& [node, position] : positions.nodes) facts[node] = position.offset;
    return move_.did(
        "way back",
        "changes of the " + side_of(move_.state.leg, false) + " are followed from here on",
        {{"positions", facts}});
  }

  RedisMoveRun& move_;
  std::unique_ptr<transfers::RedisFollower> follower_, way_back_;
  std::set<RedisKey> touched_;
  bool whole_ = false;
};

Result<MoveReport> switch_redis(const MoveInput& input, world::Run& run, bool forward) {
  RedisMoveRun move(input, run, forward ? "cutover" : "rollback");
  LS_TRY(move.open(true));
  return RedisSwitch(move, forward).run();
}

}  // namespace

Result<MoveReport> cut_over_redis_move(const MoveInput& input, world::Run& run) {
  return switch_redis(input, run, true);
}

Result<MoveReport> roll_back_redis_move(const MoveInput& input, world::Run& run) {
  return switch_redis(input, run, false);
}

}  // namespace lakeshift::stages
