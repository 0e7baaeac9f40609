#include "knowledge/kinds/counted.h"

namespace lakeshift::kinds::online_store {
extern const engine::Kind kDefinition;

const engine::Kind kDefinition{
    .name = "online_store",
    .title = "online feature store",
    .plural = "online feature stores",
    .wave = 8,
    .moves = false,
    .family = "feature-store",
    .id_field = "name",
    .key_field = "name",
    .list = {.path = "/api/2.0/feature-store/online-stores",
             .items = "online_stores",
             .paging = engine::Paging::token,
             .query = "page_size=100"},
    .discover = count_listed,
};

}  // namespace lakeshift::kinds::online_store
