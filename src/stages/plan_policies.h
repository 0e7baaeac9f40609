// Mapped compute specifications against the mapped policies they name.
#pragma once

#include "stages/plan_draft.h"

namespace lakeshift::stages {

// A finding "policy-violated" for every rule that the source's specification obeys and the target's
// would break: the target would refuse to create it.
void check_policies(Planning& planning);

}  // namespace lakeshift::stages
