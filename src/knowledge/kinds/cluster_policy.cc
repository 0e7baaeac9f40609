// Cluster policies. Source: databricks-sdk 0.156 (cluster policies 2.0).
#include "core/engine/generic.h"
#include "core/engine/kind.h"
#include "knowledge/kinds/calls.h"
#include "knowledge/kinds/compute_fields.h"
#include "knowledge/kinds/secret_texts.h"

namespace lakeshift::kinds::cluster_policy {

constexpr std::string_view kFamily = "policies";

constexpr Field kFields[] = {
    means("definition", Meaning::policy_rules),
    or_absent("\"\"", means("description", Meaning::free_text)),
    set_of("libraries", kLibrary),
    plain("max_clusters_per_user"),
    plain("name"),
    means("policy_family_definition_overrides", Meaning::policy_rules),
    plain("policy_family_id"),
    permissions_row(),
    read_only("created_at_timestamp"),
    read_only("creator_user_name"),
    read_only("is_default"),
    read_only("policy_id"),
};

Status read_more(const engine::Kind& kind, engine::DiscoverContext& context,
                 model::Object& object) {
  Json& document = object.document;
  for (const char* name : {"policy_family_id", "policy_family_definition_overrides"})
    if (text_at(document, name).empty()) document.erase(name);
  // What a family's policy answers as definition is the family's own and the overrides merged;
  // families differ by cloud, and a definition cannot be sent together with a family.
  if (document.contains("policy_family_id")) document.erase("definition");
  take_out_secrets(kind, context, object);
  return {};
}

void classify(const engine::PlanContext& context, model::Change& change) {
  block_holes(context, change);
  if (context.actual == nullptr && bool_at(context.source_document, "is_default"))
    block(change, "platform-policy-missing",
          "the platform makes this policy by itself, and the target has none of that name; clone "
          "it in the source "
          "under a name of its own and let its users use the clone");
}

extern const engine::Kind kDefinition;
const engine::Kind kDefinition{
    .name = "cluster_policy",
    .title = "cluster policy",
    .plural = "cluster policies",
    .wave = 5,
    .family = kFamily,
    .id_field = "policy_id",
    .key_field = "name",
    .list = {.path = "/api/2.0/policies/clusters/list", .items = "policies"},
    .create = "POST /api/2.0/policies/clusters/create",
    .update = "POST /api/2.0/policies/clusters/edit",
    .remove = "POST /api/2.0/policies/clusters/delete",
    .bind = "policy_id",
    .id_in_body = "policy_id",
    .permissions = "cluster-policies",
    .fields = kFields,
    .read_more = read_more,
    .classify = classify,
};

}  // namespace lakeshift::kinds::cluster_policy
