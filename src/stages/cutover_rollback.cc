// The way back, and the door that closes it.
#include "core/engine/running.h"
#include "stages/cutover.h"
#include "stages/cutover_run.h"

namespace lakeshift::stages {
namespace {

bool is_unfinished(const std::string& phase) {
  return phase == "pausing" || phase == "paused" || phase == "catching-up" || phase == "starting";
}

class Rollback : private SwitchRun {
 public:
  Rollback(const CutoverInput& input, world::Run& run)
      : SwitchRun(input, run, "rollback", "returning") {}

  Result<CutoverReport> execute() {
    LS_TRY(load());
    if (now_.phase == "completed")
      return fail("completed", "the cutover was completed: how to go back was forgotten on purpose",
                  "rollback", "pause in the target and start in the source by hand");
    if (now_.phase == "rolling-back") {
      tell("going on with the rollback that was interrupted");
    } else {
      LS_ASSIGN(const bool anything, begin());
      if (!anything) return finish_report();
    }
    show_calls();
    if (input_.dry_run) return finish_report();
    LS_TRY(stop_target());
    LS_TRY(start_source());
    LS_TRY(forget());
    return finish_report();
  }

 private:
  Result<bool> begin() {
    bool anything = false;
    for (Workload& workload : now_.workloads) {
      // A cutover that was interrupted goes back as a whole.
      if (workload.status != "switching" &&
          !input_.only.takes(input_.kinds,
                             object_of(workload, input_.plan.source, false, workload.before)))
        continue;
      LS_TRY(plan_return(workload));
      workload.status = "returning";
      anything = true;
    }
    if (!anything) {
      tell("nothing that is selected is switched: there is nothing to go back from");
      return false;
    }
    if (input_.dry_run) return true;
    LS_TRY(input_.journal.forget_run(run_name_));
    LS_TRY(enter("rolling-back"));
    return true;
  }

  // From what is there now: settings that changed since must not be undone.
  Status plan_return(Workload& workload) {
    const engine::Kind* kind = engine::find_kind(input_.kinds, workload.kind);
    if (kind == nullptr || kind->pause == nullptr || kind->resume == nullptr)
      return fail("unknown-kind", "this lakeshift does not know how to switch it", workload.label(),
                  "use the version that made the cutover");
    std::optional<Json> there;  // nothing when catching up did not make it yet
    if (!workload.target_id.empty()) {
      LS_ASSIGN(there, read_if_there(input_.target_platform, workload, true));
    }
    if (there && !workload.target_ran) {
      // As if it ran: a start that is still on its way must not win over this.
      Json running = *there;
      engine::keep_running_state(*kind, workload.before, running);
      workload.back_pause =
          kind->pause(object_of(workload, input_.plan.target, true, std::move(running)));
      for (model::Action& action : workload.back_pause) action.tolerated.push_back("not-found");
    }
    LS_ASSIGN(const std::optional<Json> here,
              read_if_there(input_.source_platform, workload, false));
    if (here)
      workload.back_start =
          kind->resume(object_of(workload, input_.plan.source, false, *here), workload.before);
    else
      tell(workload.label() + " is gone in the source: it cannot be started there again");
    return {};
  }

  Result<std::optional<Json>> read_if_there(engine::Platform& platform, const Workload& workload,
                                            bool in_target) {
    Result<Json> document = read_now(input_, platform, workload, in_target, run_.stop);
    if (document) return std::optional<Json>(std::move(*document));
    if (document.error().code == "not-found") return std::optional<Json>();
    return fail(document.error());
  }

  void show_calls() {
    show(&Workload::back_pause);
    show(&Freeze::thaw);
    show(&Workload::back_start);
    if (input_.dry_run) tell("would take back " + std::to_string(chosen().size()));
  }

  Status stop_target() {
    LS_ASSIGN(const Errors errors, carry(input_.target_platform, "pause", &Workload::back_pause));
    if (!errors.empty())
      return first_of(errors, "not-paused",
                      "could not be paused in the target, so nothing was started in the source",
                      "repair the cause and run 'lakeshift rollback' again");
    LS_ASSIGN(const std::vector<std::string> running, wait_for_runs(input_.target_platform, true));
    for (const std::string& label : running) tell("a run goes on in the target: " + label);
    return {};
  }

  Status start_source() {
    LS_ASSIGN(Errors errors, carry(input_.source_platform, "thaw", &Freeze::thaw));
    LS_ASSIGN(const Errors starting, carry(input_.source_platform, "start", &Workload::back_start));
    for (const auto& [label, error] : starting) {
      if (error.code == "not-found")
        tell(label + " is gone in the source: it cannot be started there again");
      else
        errors[label] = error;
    }
    if (errors.empty()) return {};
    return first_of(errors, "not-restored",
                    "could not be brought back in the source; everything else was",
                    "repair the cause and run 'lakeshift rollback' again");
  }

  // Whoever was kept out is let in again with the first part that goes back: its people are needed.
  Status forget() {
    LS_TRY(remember(0));
    const std::size_t returned = chosen().size();
    std::vector<Workload> staying;
    for (Workload& workload : now_.workloads) {
      if (workload.status == status_)
        LS_TRY(set_ledger_state(workload, workload.ledger_state));
      else
        staying.push_back(std::move(workload));
    }
    now_.workloads = std::move(staying);
    if (!now_.freeze.empty())
      tell("users are let in to the source again: " + objects_text(now_.freeze.size()));
    now_.freeze.clear();
    LS_TRY(enter(now_.workloads.empty() ? "source" : "target"));
    tell("running in the source again: " + objects_text(returned));
    return {};
  }
};

}  // namespace

Result<CutoverReport> rollback(const CutoverInput& input, world::Run& run) {
  return Rollback(input, run).execute();
}

Result<CutoverReport> complete(const CutoverInput& input, world::Run& run) {
  const std::string route = route_of(input.plan);
  LS_ASSIGN(Switching now, load_switching(input.journal, route));
  if (is_unfinished(now.phase) || now.phase == "rolling-back")
    return fail("cutover-unfinished",
                "the " + std::string(now.phase == "rolling-back" ? "rollback" : "cutover") +
                    " was interrupted in the phase '" + now.phase + "'",
                "complete", "finish it first: run the same command again");
  CutoverReport report;
  std::vector<std::string> labels;
  std::vector<Workload> staying;
  for (Workload& workload : now.workloads) {
    if (input.only.takes(input.kinds,
                         object_of(workload, input.plan.source, false, workload.before)))
      labels.push_back(workload.label());
    else
      staying.push_back(std::move(workload));
  }
  if (labels.empty()) {
    say(run, report, "nothing that is selected is switched: there is nothing to complete");
  } else if (input.dry_run) {
    say(run, report, "would forget how to go back for " + std::to_string(labels.size()));
  } else {
    now.workloads = std::move(staying);
    if (now.workloads.empty()) {
      now.phase = "completed";
      now.freeze.clear();
    }
    LS_TRY(remember_switch(input.journal, route, "complete", labels,
                           world::to_iso8601(run.world.clock.now()), 0));
    LS_TRY(save_switching(input.journal, route, now));
    say(run, report,
        "completed: " + std::to_string(labels.size()) + "; there is no way back by lakeshift");
  }
  report.phase = now.phase;
  return report;
}

}  // namespace lakeshift::stages
