// What the platform checks in the settings of a job, and what it fills in.
#pragma once

#include "twin/context.h"

namespace lakeshift::twin {

// Errors: INVALID_PARAMETER_VALUE and RESOURCE_DOES_NOT_EXIST naming the task and the field.
Status check_job(Context& context, Json& settings);
// Defaults as jobs/get shows them.
void complete_job(Json& settings);
// Whether the job starts runs by itself: an unpaused schedule, trigger or continuous mode.
bool runs_by_itself(const Json& settings);

}  // namespace lakeshift::twin
