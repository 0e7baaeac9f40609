#include "knowledge/kinds/counted.h"

namespace lakeshift::kinds::ip_access_list {
extern const engine::Kind kDefinition;

const engine::Kind kDefinition{
    .name = "ip_access_list",
    .title = "IP access list",
    .plural = "IP access lists",
    .wave = 11,
    .moves = false,
    .family = "settings",
    .id_field = "list_id",
    .key_field = "label",
    .key_is_unique = false,
    .list = {.path = "/api/2.0/ip-access-lists", .items = "ip_access_lists"},
    .discover = count_listed,
};

}  // namespace lakeshift::kinds::ip_access_list
