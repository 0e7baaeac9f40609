#include "core/base/json.h"
#include "knowledge/kinds/catalog_walk.h"
#include "knowledge/kinds/counted.h"

namespace lakeshift::kinds::schema {
extern const engine::Kind kDefinition;

std::string out_of_scope(const Json& schema) {
  return text_at(schema, "name") == "information_schema" ? "built in" : "";
}

const engine::Kind kDefinition{
    .name = "schema",
    .title = "schema",
    .plural = "schemas",
    .wave = 3,
    .moves = false,
    .family = "unity-catalog",
    .id_field = "full_name",
    .key_field = "full_name",
    .list = kSchemas,
    .discover = count_schemas,
    .out_of_scope = out_of_scope,
};

}  // namespace lakeshift::kinds::schema
