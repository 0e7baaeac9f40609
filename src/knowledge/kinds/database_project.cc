#include "knowledge/kinds/counted.h"

namespace lakeshift::kinds::database_project {
extern const engine::Kind kDefinition;

const engine::Kind kDefinition{
    .name = "database_project",
    .title = "database project",
    .plural = "database projects",
    .wave = 3,
    .moves = false,
    .family = "database",
    .id_field = "name",
    .key_field = "name",
    .list = {.path = "/api/2.0/postgres/projects",
             .items = "projects",
             .paging = engine::Paging::token,
             .query = "page_size=100"},
    .discover = count_listed,
};

}  // namespace lakeshift::kinds::database_project
