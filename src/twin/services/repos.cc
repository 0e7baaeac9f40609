// Git folders: nodes of the tree with a remote.
#include <algorithm>

#include "core/base/strings.h"
#include "twin/access.h"
#include "twin/service.h"
#include "twin/tree.h"

namespace lakeshift::twin::services::repos {
namespace {

constexpr std::string_view kKind = "repo";

Result<Row> find(const Context& context, const std::string& id) {
  const Row* row = context.store.get(kKind, id);
  if (row == nullptr) return missing("Repo " + id + " does not exist");
  return *row;
}

void place(Context& context, Json repo, const std::string& path) {
  Json node = {{"object_type", "REPO"}};
  if (repo.contains("id")) node["object_id"] = repo["id"];
  const std::string id = put_node(context, path, std::move(node), "");
  repo["id"] = as_number(id);
  repo["path"] = path;
  context.store.put(std::string(kKind), id, path, std::move(repo));
}

Result<Answer> create(Context& context, const Call& call) {
  Json repo = call.body;
  std::string path = text_at(repo, "path");
  const std::string url = text_at(repo, "url");
  if (path.empty()) {
    const std::size_t slash = url.rfind('/');
    path = "/Repos/" + context.caller.name + "/" + replace_all(url.substr(slash + 1), ".git", "");
  }
  LS_ASSIGN(const std::string clean, clean_path(path));
  if (find_node(context.store, clean) != nullptr)
    return refuse("RESOURCE_ALREADY_EXISTS", "Path (" + clean + ") already exists.");
  const std::string parent = parent_path(clean);
  if (parent.starts_with("/Repos/") && parent_path(parent) == "/Repos") {
    if (find_node(context.store, parent) == nullptr) add_directory(context, parent);
  }
  if (find_node(context.store, parent) == nullptr)
    return missing("The parent folder (" + parent + ") does not exist.");
  repo["branch"] = "main";
  repo["head_commit_id"] = hex_id(context, "commit", false) + hex_id(context, "commit", false) +
                           hex_id(context, "commit", false).substr(0, 8);
  place(context, repo, clean);
  return Answer(context.store.by_key(kKind, clean)->document);
}

Result<Answer> get(Context& context, const Call& call) {
  LS_ASSIGN(const Row row, find(context, call.parameter("id")));
  return Answer(row.document);
}

Result<Answer> list(Context& context, const Call& call) {
  std::vector<const Row*> rows = visible_rows(context, kKind);
  std::string prefix = call.query_text("path_prefix", "/Repos");
  if (prefix.starts_with("/Workspace/"))
    prefix = prefix.substr(std::string_view("/Workspace").size());
  std::erase_if(rows, [&](const Row* row) { return !row->key.starts_with(prefix); });
  LS_ASSIGN(const Page page,
            page_of(context, rows, call.query_text("next_page_token"), 0, {20, 20}));
  Json repos = Json::array();
  for (const Row* row : page.rows) repos.push_back(row->document);
  return Answer(page_body("repos", std::move(repos), page.next_token));
}

Result<Answer> update(Context& context, const Call& call) {
  LS_ASSIGN(const Row row, find(context, call.parameter("id")));
  if (call.body.contains("branch") && call.body.contains("tag"))
    return invalid("give one of branch and tag");
  Json repo = row.document;
  if (call.body.contains("tag")) repo.erase("branch");
  overlay(repo, call.body);
  repo.erase("git_credential_id");
  context.store.put(std::string(kKind), row.id, row.key, std::move(repo));
  return Answer(Json::object());
}

Result<Answer> remove(Context& context, const Call& call) {
  LS_ASSIGN(const Row row, find(context, call.parameter("id")));
  if (const Row* node = find_node(context.store, row.key)) remove_node(context, *node);
  context.store.erase(std::string(kKind), row.id);
  return Answer(Json::object());
}

constexpr Endpoint kEndpoints[] = {{"POST", "/api/2.0/repos", create},
                                   {"GET", "/api/2.0/repos", list},
                                   {"GET", "/api/2.0/repos/{id}", get},
                                   {"PATCH", "/api/2.0/repos/{id}", update},
                                   {"DELETE", "/api/2.0/repos/{id}", remove}};

Status load(Context& context, const Json& document) {
  LS_ASSIGN(const std::string path, clean_path(text_at(document, "path")));
  LS_TRY(make_directories(context, parent_path(path)));
  Json repo = document;
  repo.erase("$permissions");
  place(context, std::move(repo), path);
  return {};
}

constexpr Holding kHoldings[] = {{kKind, "repos.json", 24, load, nullptr, "repos"}};

}  // namespace

extern const Service kDefinition;
const Service kDefinition = {"repos", kEndpoints, kHoldings};

}  // namespace lakeshift::twin::services::repos
