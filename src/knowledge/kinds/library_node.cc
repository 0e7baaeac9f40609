// Legacy libraries in the tree: the API does not export them.
#include "knowledge/kinds/counted.h"
#include "knowledge/kinds/tree_walk.h"

namespace lakeshift::kinds::library_node {
extern const engine::Kind kDefinition;

Status discover(const engine::Kind& kind, engine::DiscoverContext& context) {
  return join_tree(context, kLibraryNode,
                   [&kind, &context](const Json& node, const std::optional<Error>&) {
                     count_item(kind, context, node);
                   });
}

const engine::Kind kDefinition{
    .name = "library_node",
    .title = "library of the workspace tree",
    .plural = "libraries of the workspace tree",
    .wave = 4,
    .moves = false,
    .family = "workspace",
    .id_field = "object_id",
    .key_field = "path",
    .discover = discover,
};

}  // namespace lakeshift::kinds::library_node
