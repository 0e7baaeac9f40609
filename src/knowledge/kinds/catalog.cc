#include "core/base/json.h"
#include "knowledge/kinds/catalog_walk.h"
#include "knowledge/kinds/counted.h"
#include "knowledge/kinds/shared_list.h"

namespace lakeshift::kinds::catalog {
extern const engine::Kind kDefinition;

std::string out_of_scope(const Json& catalog) {
  return is_built_in_catalog(text_at(catalog, "name")) ? "built in" : "";
}

model::Finding not_entered(const std::string& name) {
  model::Finding finding;
  finding.code = "foreign-catalog-not-entered";
  finding.severity = model::Severity::info;
  finding.kind = "catalog";
  finding.key = name;
  finding.cause =
      "the schemas and tables of the foreign catalog are not counted: listing them asks the "
      "database behind it";
  finding.remedy = "nothing to do: the catalog is made again from its connection";
  return finding;
}

Status discover(const engine::Kind& kind, engine::DiscoverContext& context) {
  LS_ASSIGN(const std::vector<Json> catalogs,
            list_once(context, kind.list, Json::object(), kind.family));
  for (const Json& catalog : catalogs) {
    count_item(kind, context, catalog);
    if (text_at(catalog, "catalog_type") == "FOREIGN_CATALOG")
      context.finding(not_entered(text_at(catalog, "name")));
  }
  return {};
}

const engine::Kind kDefinition{
    .name = "catalog",
    .title = "catalog",
    .plural = "catalogs",
    .wave = 3,
    .moves = false,
    .family = "unity-catalog",
    .id_field = "name",
    .key_field = "name",
    .list = kCatalogs,
    .discover = discover,
    .out_of_scope = out_of_scope,
};

}  // namespace lakeshift::kinds::catalog
