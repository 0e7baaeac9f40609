// Grants: reading the direct ones, settling who owns, and the call that sets them.
#include <algorithm>
#include <array>

#include "core/base/strings.h"
#include "core/engine/generic.h"

namespace lakeshift::engine {
namespace {

constexpr std::array<const char*, 3> kPrincipals = {"user_name", "group_name",
                                                    "service_principal_name"};
constexpr const char* kOwner = "IS_OWNER";

bool has_owners(std::string_view object_type) {
  return object_type == "jobs" || object_type == "pipelines" || object_type == "warehouses" ||
         object_type == "sql/warehouses";
}

// Who creates such an object gets a direct grant: that the source has none must be written, not
// left.
bool grants_to_creator(std::string_view object_type) {
  return object_type == "clusters" || object_type == "instance-pools";
}

// The principal's member and value; value null when the entry names none.
std::pair<std::string, Json> principal_of(const Json& entry) {
  for (const char* name : kPrincipals)
    if (const Json& value = member(entry, name); !value.is_null()) return {name, value};
  return {};
}

void sort_grants(Json& grants) {
  std::vector<std::pair<std::string, Json>> rows;
  for (Json& grant : grants) rows.emplace_back(dump_json(grant), std::move(grant));
  std::sort(rows.begin(), rows.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  rows.erase(std::unique(rows.begin(), rows.end(),
                         [](const auto& a, const auto& b) { return a.first == b.first; }),
             rows.end());
  grants = Json::array();
  for (auto& [text, grant] : rows) grants.push_back(std::move(grant));
}

bool is_owner(const Json& grant) { return text_at(grant, "permission_level") == kOwner; }

Json owner_grant_of(const Json& grants) {
  if (grants.is_array())
    for (const Json& grant : grants)
      if (is_owner(grant) && !grant.contains("group_name")) return grant;
  return nullptr;
}

Json caller_as_owner(const Json& target_platform) {
  const std::string user = text_at(target_platform, "user");
  if (user.empty()) return nullptr;
  // Users sign in by e-mail address, service principals by an application id.
  const char* name = contains(user, "@") ? "user_name" : "service_principal_name";
  return {{name, user}, {"permission_level", kOwner}};
}

// Removes every other grant of the owner's own principal: owning includes them.
void drop_grants_of(Json& grants, const Json& owner) {
  const auto [name, value] = principal_of(owner);
  Json kept = Json::array();
  for (Json& grant : grants)
    if (is_owner(grant) || member(grant, name) != value) kept.push_back(std::move(grant));
  grants = std::move(kept);
}

void decide(std::vector<model::Decision>* decisions, Json before, Json after, std::string why) {
  if (decisions == nullptr) return;
  decisions->push_back(
      {"$permissions", "owner", std::move(before), std::move(after), std::move(why)});
}

std::string permissions_id_of(const PlanContext& context, const model::Change& change) {
  const Kind& kind = context.kind;
  const std::string_view field = kind.permissions_id.empty() ? "id" : kind.permissions_id;
  if (context.actual == nullptr) return reference_text(change.id, field);
  if (kind.permissions_id.empty()) return id_in_path(context.actual->id.id);
  const std::string id = scalar_text(at_path(context.actual->document, kind.permissions_id));
  return id.empty() ? reference_text(change.id, field) : id_in_path(id);
}

}  // namespace

Json direct_permissions(const Json& answer, std::string_view object_type) {
  Json grants = Json::array();
  const Json& entries = member(answer, "access_control_list");
  if (!entries.is_array()) return grants;
  for (const Json& entry : entries) {
    const auto [name, value] = principal_of(entry);
    if (value.is_null()) continue;
    if (name == "group_name" && value == "admins" && object_type != "authorization/passwords")
      continue;
    const auto grant = [&, who = name, &whom = value](const std::string& level) {
      if (!level.empty()) grants.push_back({{who, whom}, {"permission_level", level}});
    };
    const Json& levels = member(entry, "all_permissions");
    if (!levels.is_array()) {
      grant(text_at(entry, "permission_level"));
      continue;
    }
    for (const Json& level : levels)
      if (!bool_at(level, "inherited")) grant(text_at(level, "permission_level"));
  }
  sort_grants(grants);
  return grants;
}

void settle_permissions(const Kind& kind, Json& grants, const Json& actual_grants,
                        const Json& target_platform, std::vector<model::Decision>* decisions) {
  if (!grants.is_array()) return;
  sort_grants(grants);
  if (!has_owners(kind.permissions)) return;
  Json owner = owner_grant_of(grants);
  for (Json& grant : grants) {
    if (!is_owner(grant) || grant == owner) continue;
    const Json before = grant;
    grant["permission_level"] = "CAN_MANAGE";
    decide(decisions, before, grant,
           before.contains("group_name") ? "groups cannot own objects" : "an object has one owner");
  }
  if (owner.is_null()) {
    owner = owner_grant_of(actual_grants);
    std::string why = "the grants name no owner that can own: the present owner stays";
    if (owner.is_null()) {
      owner = caller_as_owner(target_platform);
      why =
          "the grants name no owner that can own: the account that lakeshift uses becomes the "
          "owner";
    }
    if (!owner.is_null()) {
      grants.push_back(owner);
      decide(decisions, nullptr, owner, why);
    }
  }
  if (!owner.is_null()) drop_grants_of(grants, owner);
  sort_grants(grants);
}

void add_permission_action(const PlanContext& context, model::Change& change) {
  const Kind& kind = context.kind;
  Json grants = member(context.desired, "$permissions");
  if (kind.permissions.empty() || !grants.is_array()) return;
  Json actual =
      context.actual == nullptr ? Json() : member(context.actual->document, "$permissions");
  settle_permissions(kind, grants, actual, context.target_platform, &change.decisions);
  if (actual.is_array()) sort_grants(actual);
  const bool nothing_to_say =
      context.actual == nullptr && grants.empty() && !grants_to_creator(kind.permissions);
  if (grants == actual || nothing_to_say) return;

  model::Action action;
  action.name = "set permissions";
  // A PUT without an owner would take the object from its owner; PATCH adds and leaves the owner
  // alone.
  const bool can_replace = !has_owners(kind.permissions) || !owner_grant_of(grants).is_null();
  action.method = can_replace ? "PUT" : "PATCH";
  if (!can_replace)
    action.note = "no owner is known: the grants are added, the present owner stays";
  action.path = "/api/2.0/permissions/" + std::string(kind.permissions) + "/" +
                permissions_id_of(context, change);
  action.body = {{"access_control_list", std::move(grants)}};
  action.effect = model::Effect::idempotent;
  action.family = "permissions";
  change.actions.push_back(std::move(action));
}

}  // namespace lakeshift::engine
