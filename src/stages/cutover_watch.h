// The first runs in the target after a cutover.
#pragma once

#include "stages/cutover_state.h"

namespace lakeshift::stages {

// Looks until every workload's first run has ended, or until input.watch_seconds are over. One per
// workload, in their order: {"job": key, "kind", "outcome": "succeeded" | "failed" | "running" |
// "none" | "unknown"}, with "run_id", "url", "result" (the platform's word) and "message" when
// there is a run, and with "message" when the runs could not be read. `told` gets each one's line
// as soon as it is known. A run that began while the cutover went on counts too: clocks of two
// platforms differ.
Json watch_first_runs(const CutoverInput& input, const std::vector<Workload>& workloads,
                      world::Instant began, const std::function<void(std::string)>& told,
                      world::Run& run);

}  // namespace lakeshift::stages
