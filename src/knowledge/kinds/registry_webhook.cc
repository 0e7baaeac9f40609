#include "knowledge/kinds/counted.h"

namespace lakeshift::kinds::registry_webhook {
extern const engine::Kind kDefinition;

const engine::Kind kDefinition{
    .name = "registry_webhook",
    .title = "registry webhook",
    .plural = "registry webhooks",
    .wave = 8,
    .moves = false,
    .family = "mlflow",
    .id_field = "id",
    .key_field = "id",
    .key_is_unique = false,
    .list = {.path = "/api/2.0/mlflow/registry-webhooks/list",
             .items = "webhooks",
             .paging = engine::Paging::token},
    .discover = count_listed,
};

}  // namespace lakeshift::kinds::registry_webhook
