// Registered models of Unity Catalog: without a schema the list names those of the whole metastore.
#include "knowledge/kinds/counted.h"

namespace lakeshift::kinds::catalog_model {
extern const engine::Kind kDefinition;

const engine::Kind kDefinition{
    .name = "catalog_model",
    .title = "registered model of a catalog",
    .plural = "registered models of catalogs",
    .wave = 8,
    .moves = false,
    .family = "unity-catalog",
    .id_field = "full_name",
    .key_field = "full_name",
    .list = {.path = "/api/2.1/unity-catalog/models",
             .items = "registered_models",
             .paging = engine::Paging::token,
             .query = "max_results=0"},
    .discover = count_listed,
};

}  // namespace lakeshift::kinds::catalog_model
