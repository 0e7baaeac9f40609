// The metastore the workspace is assigned to: the list of all of them is for account admins.
#include "core/base/json.h"
#include "knowledge/kinds/counted.h"

namespace lakeshift::kinds::metastore {
extern const engine::Kind kDefinition;

Status discover(const engine::Kind& kind, engine::DiscoverContext& context) {
  engine::Call call;
  call.path = "/api/2.1/unity-catalog/current-metastore-assignment";
  call.family = std::string(kind.family);
  LS_ASSIGN(const Json assignment, context.platform.call(call, context.run.stop));
  if (!text_at(assignment, "metastore_id").empty()) count_item(kind, context, assignment);
  return {};
}

const engine::Kind kDefinition{
    .name = "metastore",
    .title = "metastore",
    .plural = "metastores",
    .wave = 2,
    .moves = false,
    .family = "unity-catalog",
    .id_field = "metastore_id",
    .key_field = "metastore_id",
    .discover = discover,
};

}  // namespace lakeshift::kinds::metastore
