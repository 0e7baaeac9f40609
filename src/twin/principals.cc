#include "twin/principals.h"

#include <set>

#include "core/base/strings.h"
#include "twin/tree.h"

namespace lakeshift::twin {
namespace {

bool has_member(const Json& group, std::string_view id) {
  const Json& members = member(group, "members");
  if (!members.is_array()) return false;
  for (const Json& entry : members) {
    if (text_at(entry, "value") == id) return true;
  }
  return false;
}

Principal principal_of(std::string_view kind, const Row& row) {
  std::string_view name = "displayName";
  if (kind == "user") name = "userName";
  if (kind == "service_principal") name = "applicationId";
  return {std::string(kind), row.id, text_at(row.document, name)};
}

}  // namespace

const Row* find_user(const Store& store, std::string_view user_name) {
  return store.by_key("user", to_lower(user_name));
}

const Row* find_group(const Store& store, std::string_view display_name) {
  return store.by_key("group", display_name);
}

const Row* find_service_principal(const Store& store, std::string_view application_id) {
  return store.by_key("service_principal", to_lower(application_id));
}

std::optional<Principal> find_principal(const Store& store, std::string_view name) {
  if (const Row* row = find_user(store, name)) return principal_of("user", *row);
  if (const Row* row = find_service_principal(store, name))
    return principal_of("service_principal", *row);
  if (const Row* row = find_group(store, name)) return principal_of("group", *row);
  return std::nullopt;
}

std::optional<Principal> find_principal_by_id(const Store& store, std::string_view id) {
  for (const std::string_view kind : {"user", "service_principal", "group"}) {
    if (const Row* row = store.get(kind, id)) return principal_of(kind, *row);
  }
  return std::nullopt;
}

std::vector<std::string> direct_groups(const Store& store, std::string_view id) {
  std::vector<std::string> found;
  const bool is_group = store.get("group", id) != nullptr;
  for (const Row* group : store.list("group")) {
    const bool automatic = text_at(group->document, "displayName") == kUsers && !is_group;
    if (automatic || has_member(group->document, id)) found.push_back(group->id);
  }
  return found;
}

bool is_member(const Store& store, std::string_view id, std::string_view group_name) {
  std::set<std::string> seen;
  std::vector<std::string> open = direct_groups(store, id);
  while (!open.empty()) {
    const std::string group = open.back();
    open.pop_back();
    if (!seen.insert(group).second) continue;
    const Row* row = store.get("group", group);
    if (row != nullptr && text_at(row->document, "displayName") == group_name) return true;
    for (std::string& outer : direct_groups(store, group)) open.push_back(std::move(outer));
  }
  return false;
}

bool is_admin(const Store& store, const Principal& principal) {
  return is_member(store, principal.id, kAdmins);
}

bool has_access(const Store& store, const Principal& principal) {
  static constexpr std::string_view kAccess[] = {"workspace-access", "databricks-sql-access",
                                                 "workspace-consume"};
  const auto grants = [&](std::string_view kind, std::string_view id) {
    const Row* row = store.get(kind, id);
    if (row == nullptr) return false;
    const Json& entitlements = member(row->document, "entitlements");
    for (const Json& entry : entitlements.is_array() ? entitlements : Json::array())
      for (const std::string_view access : kAccess)
        if (text_at(entry, "value") == access) return true;
    return false;
  };
  if (grants(principal.kind, principal.id) || is_admin(store, principal)) return true;
  std::set<std::string> seen;
  std::vector<std::string> open = direct_groups(store, principal.id);
  while (!open.empty()) {
    const std::string group = open.back();
    open.pop_back();
    if (!seen.insert(group).second) continue;
    if (grants("group", group)) return true;
    for (std::string& outer : direct_groups(store, group)) open.push_back(std::move(outer));
  }
  return false;
}

Status found_workspace(Context& context) {
  const Json schema = Json::array({"urn:ietf:params:scim:schemas:core:2.0:Group"});
  const std::string user = numeric_id(context, "principal");
  const Json members = Json::array({{{"value", user}}});
  const auto add_group = [&](std::string_view name, const Json& entitlements,
                             const Json& group_members) {
    const std::string id = numeric_id(context, "principal");
    Json document = {{"id", id},
                     {"displayName", name},
                     {"schemas", schema},
                     {"entitlements", entitlements},
                     {"meta", {{"resourceType", "WorkspaceGroup"}}}};
    if (!group_members.empty()) document["members"] = group_members;
    context.store.put("group", id, std::string(name), std::move(document));
  };
  add_group(kAdmins,
            Json::array({{{"value", "workspace-access"}},
                         {{"value", "databricks-sql-access"}},
                         {{"value", "allow-cluster-create"}},
                         {{"value", "allow-instance-pool-create"}}}),
            members);
  add_group(kUsers,
            Json::array({{{"value", "workspace-access"}}, {{"value", "databricks-sql-access"}}}),
            Json::array());
  for (const std::string_view path : {"/", "/Users", "/Shared", "/Repos"})
    add_directory(context, std::string(path));
  const std::string name(kOwnUser);
  context.store.put(
      "user", user, name,
      {{"id", user},
       {"userName", name},
       {"displayName", "Workspace Admin"},
       {"active", true},
       {"schemas", Json::array({"urn:ietf:params:scim:schemas:core:2.0:User"})},
       {"emails", Json::array({{{"value", name}, {"type", "work"}, {"primary", true}}})}});
  make_home(context, name, "user_name");
  return {};
}

}  // namespace lakeshift::twin
