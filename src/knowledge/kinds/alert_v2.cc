#include "knowledge/kinds/counted.h"

namespace lakeshift::kinds::alert_v2 {
extern const engine::Kind kDefinition;

const engine::Kind kDefinition{
    .name = "alert_v2",
    .title = "alert (v2)",
    .plural = "alerts (v2)",
    .wave = 7,
    .moves = false,
    .family = "sql",
    .id_field = "id",
    .key_field = "display_name",
    .key_is_unique = false,
    .list = {.path = "/api/2.0/alerts",
             .items = "alerts",
             .paging = engine::Paging::token,
             .query = "page_size=100"},
    .discover = count_listed,
};

}  // namespace lakeshift::kinds::alert_v2
