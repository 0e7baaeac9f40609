#include "knowledge/kinds/counted.h"

namespace lakeshift::kinds::knowledge_assistant {
extern const engine::Kind kDefinition;

const engine::Kind kDefinition{
    .name = "knowledge_assistant",
    .title = "knowledge assistant",
    .plural = "knowledge assistants",
    .wave = 8,
    .moves = false,
    .family = "agents",
    .id_field = "name",
    .key_field = "display_name",
    .key_is_unique = false,
    .list = {.path = "/api/2.1/knowledge-assistants",
             .items = "knowledge_assistants",
             .paging = engine::Paging::token,
             .query = "page_size=100"},
    .discover = count_listed,
};

}  // namespace lakeshift::kinds::knowledge_assistant
