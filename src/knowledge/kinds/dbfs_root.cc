#include <algorithm>

#include "core/base/json.h"
#include "knowledge/kinds/counted.h"

namespace lakeshift::kinds::dbfs_root {
extern const engine::Kind kDefinition;

// Every workspace has them; mounts are a kind of their own.
constexpr std::string_view kBuiltIn[] = {"/databricks-datasets", "/databricks-results",
                                         "/databricks", "/mnt"};

std::string out_of_scope(const Json& entry) {
  const std::string path = text_at(entry, "path");
  return std::find(std::begin(kBuiltIn), std::end(kBuiltIn), path) != std::end(kBuiltIn)
             ? "built in"
             : "";
}

const engine::Kind kDefinition{
    .name = "dbfs_root",
    .title = "entry of the DBFS root",
    .plural = "entries of the DBFS root",
    .wave = 4,
    .moves = false,
    .family = "dbfs",
    .id_field = "path",
    .key_field = "path",
    .list = {.path = "/api/2.0/dbfs/list", .items = "files", .query = "path=/"},
    .discover = count_listed,
    .out_of_scope = out_of_scope,
};

}  // namespace lakeshift::kinds::dbfs_root
