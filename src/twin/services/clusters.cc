// Clusters: life cycle by the clock, pins, owners, events; node types, runtimes and zones.
#include <algorithm>

#include "core/base/strings.h"
#include "twin/access.h"
#include "twin/compute_spec.h"
#include "twin/principals.h"
#include "twin/service.h"

namespace lakeshift::twin::services::clusters {
namespace {

constexpr long long kStopping = 5'000;  // TERMINATING, then TERMINATED
constexpr long long kKept =
    30LL * 24 * 3600 * 1000;  // terminated clusters are listed for 30 days unless pinned
constexpr std::size_t kMostPinned = 100;  // docs "Manage compute": up to 100 pinned

std::string state_of(const Context& context, const Json& cluster) {
  const std::string wanted = text_at(cluster, "$wanted", "TERMINATED");
  const long long since = int_at(cluster, "$since");
  if (wanted == "RUNNING")
    return context.now - since < context.options.cluster_starts_ms
               ? text_at(cluster, "$moving", "PENDING")
               : "RUNNING";
  return context.now - since < kStopping ? "TERMINATING" : "TERMINATED";
}

// Clusters without use end by themselves; nothing runs on a twin, so idleness starts with the
// cluster.
void settle_idle(const Context& context, Json& cluster) {
  const long long minutes = int_at(cluster, "autotermination_minutes");
  const long long ends =
      int_at(cluster, "$since") + context.options.cluster_starts_ms + minutes * 60'000;
  if (minutes > 0 && text_at(cluster, "$wanted") == "RUNNING" && context.now >= ends) {
    cluster["$wanted"] = "TERMINATED";
    cluster["$since"] = ends;
    cluster["termination_reason"] = {{"code", "INACTIVITY"}, {"type", "SUCCESS"}};
  }
}

Json shown(const Context& context, const Row& row) {
  Json cluster = row.document;
  settle_idle(context, cluster);
  const std::string state = state_of(context, cluster);
  Json answer = without_private(cluster);
  answer["state"] = state;
  if (bool_at(cluster, "$pinned")) answer["pinned_by_user_name"] = text_at(cluster, "$pinned_by");
  if (state == "TERMINATED" || state == "TERMINATING") {
    if (state == "TERMINATED") answer["terminated_time"] = int_at(cluster, "$since") + kStopping;
  } else {
    answer.erase("termination_reason");
    answer.erase("terminated_time");
    if (state == "RUNNING") answer["state_message"] = "";
  }
  return answer;
}

Result<Row> find(const Context& context, const std::string& id) {
  const Row* row = context.store.get("cluster", id);
  if (row == nullptr) return invalid("Cluster " + id + " does not exist");
  return *row;
}

Result<Row> named(const Context& context, const Call& call) {
  LS_ASSIGN(const std::string id, required_text(call.body, "cluster_id"));
  return find(context, id);
}

void keep(Context& context, const Row& row, Json cluster) {
  const std::string name = text_at(cluster, "cluster_name");
  context.store.put("cluster", row.id, name, std::move(cluster));
}

void record(Context& context, const std::string& cluster_id, std::string_view type,
            Json details = Json::object()) {
  const std::string id = std::to_string(context.store.next("cluster_event"));
  details["user"] = context.caller.name;
  context.store.put("cluster_event", id, cluster_id,
                    {{"cluster_id", cluster_id},
                     {"timestamp", context.now},
                     {"type", type},
                     {"details", std::move(details)}});
}

void start_now(Context& context, Json& cluster, std::string_view moving) {
  cluster["$wanted"] = "RUNNING";
  cluster["$moving"] = moving;
  cluster["$since"] = context.now;
  cluster["start_time"] = int_at(cluster, "start_time", context.now);
  cluster["last_restarted_time"] = context.now;
  cluster["state_message"] = "Starting Spark";
}

void add_generated(Context& context, Json& cluster, const std::string& id) {
  cluster["cluster_id"] = id;
  cluster["default_tags"] = {{"Vendor", "Databricks"},
                             {"Creator", text_at(cluster, "creator_user_name")},
                             {"ClusterName", text_at(cluster, "cluster_name")},
                             {"ClusterId", id}};
  if (!cluster.contains("spark_context_id"))
    cluster["spark_context_id"] = 1'000'000 + context.store.next("spark_context");
  if (const NodeType* node = context.reference.node_type(text_at(cluster, "node_type_id"))) {
    const long long nodes =
        int_at(cluster, "num_workers", int_at(member(cluster, "autoscale"), "min_workers")) + 1;
    cluster["cluster_cores"] =
        member(node->document, "num_cores").is_number()
            ? member(node->document, "num_cores").get<double>() * static_cast<double>(nodes)
            : 0.0;
    cluster["cluster_memory_mb"] = int_at(node->document, "memory_mb") * nodes;
  }
}

void add_defaults(const Context& context, Json& cluster) {
  if (!cluster.contains("autotermination_minutes")) cluster["autotermination_minutes"] = 120;
  if (!cluster.contains("enable_elastic_disk"))
    cluster["enable_elastic_disk"] = context.on("azure");
  if (!cluster.contains("enable_local_disk_encryption"))
    cluster["enable_local_disk_encryption"] = false;
  if (!cluster.contains("cluster_name")) cluster["cluster_name"] = "";
  if (!cluster.contains("driver_node_type_id") && cluster.contains("node_type_id") &&
      !cluster.contains("instance_pool_id"))
    cluster["driver_node_type_id"] = cluster["node_type_id"];
  if (!cluster.contains("num_workers") && !cluster.contains("autoscale"))
    cluster["num_workers"] = 0;
  if (cluster.contains("instance_pool_id")) return;
  // What the cloud fills in when its block is left out, as its get answers show.
  if (context.on("azure") && !cluster.contains("azure_attributes"))
    cluster["azure_attributes"] = {
        {"first_on_demand", 1}, {"availability", "ON_DEMAND_AZURE"}, {"spot_bid_max_price", -1.0}};
  if (context.on("aws") && !cluster.contains("aws_attributes"))
    cluster["aws_attributes"] = {{"first_on_demand", 1},
                                 {"availability", "SPOT_WITH_FALLBACK"},
                                 {"zone_id", "auto"},
                                 {"spot_bid_price_percent", 100}};
  if (context.on("gcp") && !cluster.contains("gcp_attributes"))
    cluster["gcp_attributes"] = {
        {"availability", "ON_DEMAND_GCP"}, {"zone_id", "auto"}, {"first_on_demand", 1}};
}

Status check_limits(const Context& context, const Json& cluster) {
  const std::string policy = text_at(cluster, "policy_id");
  const Row* row = policy.empty() ? nullptr : context.store.get("cluster_policy", policy);
  const long long most = row == nullptr ? 0 : int_at(row->document, "max_clusters_per_user");
  if (most <= 0) return {};
  long long have = 0;
  for (const Row* other : context.store.list("cluster")) {
    if (text_at(other->document, "policy_id") == policy &&
        text_at(other->document, "creator_user_name") == context.caller.name)
      ++have;
  }
  if (have >= most)
    return invalid("policy " + policy + " allows " + std::to_string(most) +
                   " compute resources per user, " + context.caller.name + " has " +
                   std::to_string(have));
  return {};
}

Result<Answer> create(Context& context, const Call& call) {
  Json cluster = call.body;
  if (const Json from = member(cluster, "clone_from"); from.is_object()) {
    LS_ASSIGN(const Row source, find(context, text_at(from, "source_cluster_id")));
    cluster.erase("clone_from");
    if (const Row* libraries = context.store.get("libraries", source.id))
      cluster["$clone"] = libraries->document;
  }
  LS_TRY(check_limits(context, cluster));
  const Json spec = call.body;
  LS_TRY(settle_spec(context, cluster));
  cluster.erase("apply_policy_default_values");
  add_defaults(context, cluster);
  const std::string id = cluster_like_id(context, "cluster");
  cluster["creator_user_name"] = context.caller.name;
  cluster["cluster_source"] = "API";
  cluster["spec"] = spec;
  add_generated(context, cluster, id);
  start_now(context, cluster, "PENDING");
  if (cluster.contains("$clone")) context.store.put("libraries", id, "", cluster["$clone"]);
  cluster.erase("$clone");
  const std::string name = text_at(cluster, "cluster_name");
  context.store.put("cluster", id, name, std::move(cluster));
  grant_to_creator(context, "clusters", id, context.caller);
  record(context, id, "CREATING");
  return Answer(Json{{"cluster_id", id}});
}

Result<Answer> get(Context& context, const Call& call) {
  LS_ASSIGN(const Row row, find(context, call.query_text("cluster_id")));
  return Answer(shown(context, row));
}

bool is_listed(const Context& context, const Json& cluster) {
  const bool ended = text_at(cluster, "$wanted", "TERMINATED") == "TERMINATED";
  return !ended || bool_at(cluster, "$pinned") || context.now - int_at(cluster, "$since") < kKept;
}

bool passes(const Context& context, const Call& call, const Row& row) {
  const auto one_of = [&](const char* name, const std::string& value) {
    const auto [first, last] = call.query.equal_range(std::string("filter_by.") + name);
    return first == last ||
           std::any_of(first, last, [&](const auto& wanted) { return wanted.second == value; });
  };
  const Json cluster = shown(context, row);
  if (call.has_query("filter_by.is_pinned") &&
      call.query_bool("filter_by.is_pinned") != bool_at(row.document, "$pinned"))
    return false;
  return one_of("cluster_sources", text_at(cluster, "cluster_source")) &&
         one_of("cluster_states", text_at(cluster, "state")) &&
         one_of("policy_id", text_at(cluster, "policy_id"));
}

Result<Answer> list(Context& context, const Call& call) {
  std::vector<const Row*> rows = visible_rows(context, "cluster");
  std::erase_if(rows, [&](const Row* row) {
    return !is_listed(context, row->document) || !passes(context, call, *row);
  });
  const bool unpaged = call.sent_path.starts_with("/api/2.0/");
  Json clusters = Json::array();
  if (unpaged) {
    for (const Row* row : rows) clusters.push_back(shown(context, *row));
    return Answer(page_body("clusters", std::move(clusters), ""));
  }
  LS_ASSIGN(const Page page, page_of(context, rows, call.query_text("page_token"),
                                     call.query_int("page_size", 0), {20, 100}));
  for (const Row* row : page.rows) clusters.push_back(shown(context, *row));
  return Answer(page_body("clusters", std::move(clusters), page.next_token));
}

Result<Answer> replace_spec(Context& context, const Row& row, Json spec) {
  Json cluster = spec;
  LS_TRY(settle_spec(context, cluster));
  cluster.erase("apply_policy_default_values");
  cluster.erase("cluster_id");
  add_defaults(context, cluster);
  for (const char* name : {"creator_user_name", "cluster_source", "$wanted", "$since", "$moving",
                           "$pinned", "$pinned_by", "start_time", "last_restarted_time",
                           "spark_context_id", "termination_reason", "state_message"}) {
    if (row.document.contains(name)) cluster[name] = row.document[name];
  }
  spec.erase("cluster_id");
  cluster["spec"] = std::move(spec);
  add_generated(context, cluster, row.id);
  // A running cluster restarts to take its new specification.
  if (text_at(cluster, "$wanted") == "RUNNING") start_now(context, cluster, "RESTARTING");
  keep(context, row, std::move(cluster));
  record(context, row.id, "EDITED");
  return Answer(Json::object());
}

Result<Answer> edit(Context& context, const Call& call) {
  LS_ASSIGN(const Row row, named(context, call));
  const std::string state = state_of(context, row.document);
  if (state != "RUNNING" && state != "TERMINATED")
    return refuse("INVALID_STATE", "Cluster " + row.id + " is in state " + state +
                                       "; it can be edited when it is RUNNING or TERMINATED");
  return replace_spec(context, row, call.body);
}

Result<Answer> update(Context& context, const Call& call) {
  LS_ASSIGN(const Row row, named(context, call));
  Json spec = member(row.document, "spec");
  if (!spec.is_object()) spec = Json::object();
  const Json& changes = member(call.body, "cluster");
  for (const std::string& path : split(text_at(call.body, "update_mask"), ',')) {
    const Json& value = at_path(changes, trim(path));
    if (value.is_null()) {
      erase_path(spec, trim(path));
    } else {
      set_path(spec, trim(path), value);
    }
  }
  return replace_spec(context, row, std::move(spec));
}

Result<Answer> start(Context& context, const Call& call) {
  LS_ASSIGN(const Row row, named(context, call));
  const std::string state = state_of(context, row.document);
  if (state != "TERMINATED")
    return refuse("INVALID_STATE", "Cluster " + row.id + " is in unexpected state " + state + ".");
  Json cluster = row.document;
  start_now(context, cluster, "PENDING");
  keep(context, row, std::move(cluster));
  record(context, row.id, "STARTING");
  return Answer(Json::object());
}

Result<Answer> restart(Context& context, const Call& call) {
  LS_ASSIGN(const Row row, named(context, call));
  if (const std::string state = state_of(context, row.document); state != "RUNNING")
    return refuse("INVALID_STATE", "Cluster " + row.id + " is in unexpected state " + state + ".");
  Json cluster = row.document;
  start_now(context, cluster, "RESTARTING");
  keep(context, row, std::move(cluster));
  record(context, row.id, "RESTARTING");
  return Answer(Json::object());
}

Result<Answer> terminate(Context& context, const Call& call) {
  LS_ASSIGN(const Row row, named(context, call));
  Json cluster = row.document;
  if (text_at(cluster, "$wanted") == "RUNNING") {
    cluster["$wanted"] = "TERMINATED";
    cluster["$since"] = context.now;
    cluster["termination_reason"] = {{"code", "USER_REQUEST"},
                                     {"type", "SUCCESS"},
                                     {"parameters", {{"username", context.caller.name}}}};
    keep(context, row, std::move(cluster));
    record(context, row.id, "TERMINATING");
  }
  return Answer(Json::object());
}

Result<Answer> permanent_delete(Context& context, const Call& call) {
  LS_ASSIGN(const Row row, named(context, call));
  if (bool_at(row.document, "$pinned"))
    return invalid("Cluster " + row.id + " is pinned; unpin it before deleting it");
  forget_grants(context.store, row.id);
  context.store.erase("libraries", row.id);
  context.store.erase("cluster", row.id);
  return Answer(Json::object());
}

Result<Answer> set_pinned(Context& context, const Call& call, bool pinned) {
  LS_ASSIGN(const Row row, named(context, call));
  if (pinned) {
    std::size_t count = 0;
    for (const Row* other : context.store.list("cluster"))
      count += bool_at(other->document, "$pinned") ? 1 : 0;
    if (count >= kMostPinned && !bool_at(row.document, "$pinned"))
      return refuse("QUOTA_EXCEEDED",
                    "at most " + std::to_string(kMostPinned) + " clusters can be pinned");
  }
  Json cluster = row.document;
  cluster["$pinned"] = pinned;
  cluster["$pinned_by"] = context.caller.name;
  keep(context, row, std::move(cluster));
  record(context, row.id, pinned ? "PINNED" : "UNPINNED");
  return Answer(Json::object());
}
Result<Answer> pin(Context& context, const Call& call) { return set_pinned(context, call, true); }
Result<Answer> unpin(Context& context, const Call& call) {
  return set_pinned(context, call, false);
}

Result<Answer> change_owner(Context& context, const Call& call) {
  LS_ASSIGN(const Row row, named(context, call));
  LS_ASSIGN(const std::string owner, required_text(call.body, "owner_username"));
  const auto principal = find_principal(context.store, owner);
  if (!principal || principal->kind == "group") return invalid("User " + owner + " does not exist");
  if (const std::string state = state_of(context, row.document); state != "TERMINATED")
    return refuse("INVALID_STATE", "Cluster " + row.id + " is " + state +
                                       "; its owner can be changed when it is TERMINATED");
  Json cluster = row.document;
  cluster["creator_user_name"] = principal->name;
  add_generated(context, cluster, row.id);
  keep(context, row, std::move(cluster));
  return Answer(Json::object());
}

Result<Answer> resize(Context& context, const Call& call) {
  LS_ASSIGN(const Row row, named(context, call));
  if (const std::string state = state_of(context, row.document); state != "RUNNING")
    return refuse("INVALID_STATE", "Cluster " + row.id + " is in unexpected state " + state + ".");
  Json cluster = row.document;
  cluster.erase("num_workers");
  cluster.erase("autoscale");
  for (const char* name : {"num_workers", "autoscale"}) {
    if (call.body.contains(name)) cluster[name] = call.body[name];
  }
  keep(context, row, std::move(cluster));
  return Answer(Json::object());
}

Result<Answer> events(Context& context, const Call& call) {
  LS_ASSIGN(const Row row, named(context, call));
  Json list = Json::array();
  for (const Row* event : context.store.all_by_key("cluster_event", row.id))
    list.insert(list.begin(), event->document);
  const std::size_t total = list.size();
  const auto offset = static_cast<std::size_t>(std::max<long long>(0, int_at(call.body, "offset")));
  const auto limit =
      static_cast<std::size_t>(std::clamp<long long>(int_at(call.body, "limit", 50), 1, 500));
  Json page = Json::array();
  for (std::size_t i = offset; i < total && i < offset + limit; ++i) page.push_back(list[i]);
  Json body = {{"events", std::move(page)}, {"total_count", total}};
  if (offset + limit < total)
    body["next_page"] = {{"cluster_id", row.id}, {"offset", offset + limit}, {"limit", limit}};
  return Answer(std::move(body));
}

Result<Answer> node_types(Context& context, const Call&) {
  return Answer(context.reference.node_types());
}
Result<Answer> runtimes(Context& context, const Call&) {
  return Answer(context.reference.runtimes());
}
Result<Answer> zones(Context& context, const Call&) { return Answer(context.reference.zones()); }

constexpr Endpoint kEndpoints[] = {{"POST", "/api/2.1/clusters/create", create},
                                   {"GET", "/api/2.1/clusters/get", get},
                                   {"GET", "/api/2.1/clusters/list", list},
                                   {"POST", "/api/2.1/clusters/edit", edit},
                                   {"POST", "/api/2.1/clusters/update", update},
                                   {"POST", "/api/2.1/clusters/start", start},
                                   {"POST", "/api/2.1/clusters/restart", restart},
                                   {"POST", "/api/2.1/clusters/delete", terminate},
                                   {"POST", "/api/2.1/clusters/permanent-delete", permanent_delete},
                                   {"POST", "/api/2.1/clusters/pin", pin},
                                   {"POST", "/api/2.1/clusters/unpin", unpin},
                                   {"POST", "/api/2.1/clusters/change-owner", change_owner},
                                   {"POST", "/api/2.1/clusters/resize", resize},
                                   {"POST", "/api/2.1/clusters/events", events},
                                   {"GET", "/api/2.1/clusters/list-node-types", node_types},
                                   {"GET", "/api/2.1/clusters/spark-versions", runtimes},
                                   {"GET", "/api/2.1/clusters/list-zones", zones}};

Status load(Context& context, const Json& document) {
  Json cluster = document;
  cluster.erase("$permissions");
  std::string id = text_at(cluster, "cluster_id");
  if (id.empty()) id = cluster_like_id(context, "cluster");
  if (const Json libraries = member(cluster, "$libraries"); libraries.is_array()) {
    context.store.put("libraries", id, "", libraries);
    cluster.erase("$libraries");
  }
  if (const std::string by = text_at(cluster, "pinned_by_user_name"); !by.empty()) {
    cluster["$pinned"] = true;
    cluster["$pinned_by"] = by;
    cluster.erase("pinned_by_user_name");
  }
  const std::string state = text_at(cluster, "state", "TERMINATED");
  if (!cluster.contains("$wanted")) {
    const bool running =
        state == "RUNNING" || state == "RESIZING" || state == "PENDING" || state == "RESTARTING";
    cluster["$wanted"] = running ? "RUNNING" : "TERMINATED";
    cluster["$since"] =
        running ? context.now - context.options.cluster_starts_ms : context.now - kStopping;
  }
  if (text_at(cluster, "creator_user_name").empty())
    cluster["creator_user_name"] = context.caller.name;
  if (!cluster.contains("cluster_source")) cluster["cluster_source"] = "UI";
  add_defaults(context, cluster);  // clusters/get leaves none of these out
  add_generated(context, cluster, id);
  const auto creator = find_principal(context.store, text_at(cluster, "creator_user_name"));
  const std::string name = text_at(cluster, "cluster_name");
  context.store.put("cluster", id, name, std::move(cluster));
  grant_to_creator(context, "clusters", id, creator.value_or(Principal{}));
  return {};
}

Json give(const Context& context, const Row& row) {
  Json document = shown(context, row);
  for (const auto& [name, value] : row.document.items()) {
    if (name.starts_with('$')) document[name] = value;
  }
  if (const Row* libraries = context.store.get("libraries", row.id))
    document["$libraries"] = libraries->document;
  return document;
}

constexpr Holding kHoldings[] = {{"cluster", "clusters.json", 40, load, give, "clusters"}};

}  // namespace

extern const Service kDefinition;
const Service kDefinition = {"clusters", kEndpoints, kHoldings};

}  // namespace lakeshift::twin::services::clusters
