#include "core/base/json.h"
#include "knowledge/kinds/counted.h"
#include "knowledge/kinds/shared_list.h"

namespace lakeshift::kinds::vector_index {
extern const engine::Kind kDefinition;

constexpr engine::Listing kEndpoints{.path = "/api/2.0/vector-search/endpoints",
                                     .items = "endpoints",
                                     .paging = engine::Paging::token};

Status discover(const engine::Kind& kind, engine::DiscoverContext& context) {
  LS_ASSIGN(const std::vector<Json> endpoints,
            list_once(context, kEndpoints, Json::object(), kind.family));
  for (const Json& endpoint : endpoints) {
    const std::string name = text_at(endpoint, "name");
    count_part(kind, context, kind.list, {{"endpoint_name", name}}, name);
  }
  return {};
}

const engine::Kind kDefinition{
    .name = "vector_index",
    .title = "vector search index",
    .plural = "vector search indexes",
    .wave = 8,
    .moves = false,
    .family = "vector-search",
    .id_field = "name",
    .key_field = "name",
    .list = {.path = "/api/2.0/vector-search/indexes",
             .items = "vector_indexes",
             .paging = engine::Paging::token},
    .discover = discover,
};

}  // namespace lakeshift::kinds::vector_index
