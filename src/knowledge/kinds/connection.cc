#include "knowledge/kinds/counted.h"

namespace lakeshift::kinds::connection {
extern const engine::Kind kDefinition;

const engine::Kind kDefinition{
    .name = "connection",
    .title = "connection",
    .plural = "connections",
    .wave = 2,
    .moves = false,
    .family = "unity-catalog",
    .id_field = "name",
    .key_field = "name",
    .list = {.path = "/api/2.1/unity-catalog/connections",
             .items = "connections",
             .paging = engine::Paging::token,
             .query = "max_results=0"},
    .discover = count_listed,
};

}  // namespace lakeshift::kinds::connection
