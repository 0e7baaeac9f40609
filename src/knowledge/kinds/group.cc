// Groups of a workspace, by SCIM. Local groups ("WorkspaceGroup") move; account groups are the
// account's own and are only matched (meta.resourceType; databricks-sdk 0.162, iam.ResourceMeta).
#include <algorithm>

#include "core/base/json.h"
#include "core/base/strings.h"
#include "core/engine/generic.h"
#include "knowledge/kinds/scim.h"
#include "knowledge/kinds/scim_lockout.h"

namespace lakeshift::kinds::group {
extern const engine::Kind kDefinition;

using model::Meaning;
using model::Role;

// Members are ids of users, groups and service principals; groups nest up to ten levels deep.
constexpr model::Field kMember[] = {
    {.name = "value", .meaning = Meaning::reference, .target = "user|group|service_principal"},
    {.name = "display", .role = Role::read_only},
    {.name = "primary", .role = Role::read_only},
    {.name = "type", .role = Role::read_only},
    {.name = "$ref", .role = Role::read_only},
};
constexpr model::Field kMeta[] = {
    {.name = "resourceType", .role = Role::read_only},
};
constexpr model::Field kFields[] = {
    {.name = "id", .role = Role::read_only},
    {.name = "displayName", .role = Role::create_only, .meaning = Meaning::group},
    {.name = "entitlements", .fields = scim::kEntitlement, .default_json = "[]", .unordered = true},
    {.name = "roles", .fields = scim::kRole, .default_json = "[]", .unordered = true},
    {.name = "members",
     .role = Role::observed,
     .fields = kMember,
     .default_json = "[]",
     .unordered = true},
    {.name = "groups", .role = Role::read_only},
    {.name = "externalId", .role = Role::read_only},
    {.name = "meta", .role = Role::read_only, .fields = kMeta},
    {.name = "schemas", .role = Role::read_only},
};

constexpr std::string_view kPath = "/api/2.0/preview/scim/v2/Groups";

bool is_account_group(const Json& document) {
  return text_at(member(document, "meta"), "resourceType") == "Group";
}
// Every user is a member of `users` by itself.
bool has_automatic_members(const Json& document) {
  return text_at(document, "displayName") == "users";
}
bool is_built_in(const Json& document) {
  const std::string name = text_at(document, "displayName");
  return name == "admins" || name == "users";
}

void take(const engine::Kind& kind, engine::DiscoverContext& context, Json document) {
  for (const std::string_view set : {"groups", "entitlements", "roles", "members"})
    scim::tidy_set(document, set);
  if (has_automatic_members(document) || is_account_group(document)) document.erase("members");
  model::Object object;
  object.id = {context.platform.side(), std::string(kind.name), engine::id_of(kind, document)};
  object.document = std::move(document);
  engine::finish_object(kind, context, std::move(object));
}

// A list may leave members out: local groups are read one by one. Account groups are not: the
// workspace's SCIM knows neither their members nor, always, themselves.
void read_local(const engine::Kind& kind, engine::DiscoverContext& context, Json listed) {
  engine::Call call;
  call.path = std::string(kPath) + "/" + url_encode(engine::id_of(kind, listed));
  call.family = std::string(kind.family);
  Result<Json> answer = context.platform.call(call, context.run.stop);
  if (answer && answer->is_object()) return take(kind, context, std::move(*answer));
  if (!answer && answer.error().code == "not-found")
    return context.out_of_scope("vanished during discovery");
  model::Object object;
  object.id = {context.platform.side(), std::string(kind.name), engine::id_of(kind, listed)};
  object.document = std::move(listed);
  object.unread_code = answer ? "bad-answer" : answer.error().code;
  object.unread_reason = answer ? "the group's answer is not an object" : answer.error().message;
  engine::finish_object(kind, context, std::move(object));
}

Status discover(const engine::Kind& kind, engine::DiscoverContext& context) {
  return engine::each_item(context.platform, kind.list, Json::object(), kind.family,
                           context.run.stop, [&](Json&& item) -> Status {
                             context.listed(1);
                             if (is_account_group(item)) {
                               take(kind, context, std::move(item));
                               return {};
                             }
                             context.tasks.add([&kind, &context, item = std::move(item)]() mutable {
                               read_local(kind, context, std::move(item));
                             });
                             return {};
                           });
}

// Adds the members that only the target has.
void keep_members(const Json& actual, Json& desired, model::Change& change,
                  const std::string& why) {
  Json members = member(desired, "members");
  if (!members.is_array()) members = Json::array();
  for (const Json& present : member(actual, "members")) {
    const Json& value = member(present, "value");
    const auto same = [&](const Json& wanted) { return member(wanted, "value") == value; };
    if (std::any_of(members.begin(), members.end(), same)) continue;
    members.push_back({{"value", value}});
    change.decisions.push_back({"members", "built-in-group", nullptr, value, why});
  }
  desired["members"] = std::move(members);
}

void respect_target(const engine::PlanContext& context, Json& desired, model::Change& change) {
  const Json& actual = context.actual->document;
  if (is_account_group(actual)) {
    const bool asked_for_members =
        !member(desired, "members").is_null() && !member(desired, "members").empty();
    desired.erase("members");
    if (asked_for_members)
      change.decisions.push_back(
          {"members", "account-group", member(context.source_document, "members"), nullptr,
           "the target's group belongs to the account: its members are set there"});
  } else if (is_built_in(actual)) {
    keep_members(actual, desired, change, "members of built-in groups are added, never removed");
  }
}

void classify(const engine::PlanContext& context, model::Change& change) {
  if (!is_account_group(context.source_document)) return;
  if (context.actual == nullptr) {
    change.verb = model::Verb::manual;
    change.code = "account-group";
    change.reason =
        "the group belongs to the account and is not recreated as a local one: assign it to the "
        "target workspace in the "
        "account console, then plan again";
    change.owner = "account admin";
  } else if (!is_account_group(context.actual->document) &&
             !is_built_in(context.actual->document)) {
    change.verb = model::Verb::manual;
    change.code = "account-group-shadowed";
    change.reason =
        "the source's group belongs to the account, but the target has a local group of that name: "
        "rename the local "
        "group and assign the account's, then plan again";
    change.owner = "account admin";
  }
}

void plan_actions(const engine::PlanContext& context, model::Change& change) {
  scim::note_external_id(context, change);
  const Json actual = context.actual == nullptr ? Json::object() : context.actual->document;
  scim::Patch patch;
  if (context.actual == nullptr) {
    change.actions.push_back(
        engine::create_action(context, change, scim::create_body(context, scim::kGroupSchema)));
  } else {
    patch.change_set(actual, context.desired, "entitlements");
    patch.change_set(actual, context.desired, "roles");
    patch.append_to(context, change, "update");
  }
  // A call of its own: the group exists before its members do, so that nesting and failures of
  // members never block it.
  if (is_account_group(actual) || has_automatic_members(context.desired)) return;
  patch.change_set(actual, context.desired, "members", is_built_in(actual));
  patch.append_to(context, change, "set members");
}

std::vector<engine::Lockout> keep_out(const model::Inventory& side) {
  return scim::keep_out(side, "group", "/api/2.0/preview/scim/v2/Groups/");
}

const engine::Kind kDefinition{
    .name = "group",
    .title = "group",
    .plural = "groups",
    .wave = 1,
    .family = "scim",
    .id_field = "id",
    .key_field = "displayName",
    .list = {.path = kPath, .items = "Resources", .paging = engine::Paging::scim},
    .get = "/api/2.0/preview/scim/v2/Groups/{id}",
    .create = "POST /api/2.0/preview/scim/v2/Groups",
    .update = "PATCH /api/2.0/preview/scim/v2/Groups/{id}",
    .remove = "DELETE /api/2.0/preview/scim/v2/Groups/{id}",
    .bind = "id",
    .fields = kFields,
    .discover = discover,
    .respect_target = respect_target,
    .classify = classify,
    .plan_actions = plan_actions,
    .keep_out = keep_out,
};

}  // namespace lakeshift::kinds::group
