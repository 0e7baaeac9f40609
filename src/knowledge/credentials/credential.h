// How calls to a platform are signed, and how the signature is renewed.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "core/world/secret.h"
#include "core/world/world.h"

namespace lakeshift::credentials {

// Thread safe. authorize() returns the value of the Authorization header, renewing it when it is
// near its end. renew() is called after the platform refused `refused` (401 or an expired token):
// true when authorize() now returns another value, be it that this call, another thread or the user
// (in the profile) has replaced it. Renewals are single: callers that come meanwhile wait for the
// one under way. Errors: "login-failed" (host, what was refused, remedy), "unreachable"
// (retry=later), "cancelled".
class Credential {
 public:
  virtual ~Credential() = default;
  virtual Result<world::Secret> authorize(world::Run& run) = 0;
  virtual Result<bool> renew(world::Run& run, const world::Secret& refused) = 0;
  virtual std::string describe()
      const = 0;  // "personal access token from profile 'OLD'": for people, no secret
  // What a person does to give a new one while a run waits: "put a new token into profile 'OLD' of
  // ~/.databrickscfg".
  virtual std::string remedy() const = 0;
};

// What the configuration, a profile of ~/.databrickscfg or the environment says about access to one
// host.
struct Access {
  std::string host;        // https://adb-….azuredatabricks.net, without '/' at the end
  std::string account_id;  // for account-level APIs
  world::Secret token;
  std::string client_id;
  world::Secret client_secret;
  std::string tenant_id;  // Microsoft Entra; "" = asked of the host
  std::string azure_client_id;
  world::Secret azure_client_secret;
  std::string auth_type;  // "pat", "oauth-m2m", "azure-client-secret" where several are filled in;
                          // "" = the first filled in
  std::string
      origin;  // where it came from, for messages: "profile 'OLD' of /home/ana/.databrickscfg"
  // Where to read it again when it was refused: a profile's name, or the prefix of environment
  // variables.
  std::string profile;
  std::string environment_prefix;
};

// Reads ~/.databrickscfg (or DATABRICKS_CONFIG_FILE). Errors: "not-found" (no file), "bad-profile"
// with the closest profile name, or with the line that is wrong (never its text).
Result<Access> access_from_profile(world::World& world, const std::string& profile);
// Variables <prefix>HOST, _TOKEN, _CLIENT_ID, _CLIENT_SECRET, _ACCOUNT_ID, _AZURE_TENANT_ID,
// _AZURE_CLIENT_ID, _AZURE_CLIENT_SECRET. prefix "" = "DATABRICKS_", where the Azure ones are
// ARM_TENANT_ID, ARM_CLIENT_ID and ARM_CLIENT_SECRET. None set: no value.
std::optional<Access> access_from_environment(world::World& world, const std::string& prefix);
// "old-ws" -> "LAKESHIFT_OLD_WS_"
std::string environment_prefix(const std::string& connection);

// The access of a configured connection: its profile when it names one, else its environment
// variables, else the profile called like it, else DATABRICKS_… when those are for the same host.
// `host` may be empty when the others name it. Errors: "bad-profile", "not-found"; "no-credential"
// lists what was looked for and where; "host-mismatch".
Result<Access> find_access(world::World& world, const std::string& connection,
                           const std::string& profile, const std::string& host);

// "adb-1.azuredatabricks.net/?o=1" -> "https://adb-1.azuredatabricks.net"
std::string normal_host(std::string_view text);

// Chooses by what is filled in: token, OAuth client credentials (/oidc/v1/token), Entra client
// secret. Remembers the access, so that a changed profile is read again. Error "no-credential"
// lists what was looked for and where.
Result<std::unique_ptr<Credential>> make_credential(const Access& access);

}  // namespace lakeshift::credentials
