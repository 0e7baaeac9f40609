#include "knowledge/kinds/counted.h"

namespace lakeshift::kinds::clean_room {
extern const engine::Kind kDefinition;

const engine::Kind kDefinition{
    .name = "clean_room",
    .title = "clean room",
    .plural = "clean rooms",
    .wave = 3,
    .moves = false,
    .family = "clean-rooms",
    .id_field = "name",
    .key_field = "name",
    .list = {.path = "/api/2.0/clean-rooms",
             .items = "clean_rooms",
             .paging = engine::Paging::token},
    .discover = count_listed,
};

}  // namespace lakeshift::kinds::clean_room
