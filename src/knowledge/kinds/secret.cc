// Secrets: only their names are ever in a document. The value is a placeholder that apply streams
// from its source and verify compares by keyed hash.
#include "core/base/json.h"
#include "core/engine/generic.h"
#include "knowledge/kinds/cloud_facts.h"
#include "knowledge/kinds/shared_list.h"

namespace lakeshift::kinds::secret {
extern const engine::Kind kDefinition;

using model::Meaning;
using model::Role;

constexpr model::Field kFields[] = {
    {.name = "scope",
     .role = Role::create_only,
     .meaning = Meaning::reference_key,
     .target = "secret_scope"},
    {.name = "key", .role = Role::create_only},
    {.name = "string_value", .role = Role::secret},
    {.name = "last_updated_timestamp", .role = Role::read_only},
    {.name = "$id", .role = Role::read_only},
    {.name = "$backend_type", .role = Role::read_only},
};

constexpr engine::Listing kListing{.path = "/api/2.0/secrets/list", .items = "secrets"};

std::string natural_key(const Json& document) {
  return text_at(document, "scope") + "/" + text_at(document, "key");
}

model::Finding not_listed(const std::string& scope, const Error& error) {
  model::Finding finding;
  finding.code = "secrets-not-listed";
  finding.severity = model::Severity::blocking;
  finding.kind = "secret_scope";
  finding.key = scope;
  finding.cause = "the names of the scope's secrets are not known: " + error.message;
  finding.remedy = error.remedy.empty()
                       ? "let the account that lakeshift uses read the scope, then discover again"
                       : error.remedy;
  finding.evidence = error.to_text();
  return finding;
}

void read_scope(const engine::Kind& kind, engine::DiscoverContext& context, const Json& scope) {
  const std::string name = text_at(scope, "name");
  const Status read = engine::each_item(
      context.platform, kListing, {{"scope", name}}, kind.family, context.run.stop,
      [&](Json&& item) -> Status {
        context.listed(1);
        item["scope"] = name;
        item["$backend_type"] = text_at(scope, "backend_type", "DATABRICKS");
        item["$id"] = natural_key(item);
        model::Object object;
        object.id = {context.platform.side(), std::string(kind.name), text_at(item, "$id")};
        object.document = std::move(item);
        engine::finish_object(kind, context, std::move(object));
        return {};
      });
  // A scope that went away meanwhile took its secrets with it.
  if (!read && read.error().code != "not-found") context.finding(not_listed(name, read.error()));
}

Status discover(const engine::Kind& kind, engine::DiscoverContext& context) {
  LS_ASSIGN(std::vector<Json> scopes, list_once(context, kScopes, Json::object(), kind.family));
  for (Json& scope : scopes)
    context.tasks.add(
        [&kind, &context, scope = std::move(scope)] { read_scope(kind, context, scope); });
  return {};
}

// Where the target's scope is a view of the vault too, its secrets come with the vault.
void classify(const engine::PlanContext& context, model::Change& change) {
  const bool from_vault = text_at(context.source_document, "$backend_type") == kKeyVault;
  if (!from_vault || !has_key_vault_scopes(context.target_platform) || context.actual != nullptr)
    return;
  change.verb = model::Verb::manual;
  change.code = "key-vault-secret";
  change.reason =
      "the value is in the key vault that the scope shows: it is there once the scope is, or once "
      "it is put into the "
      "target's vault";
  change.owner = "owner of the key vault";
}

void plan_actions(const engine::PlanContext& context, model::Change& change) {
  if (context.actual != nullptr && text_at(context.actual->document, "$backend_type") == kKeyVault)
    return;  // a vault's values are not set through the workspace
  const Json& source = context.source_document;
  model::Action action;
  action.name = context.actual == nullptr ? "create" : "update";
  action.method = "POST";
  action.path = "/api/2.0/secrets/put";
  action.body = {{"scope", member(context.desired, "scope")},
                 {"key", member(context.desired, "key")},
                 {"string_value",
                  {{"$secret",
                    {{"side", change.source.side},
                     {"scope", member(source, "scope")},
                     {"key", member(source, "key")}}}}}};
  action.effect = model::Effect::idempotent;
  action.family = std::string(context.kind.family);
  action.note =
      "the value is streamed from its source while the plan is carried out, and kept nowhere";
  change.actions.push_back(std::move(action));
}

const engine::Kind kDefinition{
    .name = "secret",
    .title = "secret",
    .plural = "secrets",
    .wave = 2,
    .family = "secrets",
    .id_field = "$id",
    .create = "POST /api/2.0/secrets/put",
    .update = "POST /api/2.0/secrets/put",
    .remove = "POST /api/2.0/secrets/delete",
    .fields = kFields,
    .discover = discover,
    .natural_key = natural_key,
    .classify = classify,
    .plan_actions = plan_actions,
};

}  // namespace lakeshift::kinds::secret
