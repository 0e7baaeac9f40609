// Tokens of everybody: their values are never readable, they are issued again.
#include "knowledge/kinds/counted.h"

namespace lakeshift::kinds::token {
extern const engine::Kind kDefinition;

const engine::Kind kDefinition{
    .name = "token",
    .title = "personal access token",
    .plural = "personal access tokens",
    .wave = 11,
    .moves = false,
    .family = "misc",
    .id_field = "token_id",
    .key_field = "token_id",
    .list = {.path = "/api/2.0/token-management/tokens", .items = "token_infos"},
    .discover = count_listed,
};

}  // namespace lakeshift::kinds::token
