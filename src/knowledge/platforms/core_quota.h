// What a cluster asks for at its largest, against the cores that the cloud allows the workspace.
// Source: the official SDK's CloudProviderNodeInfo.total_core_quota (clusters/list-node-types),
// told on Azure; elsewhere nothing is told and nothing is compared.
#pragma once

#include <string>
#include <vector>

#include "core/base/json.h"

namespace lakeshift::platforms {

struct CoreDemand {
  std::string place;      // JSON pointer of the specification in the document; "" = the whole of it
  std::string node_type;  // whose quota is too small
  long long cores = 0;    // needed at once, with every worker that autoscaling may add
  long long quota = 0;
};

// Every specification of nodes in `document` (a cluster, a pool, the clusters of a job) that cannot
// start, or not grow as it is told to. `node_types`: the target's, as discovered.
std::vector<CoreDemand> beyond_core_quota(const Json& document, const Json& node_types);

}  // namespace lakeshift::platforms
