// Connection to a Databricks workspace's REST API.
#pragma once

#include <map>
#include <memory>

#include "core/engine/platform.h"
#include "knowledge/credentials/credential.h"

namespace lakeshift::platforms {

struct DatabricksOptions {
  std::string side;               // the user's name for it
  std::string cloud;              // "" = from the host name, else from the workspace's own answers
  bool documented_limits = true;  // false: start without rate limits (private installations, twins)
  int retry_seconds =
      300;  // budget for one call's retries: what it waits itself, pacing not counted
  int login_wait_seconds = 900;  // how long a run waits for a revoked token to be replaced
};

// Checks the connection with one call (who am I, and am I an admin; not being one is a warning
// event, as lists then lack what the caller may not see). Errors: "unreachable", "tls",
// "login-failed", "not-a-workspace" (a web page, or an API without this call),
// "missing-entitlement". describe(): host, cloud, workspace_id (text, "" when not told), user,
// user_id, admin. Families: scim, workspace-list, workspace-export, workspace-import, permissions,
// secrets, jobs, clusters, libraries, pools, policies, instance-profiles, init-scripts, warehouses,
// sql, dbfs, unity-catalog, mlflow, misc; another name is a family of its own without documented
// limit. At most run.parallel calls are in flight; threads that wait for their turn do not count,
// so callers should bring more threads than that when they work on several families. call(): retry
// classes and codes as in databricks_answers.h. Calls that change something are not broken off by
// `stop`. `run` must outlive the platform.
Result<std::unique_ptr<engine::Platform>> connect_databricks(
    world::Run& run, std::unique_ptr<credentials::Credential> credential, const std::string& host,
    const DatabricksOptions& options);

}  // namespace lakeshift::platforms
