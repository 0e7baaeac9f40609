#include "knowledge/kinds/counted.h"

namespace lakeshift::kinds::base_environment {
extern const engine::Kind kDefinition;

const engine::Kind kDefinition{
    .name = "base_environment",
    .title = "workspace base environment",
    .plural = "workspace base environments",
    .wave = 5,
    .moves = false,
    .family = "environments",
    .id_field = "name",
    .key_field = "display_name",
    .key_is_unique = false,
    .list = {.path = "/api/environments/v1/workspace-base-environments",
             .items = "workspace_base_environments",
             .paging = engine::Paging::token,
             .query = "page_size=100"},
    .discover = count_listed,
};

}  // namespace lakeshift::kinds::base_environment
