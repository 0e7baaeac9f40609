// When a job would have started by itself.
#pragma once

#include "core/engine/kind.h"

namespace lakeshift::kinds {

// Cron schedules and periodic triggers that are not paused; at most 1,000 times. A periodic trigger
// is counted from `from`: when it last fired is not in its document.
Result<std::vector<world::Instant>> job_due_between(const Json& document, world::Instant from,
                                                    world::Instant to);

}  // namespace lakeshift::kinds
