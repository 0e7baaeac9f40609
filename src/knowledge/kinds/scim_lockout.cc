#include "knowledge/kinds/scim_lockout.h"

#include <algorithm>
#include <array>
#include <set>

#include "core/base/json.h"
#include "core/base/strings.h"

namespace lakeshift::kinds::scim {
namespace {

constexpr std::array<std::string_view, 3> kAccess = {"workspace-access", "databricks-sql-access",
                                                     "workspace-consume"};

// Ids of everybody in the group `admins`, groups included, however deep.
std::set<std::string> admins_of(const model::Inventory& side) {
  const model::InventoryIndex index(side);
  std::set<std::string> ids;
  std::vector<const model::Object*> open;
  if (const model::Object* admins = index.by_key("group", "admins"); admins != nullptr)
    open.push_back(admins);
  while (!open.empty()) {
    const model::Object* group = open.back();
    open.pop_back();
    if (!ids.insert(group->id.id).second) continue;
    const Json& members = member(group->document, "members");
    if (!members.is_array()) continue;
    for (const Json& one : members) {
      const std::string id = text_at(one, "value");
      if (const model::Object* inner = index.by_id("group", id); inner != nullptr)
        open.push_back(inner);
      else
        ids.insert(id);
    }
  }
  return ids;
}

bool is_caller(const model::Inventory& side, const model::Object& object) {
  const std::string caller = text_at(side.platform, "user");
  return !caller.empty() &&
         (equals_ignoring_case(caller, text_at(object.document, "userName")) ||
          equals_ignoring_case(caller, text_at(object.document, "applicationId")));
}

// The entitlements that let it in, in their order.
std::vector<std::string> access_of(const Json& document) {
  std::vector<std::string> held;
  const Json& entitlements = member(document, "entitlements");
  if (!entitlements.is_array()) return held;
  for (const Json& entitlement : entitlements) {
    const std::string name = text_at(entitlement, "value");
    if (std::find(kAccess.begin(), kAccess.end(), name) != kAccess.end()) held.push_back(name);
  }
  return held;
}

model::Action patch(const std::string& name, const std::string& path, Json operations) {
  model::Action action;
  action.name = name;
  action.method = "PATCH";
  action.path = path;
  action.body = {{"schemas", Json::array({"urn:ietf:params:scim:api:messages:2.0:PatchOp"})},
                 {"Operations", std::move(operations)}};
  action.effect = model::Effect::idempotent;
  action.family = "scim";
  // Somebody may delete a principal meanwhile: then nobody is left to keep out or to let in.
  action.tolerated.push_back("not-found");
  return action;
}

engine::Lockout lockout_of(const model::Object& object, std::string_view path,
                           const std::vector<std::string>& held) {
  engine::Lockout lockout;
  lockout.object = object.id;
  lockout.name = object.id.kind + " '" + object.key + "'";
  lockout.before = {{"entitlements", member(object.document, "entitlements")}};
  Json removed = Json::array(), added = Json::array();
  for (const std::string& name : held) {
    removed.push_back(
        {{"op", "remove"}, {"path", "entitlements[value eq " + dump_json(Json(name)) + "]"}});
    added.push_back({{"value", name}});
  }
  const std::string where = std::string(path) + url_encode(object.id.id);
  const std::string what = join(held, ", ");
  lockout.out.push_back(patch("take " + what + " from " + lockout.name, where, std::move(removed)));
  lockout.back.push_back(
      patch("give " + what + " back to " + lockout.name, where,
            Json::array({{{"op", "add"}, {"path", "entitlements"}, {"value", std::move(added)}}})));
  return lockout;
}

}  // namespace

std::vector<engine::Lockout> keep_out(const model::Inventory& side, std::string_view kind,
                                      std::string_view path) {
  const std::set<std::string> admins = admins_of(side);
  std::vector<engine::Lockout> lockouts;
  for (const model::Object& object : side.objects) {
    if (object.id.kind != kind || admins.contains(object.id.id) || is_caller(side, object))
      continue;
    if (const std::vector<std::string> held = access_of(object.document); !held.empty())
      lockouts.push_back(lockout_of(object, path, held));
  }
  return lockouts;
}

}  // namespace lakeshift::kinds::scim
