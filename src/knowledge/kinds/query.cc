#include "knowledge/kinds/counted.h"

namespace lakeshift::kinds::query {
extern const engine::Kind kDefinition;

const engine::Kind kDefinition{
    .name = "query",
    .title = "query",
    .plural = "queries",
    .wave = 7,
    .moves = false,
    .family = "sql",
    .id_field = "id",
    .key_field = "display_name",
    .key_is_unique = false,
    .list = {.path = "/api/2.0/sql/queries",
             .items = "results",
             .paging = engine::Paging::token,
             .query = "page_size=100"},
    .discover = count_listed,
};

}  // namespace lakeshift::kinds::query
