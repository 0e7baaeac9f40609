// Natural keys that are unique within one side and kind.
#pragma once

#include "core/model/object.h"

namespace lakeshift::stages {

// Objects that share (kind, key) keep the key, or get "#2", "#3", … in a stable order: creator,
// creation time, id.
void make_keys_unique(std::vector<model::Object>& objects);

}  // namespace lakeshift::stages
