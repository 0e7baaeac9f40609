#include "knowledge/credentials/credential.h"

#include "knowledge/credentials/methods.h"

namespace lakeshift::credentials {

Result<std::optional<Access>> read_again(world::World& world, const Access& access) {
  if (!access.profile.empty()) {
    LS_ASSIGN(Access again, access_from_profile(world, access.profile));
    return std::optional<Access>(std::move(again));
  }
  if (!access.environment_prefix.empty())
    return access_from_environment(
        world, access.environment_prefix == "DATABRICKS_" ? "" : access.environment_prefix);
  return std::optional<Access>();
}

std::string remedy_at(const Access& access, const std::string& what) {
  if (!access.profile.empty()) return "put a new " + what + " into " + access.origin;
  return "stop, put a new " + what + " into " + access.origin + ", and run the same command again";
}

world::Secret bearer(const world::Secret& token) {
  std::string value = "Bearer ";
  value += token.reveal();
  return world::Secret(std::move(value));
}

Result<std::unique_ptr<Credential>> make_credential(const Access& access) {
  const bool token = !access.token.empty();
  const bool oauth = !access.client_id.empty() && !access.client_secret.empty();
  const bool entra = !access.azure_client_id.empty() && !access.azure_client_secret.empty();
  if (token && (access.auth_type == "pat" || access.auth_type.empty()))
    return make_token_credential(access);
  if (oauth && (access.auth_type == "oauth-m2m" || access.auth_type.empty()))
    return make_oauth_credential(access);
  if (entra && (access.auth_type == "azure-client-secret" || access.auth_type.empty()))
    return make_entra_credential(access);
  const std::string wanted =
      access.auth_type.empty() ? "" : " for auth_type '" + access.auth_type + "'";
  return fail("no-credential",
              access.origin + " has no credential" + wanted +
                  ": looked for token; client_id and client_secret; azure_client_id and "
                  "azure_client_secret",
              access.host, "write one of them there");
}

}  // namespace lakeshift::credentials
