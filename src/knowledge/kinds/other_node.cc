// Nodes of the tree that are none of the kinds that are read: named, never passed over.
#include <mutex>
#include <set>

#include "core/base/json.h"
#include "knowledge/kinds/counted.h"
#include "knowledge/kinds/tree_walk.h"

namespace lakeshift::kinds::other_node {
extern const engine::Kind kDefinition;

// Dashboards are counted by their own list.
std::string out_of_scope(const Json& node) {
  return text_at(node, "object_type") == "DASHBOARD" ? "counted as dashboard" : "";
}

model::Finding unknown_type(const Json& node) {
  model::Finding finding;
  finding.code = "unknown-object-type";
  finding.severity = model::Severity::warning;
  finding.kind = "other_node";
  finding.where = text_at(node, "object_type");
  finding.cause = "the workspace tree has objects of type '" + text_at(node, "object_type") +
                  "', for example '" + text_at(node, "path") + "', which are not moved";
  finding.remedy = "move them by hand, or look whether a newer release knows the type";
  return finding;
}

Status discover(const engine::Kind& kind, engine::DiscoverContext& context) {
  const auto told = std::make_shared<world::Guarded<std::set<std::string>>>();
  return join_tree(
      context, kOtherNode, [&kind, &context, told](const Json& node, const std::optional<Error>&) {
        const std::string type = text_at(node, "object_type");
        const bool is_new =
            out_of_scope(node).empty() &&
            told->with([&](std::set<std::string>& types) { return types.insert(type).second; });
        if (is_new) context.finding(unknown_type(node));
        count_item(kind, context, node);
      });
}

const engine::Kind kDefinition{
    .name = "other_node",
    .title = "other object of the workspace tree",
    .plural = "other objects of the workspace tree",
    .wave = 4,
    .moves = false,
    .family = "workspace",
    .id_field = "path",
    .key_field = "path",
    .discover = discover,
    .out_of_scope = out_of_scope,
};

}  // namespace lakeshift::kinds::other_node
