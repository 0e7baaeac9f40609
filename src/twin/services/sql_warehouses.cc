// SQL warehouses and the workspace's warehouse configuration.
#include <algorithm>

#include "twin/access.h"
#include "twin/principals.h"
#include "twin/service.h"

namespace lakeshift::twin::services::sql_warehouses {
namespace {

constexpr std::string_view kKind = "sql_warehouse";
constexpr long long kStarting = 10'000;
// SDK: "Supported values" of cluster_size.
constexpr std::string_view kSizes[] = {"2X-Small", "X-Small",  "Small",    "Medium",   "Large",
                                       "X-Large",  "2X-Large", "3X-Large", "4X-Large", "5X-Large"};

Result<Row> find(const Context& context, const std::string& id) {
  const Row* row = context.store.get(kKind, id);
  if (row == nullptr) return missing("SQL warehouse " + id + " does not exist.");
  return *row;
}

std::string state_of(const Context& context, const Json& warehouse) {
  if (text_at(warehouse, "$wanted", "STOPPED") != "RUNNING") return "STOPPED";
  const long long up = context.now - int_at(warehouse, "$since");
  const long long minutes = int_at(warehouse, "auto_stop_mins");
  if (minutes > 0 && up > kStarting + minutes * 60'000) return "STOPPED";
  return up < kStarting ? "STARTING" : "RUNNING";
}

Json shown(const Context& context, const Row& row) {
  Json warehouse = without_private(row.document);
  const std::string state = state_of(context, row.document);
  const std::string host =
      context.host.empty() ? "localhost" : context.host.substr(context.host.find("://") + 3);
  warehouse["id"] = row.id;
  warehouse["state"] = state;
  warehouse["num_clusters"] = state == "RUNNING" ? int_at(warehouse, "min_num_clusters", 1) : 0;
  warehouse["num_active_sessions"] = 0;
  warehouse["jdbc_url"] =
      "jdbc:spark://" + host +
      ":443/default;transportMode=http;ssl=1;AuthMech=3;httpPath=/sql/1.0/warehouses/" + row.id +
      ";";
  warehouse["odbc_params"] = {{"hostname", host},
                              {"path", "/sql/1.0/warehouses/" + row.id},
                              {"protocol", "https"},
                              {"port", 443}};
  warehouse["health"] = {{"status", "HEALTHY"}};
  return warehouse;
}

Status check(const Context& context, const Json& warehouse, const std::string& id) {
  const std::string name = text_at(warehouse, "name");
  if (name.empty() || name.size() >= 100)
    return invalid("A warehouse name must have 1 to 99 characters");
  const Row* same = context.store.by_key(kKind, name);
  if (same != nullptr && same->id != id)
    return refuse("RESOURCE_ALREADY_EXISTS",
                  "SQL warehouse with name `" + name + "` already exists");
  const std::string size = text_at(warehouse, "cluster_size");
  if (std::find(std::begin(kSizes), std::end(kSizes), size) == std::end(kSizes))
    return invalid("'" + size + "' is not a warehouse size");
  const long long least = int_at(warehouse, "min_num_clusters", 1);
  const long long most = int_at(warehouse, "max_num_clusters", 1);
  if (least < 1 || least > std::min<long long>(most, 30))
    return invalid("min_num_clusters must be at least 1 and at most max_num_clusters and 30");
  if (most > 40) return invalid("max_num_clusters must be at most 40");
  const long long minutes = int_at(warehouse, "auto_stop_mins");
  const long long shortest = bool_at(warehouse, "enable_serverless_compute") ? 1 : 10;
  if (minutes != 0 && minutes < shortest)
    return invalid("auto_stop_mins must be 0 or at least " + std::to_string(shortest));
  if (bool_at(warehouse, "enable_serverless_compute") &&
      text_at(warehouse, "warehouse_type") != "PRO")
    return invalid("enable_serverless_compute needs warehouse_type PRO");
  const Json& tags = member(member(warehouse, "tags"), "custom_tags");
  if (tags.is_array() && tags.size() >= 45) return invalid("a warehouse has fewer than 45 tags");
  return apply_rules(context, {kKind, warehouse});
}

void complete(Json& warehouse) {
  const Json defaults = {{"auto_stop_mins", 120},
                         {"channel", {{"name", "CHANNEL_NAME_CURRENT"}}},
                         {"enable_photon", true},
                         {"enable_serverless_compute", false},
                         {"max_num_clusters", 1},
                         {"min_num_clusters", 1},
                         {"spot_instance_policy", "COST_OPTIMIZED"},
                         {"warehouse_type", "CLASSIC"},
                         {"cluster_size", "X-Large"}};
  for (const auto& [name, value] : defaults.items()) {
    if (!warehouse.contains(name)) warehouse[name] = value;
  }
  if (text_at(warehouse, "warehouse_type") == "TYPE_UNSPECIFIED")
    warehouse["warehouse_type"] = "CLASSIC";
}

Result<Answer> create(Context& context, const Call& call) {
  Json warehouse = call.body;
  complete(warehouse);
  LS_TRY(check(context, warehouse, ""));
  const std::string id = hex_id(context, "warehouse", false);
  if (text_at(warehouse, "creator_name").empty()) warehouse["creator_name"] = context.caller.name;
  warehouse["$wanted"] = "RUNNING";  // a new warehouse starts by itself
  warehouse["$since"] = context.now;
  const std::string name = text_at(warehouse, "name");
  context.store.put(std::string(kKind), id, name, std::move(warehouse));
  grant_to_creator(context, "warehouses", id, context.caller);
  return Answer(Json{{"id", id}});
}

Result<Answer> get(Context& context, const Call& call) {
  LS_ASSIGN(const Row row, find(context, call.parameter("id")));
  return Answer(shown(context, row));
}

Result<Answer> list(Context& context, const Call& call) {
  LS_ASSIGN(const Page page,
            page_of(context, visible_rows(context, kKind), call.query_text("page_token"),
                    call.query_int("page_size", 0), {1000, 1000}));
  Json warehouses = Json::array();
  for (const Row* row : page.rows) warehouses.push_back(shown(context, *row));
  return Answer(page_body("warehouses", std::move(warehouses), page.next_token));
}

void keep(Context& context, const Row& row, Json warehouse) {
  const std::string name = text_at(warehouse, "name");
  context.store.put(std::string(kKind), row.id, name, std::move(warehouse));
}

Result<Answer> edit(Context& context, const Call& call) {
  LS_ASSIGN(const Row row, find(context, call.parameter("id")));
  Json warehouse = row.document;
  overlay(warehouse, call.body);
  complete(warehouse);
  LS_TRY(check(context, warehouse, row.id));
  keep(context, row, std::move(warehouse));
  return Answer(Json::object());
}

Result<Answer> set_wanted(Context& context, const Call& call, std::string_view wanted) {
  LS_ASSIGN(const Row row, find(context, call.parameter("id")));
  Json warehouse = row.document;
  const bool is_up = state_of(context, warehouse) != "STOPPED";
  if (is_up != (wanted == "RUNNING")) {
    warehouse["$wanted"] = wanted;
    warehouse["$since"] = context.now;
    keep(context, row, std::move(warehouse));
  }
  return Answer(Json::object());
}
Result<Answer> start(Context& context, const Call& call) {
  return set_wanted(context, call, "RUNNING");
}
Result<Answer> stop(Context& context, const Call& call) {
  return set_wanted(context, call, "STOPPED");
}

Result<Answer> remove(Context& context, const Call& call) {
  LS_ASSIGN(const Row row, find(context, call.parameter("id")));
  forget_grants(context.store, row.id);
  context.store.erase(std::string(kKind), row.id);
  return Answer(Json::object());
}

Result<Answer> get_config(Context& context, const Call&) {
  const Row* row = context.store.get("warehouse_config", "config");
  if (row != nullptr) return Answer(row->document);
  return Answer(Json{{"security_policy", "DATA_ACCESS_CONTROL"},
                     {"data_access_config", Json::array()},
                     {"sql_configuration_parameters", Json::object()}});
}

Result<Answer> set_config(Context& context, const Call& call) {
  LS_TRY(apply_rules(context, {kKind, call.body}));
  context.store.put("warehouse_config", "config", "", call.body);
  return Answer(Json::object());
}

constexpr Endpoint kEndpoints[] = {{"POST", "/api/2.0/sql/warehouses", create},
                                   {"GET", "/api/2.0/sql/warehouses", list},
                                   {"GET", "/api/2.0/sql/warehouses/{id}", get},
                                   {"POST", "/api/2.0/sql/warehouses/{id}/edit", edit},
                                   {"POST", "/api/2.0/sql/warehouses/{id}/start", start},
                                   {"POST", "/api/2.0/sql/warehouses/{id}/stop", stop},
                                   {"DELETE", "/api/2.0/sql/warehouses/{id}", remove},
                                   {"GET", "/api/2.0/sql/config/warehouses", get_config},
                                   {"PUT", "/api/2.0/sql/config/warehouses", set_config}};

Status load(Context& context, const Json& document) {
  Json warehouse = document;
  warehouse.erase("$permissions");
  complete(warehouse);
  std::string id = text_at(warehouse, "id");
  if (id.empty()) id = hex_id(context, "warehouse", false);
  if (!warehouse.contains("$wanted")) {
    const bool up =
        text_at(warehouse, "state") == "RUNNING" || text_at(warehouse, "state") == "STARTING";
    warehouse["$wanted"] = up ? "RUNNING" : "STOPPED";
    warehouse["$since"] = context.now - kStarting;
  }
  if (text_at(warehouse, "creator_name").empty()) warehouse["creator_name"] = context.caller.name;
  const auto creator = find_principal(context.store, text_at(warehouse, "creator_name"));
  const std::string name = text_at(warehouse, "name");
  context.store.put(std::string(kKind), id, name, std::move(warehouse));
  grant_to_creator(context, "warehouses", id, creator.value_or(context.caller));
  return {};
}

Json give(const Context& context, const Row& row) {
  Json document = shown(context, row);
  document["$wanted"] = text_at(row.document, "$wanted");
  document["$since"] = int_at(row.document, "$since");
  return document;
}

constexpr Holding kHoldings[] = {{kKind, "warehouses.json", 33, load, give, "warehouses"}};

}  // namespace

extern const Service kDefinition;
const Service kDefinition = {"sql_warehouses", kEndpoints, kHoldings};

}  // namespace lakeshift::twin::services::sql_warehouses
