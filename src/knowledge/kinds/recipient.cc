#include "knowledge/kinds/counted.h"

namespace lakeshift::kinds::recipient {
extern const engine::Kind kDefinition;

const engine::Kind kDefinition{
    .name = "recipient",
    .title = "recipient",
    .plural = "recipients",
    .wave = 3,
    .moves = false,
    .family = "unity-catalog",
    .id_field = "name",
    .key_field = "name",
    .list = {.path = "/api/2.1/unity-catalog/recipients",
             .items = "recipients",
             .paging = engine::Paging::token,
             .query = "max_results=0"},
    .discover = count_listed,
};

}  // namespace lakeshift::kinds::recipient
