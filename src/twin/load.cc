#include "twin/load.h"

#include <algorithm>
#include <vector>

#include "core/base/strings.h"
#include "twin/access.h"
#include "twin/notebook.h"
#include "twin/service.h"
#include "twin/tree.h"

namespace lakeshift::twin {
namespace {

std::vector<const Holding*> holdings_in_order() {
  std::vector<const Holding*> all;
  for (const Service* service : services::all_services()) {
    for (const Holding& holding : service->holdings) all.push_back(&holding);
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const auto* a, const auto* b) { return a->order < b->order; });
  return all;
}

// A list that a GET answered may have been saved with its wrapper: {"jobs": [...]}.
const Json& entries_of(Json&&) = delete;
const Json& entries_of(const Json& content) {
  if (content.is_object()) {
    for (const auto& [name, value] : content.items()) {
      if (value.is_array()) return value;
    }
  }
  return content;
}

Status load_grants(Context& context, const ObjectType& type, const std::string& id,
                   const Json& list) {
  Status done = change_grants(context, type, id, list, true);
  if (done || !type.has_owner) return done;
  // A list saved without its owner: the caller stands in.
  Json with_owner = list;
  with_owner.push_back({{std::string(member_name_of(context.caller)), context.caller.name},
                        {"permission_level", "IS_OWNER"}});
  return change_grants(context, type, id, with_owner, true);
}

std::string id_of(const Context& context, const Json& document) {
  if (const std::string path = text_at(document, "path"); !path.empty()) {
    const Row* node = find_node(context.store, path);
    if (node != nullptr) return node->id;
  }
  for (const char* name : {"cluster_id", "job_id", "policy_id", "instance_pool_id", "pipeline_id",
                           "object_id", "id"}) {
    if (const std::string id = scalar_text(member(document, name)); !id.empty() && id != "null")
      return id;
  }
  return "";
}

Status load_entry(Context& context, const Holding& holding, const Json& document) {
  LS_TRY(holding.load(context, document));
  const Json& grants = member(document, "$permissions");
  const ObjectType* type = find_object_type(holding.object_type);
  if (!grants.is_array() || type == nullptr) return {};
  return load_grants(context, *type, id_of(context, document), grants);
}

Status load_file(Context& context, world::Files& files, const std::string& path,
                 const Holding& holding) {
  LS_ASSIGN(const std::string text, files.read(path));
  LS_ASSIGN(const Json content, parse_json(text, path));
  const Json& list = entries_of(content);
  if (!list.is_array()) return fail("bad-estate", "expected an array of documents", path);
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (Status done = load_entry(context, holding, list[i]); !done) {
      return fail("bad-estate", done.error().message, path + "[" + std::to_string(i) + "]",
                  "correct the entry: it must be as the API returns it");
    }
  }
  return {};
}

Status load_tree(Context& context, world::Files& files, const std::string& folder,
                 const std::string& path) {
  LS_ASSIGN(const std::vector<std::string> names, files.list(folder));
  for (const std::string& name : names) {
    const std::string file = folder + "/" + name;
    const std::string node = path == "/" ? "/" + name : path + "/" + name;
    if (files.is_directory(file)) {
      LS_TRY(make_directories(context, node));
      LS_TRY(load_tree(context, files, file, node));
      continue;
    }
    LS_ASSIGN(std::string bytes, files.read(file));
    LS_TRY(import_auto(context, node, std::move(bytes)));
  }
  return {};
}

Status load_permissions(Context& context, const Json& list, const std::string& about) {
  for (std::size_t i = 0; i < list.size(); ++i) {
    const Json& entry = list[i];
    const std::string where = about + "[" + std::to_string(i) + "]";
    const ObjectType* type = find_object_type(text_at(entry, "object_type"));
    std::string id = scalar_text(member(entry, "object_id"));
    if (const std::string path = text_at(entry, "path"); !path.empty()) {
      LS_ASSIGN(const std::string clean, clean_path(path));
      const Row* node = find_node(context.store, clean);
      if (node == nullptr) return fail("bad-estate", "there is nothing at " + path, where);
      id = node->id;
      for (const ObjectType& each : object_types()) {
        if (!each.tree_type.empty() && each.tree_type == text_at(node->document, "object_type"))
          type = &each;
      }
    }
    if (type == nullptr)
      return fail("bad-estate",
                  "'" + text_at(entry, "object_type") + "' is not an object type with permissions",
                  where);
    if (type->kind.empty()) id = std::string(type->name);
    if (!type->kind.empty() && context.store.get(type->kind, id) == nullptr)
      return fail("bad-estate", "there is no " + std::string(type->name) + " " + id, where);
    if (Status done = load_grants(context, *type, id, member(entry, "access_control_list")); !done)
      return fail("bad-estate", done.error().message, where);
  }
  return {};
}

}  // namespace

Status load_directory(Context& context, world::Files& files, const std::string& directory) {
  if (!files.is_directory(directory))
    return fail("not-found", "there is no folder to load", directory,
                "give the folder of an exported workspace");
  if (files.exists(directory + "/dump.json")) {
    LS_ASSIGN(const std::string text, files.read(directory + "/dump.json"));
    LS_ASSIGN(const Json dump, parse_json(text, directory + "/dump.json"));
    return load_documents(context, dump);
  }
  bool tree_loaded = false;
  for (const Holding* holding : holdings_in_order()) {
    // The tree lies between people, whose homes it fills, and what refers to it.
    if (!tree_loaded && holding->order >= 20) {
      tree_loaded = true;
      if (files.is_directory(directory + "/workspace"))
        LS_TRY(load_tree(context, files, directory + "/workspace", "/"));
    }
    const std::string path = directory + "/" + std::string(holding->file);
    if (!holding->file.empty() && holding->load != nullptr && files.exists(path))
      LS_TRY(load_file(context, files, path, *holding));
  }
  const std::string permissions = directory + "/permissions.json";
  if (!files.exists(permissions)) return {};
  LS_ASSIGN(const std::string text, files.read(permissions));
  LS_ASSIGN(const Json list, parse_json(text, permissions));
  return load_permissions(context, entries_of(list), permissions);
}

Status load_documents(Context& context, const Json& documents) {
  for (const Holding* holding : holdings_in_order()) {
    const Json& list = member(documents, holding->kind);
    if (!list.is_array() || holding->load == nullptr) continue;
    for (std::size_t i = 0; i < list.size(); ++i) {
      if (Status done = load_entry(context, *holding, list[i]); !done)
        return fail("bad-dump", done.error().message,
                    std::string(holding->kind) + "[" + std::to_string(i) + "]");
    }
  }
  const Json& permissions = member(documents, "permissions");
  return permissions.is_array() ? load_permissions(context, permissions, "permissions") : Status{};
}

Json dump_documents(const Context& context) {
  Json all = Json::object();
  for (const Holding* holding : holdings_in_order()) {
    if (holding->load == nullptr) continue;
    const std::string kind(holding->kind);
    Json list = Json::array();
    const bool in_tree = kind == "directory" || kind == "notebook" || kind == "workspace_file";
    for (const Row* row : context.store.list(in_tree ? kTree : holding->kind)) {
      Json document = holding->give == nullptr ? row->document : holding->give(context, *row);
      if (document.is_null()) continue;
      if (!holding->object_type.empty())
        document["$permissions"] = grants_of(context.store, holding->object_type, row->id);
      list.push_back(std::move(document));
    }
    all[kind] = std::move(list);
  }
  Json permissions = Json::array();
  for (const ObjectType& type : object_types()) {
    const Json grants = grants_of(context.store, type.name, type.name);
    if (type.kind.empty() && !grants.empty())
      permissions.push_back({{"object_type", type.name}, {"access_control_list", grants}});
  }
  all["permissions"] = std::move(permissions);
  return all;
}

}  // namespace lakeshift::twin
