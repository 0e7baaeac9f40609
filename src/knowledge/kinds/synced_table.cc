#include "core/base/json.h"
#include "core/base/strings.h"
#include "knowledge/kinds/counted.h"
#include "knowledge/kinds/shared_list.h"

namespace lakeshift::kinds::synced_table {
extern const engine::Kind kDefinition;

constexpr engine::Listing kInstances{.path = "/api/2.0/database/instances",
                                     .items = "database_instances",
                                     .paging = engine::Paging::token,
                                     .query = "page_size=100"};

Status discover(const engine::Kind& kind, engine::DiscoverContext& context) {
  LS_ASSIGN(const std::vector<Json> instances,
            list_once(context, kInstances, Json::object(), kind.family));
  for (const Json& instance : instances) {
    const std::string name = text_at(instance, "name");
    const std::string path =
        std::string(kInstances.path) + "/" + url_encode(name) + "/synced_tables";
    count_part(kind, context,
               {.path = path,
                .items = "synced_tables",
                .paging = engine::Paging::token,
                .query = "page_size=100"},
               Json::object(), name);
  }
  return {};
}

const engine::Kind kDefinition{
    .name = "synced_table",
    .title = "synced table",
    .plural = "synced tables",
    .wave = 3,
    .moves = false,
    .family = "database",
    .id_field = "name",
    .key_field = "name",
    .discover = discover,
};

}  // namespace lakeshift::kinds::synced_table
