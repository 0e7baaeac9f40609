#include "knowledge/kinds/counted.h"

namespace lakeshift::kinds::registered_model {
extern const engine::Kind kDefinition;

const engine::Kind kDefinition{
    .name = "registered_model",
    .title = "registered model of the workspace",
    .plural = "registered models of the workspace",
    .wave = 8,
    .moves = false,
    .family = "mlflow",
    .id_field = "name",
    .key_field = "name",
    .list = {.path = "/api/2.0/mlflow/registered-models/search",
             .items = "registered_models",
             .paging = engine::Paging::token,
             .query = "max_results=1000"},
    .discover = count_listed,
};

}  // namespace lakeshift::kinds::registered_model
