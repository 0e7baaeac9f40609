// How calls to a platform are signed, and how the signature is renewed.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "core/world/secret.h"
#include "core/world/world.h"

namespace lakeshift::credentials {

// Thread safe. authorize() returns the value of the Authorization header, renewing it when it is near its end;
// renew() is called after the platform refused it (401 or an expired token): true when a new one was obtained.
// Errors: "login-failed" (host, what was refused, remedy), "unreachable".
class Credential {
 public:
  virtual ~Credential() = default;
  virtual Result<world::Secret> authorize(world::Run& run) = 0;
  virtual Result<bool> renew(world::Run& run) = 0;
  virtual std::string describe() const = 0;  // "personal access token from profile 'OLD'": for people, no secret
};

// What the configuration, a profile of ~/.databrickscfg or the environment says about access to one host.
struct Access {
  std::string host;        // https://adb-….azuredatabricks.net
  std::string account_id;  // for account-level APIs
  world::Secret token;
  std::string client_id;
  world::Secret client_secret;
  std::string tenant_id;       // Microsoft Entra
  std::string azure_client_id;
  world::Secret azure_client_secret;
  std::string entra_authority = "https://login.microsoftonline.com";
  std::string origin;      // where it came from, for messages
};

// Reads ~/.databrickscfg (or DATABRICKS_CONFIG_FILE). Errors: "not-found", "bad-profile" with the closest profile name.
Result<Access> access_from_profile(world::World& world, const std::string& profile);
// DATABRICKS_HOST, DATABRICKS_TOKEN, DATABRICKS_CLIENT_ID, …, each with an optional prefix (LAKESHIFT_OLD_…).
std::optional<Access> access_from_environment(world::World& world, const std::string& prefix);

// Chooses by what is filled in: token, OAuth client credentials (/oidc/v1/token), Entra client secret.
// Error "no-credential" lists what was looked for and where.
Result<std::unique_ptr<Credential>> make_credential(const Access& access);

}  // namespace lakeshift::credentials
