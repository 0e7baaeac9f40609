#include "twin/tree.h"

#include "core/base/strings.h"
#include "twin/access.h"
#include "twin/principals.h"

namespace lakeshift::twin {
namespace {

// Children of a folder are neighbours: "<parent>\x01<name>".
std::string position(std::string_view path) { return parent_path(path) + '\x01' + base_name(path); }

}  // namespace

Result<std::string> clean_path(std::string_view path) {
  if (path.empty() || path.front() != '/')
    return invalid("Path (" + std::string(path) + ") doesn't start with '/'");
  if (path == "/Workspace") return std::string("/");
  if (path.starts_with("/Workspace/")) path.remove_prefix(std::string_view("/Workspace").size());
  while (path.size() > 1 && path.back() == '/') path.remove_suffix(1);
  if (contains(path, "//") || contains(path, "/../") || path.ends_with("/.."))
    return invalid("Path (" + std::string(path) + ") has an empty or relative part");
  return std::string(path);
}

std::string parent_path(std::string_view path) {
  if (path == "/") return "";
  const std::size_t slash = path.rfind('/');
  return slash == 0 || slash == std::string_view::npos ? "/" : std::string(path.substr(0, slash));
}

std::string base_name(std::string_view path) {
  return path == "/" ? "" : std::string(path.substr(path.rfind('/') + 1));
}

const Row* find_node(const Store& store, std::string_view path) {
  return store.by_key(kTree, position(path));
}

std::vector<const Row*> children_of(const Store& store, std::string_view path) {
  return store.with_prefix(kTree, std::string(path) + '\x01');
}

bool is_directory(const Row& node) {
  const std::string type = text_at(node.document, "object_type");
  return type == "DIRECTORY" || type == "REPO";
}

void add_directory(Context& context, const std::string& path) {
  put_node(context, path, {{"object_type", "DIRECTORY"}}, "");
}

Status make_directories(Context& context, const std::string& path) {
  if (const Row* node = find_node(context.store, path)) {
    if (is_directory(*node)) return {};
    return refuse("RESOURCE_ALREADY_EXISTS", "the path " + path + " holds a " +
                                                 to_lower(text_at(node->document, "object_type")) +
                                                 ", not a directory");
  }
  const std::string parent = parent_path(path);
  // Homes come with their users; folders of /Repos may be made (the Terraform provider's
  // databricks_repo does so).
  if (parent == "/Users" && !context.loading)
    return refuse("PERMISSION_DENIED", "Folder " + base_name(parent) + " is protected");
  LS_TRY(make_directories(context, parent));
  add_directory(context, path);
  return {};
}

void make_home(Context& context, const std::string& name, const std::string& member_name) {
  const std::string path = "/Users/" + name;
  if (find_node(context.store, path) == nullptr) add_directory(context, path);
  const Row* home = find_node(context.store, path);
  set_grants(context.store, "directories", home->id,
             Json::array({{{member_name, name}, {"permission_level", "CAN_MANAGE"}}}));
}

std::string put_node(Context& context, const std::string& path, Json document,
                     std::string content) {
  const Row* before = find_node(context.store, path);
  std::string id = before != nullptr ? before->id : scalar_text(member(document, "object_id"));
  if (id.empty() || id == "null") id = path == "/" ? "0" : numeric_id(context, "object");
  const std::string type = text_at(document, "object_type");
  document["path"] = path;
  document["object_id"] = as_number(id);
  document["resource_id"] = id;
  if (!member(document, "created_at").is_number())
    document["created_at"] =
        before != nullptr ? int_at(before->document, "created_at") : context.now;
  if (!member(document, "modified_at").is_number()) document["modified_at"] = context.now;
  if (type == "FILE") document["size"] = content.size();
  if (type == "DIRECTORY" || type == "REPO") {
    document.erase("created_at");
    document.erase("modified_at");
  } else {
    context.store.put_content(id, std::move(content));
  }
  context.store.put(std::string(kTree), id, position(path), std::move(document));
  return id;
}

void remove_node(Context& context, const Row& node) {
  const std::string path = text_at(node.document, "path");
  const std::string id = node.id;
  for (const Row* child : children_of(context.store, path)) remove_node(context, *child);
  forget_grants(context.store, id);
  context.store.erase_content(id);
  context.store.erase(std::string(kTree), id);
}

Json node_info(const Context&, const Row& node) { return without_private(node.document); }

}  // namespace lakeshift::twin
