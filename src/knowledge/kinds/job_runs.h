// Runs of a job, as the runs list tells them (Jobs API 2.2). Thread safe.
#pragma once

#include "core/engine/kind.h"

namespace lakeshift::kinds {

// Runs that are queued, pending, running or terminating.
Result<long long> active_job_runs(engine::Platform& platform, const model::Object& object,
                                  std::stop_token stop);

// The oldest run that began at or after `since`, by the platform's clock.
Result<std::optional<engine::RunSeen>> first_job_run(engine::Platform& platform,
                                                     const model::Object& object,
                                                     world::Instant since, std::stop_token stop);

}  // namespace lakeshift::kinds
