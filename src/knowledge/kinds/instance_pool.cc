// Instance pools. Source: databricks-sdk 0.156 (instance pools 2.0): what edit does not take is
// fixed at creation.
#include "core/engine/generic.h"
#include "core/engine/kind.h"
#include "knowledge/kinds/calls.h"
#include "knowledge/kinds/compute_fields.h"
#include "knowledge/kinds/secret_texts.h"

namespace lakeshift::kinds::instance_pool {

constexpr std::string_view kFamily = "instance-pools";
constexpr const char* kIdle = "min_idle_instances";

constexpr Field kPoolAwsAttributes[] = {
    plain("availability"),
    means("instance_profile_arn", Meaning::cloud_identity, "instance_profile"),
    plain("spot_bid_price_percent"),
    plain("zone_id"),
};
constexpr Field kPoolAzureAttributes[] = {
    plain("availability"),
    plain("capacity_reservation_group"),
    plain("spot_bid_max_price"),
};
constexpr Field kPoolGcpAttributes[] = {
    plain("gcp_availability"),
    plain("local_ssd_count"),
    plain("zone_id"),
};
constexpr Field kDiskType[] = {plain("azure_disk_volume_type"), plain("ebs_volume_type")};
constexpr Field kDisks[] = {
    plain("disk_count"),      plain("disk_iops"),           plain("disk_size"),
    plain("disk_throughput"), part("disk_type", kDiskType),
};
constexpr Field kRuntimes[] = {means("", Meaning::runtime)};

constexpr Field fixed(Field row) { return as(Role::create_only, row); }

constexpr Field kFields[] = {
    whole(Meaning::pool_compute),
    fixed(part("aws_attributes", kPoolAwsAttributes)),
    fixed(part("azure_attributes", kPoolAzureAttributes)),
    map_of("custom_tags", kFreeValues),
    fixed(part("disk_spec", kDisks)),
    fixed(plain("enable_elastic_disk", "false")),
    fixed(part("gcp_attributes", kPoolGcpAttributes)),
    plain("idle_instance_autotermination_minutes"),
    plain("instance_pool_name"),
    plain("max_capacity"),
    plain("min_idle_instances", "0"),
    fixed(part("node_type_flexibility", kNodeTypeFlexibility)),
    fixed(means("node_type_id", Meaning::node_type)),
    fixed(list_of("preloaded_docker_images", kDockerImage)),
    fixed(set_of("preloaded_spark_versions", kRuntimes)),
    plain("remote_disk_throughput"),
    plain("total_initial_remote_disk_size"),
    permissions_row(),
    read_only("default_tags"),
    read_only("instance_pool_id"),
    read_only("state"),
    read_only("stats"),
    read_only("status"),
};

Status read_more(const engine::Kind& kind, engine::DiscoverContext& context,
                 model::Object& object) {
  take_out_secrets(kind, context, object);
  return {};
}

std::string out_of_scope(const Json& document) {
  return text_at(document, "state") == "DELETED" ? "deleted" : std::string();
}

// Idle instances are machines that run and cost before anybody uses them.
void make_inert(Json& desired) {
  if (int_at(desired, kIdle) > 0) desired[kIdle] = 0;
}
bool runs_by_itself(const Json& document) { return int_at(document, kIdle) > 0; }

// edit wants the node type again, although it cannot change it, and resets what it is not told.
Json edit_body(const Json& document, const Json& actual) {
  Json body = model::keep_for_update(document, kFields);
  body["node_type_id"] = member(actual, "node_type_id");
  return body;
}

model::Action idle_call(const model::Object& object, std::string_view name, Json count) {
  Json body = edit_body(object.document, object.document);
  body["instance_pool_id"] = object.id.id;
  body[kIdle] = std::move(count);
  return call_of(name, "POST /api/2.0/instance-pools/edit", std::move(body), kFamily);
}

std::vector<model::Action> pause(const model::Object& object) {
  if (!runs_by_itself(object.document)) return {};
  return {idle_call(object, "release idle instances", 0)};
}
std::vector<model::Action> resume(const model::Object& object, const Json& like) {
  if (!runs_by_itself(like)) return {};
  return {idle_call(object, "keep idle instances", member(like, kIdle))};
}
// Instances that are waiting cannot lose work; clusters on the pool are counted where they run.
Result<long long> active_runs(engine::Platform&, const model::Object&, std::stop_token) {
  return 0;
}

void plan_actions(const engine::PlanContext& context, model::Change& change) {
  if (context.actual == nullptr)
    change.actions.push_back(engine::create_action(
        context, change, model::keep_for_create(context.desired, context.kind.fields)));
  else if (differs_in_document(change))
    change.actions.push_back(engine::update_action(
        context, change, edit_body(context.desired, context.actual->document)));
  add_grants(context, change);
}

extern const engine::Kind kDefinition;
const engine::Kind kDefinition{
    .name = "instance_pool",
    .title = "instance pool",
    .plural = "instance pools",
    .wave = 5,
    .family = kFamily,
    .id_field = "instance_pool_id",
    .key_field = "instance_pool_name",
    .list = {.path = "/api/2.0/instance-pools/list", .items = "instance_pools"},
    .create = "POST /api/2.0/instance-pools/create",
    .update = "POST /api/2.0/instance-pools/edit",
    .remove = "POST /api/2.0/instance-pools/delete",
    .bind = "instance_pool_id",
    .id_in_body = "instance_pool_id",
    .permissions = "instance-pools",
    .stamp_field = "custom_tags",
    .fields = kFields,
    .read_more = read_more,
    .out_of_scope = out_of_scope,
    .classify = block_holes,
    .make_inert = make_inert,
    .plan_actions = plan_actions,
    .runs_by_itself = runs_by_itself,
    .pause = pause,
    .resume = resume,
    .active_runs = active_runs,
};

}  // namespace lakeshift::kinds::instance_pool
