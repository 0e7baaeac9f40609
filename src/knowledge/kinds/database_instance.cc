#include "knowledge/kinds/counted.h"

namespace lakeshift::kinds::database_instance {
extern const engine::Kind kDefinition;

const engine::Kind kDefinition{
    .name = "database_instance",
    .title = "database instance",
    .plural = "database instances",
    .wave = 3,
    .moves = false,
    .family = "database",
    .id_field = "name",
    .key_field = "name",
    .list = {.path = "/api/2.0/database/instances",
             .items = "database_instances",
             .paging = engine::Paging::token,
             .query = "page_size=100"},
    .discover = count_shared,
};

}  // namespace lakeshift::kinds::database_instance
