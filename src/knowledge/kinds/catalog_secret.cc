#include "knowledge/kinds/counted.h"

namespace lakeshift::kinds::catalog_secret {
extern const engine::Kind kDefinition;

const engine::Kind kDefinition{
    .name = "catalog_secret",
    .title = "secret of a catalog",
    .plural = "secrets of catalogs",
    .wave = 3,
    .moves = false,
    .family = "unity-catalog",
    .id_field = "full_name",
    .key_field = "full_name",
    .list = {.path = "/api/2.1/unity-catalog/secrets",
             .items = "secrets",
             .paging = engine::Paging::token,
             .query = "page_size=0"},
    .discover = count_listed,
};

}  // namespace lakeshift::kinds::catalog_secret
