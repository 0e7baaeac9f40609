#include "knowledge/kinds/catalog_walk.h"

#include <algorithm>
#include <vector>

#include "core/base/json.h"
#include "knowledge/kinds/counted.h"
#include "knowledge/kinds/shared_list.h"

namespace lakeshift::kinds {
namespace {

constexpr std::string_view kBuiltIn[] = {"system", "samples", "hive_metastore",
                                         "__databricks_internal"};

// Names of the catalogs that are entered.
Result<std::vector<std::string>> entered_catalogs(engine::DiscoverContext& context) {
  LS_ASSIGN(const std::vector<Json> catalogs,
            list_once(context, kCatalogs, Json::object(), kCatalogFamily));
  std::vector<std::string> names;
  for (const Json& catalog : catalogs) {
    const std::string name = text_at(catalog, "name");
    if (is_built_in_catalog(name) || text_at(catalog, "catalog_type") == "FOREIGN_CATALOG")
      continue;
    names.push_back(name);
  }
  return names;
}

Result<std::vector<Json>> schemas_of(engine::DiscoverContext& context, const std::string& catalog) {
  return list_once(context, kSchemas, {{"catalog_name", catalog}}, kCatalogFamily);
}

}  // namespace

bool is_built_in_catalog(std::string_view name) {
  return std::find(std::begin(kBuiltIn), std::end(kBuiltIn), name) != std::end(kBuiltIn);
}

Status count_per_catalog(const engine::Kind& kind, engine::DiscoverContext& context) {
  LS_ASSIGN(const std::vector<std::string> catalogs, entered_catalogs(context));
  for (const std::string& catalog : catalogs)
    count_part(kind, context, kind.list, {{"catalog_name", catalog}}, catalog);
  return {};
}

Status count_per_schema(const engine::Kind& kind, engine::DiscoverContext& context) {
  LS_ASSIGN(const std::vector<std::string> catalogs, entered_catalogs(context));
  for (const std::string& catalog : catalogs)
    context.tasks.add([&kind, &context, catalog] {
      const Result<std::vector<Json>> schemas = schemas_of(context, catalog);
      if (!schemas) return report_part(kind, context, catalog, schemas.error());
      for (const Json& schema : *schemas) {
        const std::string name = text_at(schema, "name");
        if (name == "information_schema") continue;
        count_part(kind, context, kind.list, {{"catalog_name", catalog}, {"schema_name", name}},
                   catalog + "." + name);
      }
    });
  return {};
}

Status count_schemas(const engine::Kind& kind, engine::DiscoverContext& context) {
  LS_ASSIGN(const std::vector<std::string> catalogs, entered_catalogs(context));
  for (const std::string& catalog : catalogs)
    context.tasks.add([&kind, &context, catalog] {
      const Result<std::vector<Json>> schemas = schemas_of(context, catalog);
      if (!schemas) return report_part(kind, context, catalog, schemas.error());
      for (const Json& schema : *schemas) count_item(kind, context, schema);
    });
  return {};
}

}  // namespace lakeshift::kinds
