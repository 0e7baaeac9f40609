#include "knowledge/kinds/counted.h"

namespace lakeshift::kinds::supervisor_agent {
extern const engine::Kind kDefinition;

const engine::Kind kDefinition{
    .name = "supervisor_agent",
    .title = "supervisor agent",
    .plural = "supervisor agents",
    .wave = 8,
    .moves = false,
    .family = "agents",
    .id_field = "name",
    .key_field = "display_name",
    .key_is_unique = false,
    .list = {.path = "/api/2.1/supervisor-agents",
             .items = "supervisor_agents",
             .paging = engine::Paging::token,
             .query = "page_size=100"},
    .discover = count_listed,
};

}  // namespace lakeshift::kinds::supervisor_agent
