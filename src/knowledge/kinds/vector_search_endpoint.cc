#include "knowledge/kinds/counted.h"

namespace lakeshift::kinds::vector_search_endpoint {
extern const engine::Kind kDefinition;

const engine::Kind kDefinition{
    .name = "vector_search_endpoint",
    .title = "vector search endpoint",
    .plural = "vector search endpoints",
    .wave = 8,
    .moves = false,
    .family = "vector-search",
    .id_field = "name",
    .key_field = "name",
    .list = {.path = "/api/2.0/vector-search/endpoints",
             .items = "endpoints",
             .paging = engine::Paging::token},
    .discover = count_shared,
};

}  // namespace lakeshift::kinds::vector_search_endpoint
