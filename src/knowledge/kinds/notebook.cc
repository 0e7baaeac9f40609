// Notebooks: exported and imported as SOURCE. Decision: not JUPYTER, because the API does not say
// how a notebook is stored, JUPYTER exports carry outputs and ids that change with every run (no
// stable digest), and DBC cannot overwrite. What SOURCE leaves behind (outputs, notebook
// dashboards, comments, revisions) is one finding of the estate.
#include <atomic>
#include <memory>

#include "core/base/json.h"
#include "core/engine/generic.h"
#include "knowledge/kinds/field_rows.h"
#include "knowledge/kinds/tree_content.h"
#include "knowledge/kinds/tree_walk.h"

namespace lakeshift::kinds::notebook {
extern const engine::Kind kDefinition;

using model::Meaning;
using model::Role;

constexpr model::Field kFields[] = {
    {.name = "path", .role = Role::create_only, .meaning = Meaning::tree_path},
    {.name = "language", .role = Role::create_only},
    {.name = "object_type", .role = Role::read_only},
    {.name = "object_id", .role = Role::read_only},
    {.name = "resource_id", .role = Role::read_only},
    {.name = "created_at", .role = Role::read_only},
    {.name = "modified_at", .role = Role::read_only},
    {.name = "size", .role = Role::read_only},
    {.name = "$too_large", .role = Role::read_only},
    permissions_row(),
};

// The end of a source export is not part of the notebook: an import and an export may add or drop
// line ends there.
std::string normal_source(std::string bytes) {
  const std::size_t last = bytes.find_last_not_of("\r\n");
  if (last == std::string::npos) return {};
  bytes.resize(last + 1);
  bytes += '\n';
  return bytes;
}

model::Finding what_stays_behind() {
  model::Finding finding;
  finding.code = "notebook-history-not-moved";
  finding.severity = model::Severity::info;
  finding.kind = "notebook";
  finding.cause =
      "notebooks move as source code: revision history, comments, command results and dashboards "
      "inside notebooks "
      "stay in the source workspace";
  finding.remedy =
      "export notebooks whose results must be kept as DBC or HTML before the source is retired";
  return finding;
}

Status discover(const engine::Kind& kind, engine::DiscoverContext& context) {
  const auto told = std::make_shared<std::atomic_flag>();
  return join_tree(context, kNotebookNode,
                   [&kind, &context, told](Json node, const std::optional<Error>&) {
                     context.listed(1);
                     if (!told->test_and_set()) context.finding(what_stays_behind());
                     context.tasks.add([&kind, &context, node = std::move(node)]() mutable {
                       read_content(kind, context, std::move(node), "SOURCE", normal_source);
                     });
                   });
}

void classify(const engine::PlanContext& context, model::Change& change) {
  if (!is_too_large(context.source_document)) return;
  change.verb = model::Verb::manual;
  change.code = "notebook-too-large";
  change.reason =
      "the export is larger than the API's 10 MB: remove outputs or split the notebook, then "
      "discover again";
  change.owner = "owner of the notebook";
}

void plan_actions(const engine::PlanContext& context, model::Change& change) {
  Json body = {{"format", "SOURCE"}};
  const std::string language = text_at(context.desired, "language");
  if (!language.empty()) body["language"] = language;
  plan_import(context, change, std::move(body));
}

const engine::Kind kDefinition{
    .name = "notebook",
    .title = "notebook",
    .plural = "notebooks",
    .wave = 4,
    .family = "workspace",
    .id_field = "object_id",
    .key_field = "path",
    .create = "POST /api/2.0/workspace/import",
    .update = "POST /api/2.0/workspace/import",
    .remove = "POST /api/2.0/workspace/delete",
    .bind = "object_id",
    .permissions = "notebooks",
    .fields = kFields,
    .discover = discover,
    .implied_needs = folder_of_node,
    .classify = classify,
    .plan_actions = plan_actions,
    .page = "/#workspace{key}",
};

}  // namespace lakeshift::kinds::notebook
