// What a workspace offers to compute: node types, runtimes, zones. The basis of every mapping; read
// once per side.
#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "core/engine/platform.h"

namespace lakeshift::platforms {

// One reading: the member of the reference document it fills, and how. The readings are
// independent, so that the caller may run them in parallel. Source: the official SDK's clusters API
// (list-node-types, spark-versions, list-zones).
struct ReferenceReading {
  std::string_view member;  // "node_types", "spark_versions", "zones"
  std::string_view path;
  std::string_view items;  // member of the answer that is kept; "" = the whole answer
  bool optional = false;   // not offered on every cloud: an error means "none"
};
const std::vector<ReferenceReading>& reference_readings();

// The member's value, with what changes by itself from day to day (capacity notices) left out.
Result<Json> read_reference(engine::Platform& platform, const ReferenceReading& reading,
                            std::stop_token stop);

}  // namespace lakeshift::platforms
