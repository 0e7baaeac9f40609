#include "knowledge/kinds/counted.h"

namespace lakeshift::kinds::workspace_setting {
extern const engine::Kind kDefinition;

const engine::Kind kDefinition{
    .name = "workspace_setting",
    .title = "workspace setting",
    .plural = "workspace settings",
    .wave = 11,
    .moves = false,
    .family = "settings",
    .id_field = "name",
    .key_field = "name",
    .list = {.path = "/api/2.1/settings-metadata",
             .items = "settings_metadata",
             .paging = engine::Paging::token,
             .query = "page_size=100"},
    .discover = count_listed,
};

}  // namespace lakeshift::kinds::workspace_setting
