#include "stages/cutover.h"

#include "stages/cutover_backfill.h"
#include "stages/cutover_calls.h"
#include "stages/cutover_choice.h"
#include "stages/cutover_state.h"

namespace lakeshift::stages {
namespace {

constexpr const char* kCutoverRun = "cutover";
constexpr world::Millis kWatchPause{5000};

std::string objects_text(std::size_t amount) {
  return std::to_string(amount) + (amount == 1 ? " object" : " objects");
}

class Cutover {
 public:
  Cutover(const CutoverInput& input, world::Run& run) : input_(input), run_(run) {}

  Result<CutoverReport> execute() {
    LS_ASSIGN(now_, load_switching(input_.journal));
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
    collect_calls();
    if (input_.dry_run) return finish_report();
    if (now_.phase == "pausing") LS_TRY(pause());
    if (now_.phase == "paused") LS_TRY(wait_for_runs());
    if (now_.phase == "catching-up") LS_TRY(catch_up());
    if (now_.phase == "starting") LS_TRY(start());
    watch_first_runs();
    return finish_report();
  }

 private:
  void tell(std::string line) { say(run_, report_, std::move(line)); }

  std::vector<const Workload*> switching() const {
    std::vector<const Workload*> chosen;
    for (const Workload& workload : now_.workloads)
      if (workload.status == "switching") chosen.push_back(&workload);
    return chosen;
  }

  Status enter(const std::string& phase) {
    now_.phase = phase;
    return save_switching(input_.journal, now_);
  }

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
    now_.freeze = input_.freeze;
    if (input_.dry_run) return true;
    LS_TRY(input_.journal.forget_run(kCutoverRun));
    now_.began_ms = run_.world.clock.now().time_since_epoch().count();
    LS_TRY(enter("pausing"));
    return true;
  }

  void collect_calls() {
    for (const Workload* workload : switching())
      report_.calls.insert(report_.calls.end(), workload->pause.begin(), workload->pause.end());
    for (const Freeze& freeze : now_.freeze)
      report_.calls.insert(report_.calls.end(), freeze.freeze.begin(), freeze.freeze.end());
    if (now_.phase != "starting" || input_.dry_run) add_start_calls();
    if (input_.dry_run) tell("would switch " + objects_text(switching().size()));
  }

  void add_start_calls() {
    if (!input_.dry_run) return;  // known when the target was read again
    for (const Workload* workload : switching())
      report_.calls.insert(report_.calls.end(), workload->start.begin(), workload->start.end());
  }

  Status pause() {
    std::vector<WorkCall> calls;
    for (const Workload* workload : switching())
      calls.push_back({workload, "pause", workload->pause});
    LS_ASSIGN(const auto errors,
              carry_calls(input_, input_.source_platform, kCutoverRun, "pause", calls, run_));
    if (!errors.empty())
      return first_of(errors, "not-paused",
                      "could not be paused in the source, so nothing was started in the target",
                      "repair the cause and run 'lakeshift cutover' again, or go back with "
                      "'lakeshift rollback'");
    calls.clear();
    for (const Freeze& freeze : now_.freeze) calls.push_back({nullptr, freeze.name, freeze.freeze});
    LS_ASSIGN(const auto freezing,
              carry_calls(input_, input_.source_platform, kCutoverRun, "freeze", calls, run_));
    if (!freezing.empty())
      return first_of(freezing, "not-frozen", "users could not be kept out of the source",
                      "repair the cause and run 'lakeshift cutover' again, or go back with "
                      "'lakeshift rollback'");
    tell("paused " + objects_text(switching().size()) + " in the source");
    return enter("paused");
  }

  Status wait_for_runs() {
    LS_ASSIGN(
        const std::vector<std::string> running,
        drain(input_, input_.source_platform, false, switching(), input_.drain_seconds, run_));
    if (!running.empty()) {
      std::map<std::string, Error> errors;
      for (const std::string& label : running)
        errors[label] = {"still-running", "it has active runs", label};
      return first_of(errors, "still-running",
                      "runs are still active in the source after " +
                          std::to_string(input_.drain_seconds) + " s",
                      "wait or cancel them, then run 'lakeshift cutover' again (--drain-seconds "
                      "waits longer), or go "
                      "back with 'lakeshift rollback'");
    }
    tell("nothing of it runs in the source any more");
    return enter("catching-up");
  }

  Status catch_up() {
    if (input_.catch_up) {
      const Status done = input_.catch_up();
      if (!done)
        return fail_because(done.error(), "cutover",
                            "what changed since apply could not be brought over");
      tell("brought over what changed since apply");
    }
    // The target as it is now: what catching up changed must not be undone by a start.
    for (Workload& workload : now_.workloads) {
      if (workload.status != "switching") continue;
      const engine::Kind* kind = engine::find_kind(input_.kinds, workload.kind);
      if (kind == nullptr || kind->resume == nullptr) continue;
      LS_ASSIGN(Json document, read_now(input_, input_.target_platform, workload, true, run_.stop));
      workload.start = kind->resume(
          object_of(workload, input_.plan.target, true, std::move(document)), workload.before);
    }
    return enter("starting");
  }

  Status start() {
    std::vector<WorkCall> calls;
    for (const Workload* workload : switching()) {
      calls.push_back({workload, "start", workload->start});
      report_.calls.insert(report_.calls.end(), workload->start.begin(), workload->start.end());
    }
    LS_ASSIGN(const auto errors,
              carry_calls(input_, input_.target_platform, kCutoverRun, "start", calls, run_));
    if (!errors.empty())
      return first_of(errors, "not-started",
                      "could not be started in the target; everything else was",
                      "repair the cause and run 'lakeshift cutover' again, or go back with "
                      "'lakeshift rollback'");
    std::vector<std::string> labels;
    for (const Workload* workload : switching()) {
      labels.push_back(workload->label());
      LS_TRY(set_ledger_state(*workload, "cut-over"));
    }
    LS_ASSIGN(report_.backfill, missed_runs(input_, kCutoverRun, switching(), run_));
    report_.pause_ms = run_.world.clock.now().time_since_epoch().count() - now_.began_ms;
    for (Workload& workload : now_.workloads)
      if (workload.status == "switching") {
        workload.status = "switched";
        watched_.push_back(workload);
      }
    LS_TRY(remember_switch(input_.journal, "cutover", labels,
                           world::to_iso8601(run_.world.clock.now()), report_.pause_ms));
    LS_TRY(enter("target"));
    tell("started " + objects_text(labels.size()) + " in the target");
    return {};
  }

  Status set_ledger_state(const Workload& workload, const std::string& state) {
    LS_ASSIGN(std::optional<state::LedgerRow> row,
              input_.journal.row({input_.plan.source, workload.kind, workload.source_id}));
    if (!row) return {};
    row->state = state;
    return input_.journal.put_row(*row);
  }

  // The switch is done and durable: what happens here is only told.
  void watch_first_runs() {
    std::vector<const Workload*> unseen;
    for (const Workload& workload : watched_) unseen.push_back(&workload);
    const world::Instant end = run_.world.clock.now() + std::chrono::seconds(input_.watch_seconds);
    while (!unseen.empty() && run_.world.clock.now() < end) {
      std::vector<const Workload*> still;
      for (const Workload* workload : unseen) {
        const engine::Kind* kind = engine::find_kind(input_.kinds, workload->kind);
        if (kind == nullptr || kind->active_runs == nullptr) continue;
        const auto runs = kind->active_runs(
            input_.target_platform,
            object_of(*workload, input_.plan.target, true, workload->before), run_.stop);
        if (runs && *runs > 0)
          tell("first run in the target: " + workload->label());
        else
          still.push_back(workload);
      }
      unseen = std::move(still);
      if (!unseen.empty() && !run_.world.clock.sleep(kWatchPause, run_.stop)) break;
    }
    if (input_.watch_seconds > 0 && !unseen.empty())
      tell(objects_text(unseen.size()) + " had no run within " +
           std::to_string(input_.watch_seconds) + " s");
  }

  CutoverReport finish_report() {
    report_.phase = now_.phase;
    return std::move(report_);
  }

  const CutoverInput& input_;
  world::Run& run_;
  Switching now_;
  CutoverReport report_;
  std::vector<Workload> watched_;
};

}  // namespace

Result<CutoverReport> cutover(const CutoverInput& input, world::Run& run) {
  return Cutover(input, run).execute();
}

}  // namespace lakeshift::stages
