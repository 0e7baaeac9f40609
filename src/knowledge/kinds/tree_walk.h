// The workspace tree, listed once for all kinds that live in it.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "core/engine/kind.h"

namespace lakeshift::kinds {

// One node as the list names it. `unread` is set for a folder whose content could not be listed.
using TreeListener = std::function<void(Json node, std::optional<Error> unread)>;

// Object types (ObjectInfo.object_type, databricks-sdk 0.162) that kinds of this folder take.
inline constexpr std::string_view kDirectoryNode = "DIRECTORY";
inline constexpr std::string_view kNotebookNode = "NOTEBOOK";
inline constexpr std::string_view kFileNode = "FILE";
inline constexpr std::string_view kGitFolderNode = "REPO";
inline constexpr std::string_view kLibraryNode = "LIBRARY";
inline constexpr std::string_view kOtherNode = "";  // every type that is none of the above

// Joins the walk for the nodes of one type; the first to join starts it, nodes already found are
// handed over at once. The listener is called from tasks of the discovery, several at a time, also
// after this call has returned. Folders are listed once; git folders and trash are named but not
// entered. Error: the root could not be listed.
Status join_tree(engine::DiscoverContext& context, std::string_view object_type,
                 TreeListener listener);

// "/Users/<name>/Trash": what the user has deleted.
bool is_trash(std::string_view path);
// The folder a node is in; "/" for nodes at the top.
std::string parent_folder(std::string_view path);
// The e-mail address whose home folder this is ("/Users/<address>", "/Repos/<address>"); empty for
// other paths.
std::string home_of(std::string_view path);

// GET of one node, binding its id: what a call without an answer (mkdirs, import) made.
model::Action look_up_node(const engine::PlanContext& context, const Json& path, std::string note);
// Needs of a node: the folder it is in.
std::vector<std::pair<std::string, std::string>> folder_of_node(const Json& document);

}  // namespace lakeshift::kinds
