// Quartz cron expressions, enough to know when a job of the twin fires. Zones are read as UTC.
#pragma once

#include <optional>
#include <string_view>

#include "core/base/result.h"

namespace lakeshift::twin {

// Errors: INVALID_PARAMETER_VALUE naming the field.
Status check_quartz(std::string_view expression);
// The first firing after the instant (milliseconds since 1970), within the next 4 years.
std::optional<long long> next_firing(std::string_view expression, long long after_ms);

}  // namespace lakeshift::twin
