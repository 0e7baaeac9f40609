// Connection to a Databricks workspace's REST API.
#pragma once

#include <map>
#include <memory>

#include "core/engine/platform.h"
#include "knowledge/credentials/credential.h"

namespace lakeshift::platforms {

struct DatabricksOptions {
  std::string side;            // the user's name for it
  std::string cloud;           // "" = from the host name, else from the workspace's own answers
  bool documented_limits = true;  // false: start without rate limits (private installations, twins)
  int retry_seconds = 300;     // budget for one call's retries
  int login_wait_seconds = 900;  // how long a run waits for a revoked token to be replaced
};

// Checks the connection with one call (who am I, and am I an admin). Errors: "unreachable", "login-failed",
// "not-a-workspace" (HTML where JSON should be), "missing-entitlement".
// `run` must outlive the platform.
Result<std::unique_ptr<engine::Platform>> connect_databricks(world::Run& run,
                                                             std::unique_ptr<credentials::Credential> credential,
                                                             const std::string& host,
                                                             const DatabricksOptions& options);

}  // namespace lakeshift::platforms
