// Looks at the whole plan: room in the target, code that names the old cloud.
#pragma once

#include "stages/plan_draft.h"

namespace lakeshift::stages {

// Findings where what is there and what will be created exceed the target's documented limits
// or the cores that its cloud allows it.
void check_room(Planning& planning);
// Findings and reviewable patches for the text of notebooks, files and scripts. Error when content
// cannot be read.
Status scan_code(Planning& planning);

}  // namespace lakeshift::stages
