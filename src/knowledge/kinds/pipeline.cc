#include "knowledge/kinds/counted.h"

namespace lakeshift::kinds::pipeline {
extern const engine::Kind kDefinition;

const engine::Kind kDefinition{
    .name = "pipeline",
    .title = "pipeline",
    .plural = "pipelines",
    .wave = 9,
    .moves = false,
    .family = "pipelines",
    .id_field = "pipeline_id",
    .key_field = "name",
    .key_is_unique = false,
    .list = {.path = "/api/2.0/pipelines",
             .items = "statuses",
             .paging = engine::Paging::token,
             .query = "max_results=100"},
    .discover = count_listed,
};

}  // namespace lakeshift::kinds::pipeline
