#include "knowledge/kinds/counted.h"

namespace lakeshift::kinds::default_warehouse_override {
extern const engine::Kind kDefinition;

const engine::Kind kDefinition{
    .name = "default_warehouse_override",
    .title = "default warehouse override",
    .plural = "default warehouse overrides",
    .wave = 5,
    .moves = false,
    .family = "sql",
    .id_field = "default_warehouse_override_id",
    .key_field = "default_warehouse_override_id",
    .key_is_unique = false,
    .list = {.path = "/api/warehouses/v1/default-warehouse-overrides",
             .items = "default_warehouse_overrides",
             .paging = engine::Paging::token,
             .query = "page_size=100"},
    .discover = count_listed,
};

}  // namespace lakeshift::kinds::default_warehouse_override
