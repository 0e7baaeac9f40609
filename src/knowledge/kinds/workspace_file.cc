// Workspace files: any bytes, exported and imported as they are. RAW on import: AUTO would turn a
// text that begins with a notebook's header into a notebook.
#include "core/base/json.h"
#include "core/engine/generic.h"
#include "knowledge/kinds/field_rows.h"
#include "knowledge/kinds/tree_content.h"
#include "knowledge/kinds/tree_walk.h"

namespace lakeshift::kinds::workspace_file {
extern const engine::Kind kDefinition;

using model::Meaning;
using model::Role;

constexpr model::Field kFields[] = {
    {.name = "path", .role = Role::create_only, .meaning = Meaning::tree_path},
    {.name = "object_type", .role = Role::read_only},
    {.name = "object_id", .role = Role::read_only},
    {.name = "resource_id", .role = Role::read_only},
    {.name = "created_at", .role = Role::read_only},
    {.name = "modified_at", .role = Role::read_only},
    {.name = "size", .role = Role::read_only},
    {.name = "language", .role = Role::read_only},
    {.name = "$too_large", .role = Role::read_only},
    permissions_row(),
};

std::string as_it_is(std::string bytes) { return bytes; }

Status discover(const engine::Kind& kind, engine::DiscoverContext& context) {
  return join_tree(context, kFileNode, [&kind, &context](Json node, const std::optional<Error>&) {
    context.listed(1);
    context.tasks.add([&kind, &context, node = std::move(node)]() mutable {
      read_content(kind, context, std::move(node), "AUTO", as_it_is);
    });
  });
}

void classify(const engine::PlanContext& context, model::Change& change) {
  if (!is_too_large(context.source_document)) return;
  change.verb = model::Verb::manual;
  change.code = "file-too-large";
  change.reason =
      "the file is larger than the 10 MB that the API exports and imports: copy it by the web "
      "terminal or keep it in "
      "a volume";
  change.owner = "owner of the file";
}

void plan_actions(const engine::PlanContext& context, model::Change& change) {
  plan_import(context, change, {{"format", "RAW"}});
}

const engine::Kind kDefinition{
    .name = "workspace_file",
    .title = "workspace file",
    .plural = "workspace files",
    .wave = 4,
    .family = "workspace",
    .id_field = "object_id",
    .key_field = "path",
    .create = "POST /api/2.0/workspace/import",
    .update = "POST /api/2.0/workspace/import",
    .remove = "POST /api/2.0/workspace/delete",
    .bind = "object_id",
    .permissions = "files",
    .fields = kFields,
    .discover = discover,
    .implied_needs = folder_of_node,
    .classify = classify,
    .plan_actions = plan_actions,
};

}  // namespace lakeshift::kinds::workspace_file
