#include "knowledge/kinds/counted.h"

namespace lakeshift::kinds::app {
extern const engine::Kind kDefinition;

const engine::Kind kDefinition{
    .name = "app",
    .title = "app",
    .plural = "apps",
    .wave = 10,
    .moves = false,
    .family = "apps",
    .id_field = "name",
    .key_field = "name",
    .list = {.path = "/api/2.0/apps",
             .items = "apps",
             .paging = engine::Paging::token,
             .query = "page_size=100"},
    .discover = count_listed,
};

}  // namespace lakeshift::kinds::app
