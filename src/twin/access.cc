#include "twin/access.h"

#include <algorithm>
#include <map>

#include "core/base/strings.h"
#include "twin/principals.h"
#include "twin/tree.h"

namespace lakeshift::twin {
namespace {

using Level = std::string_view;
constexpr Level kUse[] = {"CAN_USE"};
constexpr Level kUseManage[] = {"CAN_USE", "CAN_MANAGE"};
constexpr Level kAttach[] = {"CAN_ATTACH_TO", "CAN_MANAGE"};
constexpr Level kCluster[] = {"CAN_ATTACH_TO", "CAN_RESTART", "CAN_MANAGE"};
constexpr Level kPipeline[] = {"CAN_VIEW", "CAN_RUN", "CAN_MANAGE", "IS_OWNER"};
constexpr Level kJob[] = {"CAN_VIEW", "CAN_MANAGE_RUN", "CAN_MANAGE", "IS_OWNER"};
constexpr Level kNode[] = {"CAN_READ", "CAN_RUN", "CAN_EDIT", "CAN_MANAGE"};
constexpr Level kWarehouse[] = {"CAN_VIEW", "CAN_MONITOR", "CAN_USE", "CAN_MANAGE", "IS_OWNER"};
constexpr Level kSql[] = {"CAN_VIEW", "CAN_READ", "CAN_RUN", "CAN_EDIT", "CAN_MANAGE"};
constexpr Level kExperiment[] = {"CAN_READ", "CAN_EDIT", "CAN_MANAGE"};
constexpr Level kModel[] = {"CAN_READ", "CAN_EDIT", "CAN_MANAGE_STAGING_VERSIONS",
                            "CAN_MANAGE_PRODUCTION_VERSIONS", "CAN_MANAGE"};
constexpr Level kServing[] = {"CAN_VIEW", "CAN_QUERY", "CAN_MANAGE"};
constexpr Level kQuery[] = {"CAN_QUERY", "CAN_MANAGE"};

constexpr ObjectType kTypes[] = {
    {"clusters", "cluster", "cluster", kCluster},
    {"cluster-policies", "cluster_policy", "cluster-policy", kUse},
    {"instance-pools", "instance_pool", "instance-pool", kAttach},
    {"jobs", "job", "job", kJob, true},
    {"pipelines", "pipeline", "pipelines", kPipeline, true},
    {"notebooks", kTree, "notebook", kNode, false, "NOTEBOOK"},
    {"directories", kTree, "directory", kNode, false, "DIRECTORY"},
    {"files", kTree, "file", kNode, false, "FILE"},
    {"repos", kTree, "repo", kNode, false, "REPO"},
    {"sql/warehouses", "sql_warehouse", "warehouses", kWarehouse, true},
    {"warehouses", "sql_warehouse", "warehouses", kWarehouse, true},
    {"sql/queries", "query", "query", kSql},
    {"queries", "query", "query", kSql},
    {"sql/alerts", "alert", "alert", kSql},
    {"alerts", "alert", "alert", kSql},
    {"alertsv2", "alert_v2", "alertv2", kNode},
    {"dashboards", "lakeview_dashboard", "dashboard", kNode},
    {"dbsql-dashboards", "legacy_dashboard", "dbsql-dashboard", kSql},
    {"experiments", "experiment", "mlflowExperiment", kExperiment},
    {"registered-models", "registered_model", "registered-model", kModel},
    {"serving-endpoints", "serving_endpoint", "serving-endpoint", kServing},
    {"vector-search-endpoints", "vector_search_endpoint", "vector-search-endpoints", kUseManage},
    {"apps", "app", "apps", kUseManage},
    {"database-instances", "database_instance", "database-instances", kUseManage},
    {"database-projects", "database_project", "database-projects", kUseManage},
    {"genie", "genie_space", "genie", kNode},
    {"knowledge-assistants", "knowledge_assistant", "knowledge-assistants", kQuery},
    {"supervisor-agents", "supervisor_agent", "supervisor-agents", kQuery},
    {"authorization/tokens", "", "tokens", kUseManage},
    {"authorization/passwords", "", "passwords", kUse}};

constexpr std::string_view kMemberNames[] = {"user_name", "group_name", "service_principal_name"};

std::string row_id(std::string_view type, std::string_view id) {
  const ObjectType* known = find_object_type(type);
  // sql/warehouses and warehouses are two names of one thing.
  const std::string_view root = known != nullptr && !known->kind.empty() ? known->kind : type;
  return std::string(root) + "/" + std::string(id);
}

std::pair<std::string, std::string> principal_in(const Json& entry) {
  for (const std::string_view name : kMemberNames) {
    if (const std::string value = text_at(entry, name); !value.empty())
      return {std::string(name), value};
  }
  return {};
}

std::size_t rank(const ObjectType& type, std::string_view level) {
  const auto found = std::find(type.levels.begin(), type.levels.end(), level);
  return static_cast<std::size_t>(found - type.levels.begin());
}

Result<Json> checked_entry(const Context& context, const ObjectType& type, const Json& entry) {
  auto [name, value] = principal_in(entry);
  if (name.empty())
    return invalid("an access control entry names no user, group or service principal");
  const std::string level = text_at(entry, "permission_level");
  if (std::find(type.levels.begin(), type.levels.end(), level) == type.levels.end())
    return invalid("permission level '" + level + "' does not exist for " + std::string(type.name));
  const Row* row = nullptr;
  if (name == "user_name") row = find_user(context.store, value);
  if (name == "group_name") row = find_group(context.store, value);
  if (name == "service_principal_name") row = find_service_principal(context.store, value);
  if (row == nullptr) return missing("Principal: " + name + "(" + value + ") does not exist");
  if (name == "user_name") value = text_at(row->document, "userName");
  if (name == "group_name" && value == kAdmins && type.name != "authorization/passwords" &&
      level != type.levels.back() && level != "CAN_MANAGE")
    return invalid("the permissions of group 'admins' cannot be changed");
  if (name == "group_name" && level == "IS_OWNER")
    return invalid("a group cannot be the owner of " + std::string(type.single));
  return Json{{name, value}, {"permission_level", level}};
}

Json sorted_grants(std::map<std::pair<std::string, std::string>, Json> entries) {
  Json list = Json::array();
  for (auto& [who, entry] : entries) list.push_back(std::move(entry));
  return list;
}

struct Holder {
  std::map<std::pair<std::string, std::string>, Json> levels;  // who -> all_permissions
  void add(const Json& entry, const std::string& from) {
    Json level = {{"permission_level", text_at(entry, "permission_level")},
                  {"inherited", !from.empty()}};
    if (!from.empty()) level["inherited_from_object"] = Json::array({from});
    Json& all = levels[principal_in(entry)];
    if (!all.is_array()) all = Json::array();
    all.push_back(std::move(level));
  }
};

void add_inherited(const Context& context, const ObjectType& type, const std::string& id,
                   Holder& holder) {
  const Json admins = {{"group_name", kAdmins}, {"permission_level", "CAN_MANAGE"}};
  if (type.tree_type.empty()) {
    const bool single = type.kind.empty();
    if (!single) holder.add(admins, "/" + std::string(type.name) + "/");
    if (single)
      holder.add(admins, "/" + std::string(type.name.substr(0, type.name.find('/'))) + "/");
    return;
  }
  const Row* node = context.store.get(kTree, id);
  std::string path = node == nullptr ? "" : text_at(node->document, "path");
  while (!path.empty() && path != "/") {
    path = parent_path(path);
    const Row* folder = find_node(context.store, path);
    if (folder == nullptr) break;
    for (const Json& entry : grants_of(context.store, "directories", folder->id))
      holder.add(entry, "/directories/" + folder->id);
  }
  holder.add(admins, "/directories/");
}

std::string display_name(const Context& context, const std::string& name,
                         const std::string& value) {
  const Row* row = nullptr;
  if (name == "user_name") row = find_user(context.store, value);
  if (name == "service_principal_name") row = find_service_principal(context.store, value);
  return row == nullptr ? std::string() : text_at(row->document, "displayName");
}

}  // namespace

std::span<const ObjectType> object_types() { return kTypes; }

const ObjectType* find_object_type(std::string_view name) {
  for (const ObjectType& type : kTypes) {
    if (type.name == name) return &type;
  }
  return nullptr;
}

Json grants_of(const Store& store, std::string_view type, std::string_view id) {
  const Row* row = store.get("grants", row_id(type, id));
  return row == nullptr ? Json::array() : row->document;
}

void set_grants(Store& store, std::string_view type, std::string_view id, Json grants) {
  store.put("grants", row_id(type, id), std::string(id), std::move(grants));
}

void forget_grants(Store& store, std::string_view id) {
  for (const Row* row : store.all_by_key("grants", id)) {
    const std::string key = row->id;
    store.erase("grants", key);
  }
}

void rename_in_grants(Store& store, std::string_view member_name, std::string_view name,
                      std::string_view new_name) {
  std::vector<std::pair<std::string, std::string>> touched;
  for (const Row* row : store.list("grants")) {
    for (const Json& entry : row->document) {
      if (text_at(entry, member_name) == name) {
        touched.emplace_back(row->id, row->key);
        break;
      }
    }
  }
  for (const auto& [id, key] : touched) {
    Json grants = Json::array();
    for (Json entry : store.get("grants", id)->document) {
      if (text_at(entry, member_name) == name) {
        if (new_name.empty()) continue;
        entry[std::string(member_name)] = new_name;
      }
      grants.push_back(std::move(entry));
    }
    store.put("grants", id, key, std::move(grants));
  }
}

std::string_view member_name_of(const Principal& principal) {
  if (principal.kind == "group") return kMemberNames[1];
  return principal.kind == "service_principal" ? kMemberNames[2] : kMemberNames[0];
}

void grant_to_creator(Context& context, std::string_view type, std::string_view id,
                      const Principal& creator) {
  const ObjectType* known = find_object_type(type);
  if (known == nullptr || creator.kind.empty()) return;
  const std::string level(known->levels.back());
  set_grants(context.store, type, id,
             Json::array({{{std::string(member_name_of(creator)), creator.name},
                           {"permission_level", level}}}));
}

Principal owner_of(const Store& store, std::string_view type, std::string_view id) {
  for (const Json& entry : grants_of(store, type, id)) {
    if (text_at(entry, "permission_level") != "IS_OWNER") continue;
    if (auto owner = find_principal(store, principal_in(entry).second)) return *owner;
  }
  return {};
}

Result<Json> permissions_answer(const Context& context, const ObjectType& type,
                                const std::string& id) {
  Holder holder;
  for (const Json& entry : grants_of(context.store, type.name, id)) holder.add(entry, "");
  add_inherited(context, type, id, holder);
  Json list = Json::array();
  for (const auto& [who, levels] : holder.levels) {
    Json entry = {{who.first, who.second}, {"all_permissions", levels}};
    if (const std::string shown = display_name(context, who.first, who.second); !shown.empty())
      entry["display_name"] = shown;
    list.push_back(std::move(entry));
  }
  const std::string object =
      type.kind.empty() ? "/" + std::string(type.name) : "/" + std::string(type.name) + "/" + id;
  return Json{{"object_id", object},
              {"object_type", type.single},
              {"access_control_list", std::move(list)}};
}

Status change_grants(Context& context, const ObjectType& type, const std::string& id,
                     const Json& list, bool replace) {
  std::map<std::pair<std::string, std::string>, Json> entries;
  if (!replace) {
    for (const Json& entry : grants_of(context.store, type.name, id))
      entries[principal_in(entry)] = entry;
  }
  std::map<std::pair<std::string, std::string>, Json> wanted;
  if (list.is_array()) {
    for (const Json& entry : list) {
      // A list that was read elsewhere may name principals that only the account knows.
      if (context.loading && !find_principal(context.store, principal_in(entry).second)) continue;
      LS_ASSIGN(Json checked, checked_entry(context, type, entry));
      const auto who = principal_in(checked);
      const auto before = wanted.find(who);
      // One principal twice: the greater level counts.
      if (before != wanted.end() && rank(type, text_at(before->second, "permission_level")) >=
                                        rank(type, text_at(checked, "permission_level")))
        continue;
      wanted[who] = std::move(checked);
    }
  }
  const auto is_owner = [](const auto& item) {
    return text_at(item.second, "permission_level") == "IS_OWNER";
  };
  if (type.has_owner && std::any_of(wanted.begin(), wanted.end(), is_owner))
    std::erase_if(entries, is_owner);
  for (auto& [who, entry] : wanted) entries[who] = std::move(entry);
  entries.erase({"group_name", std::string(type.name == "authorization/passwords" ? "" : kAdmins)});
  if (type.has_owner) {
    const auto owners = std::count_if(entries.begin(), entries.end(), is_owner);
    if (owners != 1)
      return invalid("The " + std::string(type.single) +
                     " must have exactly one owner, the list has " + std::to_string(owners));
  }
  set_grants(context.store, type.name, id, sorted_grants(std::move(entries)));
  return {};
}

}  // namespace lakeshift::twin
