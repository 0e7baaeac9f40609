#include "knowledge/kinds/counted.h"

namespace lakeshift::kinds::genie_space {
extern const engine::Kind kDefinition;

const engine::Kind kDefinition{
    .name = "genie_space",
    .title = "Genie space",
    .plural = "Genie spaces",
    .wave = 7,
    .moves = false,
    .family = "genie",
    .id_field = "space_id",
    .key_field = "title",
    .key_is_unique = false,
    .list = {.path = "/api/2.0/genie/spaces",
             .items = "spaces",
             .paging = engine::Paging::token,
             .query = "page_size=100"},
    .discover = count_listed,
};

}  // namespace lakeshift::kinds::genie_space
