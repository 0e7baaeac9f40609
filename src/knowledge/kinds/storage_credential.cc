#include "knowledge/kinds/counted.h"

namespace lakeshift::kinds::storage_credential {
extern const engine::Kind kDefinition;

const engine::Kind kDefinition{
    .name = "storage_credential",
    .title = "storage credential",
    .plural = "storage credentials",
    .wave = 2,
    .moves = false,
    .family = "unity-catalog",
    .id_field = "name",
    .key_field = "name",
    .list = {.path = "/api/2.1/unity-catalog/storage-credentials",
             .items = "storage_credentials",
             .paging = engine::Paging::token,
             .query = "max_results=0"},
    .discover = count_listed,
};

}  // namespace lakeshift::kinds::storage_credential
