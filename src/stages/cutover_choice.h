// What a cutover switches: the gates before it, and the choice of workloads.
#pragma once

#include "stages/cutover_state.h"

namespace lakeshift::stages {

struct Choice {
  std::vector<Workload> workloads;   // run in the source, have a target, are not switched yet
  std::vector<std::string> staying;  // lines: what runs and stays in the source, with the reason
};

// Whether the ledger's state says that the target has the object.
bool stands_in_target(const std::string& state);
// "update job 'x' (settings.tasks[0].timeout_seconds)", for people.
std::string change_line(const model::Change& change);

// Error "gate-closed" (apply complete) names what apply has not finished.
Result<Choice> choose_workloads(const CutoverInput& input, const Switching& switching);
Status check_gates(const CutoverInput& input);

}  // namespace lakeshift::stages
