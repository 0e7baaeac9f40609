#include "knowledge/kinds/counted.h"

namespace lakeshift::kinds::provider {
extern const engine::Kind kDefinition;

const engine::Kind kDefinition{
    .name = "provider",
    .title = "provider",
    .plural = "providers",
    .wave = 3,
    .moves = false,
    .family = "unity-catalog",
    .id_field = "name",
    .key_field = "name",
    .list = {.path = "/api/2.1/unity-catalog/providers",
             .items = "providers",
             .paging = engine::Paging::token,
             .query = "max_results=0"},
    .discover = count_listed,
};

}  // namespace lakeshift::kinds::provider
