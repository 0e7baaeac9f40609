// Switching the writers of a bucket to the other side of a move, within a budget.
#include <fmt/format.h>

#include <algorithm>

#include "core/base/strings.h"
#include "stages/move_objects_run.h"
#include "stages/move_switch_verb.h"

namespace lakeshift::stages {

using transfers::ObjectRoundReport;

namespace {

constexpr world::Millis kBetween{250};  // rounds of the final difference

class ObjectSwitch final : public SwitchVerb {
 public:
  ObjectSwitch(ObjectMoveRun& move, bool forward) : SwitchVerb(move, forward), move_(move) {}

 private:
  Result<MoveReport> go() override {
    look_at_gates();
    if (!move_.gates_open()) return blocked();
    if (move_.input.dry_run) return show();
    LS_TRY(catch_up());
    if (move_.gates_open()) LS_TRY(prove_before());
    if (!move_.gates_open()) return blocked();
    LS_TRY(move_.call_hook("before-fence", kHookLimit));
    return pause();
  }

  void look_at_gates() {
    const MoveState& state = move_.state;
    look_at_move();
    look_at_rollback();
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
    if (!move_.input.whole_proof && forward()) {
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

  // The way back is the ledger, which is exact at rest: nothing is to be caught up.
  Result<MoveOutcome> follow() override {
    return move_.input.follow ? follow_object_leg(move_, false) : MoveOutcome::done;
  }

  Status within_pause(world::TimeLimit& watch) override {
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
    return begin_to_open(stop);
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

  ObjectMoveRun& move_;
};

Result<MoveReport> switch_objects(const MoveInput& input, world::Run& run, bool forward) {
  ObjectMoveRun move(input, run, forward ? "cutover" : "rollback");
  LS_TRY(move.open(true));
  return ObjectSwitch(move, forward).run();
}

}  // namespace

Result<MoveReport> cut_over_object_move(const MoveInput& input, world::Run& run) {
  return switch_objects(input, run, true);
}

Result<MoveReport> roll_back_object_move(const MoveInput& input, world::Run& run) {
  return switch_objects(input, run, false);
}

}  // namespace lakeshift::stages
