// Cluster policies and policy families.
#include <algorithm>

#include "twin/access.h"
#include "twin/policy.h"
#include "twin/service.h"

namespace lakeshift::twin::services::cluster_policies {
namespace {

constexpr std::string_view kKind = "cluster_policy";

Result<Row> find(const Context& context, const std::string& id) {
  const Row* row = context.store.get(kKind, id);
  if (row == nullptr) return missing("Can't find a cluster policy with id: " + id + ".");
  return *row;
}

Result<Json> shown(const Context& context, const Row& row) {
  Json policy = without_private(row.document);
  if (!text_at(policy, "policy_family_id").empty()) {
    LS_ASSIGN(const Json definition, effective_definition(context, policy));
    policy["definition"] = dump_json(definition);
  }
  return policy;
}

Status check(const Context& context, const Json& policy, const std::string& id) {
  const std::string name = text_at(policy, "name");
  if (name.empty() || name.size() > 100)
    return invalid("A policy name must have 1 to 100 characters");
  const Row* same = context.store.by_key(kKind, name);
  if (same != nullptr && same->id != id)
    return invalid("Policy with name '" + name + "' already exists");
  const bool has_family = !text_at(policy, "policy_family_id").empty();
  if (has_family && !text_at(policy, "definition").empty())
    return invalid(
        "definition and policy_family_id exclude each other; use "
        "policy_family_definition_overrides");
  if (!has_family && !text_at(policy, "policy_family_definition_overrides").empty())
    return invalid("policy_family_definition_overrides needs policy_family_id");
  if (!has_family && !policy.contains("definition"))
    return invalid("missing required field 'definition'");
  if (text_at(policy, "description").size() > 1000)
    return invalid("A policy description has at most 1000 characters");
  const Json& most = member(policy, "max_clusters_per_user");
  if (most.is_number() && most.get<long long>() <= 0)
    return invalid("max_clusters_per_user must be greater than 0");
  LS_ASSIGN(const Json definition, effective_definition(context, policy));
  return apply_rules(context, {kKind, definition});
}

Result<Answer> create(Context& context, const Call& call) {
  Json policy = call.body;
  LS_TRY(check(context, policy, ""));
  const std::string id = hex_id(context, "policy", true);
  policy["policy_id"] = id;
  policy["creator_user_name"] = context.caller.name;
  policy["created_at_timestamp"] = context.now;
  policy["is_default"] = false;
  const std::string name = text_at(policy, "name");
  context.store.put(std::string(kKind), id, name, std::move(policy));
  return Answer(Json{{"policy_id", id}});
}

Result<Answer> get(Context& context, const Call& call) {
  LS_ASSIGN(const Row row, find(context, call.query_text("policy_id")));
  LS_ASSIGN(Json policy, shown(context, row));
  return Answer(std::move(policy));
}

Result<Answer> list(Context& context, const Call& call) {
  // "Create and manage compute policies", requirements: policies require the premium plan.
  if (context.options.tier == "standard")
    return refuse("FEATURE_DISABLED", "Cluster policies are not available on the standard tier");
  std::vector<const Row*> rows = visible_rows(context, kKind);
  const std::string column = call.query_text("sort_column", "POLICY_CREATION_TIME");
  std::stable_sort(rows.begin(), rows.end(), [&](const Row* a, const Row* b) {
    if (column == "POLICY_NAME") return a->key < b->key;
    return int_at(a->document, "created_at_timestamp") <
           int_at(b->document, "created_at_timestamp");
  });
  if (call.query_text("sort_order", "DESC") == "DESC") std::reverse(rows.begin(), rows.end());
  Json policies = Json::array();
  for (const Row* row : rows) {
    LS_ASSIGN(Json policy, shown(context, *row));
    policies.push_back(std::move(policy));
  }
  return Answer(page_body("policies", std::move(policies), ""));
}

Result<Answer> edit(Context& context, const Call& call) {
  LS_ASSIGN(const Row row, find(context, text_at(call.body, "policy_id")));
  Json policy = call.body;
  if (bool_at(row.document, "is_default") && text_at(policy, "name") != row.key)
    return invalid("the name of default policy '" + row.key + "' cannot be changed");
  if (!policy.contains("name")) policy["name"] = row.key;
  LS_TRY(check(context, policy, row.id));
  for (const char* name : {"policy_id", "creator_user_name", "created_at_timestamp", "is_default"})
    if (row.document.contains(name)) policy[name] = row.document[name];
  const std::string name = text_at(policy, "name");
  context.store.put(std::string(kKind), row.id, name, std::move(policy));
  return Answer(Json::object());
}

Result<Answer> remove(Context& context, const Call& call) {
  LS_ASSIGN(const Row row, find(context, text_at(call.body, "policy_id")));
  forget_grants(context.store, row.id);
  context.store.erase(std::string(kKind), row.id);
  return Answer(Json::object());
}

Json family_json(const PolicyFamily& family) {
  return {{"policy_family_id", family.id},
          {"name", family.name},
          {"description", family.description},
          {"definition", family.definition}};
}

Result<Answer> families(Context&, const Call&) {
  Json list = Json::array();
  for (const PolicyFamily& family : policy_families()) list.push_back(family_json(family));
  return Answer(page_body("policy_families", std::move(list), ""));
}

Result<Answer> family(Context&, const Call& call) {
  for (const PolicyFamily& family : policy_families()) {
    if (family.id == call.parameter("id")) return Answer(family_json(family));
  }
  return missing("policy family '" + call.parameter("id") + "' does not exist");
}

Result<Answer> compliance(Context& context, const Call& call) {
  const Row* cluster = context.store.get("cluster", call.query_text("cluster_id"));
  if (cluster == nullptr)
    return missing("Cluster " + call.query_text("cluster_id") + " does not exist");
  const Row* policy = context.store.get(kKind, text_at(cluster->document, "policy_id"));
  if (policy == nullptr) return Answer(Json{{"is_compliant", true}});
  LS_ASSIGN(const Json definition, effective_definition(context, policy->document));
  const Json violations = policy_violations(definition, cluster->document);
  return Answer(Json{{"is_compliant", violations.empty()}, {"violations", violations}});
}

constexpr Endpoint kEndpoints[] = {{"POST", "/api/2.0/policies/clusters/create", create},
                                   {"GET", "/api/2.0/policies/clusters/get", get},
                                   {"GET", "/api/2.0/policies/clusters/list", list},
                                   {"POST", "/api/2.0/policies/clusters/edit", edit},
                                   {"POST", "/api/2.0/policies/clusters/delete", remove},
                                   {"GET", "/api/2.0/policies/clusters/get-compliance", compliance},
                                   {"GET", "/api/2.0/policy-families", families},
                                   {"GET", "/api/2.0/policy-families/{id}", family}};

Status load(Context& context, const Json& document) {
  Json policy = document;
  policy.erase("$permissions");
  // get shows a family's whole definition; what makes the policy is the family and its overrides.
  if (!text_at(policy, "policy_family_id").empty()) policy.erase("definition");
  std::string id = text_at(policy, "policy_id");
  if (id.empty()) id = hex_id(context, "policy", true);
  policy["policy_id"] = id;
  LS_ASSIGN(const Json definition, effective_definition(context, policy));
  const std::string name = text_at(policy, "name");
  context.store.put(std::string(kKind), id, name, std::move(policy));
  return {};
}

constexpr Holding kHoldings[] = {
    {kKind, "cluster_policies.json", 31, load, nullptr, "cluster-policies"}};

}  // namespace

extern const Service kDefinition;
const Service kDefinition = {"cluster_policies", kEndpoints, kHoldings};

}  // namespace lakeshift::twin::services::cluster_policies
