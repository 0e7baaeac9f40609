// Credentials of purpose SERVICE: those of purpose STORAGE are the storage credentials.
#include "knowledge/kinds/counted.h"

namespace lakeshift::kinds::credential {
extern const engine::Kind kDefinition;

const engine::Kind kDefinition{
    .name = "credential",
    .title = "service credential",
    .plural = "service credentials",
    .wave = 2,
    .moves = false,
    .family = "unity-catalog",
    .id_field = "name",
    .key_field = "name",
    .list = {.path = "/api/2.1/unity-catalog/credentials",
             .items = "credentials",
             .paging = engine::Paging::token,
             .query = "max_results=0&purpose=SERVICE"},
    .discover = count_listed,
};

}  // namespace lakeshift::kinds::credential
