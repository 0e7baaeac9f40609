// Documented limits on how many objects a workspace holds. Facts: data/workspace_limits.csv.
#pragma once

#include <string>
#include <vector>

#include "core/base/result.h"

namespace lakeshift::platforms {

struct ObjectLimit {
  std::string kinds;  // kinds that are counted together, "user|service_principal"
  std::string scope;  // "workspace", or the part of the natural key before '/' ("key-prefix")
  long long most = 0;
  std::string source;
};
Result<std::vector<ObjectLimit>> object_limits();

}  // namespace lakeshift::platforms
