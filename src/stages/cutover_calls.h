// The calls of a cutover, carried out journal first, and the wait for running work.
#pragma once

#include "stages/cutover_state.h"

namespace lakeshift::stages {

struct WorkCall {
  const Workload* workload;  // null: a freeze
  std::string name;          // part of the change's id: unique with the workload
  std::vector<model::Action> actions;
};

// Carries the calls out on one side under the journal's run; workloads in parallel, actions of one
// in order. What a former, interrupted run did is not repeated. Returns the errors per label; error
// "interrupted" when stopped.
Result<std::map<std::string, Error>> carry_calls(
    const CutoverInput& input, engine::Platform& platform, const std::string& run_name,
    const std::string& step, const std::vector<WorkCall>& calls, world::Run& run);

// The one error for several: names them, keeps the first's remedy.
tl::unexpected<Error> first_of(const std::map<std::string, Error>& errors, const std::string& code,
                               const std::string& what, const std::string& remedy);

// Polls until nothing of the workloads runs on that side, or `seconds` are over. Returns the labels
// of what still runs.
Result<std::vector<std::string>> drain(const CutoverInput& input, engine::Platform& platform,
                                       bool in_target,
                                       const std::vector<const Workload*>& workloads, int seconds,
                                       world::Run& run);

// The workload as an object of one side, with the document given.
model::Object object_of(const Workload& workload, const model::Side& side, bool in_target,
                        Json document);
// Its document as it is now.
Result<Json> read_now(const CutoverInput& input, engine::Platform& platform,
                      const Workload& workload, bool in_target, std::stop_token stop);

void say(world::Run& run, CutoverReport& report, std::string line);

}  // namespace lakeshift::stages
