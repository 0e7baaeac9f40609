// Fields of a job as jobs/get answers it: the settings, which are what create and reset take, and
// what the platform adds.
#pragma once

#include <span>

#include "core/model/field.h"

namespace lakeshift::kinds {

inline constexpr std::size_t kJobFieldCount = 12;
extern const model::Field kJobFields[kJobFieldCount];

}  // namespace lakeshift::kinds
