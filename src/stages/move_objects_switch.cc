// Switching the writers of a bucket to the other side of a move, within a budget.
#include <fmt/format.h>

#include <algorithm>

#include "core/base/strings.h"
#include "core/world/time_limit.h"
#include "stages/move_objects_run.h"

namespace lakeshift::stages {

using transfers::ObjectRoundReport;

namespace {

constexpr world::Millis kObjectHookLimit{600'000};  // outside the pause
constexpr world::Millis kBetween{250};              // rounds of the final difference

class ObjectSwitch {
 public:
  ObjectSwitch(ObjectMoveRun& move, bool forward) : move_(move), forward_(forward) {}

  Result<MoveReport> go() {
    look_at_gates();
    if (!move_.gates_open()) return blocked();
    if (move_.input.dry_run) return show();
    LS_TRY(catch_up());
    if (move_.gates_open()) LS_TRY(prove_before());
    if (!move_.gates_open()) return blocked();
    LS_TRY(move_.call_hook("before-fence", kObjectHookLimit));
    return pause();
  }

 private:
  world::Millis budget() const {
    return world::Millis(move_.input.pause_budget_ms > 0 ? move_.input.pause_budget_ms
                                                         : move_.config().pause_budget_ms);
  }
  Result<MoveReport> blocked() {
    return move_.end(MoveOutcome::blocked, "a gate is closed; nothing was switched");
  }

  void look_at_gates() {
    const MoveState& state = move_.state;
    move_.add_gate("made", state.phase == "following", "phase " + state.phase,
                   "run 'lakeshift move create " + move_.config().name + "' until it follows");
    move_.add_gate("direction", state.phase != "following" || state.forward() == forward_,
                   move_.traffic(),
                   forward_ ? "it is cut over already" : "there is no cutover to roll back");
    if (forward_ && move_.config().rehearsed) {
      const bool was = std::any_of(state.history.begin(), state.history.end(), [](const Json& one) {
        return text_at(one, "verb") == "rollback" && text_at(one, "outcome") == "switched";
      });
      move_.add_gate("rehearsed", was, was ? "a rollback was done" : "no rollback was done yet",
                     "cut over and roll back once with 'rehearsed: false'");
    }
    const bool named =
        !move_.writers(!state.forward()).empty() && !move_.writers(state.forward()).empty();
    const bool hooked = move_.config().hooks.contains("after-fence");
    const std::string& fence = move_.config().fence;
    move_.add_gate(
        "writers",
        fence == "policy"  ? named
        : fence == "hooks" ? hooked
                           : fence == "read-only",
        fence == "policy"  ? named ? "kept off by the stores' policies" : "not named for both sides"
        : fence == "hooks" ? hooked ? "kept off by hook after-fence, unchecked"
                                    : "no hook after-fence keeps them off"
                           : "declared not to write, unchecked",
        "name source_writers and target_writers, or a hook after-fence and fence: hooks, "
        "or say fence: read-only");
  }

  Result<MoveReport> show() {
    const int leg = move_.state.leg;
    move_.report.steps = {"would read and compare every object while both sides live",
                          fmt::format("would keep writers off the {}, at most for {} ms",
                                      side_of(leg, true), budget().count()),
                          "would carry the final difference, and compare what changed",
                          "would open the " + side_of(leg, false)};
    return move_.end(MoveOutcome::done);
  }

  // The final difference will take about as long as the last round did.
  Status catch_up() {
    LS_TRY(move_.catch_up(false, move_.run.stop));
    const world::Instant began = move_.run.world.clock.now();
    LS_ASSIGN(const ObjectRoundReport last, move_.round(move_.run.stop));
    const long long took = (move_.run.world.clock.now() - began).count();
    move_.add_gate("final difference", took * 2 <= budget().count(),
                   fmt::format("a round takes {} ms for {} objects, the budget is {} ms", took,
                               last.found, budget().count()),
                   "give pause_budget_ms more, or move one prefix at a time");
    return move_.judge_left();
  }

  Status prove_before() {
    if (!move_.input.whole_proof && forward_) {
      LS_ASSIGN(const auto verified, move_.room->document("verified"));
      const bool equal =
          verified && bool_at(*verified, "equal") && int_at(*verified, "leg") == move_.state.leg;
      move_.add_gate("verified", equal,
                     equal ? "equal at " + text_at(*verified, "at") : "no equal 'verify' of now",
                     "run 'lakeshift move verify " + move_.config().name + "'");
      return {};
    }
    if (!move_.input.whole_proof) return {};
    LS_ASSIGN(const ObjectProof proof, move_.prove(true, nullptr, move_.run.stop));
    move_.report.rows_proven = proof.objects;
    move_.report.differences = proof.differences;
    move_.add_gate("objects equal", proof.equal(),
                   fmt::format("{} objects read and compared, {} differ, {} keep changing",
                               proof.objects, proof.differences.size(), proof.moving.size()),
                   "find out who wrote to the " + side_of(move_.state.leg, false) +
                       "; an object that is removed there is carried again");
    return {};
  }

  Result<MoveReport> pause() {
    move_.state.phase = "switching";
    move_.state.pause_began_ms = move_.run.world.clock.now().time_since_epoch().count();
    LS_TRY(move_.room->save(move_.state));
    Status done;
    bool over = false;
    {
      world::TimeLimit watch(move_.run.world.clock, budget(), move_.run.stop);
      done = within_pause(watch);
      over = watch.over();
    }
    if (!done) {
      const std::string reason =
          over ? fmt::format("the pause budget of {} ms was over ({})", budget().count(), at_)
          : move_.run.stop.stop_requested() ? "stopped by the user while " + at_
                                            : done.error().to_text();
      LS_TRY(move_.go_back(reason));
      const bool stopped = move_.run.stop.stop_requested() && !over;
      if (!stopped) LS_TRY(move_.call_hook("after-going-back", kObjectHookLimit));
      return move_.end(stopped ? MoveOutcome::interrupted : MoveOutcome::went_back, reason);
    }
    LS_TRY(move_.open_other_side());
    return after();
  }

  Status within_pause(world::TimeLimit& watch) {
    const std::stop_token stop = watch.token();
    at_ = "keeping writers off the " + side_of(move_.state.leg, true);
    LS_TRY(move_.fence_side(!move_.state.forward(), stop, true));
    LS_TRY(move_.call_hook("after-fence", watch.left()));
    at_ = "carrying the final difference";
    LS_TRY(carry_rest(stop));
    at_ = "comparing what changed";
    LS_TRY(prove_at_rest(stop));
    at_ = "calling hook before-open";
    LS_TRY(move_.call_hook("before-open", watch.left()));
    if (stop.stop_requested()) return fail("cancelled", "stopped");
    // From here on there is only forward.
    move_.state.phase = "opening";
    return move_.room->save(move_.state);
  }

  // Where nobody checks the fence, two quiet rounds some time apart are asked for.
  Status carry_rest(std::stop_token stop) {
    std::int64_t copied = 0, removed = 0;
    const int wanted = move_.fences() ? 1 : 2;
    for (int quiet = 0; quiet < wanted;) {
      LS_ASSIGN(const ObjectRoundReport done, move_.round(stop));
      copied += done.copied;
      removed += done.removed;
      quiet = done.quiet() ? quiet + 1 : 0;
      if (quiet < wanted && !move_.run.world.clock.sleep(kBetween, stop))
        return fail("cancelled", "stopped on request", "final difference");
      if (!done.conflicts.empty())
        return fail("object-conflict", done.conflicts.front(), "final difference",
                    "remove it at the " + side_of(move_.state.leg, false));
    }
    return move_.did("final difference",
                     fmt::format("the {} holds every change: {} objects carried, {} removed in the "
                                 "pause",
                                 side_of(move_.state.leg, false), copied, removed),
                     {{"copied", copied}, {"removed", removed}});
  }

  Status prove_at_rest(std::stop_token stop) {
    LS_ASSIGN(const std::vector<std::string> keys, move_.not_compared());
    LS_ASSIGN(const ObjectProof proof, move_.prove(false, &keys, stop));
    move_.report.rows_proven += proof.objects;
    if (!proof.equal()) {
      move_.report.differences = proof.differences;
      return fail("objects-differ", proof.differences.front(),
                  fmt::format("{} objects at rest", proof.objects),
                  "find out who else wrote to the " + side_of(move_.state.leg, false));
    }
    return move_.did("compare",
                     fmt::format("{} objects that changed since they were compared: equal at rest; "
                                 "the others by etag, both sides listed",
                                 proof.objects),
                     {{"objects", proof.objects}, {"bytes", proof.bytes}});
  }

  Result<MoveReport> after() {
    move_.say(fmt::format("no side took writes for {} ms", move_.report.pause_ms));
    if (const Status hook = move_.call_hook("after-open", kObjectHookLimit); !hook)
      return move_.end(MoveOutcome::blocked, "switched, but " + hook.error().to_text());
    // The way back is the ledger, which is exact at rest: nothing is to be caught up.
    if (!move_.input.follow) return move_.end(MoveOutcome::done);
    const auto followed = follow_object_leg(move_, false);
    if (followed) return move_.end(*followed);
    // The switch stands.
    return move_.end(MoveOutcome::blocked,
                     "switched, but the other side does not follow: " + followed.error().to_text());
  }

  ObjectMoveRun& move_;
  const bool forward_;
  std::string at_ = "beginning";
};

Result<MoveReport> switch_objects(const MoveInput& input, world::Run& run, bool forward) {
  ObjectMoveRun move(input, run, forward ? "cutover" : "rollback");
  LS_TRY(move.open(true));
  const bool opening = move.state.phase == "opening";
  if (!input.dry_run) LS_TRY(move.settle_switch());
  if (opening && !input.dry_run && move.state.forward() != forward)
    return move.end(MoveOutcome::done);
  ObjectSwitch change(move, forward);
  return change.go();
}

}  // namespace

Result<MoveReport> cut_over_object_move(const MoveInput& input, world::Run& run) {
  return switch_objects(input, run, true);
}

Result<MoveReport> roll_back_object_move(const MoveInput& input, world::Run& run) {
  return switch_objects(input, run, false);
}

}  // namespace lakeshift::stages
