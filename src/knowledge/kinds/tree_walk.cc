#include "knowledge/kinds/tree_walk.h"

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <utility>
#include <vector>

#include "core/base/json.h"
#include "core/base/strings.h"

namespace lakeshift::kinds {
namespace {

constexpr engine::Listing kFolderListing{.path = "/api/2.0/workspace/list", .items = "objects"};
constexpr std::string_view kFamily = "workspace";
constexpr std::string_view kTakenTypes[] = {kDirectoryNode, kNotebookNode, kFileNode,
                                            kGitFolderNode, kLibraryNode};

std::string_view listener_type(const Json& node) {
  const std::string type = text_at(node, "object_type");
  // Folders that Git itself has checked out are listed as directories (databricks-sdk 0.162,
  // DirectoryInfo).
  if (type == kDirectoryNode && bool_at(member(node, "directory_info"), "is_git_folder"))
    return kGitFolderNode;
  for (const std::string_view taken : kTakenTypes)
    if (type == taken) return taken;
  return kOtherNode;
}

class TreeWalk {
 public:
  Status join(engine::DiscoverContext& context, std::string_view type, TreeListener listener) {
    auto shared = std::make_shared<TreeListener>(std::move(listener));
    std::vector<Found> waiting;
    {
      const std::scoped_lock lock(mutex_);
      Taker& taker = takers_[type];
      taker.listener = shared;
      waiting = std::move(taker.waiting);
    }
    for (Found& found : waiting) (*shared)(std::move(found.node), std::move(found.unread));
    // Others wait here while the first lists the root: each must know whether there is a tree at
    // all.
    std::call_once(started_, [&] { root_ = enter(context, "/"); });
    return root_;
  }

 private:
  struct Found {
    Json node;
    std::optional<Error> unread;
  };
  struct Taker {
    std::shared_ptr<TreeListener> listener;
    std::vector<Found> waiting;  // found before the kind joined
  };

  // Lists a folder: hands over its nodes, adds a task per inner folder.
  Status enter(engine::DiscoverContext& context, const std::string& folder) {
    {
      const std::scoped_lock lock(mutex_);
      if (!entered_.insert(folder).second) return {};
    }
    return engine::each_item(context.platform, kFolderListing, {{"path", folder}}, kFamily,
                             context.run.stop, [&](Json&& node) -> Status {
                               take(context, std::move(node));
                               return {};
                             });
  }

  void take(engine::DiscoverContext& context, Json node) {
    const std::string path = text_at(node, "path");
    if (listener_type(node) != kDirectoryNode || path.empty() || is_trash(path))
      return deliver(std::move(node), std::nullopt);
    context.tasks.add([this, &context, path, node = std::move(node)]() mutable {
      Status listed = context.run.stop.stop_requested()
                          ? fail("cancelled", "discovery was stopped", path)
                          : enter(context, path);
      deliver(std::move(node),
              listed ? std::nullopt : std::optional<Error>(std::move(listed).error()));
    });
  }

  void deliver(Json node, std::optional<Error> unread) {
    std::shared_ptr<TreeListener> listener;
    {
      const std::scoped_lock lock(mutex_);
      Taker& taker = takers_[listener_type(node)];
      listener = taker.listener;
      if (listener == nullptr) {
        taker.waiting.push_back({std::move(node), std::move(unread)});
        return;
      }
    }
    (*listener)(std::move(node), std::move(unread));
  }

  std::once_flag started_;
  Status root_;
  std::mutex mutex_;
  std::map<std::string_view, Taker> takers_;
  std::set<std::string> entered_;
};

std::vector<std::string> parts_of(std::string_view path) { return split(path, '/'); }

}  // namespace

Status join_tree(engine::DiscoverContext& context, std::string_view object_type,
                 TreeListener listener) {
  const auto walk =
      context.shared.get<TreeWalk>("workspace tree", [] { return std::make_shared<TreeWalk>(); });
  return walk->join(context, object_type, std::move(listener));
}

bool is_trash(std::string_view path) {
  const std::vector<std::string> parts = parts_of(path);
  return parts.size() == 4 && parts[0].empty() && parts[1] == "Users" && parts[3] == "Trash";
}

std::string parent_folder(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string_view::npos || slash == 0) return "/";
  return std::string(path.substr(0, slash));
}

std::string home_of(std::string_view path) {
  const std::vector<std::string> parts = parts_of(path);
  if (parts.size() != 3 || !parts[0].empty() || (parts[1] != "Users" && parts[1] != "Repos"))
    return {};
  return contains(parts[2], "@") ? parts[2] : std::string();
}

model::Action look_up_node(const engine::PlanContext& context, const Json& path, std::string note) {
  model::Action action;
  action.name = "look up";
  action.method = "GET";
  action.path = "/api/2.0/workspace/get-status";
  action.query = {{"path", path}};
  action.effect = model::Effect::read;
  action.family = kFamily;
  action.binds = context.kind.bind;
  action.note = std::move(note);
  return action;
}

std::vector<std::pair<std::string, std::string>> folder_of_node(const Json& document) {
  const std::string folder = parent_folder(text_at(document, "path"));
  if (folder == "/") return {};
  return {{"directory", folder}};
}

}  // namespace lakeshift::kinds
