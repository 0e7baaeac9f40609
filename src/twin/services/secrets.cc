// Secret scopes, secrets and their access control lists.
// Limits: docs.databricks.com "Secret management" (read 2026-11).
#include <algorithm>

#include "core/base/strings.h"
#include "twin/principals.h"
#include "twin/service.h"

namespace lakeshift::twin::services::secrets {
namespace {

constexpr std::string_view kScope = "secret_scope";
constexpr std::string_view kSecret = "secret";
constexpr std::size_t kLongestName = 128;
constexpr std::size_t kGreatestValue = std::size_t{128} * 1024;
constexpr std::size_t kMostSecrets = 1000;
constexpr std::size_t kMostScopes = 1000;

Status check_name(std::string_view what, const std::string& name) {
  const bool fits = !name.empty() && name.size() <= kLongestName &&
                    std::all_of(name.begin(), name.end(), [](char c) {
                      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                             (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.' || c == '@';
                    });
  if (fits) return {};
  return invalid(std::string(what) + " '" + name +
                 "' must have 1 to 128 characters of A-Z a-z 0-9 - _ . @");
}

Result<Row> scope_of(const Context& context, const std::string& name) {
  const Row* row = context.store.get(kScope, name);
  if (row == nullptr) return missing("Scope " + name + " does not exist!");
  return *row;
}

std::string secret_id(std::string_view scope, std::string_view key) {
  return std::string(scope) + "/" + std::string(key);
}

void keep_scope(Context& context, Json scope) {
  const std::string name = text_at(scope, "name");
  context.store.put(std::string(kScope), name, name, std::move(scope));
}

Status check_backend(const Context& context, const Json& body) {
  const std::string backend = text_at(body, "scope_backend_type", "DATABRICKS");
  if (backend == "DATABRICKS") return {};
  if (!context.on("azure"))
    return invalid("Scope backend type " + backend + " is not supported on " + context.cloud());
  if (!context.signed_in_by_entra)
    return refuse("BAD_REQUEST", "Scope with Azure KeyVault must have userAADToken defined!");
  const Json& vault = member(body, "backend_azure_keyvault");
  if (text_at(vault, "resource_id").empty() || text_at(vault, "dns_name").empty())
    return invalid("backend_azure_keyvault needs resource_id and dns_name");
  return {};
}

Result<Answer> create_scope(Context& context, const Call& call) {
  LS_ASSIGN(const std::string name, required_text(call.body, "scope"));
  LS_TRY(check_name("Scope name", name));
  if (context.store.get(kScope, name) != nullptr)
    return refuse("RESOURCE_ALREADY_EXISTS", "Scope " + name + " already exists!");
  if (context.store.count(kScope) >= kMostScopes)
    return refuse("RESOURCE_LIMIT_EXCEEDED", "a workspace has at most 1000 scopes");
  LS_TRY(check_backend(context, call.body));
  const std::string first = text_at(call.body, "initial_manage_principal");
  if (!first.empty() && first != kUsers)
    return invalid("initial_manage_principal must be 'users' or left out, not '" + first + "'");
  const std::string backend = text_at(call.body, "scope_backend_type", "DATABRICKS");
  Json scope = {{"name", name}, {"backend_type", backend}};
  if (backend == "AZURE_KEYVAULT")
    scope["keyvault_metadata"] = member(call.body, "backend_azure_keyvault");
  scope["$acls"] = Json::array(
      {{{"principal", first.empty() ? context.caller.name : first}, {"permission", "MANAGE"}}});
  keep_scope(context, std::move(scope));
  return Answer(Json::object());
}

Result<Answer> list_scopes(Context& context, const Call&) {
  Json scopes = Json::array();
  for (const Row* row : visible_rows(context, kScope))
    scopes.push_back(without_private(row->document));
  return Answer(page_body("scopes", std::move(scopes), ""));
}

Result<Answer> delete_scope(Context& context, const Call& call) {
  LS_ASSIGN(const Row scope, scope_of(context, text_at(call.body, "scope")));
  std::vector<std::string> ids;
  for (const Row* secret : context.store.all_by_key(kSecret, scope.id)) ids.push_back(secret->id);
  for (const std::string& id : ids) {
    context.store.erase_content("secret:" + id);
    context.store.erase(std::string(kSecret), id);
  }
  context.store.erase(std::string(kScope), scope.id);
  return Answer(Json::object());
}

Status put_secret(Context& context, const Row& scope, const std::string& key, std::string value) {
  LS_TRY(check_name("Secret key", key));
  if (value.size() > kGreatestValue)
    return invalid("The secret value has " + std::to_string(value.size()) +
                   " bytes, the limit is " + std::to_string(kGreatestValue));
  const std::string id = secret_id(scope.id, key);
  if (context.store.get(kSecret, id) == nullptr &&
      context.store.all_by_key(kSecret, scope.id).size() >= kMostSecrets)
    return refuse("RESOURCE_LIMIT_EXCEEDED", "a scope has at most 1000 secrets");
  context.store.put(std::string(kSecret), id, scope.id,
                    {{"scope", scope.id}, {"key", key}, {"last_updated_timestamp", context.now}});
  context.store.put_content("secret:" + id, std::move(value));
  return {};
}

Result<Answer> put(Context& context, const Call& call) {
  LS_ASSIGN(const Row scope, scope_of(context, text_at(call.body, "scope")));
  LS_ASSIGN(const std::string key, required_text(call.body, "key"));
  if (text_at(scope.document, "backend_type") == "AZURE_KEYVAULT")
    return refuse("BAD_REQUEST", "Cannot write secrets to Azure KeyVault-backed scope " + scope.id);
  const bool has_text = call.body.contains("string_value");
  if (has_text == call.body.contains("bytes_value"))
    return invalid("give exactly one of string_value and bytes_value");
  std::string value = text_at(call.body, "string_value");
  if (!has_text) {
    auto bytes = base64_decode(text_at(call.body, "bytes_value"));
    if (!bytes) return invalid("bytes_value is not base64");
    value = std::move(*bytes);
  }
  LS_TRY(put_secret(context, scope, key, std::move(value)));
  return Answer(Json::object());
}

// SDK, workspace.SecretsAPI.get_secret: "Throws BAD_REQUEST if normal user calls get secret outside
// of a notebook."
Result<Answer> get(Context& context, const Call& call) {
  if (context.options.secrets_by_notebooks_only)
    return refuse("BAD_REQUEST", "Secrets can be read from within a notebook only");
  LS_ASSIGN(const Row scope, scope_of(context, call.query_text("scope")));
  const std::string key = call.query_text("key");
  const std::string* value = context.store.content("secret:" + secret_id(scope.id, key));
  if (value == nullptr) return missing("Secret " + key + " does not exist in scope " + scope.id);
  return Answer(Json{{"key", key}, {"value", base64_encode(*value)}});
}

Result<Answer> list(Context& context, const Call& call) {
  LS_ASSIGN(const Row scope, scope_of(context, call.query_text("scope")));
  Json keys = Json::array();
  for (const Row* secret : context.store.all_by_key(kSecret, scope.id))
    keys.push_back(
        {{"key", text_at(secret->document, "key")},
         {"last_updated_timestamp", int_at(secret->document, "last_updated_timestamp")}});
  return Answer(page_body("secrets", std::move(keys), ""));
}

Result<Answer> remove(Context& context, const Call& call) {
  LS_ASSIGN(const Row scope, scope_of(context, text_at(call.body, "scope")));
  const std::string id = secret_id(scope.id, text_at(call.body, "key"));
  if (!context.store.erase(std::string(kSecret), id))
    return missing("Secret " + text_at(call.body, "key") + " does not exist");
  context.store.erase_content("secret:" + id);
  return Answer(Json::object());
}

Status acls_exist(const Context& context) {
  if (context.options.tier != "standard") return {};
  return refuse("FEATURE_DISABLED", "Secret ACLs need the premium tier");
}

Result<Answer> list_acls(Context& context, const Call& call) {
  LS_TRY(acls_exist(context));
  LS_ASSIGN(const Row scope, scope_of(context, call.query_text("scope")));
  return Answer(page_body("items", member(scope.document, "$acls"), ""));
}

Result<Answer> get_acl(Context& context, const Call& call) {
  LS_TRY(acls_exist(context));
  LS_ASSIGN(const Row scope, scope_of(context, call.query_text("scope")));
  for (const Json& item : member(scope.document, "$acls")) {
    if (text_at(item, "principal") == call.query_text("principal")) return Answer(item);
  }
  return missing("No ACL for principal " + call.query_text("principal") + " in scope " + scope.id);
}

Result<Answer> change_acl(Context& context, const Call& call, bool put_it) {
  LS_TRY(acls_exist(context));
  LS_ASSIGN(const Row row, scope_of(context, text_at(call.body, "scope")));
  LS_ASSIGN(const std::string principal, required_text(call.body, "principal"));
  Json kept = Json::array();
  bool found = false;
  for (const Json& item : member(row.document, "$acls")) {
    if (text_at(item, "principal") == principal) {
      found = true;
    } else {
      kept.push_back(item);
    }
  }
  if (put_it) {
    if (!find_principal(context.store, principal))
      return missing("User or Group " + principal + " does not exist.");
    kept.push_back({{"principal", principal}, {"permission", text_at(call.body, "permission")}});
  } else if (!found) {
    return missing("No ACL for principal " + principal + " in scope " + row.id);
  }
  std::sort(kept.begin(), kept.end(), [](const Json& a, const Json& b) {
    return text_at(a, "principal") < text_at(b, "principal");
  });
  Json scope = row.document;
  scope["$acls"] = std::move(kept);
  keep_scope(context, std::move(scope));
  return Answer(Json::object());
}
Result<Answer> put_acl(Context& context, const Call& call) {
  return change_acl(context, call, true);
}
Result<Answer> delete_acl(Context& context, const Call& call) {
  return change_acl(context, call, false);
}

constexpr Endpoint kEndpoints[] = {{"POST", "/api/2.0/secrets/scopes/create", create_scope},
                                   {"GET", "/api/2.0/secrets/scopes/list", list_scopes},
                                   {"POST", "/api/2.0/secrets/scopes/delete", delete_scope},
                                   {"POST", "/api/2.0/secrets/put", put},
                                   {"GET", "/api/2.0/secrets/get", get},
                                   {"GET", "/api/2.0/secrets/list", list},
                                   {"POST", "/api/2.0/secrets/delete", remove},
                                   {"GET", "/api/2.0/secrets/acls/list", list_acls},
                                   {"GET", "/api/2.0/secrets/acls/get", get_acl},
                                   {"POST", "/api/2.0/secrets/acls/put", put_acl},
                                   {"POST", "/api/2.0/secrets/acls/delete", delete_acl}};

Status load_scope(Context& context, const Json& document) {
  const std::string name = text_at(document, "name");
  LS_TRY(check_name("Scope name", name));
  Json scope = {{"name", name}, {"backend_type", text_at(document, "backend_type", "DATABRICKS")}};
  if (document.contains("keyvault_metadata"))
    scope["keyvault_metadata"] = document["keyvault_metadata"];
  Json acls =
      member(document, "$acls").is_array() ? member(document, "$acls") : member(document, "acls");
  if (!acls.is_array())
    acls = Json::array({{{"principal", context.caller.name}, {"permission", "MANAGE"}}});
  std::sort(acls.begin(), acls.end(), [](const Json& a, const Json& b) {
    return text_at(a, "principal") < text_at(b, "principal");
  });
  scope["$acls"] = std::move(acls);
  keep_scope(context, std::move(scope));
  const Row row = *context.store.get(kScope, name);
  const Json& secrets = member(document, "secrets");
  for (const Json& secret : secrets.is_array() ? secrets : Json::array()) {
    std::string value = text_at(secret, "string_value");
    if (secret.contains("bytes_value")) {
      LS_ASSIGN(value, base64_decode(text_at(secret, "bytes_value")));
    }
    LS_TRY(put_secret(context, row, text_at(secret, "key"), std::move(value)));
  }
  return {};
}

Status load_secret(Context& context, const Json& document) {
  LS_ASSIGN(const Row scope, scope_of(context, text_at(document, "scope")));
  LS_ASSIGN(std::string value, base64_decode(text_at(document, "$value")));
  LS_TRY(put_secret(context, scope, text_at(document, "key"), std::move(value)));
  if (!document.contains("last_updated_timestamp")) return {};
  const std::string id = secret_id(scope.id, text_at(document, "key"));
  Json kept = context.store.get(kSecret, id)->document;
  kept["last_updated_timestamp"] = document["last_updated_timestamp"];
  context.store.put(std::string(kSecret), id, scope.id, std::move(kept));
  return {};
}

Json give_secret(const Context& context, const Row& row) {
  Json document = row.document;
  if (const std::string* value = context.store.content("secret:" + row.id))
    document["$value"] = base64_encode(*value);
  return document;
}

constexpr Holding kHoldings[] = {{kScope, "secrets.json", 15, load_scope},
                                 {kSecret, "", 16, load_secret, give_secret}};

}  // namespace

extern const Service kDefinition;
const Service kDefinition = {"secrets", kEndpoints, kHoldings};

}  // namespace lakeshift::twin::services::secrets
