// Git folders, from the tree: the list of repos leaves out folders that Git itself has checked out.
#include "knowledge/kinds/counted.h"
#include "knowledge/kinds/tree_walk.h"

namespace lakeshift::kinds::git_folder {
extern const engine::Kind kDefinition;

Status discover(const engine::Kind& kind, engine::DiscoverContext& context) {
  return join_tree(context, kGitFolderNode,
                   [&kind, &context](const Json& node, const std::optional<Error>&) {
                     count_item(kind, context, node);
                   });
}

const engine::Kind kDefinition{
    .name = "git_folder",
    .title = "git folder",
    .plural = "git folders",
    .wave = 4,
    .moves = false,
    .family = "workspace",
    .id_field = "object_id",
    .key_field = "path",
    .discover = discover,
};

}  // namespace lakeshift::kinds::git_folder
