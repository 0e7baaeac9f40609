#include "knowledge/kinds/counted.h"

namespace lakeshift::kinds::notification_destination {
extern const engine::Kind kDefinition;

const engine::Kind kDefinition{
    .name = "notification_destination",
    .title = "notification destination",
    .plural = "notification destinations",
    .wave = 5,
    .moves = false,
    .family = "settings",
    .id_field = "id",
    .key_field = "display_name",
    .key_is_unique = false,
    .list = {.path = "/api/2.0/notification-destinations",
             .items = "results",
             .paging = engine::Paging::token,
             .query = "page_size=100"},
    .discover = count_listed,
};

}  // namespace lakeshift::kinds::notification_destination
