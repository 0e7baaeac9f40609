#include "knowledge/kinds/counted.h"

namespace lakeshift::kinds::serving_endpoint {
extern const engine::Kind kDefinition;

const engine::Kind kDefinition{
    .name = "serving_endpoint",
    .title = "serving endpoint",
    .plural = "serving endpoints",
    .wave = 8,
    .moves = false,
    .family = "serving",
    .id_field = "id",
    .key_field = "name",
    .list = {.path = "/api/2.0/serving-endpoints", .items = "endpoints"},
    .discover = count_listed,
};

}  // namespace lakeshift::kinds::serving_endpoint
