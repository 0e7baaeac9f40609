// SQL warehouses. Source: databricks-sdk 0.156 (warehouses 2.0).
#include "core/engine/generic.h"
#include "core/engine/kind.h"
#include "knowledge/kinds/addresses.h"
#include "knowledge/kinds/calls.h"
#include "knowledge/kinds/field_rows.h"

namespace lakeshift::kinds::sql_warehouse {

constexpr std::string_view kFamily = "warehouses";

constexpr Field kChannel[] = {
    plain("dbsql_version"),
    plain("name", "\"CHANNEL_NAME_CURRENT\""),
};
constexpr Field kTag[] = {plain("key"), means("value", Meaning::free_text)};
constexpr Field kTags[] = {set_of("custom_tags", kTag)};

constexpr Field kFields[] = {
    plain("auto_stop_mins", "120"),
    part("channel", kChannel),
    plain("cluster_size"),
    plain("enable_photon", "true"),
    plain("enable_serverless_compute", "false"),
    means("instance_profile_arn", Meaning::cloud_identity, "instance_profile"),
    plain("max_dbu"),
    plain("max_num_clusters", "1"),
    plain("min_num_clusters", "1"),
    plain("name"),
    plain("reyden_cluster_size_multiplier"),
    plain("spot_instance_policy"),
    plain("statement_timeout"),
    part("tags", kTags),
    plain("warehouse_type", "\"CLASSIC\""),
    permissions_row(),
    read_only("creator_name"),  // ownership is a grant
    read_only("customer_version_label"),
    read_only("health"),
    read_only("id"),
    read_only("jdbc_url"),
    read_only("num_active_sessions"),
    read_only("num_clusters"),
    read_only("odbc_params"),
    read_only("state"),
};

std::string out_of_scope(const Json& document) {
  const std::string state = text_at(document, "state");
  return state == "DELETED" || state == "DELETING" ? "deleted" : std::string();
}

// Whether a warehouse is serverless follows from two members; what is not said is the workspace's
// choice, which is how serverless warehouses have come back as others. The stamp needs a list of
// tags to go into.
Json explicit_body(Json body) {
  if (!body.contains("enable_serverless_compute")) body["enable_serverless_compute"] = false;
  if (!body.contains("warehouse_type")) body["warehouse_type"] = "CLASSIC";
  if (!at_path(body, "tags.custom_tags").is_array())
    set_path(body, "tags.custom_tags", Json::array());
  return body;
}

void plan_actions(const engine::PlanContext& context, model::Change& change) {
  const Json& desired = context.desired;
  const auto& fields = context.kind.fields;
  if (context.actual != nullptr) {
    if (differs_in_document(change))
      change.actions.push_back(engine::update_action(
          context, change, explicit_body(model::keep_for_update(desired, fields))));
  } else {
    change.actions.push_back(engine::create_action(
        context, change, explicit_body(model::keep_for_create(desired, fields))));
    change.actions.push_back(
        call_of("stop", "POST /api/2.0/sql/warehouses/" + own_id_text(context, change) + "/stop",
                Json::object(), kFamily));
    change.actions.back().note =
        "creating a warehouse starts it; the first query will start it again";
  }
  engine::add_permission_action(context, change);
}

extern const engine::Kind kDefinition;
const engine::Kind kDefinition{
    .name = "sql_warehouse",
    .title = "SQL warehouse",
    .plural = "SQL warehouses",
    .wave = 5,
    .family = kFamily,
    .id_field = "id",
    .key_field = "name",
    .list = {.path = "/api/2.0/sql/warehouses",
             .items = "warehouses",
             .paging = engine::Paging::token},
    .create = "POST /api/2.0/sql/warehouses",
    .update = "POST /api/2.0/sql/warehouses/{id}/edit",
    .remove = "DELETE /api/2.0/sql/warehouses/{id}",
    .bind = "id",
    .permissions = "warehouses",
    .stamp_field = "tags.custom_tags",
    .fields = kFields,
    .out_of_scope = out_of_scope,
    .plan_actions = plan_actions,
    .page = "/sql/warehouses/{id}",
    .addresses = warehouse_addresses,
};

}  // namespace lakeshift::kinds::sql_warehouse
