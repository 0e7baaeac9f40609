#include "stages/move_switch_verb.h"

#include <fmt/format.h>

#include <algorithm>

namespace lakeshift::stages {

Result<MoveReport> SwitchVerb::run() {
  const bool opening = verb_.state.phase == "opening";
  if (verb_.input.dry_run) return go();
  LS_TRY(verb_.settle_switch());
  if (opening && verb_.state.forward() != forward_) {
    LS_ASSIGN(const MoveOutcome outcome, follow());
    return verb_.end(outcome);
  }
  return go();
}

world::Millis SwitchVerb::budget() const {
  return world::Millis(verb_.input.pause_budget_ms > 0 ? verb_.input.pause_budget_ms
                                                       : verb_.input.move.pause_budget_ms);
}

void SwitchVerb::look_at_move() {
  const MoveState& state = verb_.state;
  const bool follows = state.phase == "following";
  verb_.add_gate("made", follows, "phase " + state.phase,
                 "run 'lakeshift move create " + verb_.input.move.name + "' until it follows");
  verb_.add_gate("direction", !follows || state.forward() == forward_, verb_.traffic(),
                 forward_ ? "it is cut over already" : "there is no cutover to roll back");
}

bool SwitchVerb::was_rolled_back() const {
  const auto& history = verb_.state.history;
  return std::any_of(history.begin(), history.end(), [](const Json& one) {
    return text_at(one, "verb") == "rollback" && text_at(one, "outcome") == "switched";
  });
}

void SwitchVerb::look_at_rollback() {
  if (!forward_ || !verb_.input.move.rehearsed) return;
  const bool was = was_rolled_back();
  verb_.add_gate("rehearsed", was, was ? "a rollback was done" : "no rollback was done yet",
                 "cut over and roll back once with 'rehearsed: false'");
}

Result<MoveReport> SwitchVerb::blocked() {
  return verb_.end(MoveOutcome::blocked, "a gate is closed; nothing was switched");
}

Result<MoveReport> SwitchVerb::pause() {
  world::Run& within = verb_.run;
  verb_.state.phase = "switching";
  verb_.state.pause_began_ms = within.world.clock.now().time_since_epoch().count();
  LS_TRY(verb_.room->save(verb_.state));
  Status done;
  bool over = false;
  {
    world::TimeLimit watch(within.world.clock, budget(), within.stop);
    done = within_pause(watch);
    over = watch.over();
  }
  end_followers(!done);
  if (done) {
    LS_TRY(verb_.open_other_side());
    return after();
  }
  const bool asked = within.stop.stop_requested();
  const std::string reason =
      over    ? fmt::format("the pause budget of {} ms was over ({})", budget().count(), at_)
      : asked ? "stopped by the user while " + at_
              : done.error().to_text();
  LS_TRY(verb_.go_back(reason));
  const bool stopped = within.stop.stop_requested() && !over;
  if (!stopped) LS_TRY(verb_.call_hook("after-going-back", kHookLimit));
  return verb_.end(stopped ? MoveOutcome::interrupted : MoveOutcome::went_back, reason);
}

Status SwitchVerb::begin_to_open(const std::stop_token& stop) {
  if (stop.stop_requested()) return fail("cancelled", "stopped");
  verb_.state.phase = "opening";
  return verb_.room->save(verb_.state);
}

Result<MoveReport> SwitchVerb::after() {
  verb_.say(fmt::format("no side took writes for {} ms", verb_.report.pause_ms));
  if (const Status hook = verb_.call_hook("after-open", kHookLimit); !hook)
    return verb_.end(MoveOutcome::blocked, "switched, but " + hook.error().to_text());
  const auto followed = follow();
  if (followed) return verb_.end(*followed);
  // The switch stands.
  return verb_.end(MoveOutcome::blocked,
                   "switched, but the other side does not follow: " + followed.error().to_text());
}

}  // namespace lakeshift::stages
