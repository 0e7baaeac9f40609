#include "stages/cutover_run.h"

namespace lakeshift::stages {

std::string objects_text(std::size_t amount) {
  return std::to_string(amount) + (amount == 1 ? " object" : " objects");
}

Status SwitchRun::load() {
  LS_ASSIGN(now_, load_switching(input_.journal, route_));
  return {};
}

Status SwitchRun::enter(const std::string& phase) {
  now_.phase = phase;
  return save_switching(input_.journal, route_, now_);
}

std::vector<const Workload*> SwitchRun::chosen() const {
  std::vector<const Workload*> chosen;
  for (const Workload& workload : now_.workloads)
    if (workload.status == status_) chosen.push_back(&workload);
  return chosen;
}

void SwitchRun::show(Calls calls) {
  for (const Workload* workload : chosen())
    report_.calls.insert(report_.calls.end(), (workload->*calls).begin(), (workload->*calls).end());
}

void SwitchRun::show(FreezeCalls calls) {
  for (const Freeze& freeze : now_.freeze)
    report_.calls.insert(report_.calls.end(), (freeze.*calls).begin(), (freeze.*calls).end());
}

Result<SwitchRun::Errors> SwitchRun::carry(engine::Platform& platform, const std::string& step,
                                           Calls calls) {
  std::vector<WorkCall> list;
  for (const Workload* workload : chosen()) list.push_back({workload, step, workload->*calls});
  return carry_calls(input_, platform, run_name_, step, list, run_);
}

Result<SwitchRun::Errors> SwitchRun::carry(engine::Platform& platform, const std::string& step,
                                           FreezeCalls calls) {
  std::vector<WorkCall> list;
  for (const Freeze& freeze : now_.freeze) list.push_back({nullptr, freeze.name, freeze.*calls});
  return carry_calls(input_, platform, run_name_, step, list, run_);
}

Result<std::vector<std::string>> SwitchRun::wait_for_runs(engine::Platform& platform,
                                                          bool in_target) {
  return drain(input_, platform, in_target, chosen(), input_.drain_seconds, run_);
}

Status SwitchRun::set_ledger_state(const Workload& workload, const std::string& state) {
  LS_ASSIGN(std::optional<state::LedgerRow> row,
            input_.journal.row({input_.plan.source, workload.kind, workload.source_id},
                               input_.plan.target));
  if (!row || state.empty()) return {};
  row->state = state;
  return input_.journal.put_row(*row);
}

Status SwitchRun::remember(long long pause_ms) {
  std::vector<std::string> labels;
  for (const Workload* workload : chosen()) labels.push_back(workload->label());
  return remember_switch(input_.journal, route_, verb_, labels,
                         world::to_iso8601(run_.world.clock.now()), pause_ms);
}

CutoverReport SwitchRun::finish_report() {
  report_.phase = now_.phase;
  return std::move(report_);
}

}  // namespace lakeshift::stages
