// Where a migration stands: the stages behind it, where the workloads run, and what to do next.
// Pure.
#pragma once

#include <string>

#include "surfaces/report/report_data.h"

namespace lakeshift::report {

// [{"stage": "discover", "state": "done" | "partly" | "attention" | "open", "text": …}] in the
// order of the journey.
Json journey_of(const ReportInput& input, const Json& accounting, const Json& objects);
// One sentence: "the workloads run in old (Azure)".
std::string workloads_sentence(const ReportInput& input);
// [{"do": sentence, "command": "lakeshift …"}], the first is the next step.
Json next_steps(const ReportInput& input, const Json& accounting, const Json& objects);
std::string cutover_phase(const ReportInput& input);

}  // namespace lakeshift::report
