// part: what of a plan moves together: the selected objects and everything they need.
#pragma once

#include <functional>
#include <set>
#include <string>

#include "stages/config.h"

namespace lakeshift::stages {

// Ids of the changes whose objects the selection takes, and of all that they refer to, directly or
// not. Values of a scope that is needed are needed too. Tags are those of the source's objects.
std::set<std::string> part_of(const model::Plan& plan, const model::Inventory& source,
                              engine::KindSet kinds, const Selection& selection);

// Whether an object (kind, source key) is one of these changes'.
std::function<bool(const std::string& kind, const std::string& key)> concerns_of(
    const model::Plan& plan, const std::set<std::string>& part);

}  // namespace lakeshift::stages
