// Tables and views of Unity Catalog, by one list of summaries per catalog instead of one per
// schema.
#include "core/base/json.h"
#include "core/base/strings.h"
#include "knowledge/kinds/catalog_walk.h"
#include "knowledge/kinds/counted.h"

namespace lakeshift::kinds::table {
extern const engine::Kind kDefinition;

std::string out_of_scope(const Json& table) {
  return contains(text_at(table, "full_name"), ".information_schema.") ? "built in" : "";
}

const engine::Kind kDefinition{
    .name = "table",
    .title = "table or view",
    .plural = "tables and views",
    .wave = 3,
    .moves = false,
    .family = "unity-catalog",
    .id_field = "full_name",
    .key_field = "full_name",
    .list = {.path = "/api/2.1/unity-catalog/table-summaries",
             .items = "tables",
             .paging = engine::Paging::token,
             .query = "max_results=0"},
    .discover = count_per_catalog,
    .out_of_scope = out_of_scope,
};

}  // namespace lakeshift::kinds::table
