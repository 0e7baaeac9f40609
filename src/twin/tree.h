// The workspace tree: folders, notebooks, files and other nodes by path. "/Workspace" in front of a
// path means nothing.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "twin/context.h"

namespace lakeshift::twin {

inline constexpr std::string_view kTree = "tree";

// Without "/Workspace" and a trailing slash. Errors: INVALID_PARAMETER_VALUE for paths that are not
// absolute.
Result<std::string> clean_path(std::string_view path);
std::string parent_path(std::string_view path);
std::string base_name(std::string_view path);

const Row* find_node(const Store& store, std::string_view path);
std::vector<const Row*> children_of(const Store& store, std::string_view path);
bool is_directory(const Row& node);

// Adds the folder itself; parents must exist.
void add_directory(Context& context, const std::string& path);
// Adds what is missing of the path. Errors: a node that is not a folder is in the way; a protected
// folder.
Status make_directories(Context& context, const std::string& path);
// The home folder of a user or service principal, with its owner's grant.
void make_home(Context& context, const std::string& name, const std::string& member_name);
// Adds a node or replaces the one at the path; `document` has object_type and what the type needs.
// Returns its id.
std::string put_node(Context& context, const std::string& path, Json document, std::string content);
// Removes the node and everything below, with contents and permissions.
void remove_node(Context& context, const Row& node);
// As get-status and list answer.
Json node_info(const Context& context, const Row& node);

}  // namespace lakeshift::twin
