// Folders of the workspace tree. Home folders and the roots are the platform's own: they are looked
// up, never made.
#include "core/base/json.h"
#include "core/base/strings.h"
#include "core/engine/generic.h"
#include "knowledge/kinds/field_rows.h"
#include "knowledge/kinds/tree_walk.h"

namespace lakeshift::kinds::directory {
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
    {.name = "directory_info", .role = Role::read_only},
    // Whose home this is: it appears with its owner, so a home without an owner cannot be had.
    {.name = "$home_of_user",
     .role = Role::write_only,
     .meaning = Meaning::reference,
     .target = "user",
     .target_field = "userName"},
    {.name = "$home_of_application",
     .role = Role::write_only,
     .meaning = Meaning::application,
     .target = "service_principal",
     .target_field = "applicationId"},
    permissions_row(),
};

bool is_root(const std::string& path) {
  return path == "/Users" || path == "/Shared" || path == "/Repos" || path == "/Workspace";
}
// "/Users/<name>": mkdirs refuses it ("Folder Users is protected").
bool is_home(const std::string& path) { return parent_folder(path) == "/Users"; }

void note_owner(Json& document) {
  const std::string path = text_at(document, "path");
  if (!is_home(path)) return;
  const std::string owner = path.substr(path.rfind('/') + 1);
  document[contains(owner, "@") ? "$home_of_user" : "$home_of_application"] = owner;
}

model::Finding not_listed(const std::string& path, const Error& error) {
  model::Finding finding;
  finding.code = "folder-not-listed";
  finding.severity = model::Severity::blocking;
  finding.kind = "directory";
  finding.key = path;
  finding.cause = "what is in the folder is not known: " + error.message;
  finding.remedy = error.remedy.empty()
                       ? "let the account that lakeshift uses read the folder, then discover again"
                       : error.remedy;
  finding.evidence = error.to_text();
  return finding;
}

void take(const engine::Kind& kind, engine::DiscoverContext& context, Json node,
          const std::optional<Error>& unread) {
  model::Object object;
  object.id = {context.platform.side(), std::string(kind.name), engine::id_of(kind, node)};
  const std::string path = text_at(node, "path");
  note_owner(node);
  object.document = std::move(node);
  if (unread) {
    context.finding(not_listed(path, *unread));
    object.unread_code = unread->code;
    object.unread_reason = "its content could not be listed: " + unread->message;
  }
  if (!is_root(path)) return engine::finish_object(kind, context, std::move(object));
  // Grants of the roots cannot be set: they are not part of the estate.
  object.key = path;
  object.name = path;
  context.found(std::move(object));
}

Status discover(const engine::Kind& kind, engine::DiscoverContext& context) {
  return join_tree(
      context, kDirectoryNode, [&kind, &context](Json node, std::optional<Error> unread) {
        context.listed(1);
        if (is_trash(text_at(node, "path"))) return context.out_of_scope("trash");
        if (unread && unread->code == "not-found")
          return context.out_of_scope("vanished during discovery");
        context.tasks.add(
            [&kind, &context, node = std::move(node), unread = std::move(unread)]() mutable {
              take(kind, context, std::move(node), unread);
            });
      });
}

void plan_actions(const engine::PlanContext& context, model::Change& change) {
  const Json& path = member(context.desired, "path");
  if (context.actual == nullptr) {
    // The source's path tells what it is: the wanted one may hold the placeholder of an application
    // id.
    const std::string text = text_at(context.source_document, "path");
    if (is_root(text)) {
      change.actions.push_back(look_up_node(context, path, "every workspace has it"));
    } else if (is_home(text)) {
      change.actions.push_back(
          look_up_node(context, path, "made by the platform together with its owner"));
    } else {
      model::Action action;
      action.name = "create";
      action.method = "POST";
      action.path = "/api/2.0/workspace/mkdirs";
      action.body = {{"path", path}};
      action.effect = model::Effect::idempotent;
      action.family = std::string(context.kind.family);
      change.actions.push_back(std::move(action));
      change.actions.push_back(look_up_node(context, path, "mkdirs does not answer with the id"));
    }
  }
  engine::add_permission_action(context, change);
}

const engine::Kind kDefinition{
    .name = "directory",
    .title = "folder",
    .plural = "folders",
    .wave = 4,
    .family = "workspace",
    .id_field = "object_id",
    .key_field = "path",
    .create = "POST /api/2.0/workspace/mkdirs",
    .remove = "POST /api/2.0/workspace/delete",
    .bind = "object_id",
    .permissions = "directories",
    .fields = kFields,
    .discover = discover,
    .implied_needs = folder_of_node,
    .plan_actions = plan_actions,
};

}  // namespace lakeshift::kinds::directory
