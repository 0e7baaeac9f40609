// Secret values by a run on a cluster, where the API refuses them. SDK, workspace.SecretsAPI
// .get_secret: "throws BAD_REQUEST if normal user calls get secret outside of a notebook".
#pragma once

#include "core/state/journal.h"
#include "stages/secret_supply.h"

namespace lakeshift::stages {

struct RunPlace {
  std::string cluster_id;  // to use; empty: a single node of its own, of the two below
  std::string node_type, runtime;
};

// Commands on a cluster of the side (API 1.2, command execution) read one value at a time, in
// parts. A value never leaves the cluster in clear: the command seals it for a key that is made for
// this object (world::SealedBox), because what a command prints passes through the platform's
// control plane and may be kept there. The cluster is started with the first value that is asked
// for. When the object goes, what it made is removed and what it started is stopped; what a killed
// process left is noted in the journal, and removed by the next one.
std::unique_ptr<SecretSource> secrets_of_run(engine::Platform& side, RunPlace place,
                                             state::Journal& journal, world::Run& run);

// The finding that shows the effect on the source, with its inverse, in a plan.
model::Finding source_run_finding(const std::string& side, const std::string& cluster_id,
                                  std::size_t secrets);

}  // namespace lakeshift::stages
