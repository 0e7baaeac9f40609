// Which compute an acceptance run uses when none is named.
#pragma once

#include <string>

#include "core/base/json.h"

namespace lakeshift::stages {

// The smallest node type of the reference data that needs no volumes of its own: x86, no GPU, not
// deprecated or hidden, with local disk. "" when there is none.
std::string smallest_node_type(const Json& reference);
// The newest long term support runtime without special hardware. "" when there is none.
std::string newest_lts_runtime(const Json& reference);

}  // namespace lakeshift::stages
