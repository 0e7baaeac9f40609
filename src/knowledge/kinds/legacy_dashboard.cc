#include "knowledge/kinds/counted.h"

namespace lakeshift::kinds::legacy_dashboard {
extern const engine::Kind kDefinition;

const engine::Kind kDefinition{
    .name = "legacy_dashboard",
    .title = "legacy dashboard",
    .plural = "legacy dashboards",
    .wave = 7,
    .moves = false,
    .family = "sql",
    .id_field = "id",
    .key_field = "name",
    .key_is_unique = false,
    .list = {.path = "/api/2.0/preview/sql/dashboards",
             .items = "results",
             .paging = engine::Paging::page},
    .discover = count_listed,
};

}  // namespace lakeshift::kinds::legacy_dashboard
