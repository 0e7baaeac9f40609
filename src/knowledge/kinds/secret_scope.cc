// Secret scopes with their access lists ("$acls"). Key vault scopes are views of a vault: they are
// never turned into plain ones silently. Source: databricks-sdk 0.162, workspace.SecretsAPI.
#include <algorithm>

#include "core/base/json.h"
#include "core/base/strings.h"
#include "core/engine/generic.h"
#include "knowledge/kinds/cloud_facts.h"
#include "knowledge/kinds/scim.h"
#include "knowledge/kinds/shared_list.h"

namespace lakeshift::kinds::secret_scope {
extern const engine::Kind kDefinition;

using model::Meaning;
using model::Role;

constexpr model::Field kVault[] = {
    {.name = "resource_id", .role = Role::create_only},
    {.name = "dns_name", .role = Role::create_only},
};
// Principals are user names, group names or application ids.
constexpr model::Field kAcl[] = {
    {.name = "principal", .meaning = Meaning::principal, .target = "user|group|service_principal"},
    {.name = "permission"},
};
constexpr model::Field kFields[] = {
    {.name = "name", .role = Role::create_only},
    {.name = "backend_type", .role = Role::create_only, .default_json = R"("DATABRICKS")"},
    {.name = "keyvault_metadata", .role = Role::create_only, .fields = kVault},
    {.name = "$acls",
     .role = Role::observed,
     .fields = kAcl,
     .default_json = "[]",
     .unordered = true},
};

constexpr std::string_view kManage = "MANAGE";
constexpr engine::Listing kAclListing{.path = "/api/2.0/secrets/acls/list", .items = "items"};

bool is_vault(const Json& document) { return text_at(document, "backend_type") == kKeyVault; }

Status read_acls(const engine::Kind& kind, engine::DiscoverContext& context,
                 model::Object& object) {
  std::vector<std::pair<std::string, Json>> rows;
  Status read = engine::each_item(context.platform, kAclListing, {{"scope", object.id.id}},
                                  kind.family, context.run.stop, [&](Json&& item) -> Status {
                                    rows.emplace_back(text_at(item, "principal"), std::move(item));
                                    return {};
                                  });
  // A tier without access control has nothing to say here.
  if (!read && read.error().code == "feature-disabled") return {};
  if (!read) return read;
  std::sort(rows.begin(), rows.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  Json acls = Json::array();
  for (auto& [principal, acl] : rows) acls.push_back(std::move(acl));
  object.document["$acls"] = std::move(acls);
  return {};
}

Status discover(const engine::Kind& kind, engine::DiscoverContext& context) {
  LS_ASSIGN(std::vector<Json> scopes, list_once(context, kScopes, Json::object(), kind.family));
  for (Json& scope : scopes) {
    context.listed(1);
    context.tasks.add([&kind, &context, scope = std::move(scope)]() mutable {
      model::Object object;
      object.id = {context.platform.side(), std::string(kind.name), engine::id_of(kind, scope)};
      object.document = std::move(scope);
      engine::finish_object(kind, context, std::move(object));
    });
  }
  return {};
}

// A scope of that name that somebody made in the target on purpose decides what backs it.
void respect_target(const engine::PlanContext& context, Json& desired, model::Change& change) {
  const Json& actual = context.actual->document;
  if (!is_vault(desired)) return;
  for (const std::string_view name : {"backend_type", "keyvault_metadata"}) {
    if (member(desired, name) == member(actual, name)) continue;
    change.decisions.push_back(
        {std::string(name), "key-vault", member(desired, name), member(actual, name),
         "a scope over a key vault cannot be made by this tool; the target's scope of that name "
         "stays as it was made"});
    desired[std::string(name)] = member(actual, name);
  }
}

void classify(const engine::PlanContext& context, model::Change& change) {
  if (!is_vault(context.source_document) || context.actual != nullptr) return;
  const Json& vault = member(context.source_document, "keyvault_metadata");
  const std::string name = text_at(context.source_document, "name");
  if (has_key_vault_scopes(context.target_platform)) {
    change.verb = model::Verb::manual;
    change.code = "key-vault-scope";
    change.reason = "the scope is a view of the key vault " + text_at(vault, "dns_name") +
                    ": only a user signed in to Microsoft Entra may create it; run 'databricks "
                    "secrets create-scope' with "
                    "--scope-backend-type AZURE_KEYVAULT and resource id " +
                    text_at(vault, "resource_id") + ", then plan again";
    change.owner = "workspace admin";
    return;
  }
  change.verb = model::Verb::blocked;
  change.code = "key-vault-scope-unsupported";
  change.reason = "the scope is a view of the key vault " + text_at(vault, "dns_name") +
                  ", which the target's cloud does not have: create a scope named '" + name +
                  "' in the target by hand (its secrets are then copied into it), or read the "
                  "values from the cloud's "
                  "own secret manager; then plan again";
}

// One call per principal whose permission differs, one per principal that is too much.
class AclCalls {
 public:
  AclCalls(const engine::PlanContext& context, model::Change& change, Json name)
      : context_(context), change_(change), name_(std::move(name)) {}

  void change_from(const Json& present) {
    const Json& wanted = member(context_.desired, "$acls");
    if (wanted.is_array())
      for (const Json& acl : wanted)
        if (permission_in(present, member(acl, "principal")) != member(acl, "permission")) put(acl);
    if (!present.is_array()) return;
    for (const Json& acl : present)
      if (permission_in(wanted, member(acl, "principal")).is_null())
        remove(member(acl, "principal"));
  }

 private:
  static Json permission_in(const Json& acls, const Json& principal) {
    if (acls.is_array())
      for (const Json& acl : acls)
        if (same(member(acl, "principal"), principal)) return member(acl, "permission");
    return nullptr;
  }
  static bool same(const Json& a, const Json& b) {
    if (a.is_string() && b.is_string()) return equals_ignoring_case(scalar_text(a), scalar_text(b));
    return a == b;
  }

  void put(const Json& acl) {
    add("grant", "/api/2.0/secrets/acls/put",
        {{"scope", name_},
         {"principal", member(acl, "principal")},
         {"permission", member(acl, "permission")}});
  }
  void remove(const Json& principal) {
    add("revoke", "/api/2.0/secrets/acls/delete", {{"scope", name_}, {"principal", principal}});
    change_.actions.back().tolerated = {"not-found"};
    if (context_.actual == nullptr)
      change_.actions.back().note =
          "a new scope is managed by whoever created it; the source's list does not have that";
  }
  void add(std::string name, std::string path, Json body) {
    model::Action action;
    action.name = std::move(name);
    action.method = "POST";
    action.path = std::move(path);
    action.body = std::move(body);
    action.effect = model::Effect::idempotent;
    action.family = std::string(context_.kind.family);
    change_.actions.push_back(std::move(action));
  }

  const engine::PlanContext& context_;
  model::Change& change_;
  Json name_;
};

bool users_manage(const Json& acls) {
  if (!acls.is_array()) return false;
  return std::any_of(acls.begin(), acls.end(), [](const Json& acl) {
    return member(acl, "principal") == "users" && member(acl, "permission") == kManage;
  });
}

void plan_actions(const engine::PlanContext& context, model::Change& change) {
  const Json name = member(context.desired, "name");
  AclCalls acls(context, change, name);
  if (context.actual != nullptr) return acls.change_from(member(context.actual->document, "$acls"));
  // The platform grants MANAGE on a new scope by itself: to `users` when asked, else to the caller.
  Json body = {{"scope", name}};
  std::string manager = scim::caller_of(context.target_platform);
  if (users_manage(member(context.desired, "$acls"))) {
    manager = "users";
    body["initial_manage_principal"] = manager;
  }
  change.actions.push_back(engine::create_action(context, change, std::move(body)));
  Json present = Json::array();
  if (!manager.empty()) present.push_back({{"principal", manager}, {"permission", kManage}});
  acls.change_from(present);
}

const engine::Kind kDefinition{
    .name = "secret_scope",
    .title = "secret scope",
    .plural = "secret scopes",
    .wave = 2,
    .family = "secrets",
    .id_field = "name",
    .key_field = "name",
    .list = kScopes,
    .create = "POST /api/2.0/secrets/scopes/create",
    .remove = "POST /api/2.0/secrets/scopes/delete",
    .id_in_body = "scope",
    .fields = kFields,
    .discover = discover,
    .read_more = read_acls,
    .respect_target = respect_target,
    .classify = classify,
    .plan_actions = plan_actions,
};

}  // namespace lakeshift::kinds::secret_scope
