#include "knowledge/kinds/counted.h"

namespace lakeshift::kinds::tag_policy {
extern const engine::Kind kDefinition;

const engine::Kind kDefinition{
    .name = "tag_policy",
    .title = "tag policy",
    .plural = "tag policies",
    .wave = 3,
    .moves = false,
    .family = "tags",
    .id_field = "tag_key",
    .key_field = "tag_key",
    .list = {.path = "/api/2.1/tag-policies",
             .items = "tag_policies",
             .paging = engine::Paging::token,
             .query = "page_size=100"},
    .discover = count_listed,
};

}  // namespace lakeshift::kinds::tag_policy
