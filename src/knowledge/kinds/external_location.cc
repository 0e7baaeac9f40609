#include "knowledge/kinds/counted.h"

namespace lakeshift::kinds::external_location {
extern const engine::Kind kDefinition;

const engine::Kind kDefinition{
    .name = "external_location",
    .title = "external location",
    .plural = "external locations",
    .wave = 2,
    .moves = false,
    .family = "unity-catalog",
    .id_field = "name",
    .key_field = "name",
    .list = {.path = "/api/2.1/unity-catalog/external-locations",
             .items = "external_locations",
             .paging = engine::Paging::token,
             .query = "max_results=0"},
    .discover = count_listed,
};

}  // namespace lakeshift::kinds::external_location
