// Owners of objects: exactly one, and one that exists in the target.
#pragma once

#include "stages/plan_draft.h"

namespace lakeshift::stages {

// When the source grants ownership but the owner's entry was left out, ownership goes to the mapped
// creator if that user is moved; else engine::settle_permissions finds one. A decision and a
// finding say so.
void repair_owner(Planning& planning, Draft& draft);

}  // namespace lakeshift::stages
