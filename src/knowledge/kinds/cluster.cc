// All-purpose clusters, with their libraries, pins and owners.
// Source: databricks-sdk 0.156 (clusters 2.1, libraries 2.0).
#include <algorithm>
#include <map>
#include <memory>
#include <set>

#include "core/base/strings.h"
#include "core/engine/generic.h"
#include "core/engine/kind.h"
#include "knowledge/kinds/addresses.h"
#include "knowledge/kinds/calls.h"
#include "knowledge/kinds/compute_fields.h"
#include "knowledge/kinds/secret_texts.h"

namespace lakeshift::kinds::cluster {

constexpr std::string_view kFamily = "clusters";

constexpr Field kOwner[] = {
    means("user_name", Meaning::person, "user"),
    means("service_principal_name", Meaning::application, "service_principal"),
};

constexpr std::array kOwnRows = {
    whole(Meaning::compute),
    as(Role::write_only, plain("apply_policy_default_values")),
    as(Role::write_only, plain("clone_from")),
    as(Role::observed, set_of("$libraries", kLibrary)),
    as(Role::observed, plain("$pinned", "false")),
    as(Role::observed, part("$owner", kOwner)),
    permissions_row(),
    read_only("cluster_id"),
    read_only("cluster_cores"),
    read_only("cluster_log_status"),
    read_only("cluster_memory_mb"),
    read_only("cluster_source"),
    read_only("creator_user_name"),
    read_only("default_tags"),
    read_only("driver"),
    read_only("executors"),
    read_only("jdbc_port"),
    read_only("last_restarted_time"),
    read_only("last_state_loss_time"),
    read_only("spark_context_id"),
    read_only("spec"),
    read_only("start_time"),
    read_only("state"),
    read_only("state_message"),
    read_only("terminated_time"),
    read_only("termination_reason"),
};
constexpr std::array kFields = joined(kOwnRows, kClusterSpec);

// What one call each tells about all clusters.
struct Aspects {
  std::map<std::string, Json> libraries;
  std::set<std::string> pinned;
};

std::shared_ptr<Aspects> aspects_of(engine::DiscoverContext& context) {
  return context.shared.get<Aspects>("clusters", [] { return std::make_shared<Aspects>(); });
}

// Libraries that somebody asked for on this cluster; not those of all clusters, nor those about to
// go.
Json wanted_libraries(const Json& statuses) {
  Json wanted = Json::array();
  if (!statuses.is_array()) return wanted;
  for (const Json& status : statuses) {
    if (bool_at(status, "is_library_for_all_clusters")) continue;
    if (text_at(status, "status") == "UNINSTALL_ON_RESTART") continue;
    if (const Json& library = member(status, "library"); library.is_object())
      wanted.push_back(library);
  }
  return wanted;
}

Status read_pins(engine::DiscoverContext& context, Aspects& aspects) {
  const engine::Listing listing{.path = "/api/2.1/clusters/list",
                                .items = "clusters",
                                .paging = engine::Paging::token,
                                .query = "filter_by.is_pinned=true&page_size=100"};
  return engine::each_item(context.platform, listing, Json::object(), kFamily, context.run.stop,
                           [&](Json&& item) -> Status {
                             aspects.pinned.insert(text_at(item, "cluster_id"));
                             return {};
                           });
}

Status read_libraries(engine::DiscoverContext& context, Aspects& aspects) {
  engine::Call call;
  call.path = "/api/2.0/libraries/all-cluster-statuses";
  call.family = "libraries";
  LS_ASSIGN(const Json answer, context.platform.call(call, context.run.stop));
  const Json& statuses = member(answer, "statuses");
  if (!statuses.is_array()) return {};
  for (const Json& status : statuses)
    aspects.libraries[text_at(status, "cluster_id")] =
        wanted_libraries(member(status, "library_statuses"));
  return {};
}

Status discover(const engine::Kind& kind, engine::DiscoverContext& context) {
  const std::shared_ptr<Aspects> aspects = aspects_of(context);
  LS_TRY(read_pins(context, *aspects));
  LS_TRY(read_libraries(context, *aspects));
  return engine::discover_generic(kind, context);
}

// Owners sign in by e-mail address; service principals are named by their application id.
Json owner_of(const std::string& creator) {
  return {{contains(creator, "@") ? "user_name" : "service_principal_name", creator}};
}

// The platform shows what a pool decides as if it were the cluster's own; it refuses the same when
// it is sent.
void drop_what_the_pool_decides(Json& document) {
  for (const char* name : {"node_type_id", "driver_node_type_id", "enable_elastic_disk",
                           "worker_node_type_flexibility", "driver_node_type_flexibility"})
    document.erase(name);
  for (const char* name : {"aws_attributes", "azure_attributes", "gcp_attributes"}) {
    const auto attributes = document.find(name);
    if (attributes == document.end() || !attributes->is_object()) continue;
    Json kept = Json::object();
    for (const char* own : {"instance_profile_arn", "google_service_account", "log_analytics_info"})
      if (const Json& value = member(*attributes, own); !value.is_null()) kept[own] = value;
    if (kept.empty())
      document.erase(attributes);
    else
      *attributes = std::move(kept);
  }
}

Status read_more(const engine::Kind& kind, engine::DiscoverContext& context,
                 model::Object& object) {
  Json& document = object.document;
  const std::shared_ptr<Aspects> aspects = aspects_of(context);
  const auto libraries = aspects->libraries.find(object.id.id);
  document["$libraries"] =
      libraries == aspects->libraries.end() ? Json::array() : libraries->second;
  document["$pinned"] = aspects->pinned.contains(object.id.id);
  if (const std::string creator = text_at(document, "creator_user_name"); !creator.empty())
    document["$owner"] = owner_of(creator);
  else
    context.finding(
        {"cluster-owner-unknown", model::Severity::warning, "cluster",
         engine::natural_key_of(kind, document), "creator_user_name",
         "the account that made the cluster is gone",
         "the account that lakeshift uses in the target will own it; change the owner afterwards",
         ""});
  if (!text_at(document, "instance_pool_id").empty()) drop_what_the_pool_decides(document);
  // A driver of no type of its own has the workers' (databricks-sdk,
  // ClusterSpec.driver_node_type_id).
  else if (text_at(document, "driver_node_type_id").empty())
    document["driver_node_type_id"] = text_at(document, "node_type_id");
  // The present size of a cluster that scales by itself.
  if (member(document, "autoscale").is_object()) document.erase("num_workers");
  take_out_secrets(kind, context, object);
  return {};
}

std::string out_of_scope(const Json& document) {
  const std::string source = text_at(document, "cluster_source", "API");
  if (source == "UI" || source == "API") return {};
  if (source == "JOB") return "made by a job run";
  return "made and owned by the platform (" + source + ")";
}

Json without(const Json& libraries, const Json& others) {
  Json left = Json::array();
  if (!libraries.is_array()) return left;
  for (const Json& library : libraries)
    if (!others.is_array() || std::find(others.begin(), others.end(), library) == others.end())
      left.push_back(library);
  return left;
}

// One cluster's calls in the order they have to be made.
class Calls {
 public:
  Calls(const engine::PlanContext& context, model::Change& change)
      : context_(context), change_(change), id_(own_id(context, change)) {}

  void create() {
    change_.actions.push_back(engine::create_action(
        context_, change_, model::keep_for_create(context_.desired, context_.kind.fields)));
    install(member(context_.desired, "$libraries"));
    model::Action& terminate = add("terminate", "POST /api/2.1/clusters/delete", {});
    terminate.note = "creating a cluster starts it; nothing may run before the cutover";
    if (bool_at(context_.desired, "$pinned")) pin(true);
    add_grants(context_, change_);
    change_owner();
  }

  void update() {
    if (differs_in_document(change_)) {
      change_.actions.push_back(engine::update_action(
          context_, change_, model::keep_for_update(context_.desired, context_.kind.fields)));
      change_.actions.back().outwaited = {"invalid-state"};  // on its way from one state to another
    }
    if (differs_at(change_, "$libraries")) update_libraries();
    if (differs_at(change_, "$pinned")) pin(bool_at(context_.desired, "$pinned"));
    engine::add_permission_action(context_, change_);
    if (!differs_at(change_, "$owner") || owner().empty()) return;
    if (text_at(context_.actual->document, "state") != "TERMINATED")
      terminate_for("its owner can only be changed then");
    change_owner();
  }

 private:
  model::Action& add(std::string_view name, std::string_view endpoint, Json body) {
    if (body.is_null()) body = Json::object();
    body["cluster_id"] = id_;
    change_.actions.push_back(call_of(name, endpoint, std::move(body), kFamily));
    return change_.actions.back();
  }

  void install(const Json& libraries) {
    if (!libraries.is_array() || libraries.empty()) return;
    model::Action& action =
        add("install libraries", "POST /api/2.0/libraries/install", {{"libraries", libraries}});
    action.family = "libraries";
    action.note =
        "libraries can only be added while the cluster is not terminated; they arrive at its next "
        "start";
  }

  void update_libraries() {
    const Json& desired = member(context_.desired, "$libraries");
    const Json& actual = member(context_.actual->document, "$libraries");
    const bool stopped = text_at(context_.actual->document, "state") == "TERMINATED";
    const Json missing = without(desired, actual), extra = without(actual, desired);
    if (!missing.empty() && stopped)
      add("start", "POST /api/2.1/clusters/start", {}).note =
          "libraries can only be added while the cluster is not terminated; it is terminated again "
          "below";
    install(missing);
    if (!extra.empty())
      add("uninstall libraries", "POST /api/2.0/libraries/uninstall", {{"libraries", extra}})
          .family = "libraries";
    if (!missing.empty() && stopped) terminate_for("it was started for its libraries only");
  }

  void terminate_for(std::string_view why) {
    add("terminate", "POST /api/2.1/clusters/delete", {}).note = std::string(why);
  }

  void pin(bool pinned) {
    if (pinned)
      add("pin", "POST /api/2.1/clusters/pin", {});
    else
      add("unpin", "POST /api/2.1/clusters/unpin", {});
  }

  Json owner() const {
    const Json& owner = member(context_.desired, "$owner");
    for (const char* name : {"user_name", "service_principal_name"})
      if (const Json& value = member(owner, name); !value.is_null()) return value;
    return nullptr;
  }

  void change_owner() {
    const Json wanted = owner();
    if (wanted.is_null()) return;
    // The account that creates owns already.
    if (context_.actual == nullptr && wanted == member(context_.target_platform, "user")) return;
    model::Action& action =
        add("change owner", "POST /api/2.1/clusters/change-owner", {{"owner_username", wanted}});
    action.note =
        "ownership decides whose secrets and budget the cluster uses; the cluster has to be "
        "terminated";
    action.outwaited = {"invalid-state"};  // until it has stopped
  }

  const engine::PlanContext& context_;
  model::Change& change_;
  Json id_;
};

void plan_actions(const engine::PlanContext& context, model::Change& change) {
  Calls calls(context, change);
  if (context.actual == nullptr && change.verb == model::Verb::create)
    calls.create();
  else if (context.actual != nullptr)
    calls.update();
}

extern const engine::Kind kDefinition;
const engine::Kind kDefinition{
    .name = "cluster",
    .title = "cluster",
    .plural = "clusters",
    .wave = 6,
    .family = kFamily,
    .id_field = "cluster_id",
    .key_field = "cluster_name",
    .key_is_unique = false,
    .list = {.path = "/api/2.1/clusters/list",
             .items = "clusters",
             .paging = engine::Paging::token,
             .query = "page_size=100"},
    .create = "POST /api/2.1/clusters/create",
    .update = "POST /api/2.1/clusters/edit",
    .remove = "POST /api/2.1/clusters/permanent-delete",
    .bind = "cluster_id",
    .id_in_body = "cluster_id",
    .permissions = "clusters",
    .stamp_field = "custom_tags",
    .fields = kFields,
    .discover = discover,
    .read_more = read_more,
    .out_of_scope = out_of_scope,
    .classify = block_holes,
    .plan_actions = plan_actions,
    .page = "/compute/clusters/{id}",
    .addresses = cluster_addresses,
};

}  // namespace lakeshift::kinds::cluster
