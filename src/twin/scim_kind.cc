#include "twin/scim_kind.h"

#include <algorithm>
#include <set>

#include "core/base/strings.h"
#include "twin/access.h"
#include "twin/principals.h"
#include "twin/scim.h"
#include "twin/tree.h"

namespace lakeshift::twin {
namespace {

constexpr ScimKind kUserKind{"user", "Users", "User", "userName"};
constexpr ScimKind kGroupKind{"group", "Groups", "Group", "displayName"};
constexpr ScimKind kPrincipalKind{"service_principal", "ServicePrincipals", "Service principal",
                                  "applicationId"};

// docs.databricks.com "Manage entitlements" (read 2026-11).
constexpr std::string_view kEntitlements[] = {"workspace-access", "databricks-sql-access",
                                              "allow-cluster-create", "allow-instance-pool-create",
                                              "workspace-consume"};

std::string key_of(const ScimKind& kind, const Json& document) {
  const std::string name = text_at(document, kind.name);
  return kind.kind == "group" ? name : to_lower(name);
}

std::string_view schema_of(const ScimKind& kind) {
  if (kind.kind == "user") return "urn:ietf:params:scim:schemas:core:2.0:User";
  return kind.kind == "group" ? "urn:ietf:params:scim:schemas:core:2.0:Group"
                              : "urn:ietf:params:scim:schemas:core:2.0:ServicePrincipal";
}

bool is_builtin(const Json& document) {
  const std::string name = text_at(document, "displayName");
  return name == kAdmins || name == kUsers;
}

// Multi-valued attributes become [{value}]; empty ones go.
void tidy_values(Json& document, const char* attribute) {
  const Json& list = member(document, attribute);
  if (!list.is_array() || list.empty()) {
    document.erase(attribute);
    return;
  }
  Json tidy = Json::array();
  std::set<std::string> seen;
  for (const Json& item : list) {
    const std::string value = item.is_object() ? text_at(item, "value") : scalar_text(item);
    if (seen.insert(value).second) tidy.push_back({{"value", value}});
  }
  document[attribute] = std::move(tidy);
}

Status check_roles(const Context& context, const Json& document) {
  const Json& roles = member(document, "roles");
  if (!roles.is_array()) return {};
  for (const Json& role : roles) {
    const std::string value = text_at(role, "value");
    if (!value.starts_with("arn:")) continue;
    if (!context.on("aws"))
      return refuse_scim(400,
                         "role " + value +
                             " is an instance profile; they exist on aws only, this is " +
                             context.cloud(),
                         "invalidValue");
    if (context.store.get("instance_profile", value) == nullptr)
      return refuse_scim(400, "Instance profile " + value + " is not registered", "invalidValue");
  }
  return {};
}

Status check_members(const Context& context, const std::string& id, const Json& document) {
  const Json& members = member(document, "members");
  if (!members.is_array()) return {};
  for (const Json& entry : members) {
    const std::string value = text_at(entry, "value");
    if (value == id)
      return refuse_scim(400, "A group cannot be a member of itself", "invalidValue");
    if (!find_principal_by_id(context.store, value))
      return refuse_scim(404, "Member with id " + value + " not found.");
  }
  return {};
}

bool reaches(const Store& store, const std::string& from, const std::string& wanted,
             std::set<std::string>& seen) {
  if (from == wanted) return true;
  if (!seen.insert(from).second) return false;
  const Row* group = store.get("group", from);
  if (group == nullptr) return false;
  const Json& members = member(group->document, "members");
  if (!members.is_array()) return false;
  return std::any_of(members.begin(), members.end(), [&](const Json& entry) {
    return reaches(store, text_at(entry, "value"), wanted, seen);
  });
}

Status check_cycle(const Context& context, const std::string& id, const Json& document) {
  const Json& members = member(document, "members");
  if (!members.is_array() || id.empty()) return {};
  for (const Json& entry : members) {
    std::set<std::string> seen;
    if (reaches(context.store, text_at(entry, "value"), id, seen))
      return refuse_scim(
          400, "Adding group " + text_at(entry, "value") + " would make a cycle of groups",
          "invalidValue");
  }
  return {};
}

Status check_document(const Context& context, const ScimKind& kind, const std::string& id,
                      const Json& document) {
  const std::string name = text_at(document, kind.name);
  if (name.empty() && kind.kind != "service_principal")
    return refuse_scim(400, "missing required attribute " + std::string(kind.name), "invalidValue");
  if (kind.kind == "user" && !contains(name, "@"))
    return refuse_scim(400, "'" + name + "' is not a valid email address", "invalidValue");
  for (const Row* same : context.store.all_by_key(kind.kind, key_of(kind, document))) {
    if (same->id != id && !name.empty())
      return refuse_scim(409,
                         std::string(kind.title) + " with " + std::string(kind.name) + " " + name +
                             " already exists.",
                         "uniqueness");
  }
  const Json& entitlements = member(document, "entitlements");
  for (const Json& entry : entitlements.is_array() ? entitlements : Json::array()) {
    const std::string value = text_at(entry, "value");
    if (std::find(std::begin(kEntitlements), std::end(kEntitlements), value) ==
        std::end(kEntitlements))
      return refuse_scim(400, "'" + value + "' is not an entitlement", "invalidValue");
  }
  LS_TRY(check_roles(context, document));
  LS_TRY(check_members(context, id, document));
  return check_cycle(context, id, document);
}

void complete(Context& context, const ScimKind& kind, Json& document) {
  document["schemas"] = Json::array({schema_of(kind)});
  if (kind.kind == "group") {
    if (!document.contains("meta")) document["meta"] = {{"resourceType", "WorkspaceGroup"}};
    tidy_values(document, "members");
  } else if (const Json& active = member(document, "active"); !active.is_boolean()) {
    // PATCH clients send the value as text too.
    document["active"] =
        !active.is_string() || !equals_ignoring_case(active.get_ref<const std::string&>(), "false");
  }
  if (kind.kind == "user" && !member(document, "emails").is_array()) {
    document["emails"] = Json::array(
        {{{"value", text_at(document, "userName")}, {"type", "work"}, {"primary", true}}});
  }
  if (kind.kind == "service_principal" && text_at(document, "applicationId").empty())
    document["applicationId"] = uuid_id(context, "application");
  tidy_values(document, "entitlements");
  tidy_values(document, "roles");
}

void join_groups(Context& context, const Json& groups, const std::string& id) {
  if (!groups.is_array()) return;
  for (const Json& entry : groups) {
    const Row* row = context.store.get("group", text_at(entry, "value"));
    if (row == nullptr || text_at(row->document, "displayName") == kUsers) continue;
    Json group = row->document;
    if (!member(group, "members").is_array()) group["members"] = Json::array();
    group["members"].push_back({{"value", id}});
    tidy_values(group, "members");
    context.store.put("group", row->id, row->key, std::move(group));
  }
}

}  // namespace

const ScimKind& scim_users() { return kUserKind; }
const ScimKind& scim_groups() { return kGroupKind; }
const ScimKind& scim_service_principals() { return kPrincipalKind; }

void ScimShow::show_members(Json& document) const {
  Json ids = member(document, "members");
  if (text_at(document, "displayName") == kUsers) {
    ids = Json::array();
    for (const std::string_view people : {"user", "service_principal"}) {
      for (const Row* row : context_.store.list(people)) ids.push_back({{"value", row->id}});
    }
  }
  if (!ids.is_array() || ids.empty()) return;
  Json members = Json::array();
  for (const Json& entry : ids) {
    const std::string id = text_at(entry, "value");
    const auto principal = find_principal_by_id(context_.store, id);
    if (!principal) continue;
    const Row* row = context_.store.get(principal->kind, id);
    const ScimKind& kind = principal->kind == "user"    ? kUserKind
                           : principal->kind == "group" ? kGroupKind
                                                        : kPrincipalKind;
    Json shown = {{"value", id}, {"$ref", std::string(kind.resource) + "/" + id}};
    const std::string display = text_at(row->document, "displayName");
    shown["display"] = display.empty() ? principal->name : display;
    members.push_back(std::move(shown));
  }
  document["members"] = std::move(members);
}

Json ScimShow::full(const Row& row) const {
  Json document = without_private(row.document);
  document.erase("groups");
  document["id"] = row.id;
  if (kind_.kind == "group") show_members(document);
  Json groups = Json::array();
  const auto add_group = [&groups](const Row& group) {
    groups.push_back({{"value", group.id},
                      {"display", text_at(group.document, "displayName")},
                      {"$ref", "Groups/" + group.id},
                      {"type", "direct"}});
  };
  for (const std::string& id : context_.memberships.groups_of(context_.store, row.id)) {
    if (const Row* group = context_.store.get("group", id)) add_group(*group);
  }
  const Row* everyone = find_group(context_.store, kUsers);
  if (kind_.kind != "group" && everyone != nullptr) add_group(*everyone);
  if (!groups.empty()) document["groups"] = std::move(groups);
  return document;
}

Result<std::string> create_scim(Context& context, const ScimKind& kind, const Json& body) {
  Json document = body;
  if (kind.kind == "service_principal" && !context.on("azure") &&
      document.contains("applicationId"))
    return refuse_scim(
        400, "applicationId is made by the platform on " + context.cloud() + " and cannot be given",
        "invalidValue");
  LS_TRY(check_document(context, kind, "", document));
  const Json groups = member(document, "groups");
  document.erase("groups");
  document.erase("id");
  complete(context, kind, document);
  std::string id = numeric_id(context, "principal");
  document["id"] = id;
  const std::string name = text_at(document, kind.name);
  const std::string key = key_of(kind, document);
  context.store.put(std::string(kind.kind), id, key, std::move(document));
  join_groups(context, groups, id);
  if (kind.kind == "user") make_home(context, name, "user_name");
  if (kind.kind == "service_principal") make_home(context, name, "service_principal_name");
  return id;
}

Status change_scim(Context& context, const ScimKind& kind, const std::string& id, Json wanted) {
  const Row* row = context.store.get(kind.kind, id);
  const Json before = row->document;
  const std::string name = text_at(before, kind.name);
  if (kind.kind == "service_principal" && text_at(wanted, "applicationId") != name)
    return refuse_scim(400, "applicationId cannot be changed", "mutability");
  if (kind.kind == "group" && is_builtin(before)) {
    if (text_at(wanted, "displayName") != name)
      return refuse_scim(400, "group " + name + " cannot be renamed", "mutability");
    if (name == kUsers) wanted.erase("members");
  }
  LS_TRY(check_document(context, kind, id, wanted));
  wanted.erase("groups");
  complete(context, kind, wanted);
  wanted["id"] = id;
  const std::string renamed = text_at(wanted, kind.name);
  const std::string key = key_of(kind, wanted);
  context.store.put(std::string(kind.kind), id, key, std::move(wanted));
  if (renamed != name) {
    const std::string_view member_name = kind.kind == "group" ? "group_name" : "user_name";
    rename_in_grants(context.store, member_name, name, renamed);
  }
  return {};
}

Status remove_scim(Context& context, const ScimKind& kind, const Row& row) {
  if (kind.kind == "group" && is_builtin(row.document))
    return refuse_scim(403, "group " + text_at(row.document, "displayName") +
                                " is built in and cannot be deleted");
  const std::string id = row.id;
  const std::string name = text_at(row.document, kind.name);
  if (id == context.caller.id) return refuse_scim(403, "you cannot delete yourself");
  for (const Row* found : context.store.list("group")) {
    Json group = found->document;
    const std::size_t had = member(group, "members").is_array() ? group["members"].size() : 0;
    if (had == 0) continue;
    LS_TRY(apply_scim_operation(group,
                                {{"op", "remove"}, {"path", "members[value eq \"" + id + "\"]"}}));
    if (group["members"].size() != had)
      context.store.put("group", found->id, found->key, std::move(group));
  }
  std::string_view member_name = "user_name";
  if (kind.kind == "group") member_name = "group_name";
  if (kind.kind == "service_principal") member_name = "service_principal_name";
  rename_in_grants(context.store, member_name, name, "");
  context.store.erase(std::string(kind.kind), id);
  return {};
}

Status load_scim(Context& context, const ScimKind& kind, Json document) {
  document.erase("groups");
  complete(context, kind, document);
  const std::string key = key_of(kind, document);
  if (key.empty())
    return invalid("a " + std::string(kind.kind) + " has no " + std::string(kind.name));
  std::string id = scalar_text(member(document, "id"));
  if (id.empty() || id == "null") id = numeric_id(context, "principal");
  // A built-in group or the twin's own user, known from the estate: the estate's document takes its
  // place.
  if (const Row* same = context.store.by_key(kind.kind, key); same != nullptr && same->id != id) {
    const std::string old = same->id;
    if (kind.kind == "group" && is_builtin(document)) {
      Json members = member(same->document, "members");
      if (!member(document, "members").is_array()) document["members"] = Json::array();
      for (Json& entry : members.is_array() ? members : Json::array())
        document["members"].push_back(entry);
      tidy_values(document, "members");
    }
    context.store.erase(std::string(kind.kind), old);
    // Ids are this twin's own making: a person that a loaded group names may have the one that a
    // built-in group had. People come before groups, when only the twin's own groups are there.
    const bool names_another =
        kind.kind == "group" && (context.store.get("user", old) != nullptr ||
                                 context.store.get("service_principal", old) != nullptr);
    for (const Row* group :
         names_another ? std::vector<const Row*>() : context.store.list("group")) {
      Json changed = group->document;
      if (!member(changed, "members").is_array()) continue;
      for (Json& entry : changed["members"]) {
        if (text_at(entry, "value") == old) entry["value"] = id;
      }
      if (changed != group->document)
        context.store.put("group", group->id, group->key, std::move(changed));
    }
  }
  document["id"] = id;
  if (text_at(document, "displayName") == kUsers && kind.kind == "group") document.erase("members");
  const std::string name = text_at(document, kind.name);
  context.store.put(std::string(kind.kind), id, key, std::move(document));
  if (kind.kind == "user") make_home(context, name, "user_name");
  if (kind.kind == "service_principal") make_home(context, name, "service_principal_name");
  return {};
}

}  // namespace lakeshift::twin
