// Runs of jobs. They follow the clock: queued at once, running for a while
// (TwinOptions::run_lasts_ms), then done.
#pragma once

#include "twin/context.h"

namespace lakeshift::twin {

// Adds the runs that schedules, periodic triggers and continuous mode have started until now.
void fire_due_jobs(Context& context);
// Adds a run of the job and returns its id.
std::string add_run(Context& context, const std::string& job_id, const Json& settings,
                    long long start, std::string_view trigger);
// As runs/get shows it now.
Json run_now_shown(const Context& context, const Row& run);
bool is_active(const Context& context, const Json& run);

}  // namespace lakeshift::twin
