#include "knowledge/kinds/catalog_walk.h"
#include "knowledge/kinds/counted.h"

namespace lakeshift::kinds::volume {
extern const engine::Kind kDefinition;

const engine::Kind kDefinition{
    .name = "volume",
    .title = "volume",
    .plural = "volumes",
    .wave = 3,
    .moves = false,
    .family = "unity-catalog",
    .id_field = "full_name",
    .key_field = "full_name",
    .list = {.path = "/api/2.1/unity-catalog/volumes",
             .items = "volumes",
             .paging = engine::Paging::token,
             .query = "max_results=0"},
    .discover = count_per_schema,
};

}  // namespace lakeshift::kinds::volume
