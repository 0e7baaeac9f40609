#include "knowledge/kinds/counted.h"

namespace lakeshift::kinds::monitor {
extern const engine::Kind kDefinition;

const engine::Kind kDefinition{
    .name = "monitor",
    .title = "data quality monitor",
    .plural = "data quality monitors",
    .wave = 8,
    .moves = false,
    .family = "data-quality",
    .id_field = "object_id",
    .key_field = "object_id",
    .key_is_unique = false,
    .list = {.path = "/api/data-quality/v1/monitors",
             .items = "monitors",
             .paging = engine::Paging::token,
             .query = "page_size=100"},
    .discover = count_listed,
};

}  // namespace lakeshift::kinds::monitor
