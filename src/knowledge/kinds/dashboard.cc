#include "knowledge/kinds/counted.h"

namespace lakeshift::kinds::dashboard {
extern const engine::Kind kDefinition;

const engine::Kind kDefinition{
    .name = "dashboard",
    .title = "dashboard",
    .plural = "dashboards",
    .wave = 7,
    .moves = false,
    .family = "lakeview",
    .id_field = "dashboard_id",
    .key_field = "display_name",
    .key_is_unique = false,
    .list = {.path = "/api/2.0/lakeview/dashboards",
             .items = "dashboards",
             .paging = engine::Paging::token,
             .query = "page_size=100"},
    .discover = count_listed,
};

}  // namespace lakeshift::kinds::dashboard
