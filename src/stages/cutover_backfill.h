// Runs that neither side made: due while the source was paused and the target was not started yet.
#pragma once

#include "stages/cutover_state.h"

namespace lakeshift::stages {

// [{"job": key, "kind", "due": ISO 8601}], sorted by time; {"job", "kind", "why"} when a schedule
// cannot be read. The window of each workload is between the journaled end of its pause and the
// journaled end of its start.
Result<Json> missed_runs(const CutoverInput& input, const std::string& run_name,
                         const std::vector<const Workload*>& workloads, world::Run& run);

}  // namespace lakeshift::stages
