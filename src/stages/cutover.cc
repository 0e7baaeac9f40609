#include "stages/cutover.h"

#include <set>

#include "core/engine/graph.h"
#include "stages/cutover_backfill.h"
#include "stages/cutover_choice.h"
#include "stages/cutover_run.h"
#include "stages/cutover_watch.h"

namespace lakeshift::stages {
namespace {

constexpr const char* kGoOnOrBack =
    "repair the cause and run 'lakeshift cutover' again, or go back with 'lakeshift rollback'";

class Cutover : private SwitchRun {
 public:
  Cutover(const CutoverInput& input, world::Run& run)
      : SwitchRun(input, run, "cutover", "switching") {}

  Result<CutoverReport> execute() {
    LS_TRY(load());
    if (now_.phase == "rolling-back")
      return fail("rollback-unfinished", "a rollback was interrupted and is not finished",
                  "cutover", "run 'lakeshift rollback' again first");
    const bool fresh =
        now_.phase == "source" || now_.phase == "target" || now_.phase == "completed";
    if (fresh) {
      LS_ASSIGN(const bool anything, begin());
      if (!anything) return finish_report();
    } else {
      tell("going on with the cutover that was interrupted while it was " + now_.phase);
    }
    show_calls();
    if (input_.dry_run) return finish_report();
    if (now_.phase == "pausing") LS_TRY(pause());
    if (now_.phase == "paused") LS_TRY(quiet());
    if (now_.phase == "catching-up") LS_TRY(catch_up());
    if (now_.phase == "starting") LS_TRY(start());
    // The switch is done and durable: what is seen now is only told.
    if (!watched_.empty())
      report_.first_runs = watch_first_runs(
          input_, watched_, world::Instant(world::Millis(now_.began_ms)),
          [this](std::string line) { tell(std::move(line)); }, run_);
    return finish_report();
  }

 private:
  // False: nothing to switch. What ran before is durable before the first call.
  Result<bool> begin() {
    LS_ASSIGN(Choice choice, choose_workloads(input_, now_));
    for (const std::string& line : choice.staying) tell("stays in the source: " + line);
    if (choice.workloads.empty()) {
      tell(now_.workloads.empty() ? "nothing that is selected runs by itself in the source"
                                  : "everything that is selected is switched already");
      return false;
    }
    LS_TRY(check_gates(input_));
    for (Workload& workload : choice.workloads) now_.workloads.push_back(std::move(workload));
    add_freezes();
    if (input_.dry_run) return true;
    LS_TRY(input_.journal.forget_run(run_name_));
    now_.began_ms = run_.world.clock.now().time_since_epoch().count();
    LS_TRY(enter("pausing"));
    return true;
  }

  // What a former part of the cutover froze stays recorded as it was before that.
  void add_freezes() {
    std::set<std::string> known;
    for (const Freeze& freeze : now_.freeze) known.insert(freeze.name);
    for (const Freeze& freeze : input_.freeze)
      if (!known.contains(freeze.name)) now_.freeze.push_back(freeze);
  }

  void show_calls() {
    show(&Workload::pause);
    show(&Freeze::freeze);
    if (input_.dry_run) {  // otherwise known when the sides were read again
      show_ahead();
      show(&Workload::start);
      tell("would switch " + objects_text(chosen().size()));
      if (!now_.freeze.empty())
        tell("would take access to the source from " + objects_text(now_.freeze.size()) +
             "; administrators keep theirs");
    }
  }

  void show_ahead() {
    if (input_.ahead == nullptr) return;
    for (const model::Change& change : input_.ahead->changes) {
      if (!engine::is_carried_out(change)) continue;
      report_.calls.insert(report_.calls.end(), change.actions.begin(), change.actions.end());
      report_.caught_up.push_back(change_line(change));
    }
  }

  Status pause() {
    LS_ASSIGN(const Errors errors, carry(input_.source_platform, "pause", &Workload::pause));
    if (!errors.empty())
      return first_of(errors, "not-paused",
                      "could not be paused in the source, so nothing was started in the target",
                      kGoOnOrBack);
    tell("paused " + objects_text(chosen().size()) + " in the source");
    return enter("paused");
  }

  // Nothing of it runs any more, and nobody can start anything: in this order, because who loses
  // access may lose a run that is not finished.
  Status quiet() {
    LS_TRY(drain_source());
    if (!now_.freeze.empty()) {
      LS_ASSIGN(const Errors errors, carry(input_.source_platform, "freeze", &Freeze::freeze));
      if (!errors.empty())
        return first_of(errors, "not-frozen", "users could not be kept out of the source",
                        kGoOnOrBack);
      tell("users are kept out of the source: " + objects_text(now_.freeze.size()) +
           " lost access until rollback");
      LS_TRY(drain_source());
    }
    tell("nothing of it runs in the source any more");
    return enter("catching-up");
  }

  Status drain_source() {
    LS_ASSIGN(const std::vector<std::string> running, wait_for_runs(input_.source_platform, false));
    if (running.empty()) return {};
    Errors errors;
    for (const std::string& label : running)
      errors[label] = {"still-running", "it has active runs", label};
    return first_of(
        errors, "still-running",
        "runs are still active in the source after " + std::to_string(input_.drain_seconds) + " s",
        "wait or cancel them, then run 'lakeshift cutover' again (--drain-seconds "
        "waits longer), or go back with 'lakeshift rollback'");
  }

  Status catch_up() {
    if (input_.catch_up) {
      auto done = input_.catch_up();
      if (!done)
        return fail_because(done.error(), "cutover",
                            "what changed since apply could not be brought over");
      report_.caught_up = std::move(*done);
      for (const std::string& line : report_.caught_up)
        tell("brought over what changed since apply: " + line);
      if (report_.caught_up.empty()) tell("nothing changed since apply");
    }
    // The target as it is now: what catching up changed must not be undone by a start.
    for (Workload& workload : now_.workloads)
      if (workload.status == status_) LS_TRY(plan_start(workload));
    return enter("starting");
  }

  Status plan_start(Workload& workload) {
    if (workload.target_id.empty() || workload.ledger_state.empty())
      LS_TRY(find_in_target(workload));
    const engine::Kind* kind = engine::find_kind(input_.kinds, workload.kind);
    if (kind == nullptr || kind->resume == nullptr) return {};
    LS_ASSIGN(Json document, read_now(input_, input_.target_platform, workload, true, run_.stop));
    workload.start = kind->resume(
        object_of(workload, input_.plan.target, true, std::move(document)), workload.before);
    return {};
  }

  // One that catching up made.
  Status find_in_target(Workload& workload) {
    LS_ASSIGN(const std::optional<state::LedgerRow> row,
              input_.journal.row({input_.plan.source, workload.kind, workload.source_id},
                                 input_.plan.target));
    if (!row || !stands_in_target(row->state) || row->target_id.empty())
      return fail("not-caught-up",
                  "it is new in the source, and could not be made in the target" +
                      (row && !row->reason.empty() ? ": " + row->reason : std::string()),
                  workload.label(), kGoOnOrBack);
    workload.target_id = row->target_id;
    workload.ledger_state = row->state;
    return {};
  }

  Status start() {
    show(&Workload::start);
    LS_ASSIGN(const Errors errors, carry(input_.target_platform, "start", &Workload::start));
    if (!errors.empty())
      return first_of(errors, "not-started",
                      "could not be started in the target; everything else was", kGoOnOrBack);
    for (const Workload* workload : chosen()) {
      LS_TRY(set_ledger_state(*workload, "cut-over"));
      watched_.push_back(*workload);
    }
    LS_ASSIGN(report_.backfill, missed_runs(input_, run_name_, chosen(), run_));
    report_.pause_ms = run_.world.clock.now().time_since_epoch().count() - now_.began_ms;
    LS_TRY(remember(report_.pause_ms));
    for (Workload& workload : now_.workloads)
      if (workload.status == status_) workload.status = "switched";
    LS_TRY(enter("target"));
    tell("started " + objects_text(watched_.size()) + " in the target");
    return {};
  }

  std::vector<Workload> watched_;
};

}  // namespace

Result<CutoverReport> cutover(const CutoverInput& input, world::Run& run) {
  return Cutover(input, run).execute();
}

}  // namespace lakeshift::stages
