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

namespace {

bool uses_token(const Access& access) {
  return !access.token.empty() && (access.auth_type.empty() || access.auth_type == "pat");
}
bool uses_oauth(const Access& access) {
  return !access.client_id.empty() && !access.client_secret.empty() &&
         (access.auth_type.empty() || access.auth_type == "oauth-m2m");
}
bool uses_entra(const Access& access) {
  return !access.azure_client_id.empty() && !access.azure_client_secret.empty() &&
         (access.auth_type.empty() || access.auth_type == "azure-client-secret");
}

}  // namespace

bool has_credential(const Access& access) {
  return uses_token(access) || uses_oauth(access) || uses_entra(access);
}

std::string names_looked_for(const Access& access) {
  const std::string& prefix = access.environment_prefix;
  if (prefix.empty())
    return "token; client_id and client_secret; azure_client_id and azure_client_secret";
  const std::string azure = prefix == "DATABRICKS_" ? "ARM_" : prefix + "AZURE_";
  return prefix + "TOKEN; " + prefix + "CLIENT_ID and " + prefix + "CLIENT_SECRET; " + azure +
         "CLIENT_ID and " + azure + "CLIENT_SECRET";
}

Result<std::unique_ptr<Credential>> make_credential(const Access& access) {
  if (uses_token(access)) return make_token_credential(access);
  if (uses_oauth(access)) return make_oauth_credential(access);
  if (uses_entra(access)) return make_entra_credential(access);
  const std::string wanted =
      access.auth_type.empty() ? "" : " for auth_type '" + access.auth_type + "'";
  return fail(
      "no-credential",
      access.origin + " has no credential" + wanted + ": looked for " + names_looked_for(access),
      access.host, "write one of them there");
}

}  // namespace lakeshift::credentials
