// One per workspace. It holds storage keys: nothing of it is kept.
#include "core/base/json.h"
#include "knowledge/kinds/counted.h"

namespace lakeshift::kinds::warehouse_config {
extern const engine::Kind kDefinition;

Status discover(const engine::Kind& kind, engine::DiscoverContext& context) {
  engine::Call call;
  call.path = "/api/2.0/sql/config/warehouses";
  call.family = std::string(kind.family);
  LS_ASSIGN(const Json config, context.platform.call(call, context.run.stop));
  if (config.is_object() && !config.empty()) count_one(kind, context, "workspace");
  return {};
}

const engine::Kind kDefinition{
    .name = "warehouse_config",
    .title = "warehouse configuration",
    .plural = "warehouse configurations",
    .wave = 5,
    .moves = false,
    .family = "sql",
    .discover = discover,
};

}  // namespace lakeshift::kinds::warehouse_config
