// Cluster specifications, wherever they stand: clusters, job clusters, pipelines.
#pragma once

#include "twin/context.h"

namespace lakeshift::twin {

// Completes a specification from its policy (fixed and default values) and checks it: the policy's
// rules, then the cloud's. `spec` is changed in place. `is_cluster` is false for job clusters,
// which need no name.
Status settle_spec(Context& context, Json& spec);

}  // namespace lakeshift::twin
