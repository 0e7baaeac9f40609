// Libraries of clusters.
#include "core/base/strings.h"
#include "twin/service.h"

namespace lakeshift::twin::services::libraries {
namespace {

constexpr std::string_view kKind = "libraries";

bool is_up(const Context& context, const std::string& cluster_id) {
  const Row* cluster = context.store.get("cluster", cluster_id);
  return cluster != nullptr && text_at(cluster->document, "$wanted") == "RUNNING";
}

Json statuses(const Context& context, const std::string& cluster_id) {
  Json list = Json::array();
  const Row* row = context.store.get(kKind, cluster_id);
  const std::string status = is_up(context, cluster_id) ? "INSTALLED" : "PENDING";
  for (const Json& library : row == nullptr ? Json::array() : row->document) {
    const std::string& failing = context.options.failing_packages;
    const bool fails =
        !failing.empty() && matches_glob(text_at(member(library, "pypi"), "package"), failing);
    Json entry = {{"library", library},
                  {"status", fails && status == "INSTALLED" ? "FAILED" : status},
                  {"is_library_for_all_clusters", false}};
    if (fails) entry["messages"] = Json::array({"Library installation attempted and failed"});
    list.push_back(std::move(entry));
  }
  return list;
}

Result<std::string> cluster_of(const Context& context, const std::string& id) {
  if (context.store.get("cluster", id) == nullptr)
    return invalid("Cluster " + id + " does not exist");
  return id;
}

Result<Answer> status(Context& context, const Call& call) {
  LS_ASSIGN(const std::string id, cluster_of(context, call.query_text("cluster_id")));
  Json body = page_body("library_statuses", statuses(context, id), "");
  body["cluster_id"] = id;
  return Answer(std::move(body));
}

Result<Answer> all_statuses(Context& context, const Call&) {
  Json list = Json::array();
  for (const Row* cluster : context.store.list("cluster")) {
    Json libraries = statuses(context, cluster->id);
    if (!libraries.empty())
      list.push_back({{"cluster_id", cluster->id}, {"library_statuses", std::move(libraries)}});
  }
  return Answer(page_body("statuses", std::move(list), ""));
}

Status check_library(const Json& library) {
  if (library.is_object() && library.size() == 1) return {};
  return invalid("a library names exactly one of jar, egg, whl, pypi, maven, cran, requirements: " +
                 dump_json(library));
}

Result<Answer> change(Context& context, const Call& call, bool install) {
  LS_ASSIGN(const std::string id, cluster_of(context, text_at(call.body, "cluster_id")));
  const Row* row = context.store.get(kKind, id);
  Json kept = Json::array();
  const Json& given = member(call.body, "libraries");
  if (!given.is_array()) return invalid("missing required field 'libraries'");
  for (const Json& library : given) LS_TRY(check_library(library));
  for (const Json& library : row == nullptr ? Json::array() : row->document) {
    bool named = false;
    for (const Json& other : given) named = named || other == library;
    if (!named) kept.push_back(library);
  }
  if (install) {
    for (const Json& library : given) kept.push_back(library);
  }
  context.store.put(std::string(kKind), id, "", std::move(kept));
  return Answer(Json::object());
}
Result<Answer> install(Context& context, const Call& call) { return change(context, call, true); }
Result<Answer> uninstall(Context& context, const Call& call) {
  return change(context, call, false);
}

constexpr Endpoint kEndpoints[] = {{"GET", "/api/2.0/libraries/cluster-status", status},
                                   {"GET", "/api/2.0/libraries/all-cluster-statuses", all_statuses},
                                   {"POST", "/api/2.0/libraries/install", install},
                                   {"POST", "/api/2.0/libraries/uninstall", uninstall}};

Status load(Context& context, const Json& document) {
  LS_ASSIGN(const std::string id, cluster_of(context, text_at(document, "cluster_id")));
  context.store.put(std::string(kKind), id, "", member(document, "libraries"));
  return {};
}

Json give(const Context&, const Row&) { return nullptr; }  // part of the clusters' documents

constexpr Holding kHoldings[] = {{kKind, "libraries.json", 45, load, give}};

}  // namespace

extern const Service kDefinition;
const Service kDefinition = {"libraries", kEndpoints, kHoldings};

}  // namespace lakeshift::twin::services::libraries
