// Instance pools.
#include "twin/access.h"
#include "twin/principals.h"
#include "twin/service.h"

namespace lakeshift::twin::services::instance_pools {
namespace {

constexpr std::string_view kKind = "instance_pool";

Result<Row> find(const Context& context, const std::string& id) {
  const Row* row = context.store.get(kKind, id);
  if (row == nullptr) return missing("Can't find an instance pool with id: " + id);
  return *row;
}

Status check_name(const Context& context, const Json& pool, const std::string& id) {
  const std::string name = text_at(pool, "instance_pool_name");
  if (name.empty() || name.size() > 100)
    return invalid("instance_pool_name must have 1 to 100 characters");
  const Row* same = context.store.by_key(kKind, name);
  if (same != nullptr && same->id != id)
    return invalid("An instance pool with the name '" + name + "' already exists");
  return {};
}

Status check_sizes(const Json& pool) {
  const long long idle = int_at(pool, "min_idle_instances");
  const Json& most = member(pool, "max_capacity");
  if (most.is_number() && idle > most.get<long long>())
    return invalid("min_idle_instances " + std::to_string(idle) + " is greater than max_capacity " +
                   scalar_text(most));
  const long long minutes = int_at(pool, "idle_instance_autotermination_minutes");
  if (minutes < 0 || minutes > 10'000)
    return invalid("idle_instance_autotermination_minutes must be between 0 and 10000");
  return {};
}

Json shown(const Row& row) {
  Json pool = without_private(row.document);
  pool["state"] = "ACTIVE";
  pool["status"] = Json::object();
  pool["stats"] = {{"used_count", 0},
                   {"idle_count", int_at(pool, "min_idle_instances")},
                   {"pending_used_count", 0},
                   {"pending_idle_count", 0}};
  return pool;
}

void complete(const Context& context, Json& pool, const std::string& id) {
  pool["instance_pool_id"] = id;
  pool["default_tags"] = {{"Vendor", "Databricks"},
                          {"DatabricksInstancePoolId", id},
                          {"DatabricksInstancePoolCreatorId", context.caller.id}};
  if (!pool.contains("min_idle_instances")) pool["min_idle_instances"] = 0;
  if (!pool.contains("idle_instance_autotermination_minutes"))
    pool["idle_instance_autotermination_minutes"] = 60;
  if (!pool.contains("enable_elastic_disk")) pool["enable_elastic_disk"] = context.on("azure");
  if (context.on("azure") && !pool.contains("azure_attributes"))
    pool["azure_attributes"] = {{"availability", "ON_DEMAND_AZURE"}};
  if (context.on("aws") && !pool.contains("aws_attributes"))
    pool["aws_attributes"] = {
        {"availability", "SPOT"}, {"zone_id", "auto"}, {"spot_bid_price_percent", 100}};
  if (context.on("gcp") && !pool.contains("gcp_attributes"))
    pool["gcp_attributes"] = {{"gcp_availability", "ON_DEMAND_GCP"}};
}

Result<Answer> create(Context& context, const Call& call) {
  Json pool = call.body;
  LS_TRY(check_name(context, pool, ""));
  LS_TRY(check_sizes(pool));
  LS_TRY(apply_rules(context, {kKind, pool}));
  const std::string id = cluster_like_id(context, "pool").substr(0, 12) + "pool" +
                         hex_id(context, "pool", false).substr(0, 4) + "-pool-" +
                         hex_id(context, "pool", false).substr(0, 8);
  complete(context, pool, id);
  const std::string name = text_at(pool, "instance_pool_name");
  context.store.put(std::string(kKind), id, name, std::move(pool));
  grant_to_creator(context, "instance-pools", id, context.caller);
  return Answer(Json{{"instance_pool_id", id}});
}

Result<Answer> get(Context& context, const Call& call) {
  LS_ASSIGN(const Row row, find(context, call.query_text("instance_pool_id")));
  return Answer(shown(row));
}

Result<Answer> list(Context& context, const Call&) {
  Json pools = Json::array();
  for (const Row* row : visible_rows(context, kKind)) pools.push_back(shown(*row));
  return Answer(page_body("instance_pools", std::move(pools), ""));
}

Result<Answer> edit(Context& context, const Call& call) {
  LS_ASSIGN(const Row row, find(context, text_at(call.body, "instance_pool_id")));
  const Json& before = row.document;
  if (text_at(call.body, "node_type_id") != text_at(before, "node_type_id"))
    return invalid("node_type_id of pool " + row.id + " cannot be changed from " +
                   text_at(before, "node_type_id") + " to " + text_at(call.body, "node_type_id"));
  LS_TRY(check_name(context, call.body, row.id));
  Json pool = before;
  // What an edit leaves out goes back to its default, but for what cannot be edited at all.
  for (const char* name :
       {"custom_tags", "idle_instance_autotermination_minutes", "max_capacity",
        "min_idle_instances", "remote_disk_throughput", "total_initial_remote_disk_size"})
    pool.erase(name);
  overlay(pool, call.body);
  LS_TRY(check_sizes(pool));
  LS_TRY(apply_rules(context, {kKind, pool, &before}));
  complete(context, pool, row.id);
  pool["default_tags"] = member(before, "default_tags");
  const std::string name = text_at(pool, "instance_pool_name");
  context.store.put(std::string(kKind), row.id, name, std::move(pool));
  return Answer(Json::object());
}

Result<Answer> remove(Context& context, const Call& call) {
  LS_ASSIGN(const Row row, find(context, text_at(call.body, "instance_pool_id")));
  forget_grants(context.store, row.id);
  context.store.erase(std::string(kKind), row.id);
  return Answer(Json::object());
}

constexpr Endpoint kEndpoints[] = {{"POST", "/api/2.0/instance-pools/create", create},
                                   {"GET", "/api/2.0/instance-pools/get", get},
                                   {"GET", "/api/2.0/instance-pools/list", list},
                                   {"POST", "/api/2.0/instance-pools/edit", edit},
                                   {"POST", "/api/2.0/instance-pools/delete", remove}};

Status load(Context& context, const Json& document) {
  Json pool = document;
  pool.erase("$permissions");
  std::string id = text_at(pool, "instance_pool_id");
  if (id.empty()) id = cluster_like_id(context, "pool");
  const std::string name = text_at(pool, "instance_pool_name");
  Json tags = member(pool, "default_tags");
  complete(context, pool, id);
  if (tags.is_object()) pool["default_tags"] = std::move(tags);
  context.store.put(std::string(kKind), id, name, std::move(pool));
  return {};
}

constexpr Holding kHoldings[] = {
    {kKind, "instance_pools.json", 30, load, nullptr, "instance-pools"}};

}  // namespace

extern const Service kDefinition;
const Service kDefinition = {"instance_pools", kEndpoints, kHoldings};

}  // namespace lakeshift::twin::services::instance_pools
