// What cutover and rollback share: workloads by status, their recorded calls carried out, the
// report.
#pragma once

#include "stages/cutover_calls.h"

namespace lakeshift::stages {

class SwitchRun {
 protected:
  using Calls = std::vector<model::Action> Workload::*;
  using FreezeCalls = std::vector<model::Action> Freeze::*;
  using Errors = std::map<std::string, Error>;  // by label

  // `status`: of the workloads that this run switches.
  SwitchRun(const CutoverInput& input, world::Run& run, std::string verb, std::string status)
      : input_(input),
        run_(run),
        verb_(std::move(verb)),
        status_(std::move(status)),
        route_(route_of(input.plan)),
        run_name_(switch_run(verb_, route_)) {}

  void tell(std::string line) { say(run_, report_, std::move(line)); }
  Status load();
  Status enter(const std::string& phase);  // durable
  // The workloads of this run.
  std::vector<const Workload*> chosen() const;
  // Adds their calls to the report.
  void show(Calls calls);
  void show(FreezeCalls calls);
  // Carries them out, workloads in parallel; returns what failed.
  Result<Errors> carry(engine::Platform& platform, const std::string& step, Calls calls);
  Result<Errors> carry(engine::Platform& platform, const std::string& step, FreezeCalls calls);
  // Waits for what runs on that side; returns what still runs after drain_seconds.
  Result<std::vector<std::string>> wait_for_runs(engine::Platform& platform, bool in_target);
  // The ledger row of the workload's object gets the state; nothing when there is no row or state.
  Status set_ledger_state(const Workload& workload, const std::string& state);
  // Ends the run: its workloads as a line of the history.
  Status remember(long long pause_ms);
  CutoverReport finish_report();

  const CutoverInput& input_;
  world::Run& run_;
  const std::string verb_, status_, route_, run_name_;
  Switching now_;
  CutoverReport report_;
};

std::string objects_text(std::size_t amount);  // "3 objects"

}  // namespace lakeshift::stages
