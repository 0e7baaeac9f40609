#include "knowledge/kinds/counted.h"

namespace lakeshift::kinds::experiment {
extern const engine::Kind kDefinition;

const engine::Kind kDefinition{
    .name = "experiment",
    .title = "experiment",
    .plural = "experiments",
    .wave = 8,
    .moves = false,
    .family = "mlflow",
    .id_field = "experiment_id",
    .key_field = "name",
    .list = {.path = "/api/2.0/mlflow/experiments/search",
             .items = "experiments",
             .paging = engine::Paging::token_in_body,
             .method = "POST"},
    .discover = count_listed,
};

}  // namespace lakeshift::kinds::experiment
