// Kinds the twin keeps as plain documents: they can be loaded, listed, read, made, changed and
// deleted, and referred to. Nothing of them runs. One row of the table per kind; paths and members
// as in the API description.
#include <algorithm>

#include "core/base/strings.h"
#include "twin/access.h"
#include "twin/service.h"

namespace lakeshift::twin::services::documents {
namespace {

enum class Id { uuid, hex, number, name };

struct Shelf {
  std::string_view kind;
  std::string_view path;   // of the list
  std::string_view items;  // member of the list's answer
  std::string_view id;     // member that holds the id
  Id form;
  std::string_view object_type = {};
  std::string_view wrapped = {};  // member of a create body that holds the document
};

constexpr std::string_view kUnity = "/api/2.1/unity-catalog/";
constexpr Shelf kShelves[] = {
    {"query", "/api/2.0/sql/queries", "results", "id", Id::uuid, "sql/queries", "query"},
    {"alert", "/api/2.0/sql/alerts", "results", "id", Id::uuid, "sql/alerts", "alert"},
    {"alert_v2", "/api/2.0/alerts", "alerts", "id", Id::number, "alertsv2"},
    {"lakeview_dashboard", "/api/2.0/lakeview/dashboards", "dashboards", "dashboard_id", Id::hex,
     "dashboards"},
    {"genie_space", "/api/2.0/genie/spaces", "spaces", "space_id", Id::hex, "genie"},
    {"legacy_query", "/api/2.0/preview/sql/queries", "results", "id", Id::uuid},
    {"legacy_dashboard", "/api/2.0/preview/sql/dashboards", "results", "id", Id::uuid,
     "dbsql-dashboards"},
    {"git_credential", "/api/2.0/git-credentials", "credentials", "credential_id", Id::number},
    {"notification_destination", "/api/2.0/notification-destinations", "results", "id", Id::uuid},
    {"ip_access_list", "/api/2.0/ip-access-lists", "ip_access_lists", "list_id", Id::uuid},
    {"serving_endpoint", "/api/2.0/serving-endpoints", "endpoints", "name", Id::name,
     "serving-endpoints"},
    {"vector_search_endpoint", "/api/2.0/vector-search/endpoints", "endpoints", "name", Id::name,
     "vector-search-endpoints"},
    {"app", "/api/2.0/apps", "apps", "name", Id::name, "apps"},
    {"database_instance", "/api/2.0/database/instances", "database_instances", "name", Id::name,
     "database-instances"},
    {"token", "/api/2.0/token-management/tokens", "token_infos", "token_id", Id::hex},
    {"catalog", "/api/2.1/unity-catalog/catalogs", "catalogs", "name", Id::name},
    {"schema", "/api/2.1/unity-catalog/schemas", "schemas", "full_name", Id::name},
    {"table", "/api/2.1/unity-catalog/tables", "tables", "full_name", Id::name},
    {"volume", "/api/2.1/unity-catalog/volumes", "volumes", "full_name", Id::name},
    {"function", "/api/2.1/unity-catalog/functions", "functions", "full_name", Id::name},
    {"uc_model", "/api/2.1/unity-catalog/models", "registered_models", "full_name", Id::name},
    {"external_location", "/api/2.1/unity-catalog/external-locations", "external_locations", "name",
     Id::name},
    {"storage_credential", "/api/2.1/unity-catalog/storage-credentials", "storage_credentials",
     "name", Id::name},
    {"credential", "/api/2.1/unity-catalog/credentials", "credentials", "name", Id::name},
    {"connection", "/api/2.1/unity-catalog/connections", "connections", "name", Id::name},
    {"metastore", "/api/2.1/unity-catalog/metastores", "metastores", "metastore_id", Id::uuid},
    {"share", "/api/2.1/unity-catalog/shares", "shares", "name", Id::name},
    {"recipient", "/api/2.1/unity-catalog/recipients", "recipients", "name", Id::name},
    {"provider", "/api/2.1/unity-catalog/providers", "providers", "name", Id::name}};

const Shelf* shelf_of(const std::string& path) {
  const Shelf* best = nullptr;
  for (const Shelf& shelf : kShelves) {
    const bool fits = path == shelf.path || path.starts_with(std::string(shelf.path) + "/");
    if (fits && (best == nullptr || shelf.path.size() > best->path.size())) best = &shelf;
  }
  return best;
}

bool is_unity(const Shelf& shelf) { return shelf.path.starts_with(kUnity); }

std::string full_name(const Json& document) {
  std::string name;
  for (const char* part : {"catalog_name", "schema_name", "name"}) {
    if (const std::string text = text_at(document, part); !text.empty())
      name += (name.empty() ? "" : ".") + text;
  }
  return name;
}

std::string new_id(Context& context, const Shelf& shelf, Json& document) {
  const std::string member_name(shelf.id);
  if (shelf.id == "full_name" && text_at(document, "full_name").empty())
    document["full_name"] = full_name(document);
  if (const Json& given = member(document, shelf.id); !given.is_null()) return scalar_text(given);
  std::string id;
  if (shelf.form == Id::uuid) id = uuid_id(context, shelf.kind);
  if (shelf.form == Id::hex)
    id = "01ef" + hex_id(context, shelf.kind, false) +
         hex_id(context, shelf.kind, false).substr(0, 12);
  if (shelf.form == Id::number) id = numeric_id(context, shelf.kind);
  document[member_name] =
      shelf.form == Id::number && shelf.kind == "git_credential" ? Json(as_number(id)) : Json(id);
  return id;
}

Result<Row> find(const Context& context, const Shelf& shelf, const std::string& id) {
  const Row* row = context.store.get(shelf.kind, id);
  if (row == nullptr) return missing(std::string(shelf.kind) + " '" + id + "' does not exist.");
  return *row;
}

// Parameters such as catalog_name keep the documents that have that value.
bool passes(const Call& call, const Json& document) {
  for (const auto& [name, value] : call.query) {
    const Json& have = member(document, name);
    if (have.is_string() && have.get_ref<const std::string&>() != value) return false;
  }
  return true;
}

Result<Answer> list(Context& context, const Call& call) {
  const Shelf& shelf = *shelf_of(call.path);
  std::vector<const Row*> rows = visible_rows(context, shelf.kind);
  std::erase_if(rows, [&](const Row* row) { return !passes(call, row->document); });
  Json items = Json::array();
  const bool by_number = call.has_query("page");  // legacy SQL: page and page_size
  if (by_number) {
    const long long size = std::clamp<long long>(call.query_int("page_size", 25), 1, 250);
    const long long first = (std::max<long long>(1, call.query_int("page", 1)) - 1) * size;
    for (long long i = first; i < first + size && i < static_cast<long long>(rows.size()); ++i)
      items.push_back(without_private(rows[static_cast<std::size_t>(i)]->document));
    return Answer(Json{{std::string(shelf.items), std::move(items)},
                       {"count", rows.size()},
                       {"page", call.query_int("page", 1)},
                       {"page_size", size}});
  }
  const bool paged = call.route == nullptr || call.route->paging.style != "none";
  const long long size = call.query_int("page_size", call.query_int("max_results", 0));
  const PageRules rules{is_unity(shelf) ? 1000 : 20, is_unity(shelf) ? 1000 : 100,
                        is_unity(shelf) && context.options.empty_pages};
  Page page;
  if (paged) {
    LS_ASSIGN(page, page_of(context, rows, call.query_text("page_token"), size, rules));
  } else {
    page.rows = rows;
  }
  for (const Row* row : page.rows) items.push_back(without_private(row->document));
  return Answer(page_body(shelf.items, std::move(items), page.next_token));
}

Result<Answer> get(Context& context, const Call& call) {
  LS_ASSIGN(const Row row, find(context, *shelf_of(call.path), call.parameter("id")));
  return Answer(without_private(row.document));
}

Result<Answer> create(Context& context, const Call& call) {
  const Shelf& shelf = *shelf_of(call.path);
  Json document = call.body;
  if (!shelf.wrapped.empty() && member(document, shelf.wrapped).is_object())
    document = Json(member(call.body, shelf.wrapped));
  const std::string id = new_id(context, shelf, document);
  if (id.empty()) return invalid("missing required field '" + std::string(shelf.id) + "'");
  if (context.store.get(shelf.kind, id) != nullptr) {
    return refuse(is_unity(shelf) ? "ALREADY_EXISTS" : "RESOURCE_ALREADY_EXISTS",
                  std::string(shelf.kind) + " '" + id + "' already exists");
  }
  if (is_unity(shelf)) document["owner"] = text_at(document, "owner", context.caller.name);
  context.store.put(std::string(shelf.kind), id, "", document);
  if (!shelf.object_type.empty()) grant_to_creator(context, shelf.object_type, id, context.caller);
  return Answer(std::move(document));
}

Result<Answer> change(Context& context, const Call& call) {
  const Shelf& shelf = *shelf_of(call.path);
  LS_ASSIGN(const Row row, find(context, shelf, call.parameter("id")));
  Json document = row.document;
  const Json& wrapped = shelf.wrapped.empty() ? call.body : member(call.body, shelf.wrapped);
  overlay(document, wrapped.is_object() ? wrapped : call.body);
  document.erase("update_mask");
  context.store.put(std::string(shelf.kind), row.id, row.key, document);
  return Answer(std::move(document));
}

Result<Answer> remove(Context& context, const Call& call) {
  const Shelf& shelf = *shelf_of(call.path);
  LS_ASSIGN(const Row row, find(context, shelf, call.parameter("id")));
  forget_grants(context.store, row.id);
  context.store.erase(std::string(shelf.kind), row.id);
  return Answer(Json::object());
}

#define LAKESHIFT_SHELF(path)                                              \
  {"GET", path, list}, {"POST", path, create}, {"GET", path "/{id}", get}, \
      {"PATCH", path "/{id}", change}, {"PUT", path "/{id}", change}, {    \
    "DELETE", path "/{id}", remove                                         \
  }

constexpr Endpoint kEndpoints[] = {LAKESHIFT_SHELF("/api/2.0/sql/queries"),
                                   LAKESHIFT_SHELF("/api/2.0/sql/alerts"),
                                   LAKESHIFT_SHELF("/api/2.0/alerts"),
                                   LAKESHIFT_SHELF("/api/2.0/lakeview/dashboards"),
                                   LAKESHIFT_SHELF("/api/2.0/genie/spaces"),
                                   LAKESHIFT_SHELF("/api/2.0/preview/sql/queries"),
                                   LAKESHIFT_SHELF("/api/2.0/preview/sql/dashboards"),
                                   LAKESHIFT_SHELF("/api/2.0/git-credentials"),
                                   LAKESHIFT_SHELF("/api/2.0/notification-destinations"),
                                   LAKESHIFT_SHELF("/api/2.0/ip-access-lists"),
                                   LAKESHIFT_SHELF("/api/2.0/serving-endpoints"),
                                   LAKESHIFT_SHELF("/api/2.0/vector-search/endpoints"),
                                   LAKESHIFT_SHELF("/api/2.0/apps"),
                                   LAKESHIFT_SHELF("/api/2.0/database/instances"),
                                   LAKESHIFT_SHELF("/api/2.0/token-management/tokens"),
                                   LAKESHIFT_SHELF("/api/2.1/unity-catalog/catalogs"),
                                   LAKESHIFT_SHELF("/api/2.1/unity-catalog/schemas"),
                                   LAKESHIFT_SHELF("/api/2.1/unity-catalog/tables"),
                                   LAKESHIFT_SHELF("/api/2.1/unity-catalog/volumes"),
                                   LAKESHIFT_SHELF("/api/2.1/unity-catalog/functions"),
                                   LAKESHIFT_SHELF("/api/2.1/unity-catalog/models"),
                                   LAKESHIFT_SHELF("/api/2.1/unity-catalog/external-locations"),
                                   LAKESHIFT_SHELF("/api/2.1/unity-catalog/storage-credentials"),
                                   LAKESHIFT_SHELF("/api/2.1/unity-catalog/credentials"),
                                   LAKESHIFT_SHELF("/api/2.1/unity-catalog/connections"),
                                   LAKESHIFT_SHELF("/api/2.1/unity-catalog/metastores"),
                                   LAKESHIFT_SHELF("/api/2.1/unity-catalog/shares"),
                                   LAKESHIFT_SHELF("/api/2.1/unity-catalog/recipients"),
                                   LAKESHIFT_SHELF("/api/2.1/unity-catalog/providers")};

Status load_onto(Context& context, std::string_view kind, const Json& given) {
  for (const Shelf& shelf : kShelves) {
    if (shelf.kind != kind) continue;
    Json document = given;
    document.erase("$permissions");
    const std::string id = new_id(context, shelf, document);
    if (id.empty()) return invalid("a " + std::string(kind) + " has no " + std::string(shelf.id));
    context.store.put(std::string(kind), id, "", std::move(document));
  }
  return {};
}

constexpr const Shelf& shelf_named(std::string_view kind) {
  for (const Shelf& shelf : kShelves) {
    if (shelf.kind == kind) return shelf;
  }
  return kShelves[0];
}

template <std::size_t index>
Status load(Context& context, const Json& document) {
  return load_onto(context, kShelves[index].kind, document);
}

constexpr std::size_t index_of(std::string_view kind) {
  for (std::size_t i = 0; i < std::size(kShelves); ++i) {
    if (kShelves[i].kind == kind) return i;
  }
  return std::size(kShelves);  // does not compile as an index
}

#define LAKESHIFT_HOLD(kind, file) \
  {kind, file, 50, load<index_of(kind)>, nullptr, shelf_named(kind).object_type}

constexpr Holding kHoldings[] = {
    LAKESHIFT_HOLD("query", "queries.json"),
    LAKESHIFT_HOLD("alert", "alerts.json"),
    LAKESHIFT_HOLD("alert_v2", "alerts_v2.json"),
    LAKESHIFT_HOLD("lakeview_dashboard", "dashboards.json"),
    LAKESHIFT_HOLD("genie_space", "genie_spaces.json"),
    LAKESHIFT_HOLD("legacy_query", "legacy_queries.json"),
    LAKESHIFT_HOLD("legacy_dashboard", "legacy_dashboards.json"),
    LAKESHIFT_HOLD("git_credential", "git_credentials.json"),
    LAKESHIFT_HOLD("notification_destination", "notification_destinations.json"),
    LAKESHIFT_HOLD("ip_access_list", "ip_access_lists.json"),
    LAKESHIFT_HOLD("serving_endpoint", "serving_endpoints.json"),
    LAKESHIFT_HOLD("vector_search_endpoint", "vector_search_endpoints.json"),
    LAKESHIFT_HOLD("app", "apps.json"),
    LAKESHIFT_HOLD("database_instance", "database_instances.json"),
    LAKESHIFT_HOLD("token", "tokens.json"),
    LAKESHIFT_HOLD("catalog", "catalogs.json"),
    LAKESHIFT_HOLD("schema", "schemas.json"),
    LAKESHIFT_HOLD("table", "tables.json"),
    LAKESHIFT_HOLD("volume", "volumes.json"),
    LAKESHIFT_HOLD("function", "functions.json"),
    LAKESHIFT_HOLD("uc_model", "models.json"),
    LAKESHIFT_HOLD("external_location", "external_locations.json"),
    LAKESHIFT_HOLD("storage_credential", "storage_credentials.json"),
    LAKESHIFT_HOLD("credential", "credentials.json"),
    LAKESHIFT_HOLD("connection", "connections.json"),
    LAKESHIFT_HOLD("metastore", "metastores.json"),
    LAKESHIFT_HOLD("share", "shares.json"),
    LAKESHIFT_HOLD("recipient", "recipients.json"),
    LAKESHIFT_HOLD("provider", "providers.json")};

}  // namespace

extern const Service kDefinition;
const Service kDefinition = {"documents", kEndpoints, kHoldings};

}  // namespace lakeshift::twin::services::documents
