// The workspace tree: list, get-status, mkdirs, import, export, delete, and the older upload of
// files.
#include "core/base/strings.h"
#include "twin/access.h"
#include "twin/notebook.h"
#include "twin/service.h"
#include "twin/tree.h"

namespace lakeshift::twin::services::workspace {
namespace {

constexpr std::size_t kGreatestExport = std::size_t{10} * 1024 * 1024;

Result<const Row*> node_at(const Context& context, const std::string& given) {
  LS_ASSIGN(const std::string path, clean_path(given));
  const Row* node = find_node(context.store, path);
  if (node == nullptr) return missing("Path (" + path + ") doesn't exist.");
  return node;
}

Result<Answer> list(Context& context, const Call& call) {
  LS_ASSIGN(const Row* node, node_at(context, call.query_text("path")));
  const long long since = call.query_int("notebooks_modified_after", 0);
  Json objects = Json::array();
  if (!is_directory(*node)) {
    objects.push_back(node_info(context, *node));
  } else {
    for (const Row* child : children_of(context.store, text_at(node->document, "path"))) {
      const bool too_new = context.options.staleness_ms > 0 &&
                           child->since > context.now - context.options.staleness_ms;
      const bool too_old = since > 0 && text_at(child->document, "object_type") == "NOTEBOOK" &&
                           int_at(child->document, "modified_at") <= since;
      if (!too_new && !too_old) objects.push_back(node_info(context, *child));
    }
  }
  return Answer(page_body("objects", std::move(objects), ""));
}

Result<Answer> get_status(Context& context, const Call& call) {
  LS_ASSIGN(const Row* node, node_at(context, call.query_text("path")));
  return Answer(node_info(context, *node));
}

Result<Answer> mkdirs(Context& context, const Call& call) {
  LS_ASSIGN(const std::string given, required_text(call.body, "path"));
  LS_ASSIGN(const std::string path, clean_path(given));
  LS_TRY(make_directories(context, path));
  return Answer(Json::object());
}

Result<Answer> import(Context& context, const Call& call) {
  LS_ASSIGN(const std::string path, required_text(call.body, "path"));
  Import order{.path = path,
               .format = text_at(call.body, "format", "SOURCE"),
               .language = text_at(call.body, "language"),
               .overwrite = bool_at(call.body, "overwrite")};
  if (call.is_form) {
    order.bytes = call.bytes;
  } else {
    auto bytes = base64_decode(text_at(call.body, "content"));
    if (!bytes) return invalid("content is not base64");
    order.bytes = std::move(*bytes);
    if (order.bytes.size() > kGreatestExport)
      return refuse("MAX_NOTEBOOK_SIZE_EXCEEDED",
                    "content has " + std::to_string(order.bytes.size()) + " bytes, the limit is " +
                        std::to_string(kGreatestExport));
  }
  LS_TRY(import_node(context, std::move(order)));
  return Answer(Json::object());
}

Result<Answer> export_one(Context& context, const Call& call) {
  LS_ASSIGN(const Row* node, node_at(context, call.query_text("path")));
  LS_ASSIGN(Export out, export_node(context, *node, call.query_text("format", "SOURCE")));
  if (call.query_bool("direct_download"))
    return Answer::raw(std::move(out.bytes), "application/octet-stream");
  if (out.bytes.size() > kGreatestExport)
    return refuse("MAX_NOTEBOOK_SIZE_EXCEEDED",
                  "the export has " + std::to_string(out.bytes.size()) + " bytes, the limit is " +
                      std::to_string(kGreatestExport) + "; use direct_download=true");
  return Answer(Json{{"content", base64_encode(out.bytes)}, {"file_type", out.file_type}});
}

Result<Answer> remove(Context& context, const Call& call) {
  LS_ASSIGN(const std::string given, required_text(call.body, "path"));
  LS_ASSIGN(const Row* node, node_at(context, given));
  const std::string path = text_at(node->document, "path");
  if (path == "/" || path == "/Users" || path == "/Shared" || path == "/Repos")
    return refuse("PERMISSION_DENIED", "Folder " + path + " is protected");
  if (!bool_at(call.body, "recursive") && !children_of(context.store, path).empty())
    return refuse("DIRECTORY_NOT_EMPTY", "Folder (" + path + ") is not empty");
  remove_node(context, *node);
  return Answer(Json::object());
}

// The older upload of single files, still used by some clients: the body is the file.
Result<Answer> import_file(Context& context, const Call& call) {
  LS_TRY(import_node(context, {.path = "/" + call.parameter("path"),
                               .format = "RAW",
                               .overwrite = call.query_bool("overwrite"),
                               .bytes = call.bytes}));
  return Answer(Json::object());
}

constexpr Endpoint kEndpoints[] = {
    {"GET", "/api/2.0/workspace/list", list},
    {"GET", "/api/2.0/workspace/get-status", get_status},
    {"POST", "/api/2.0/workspace/mkdirs", mkdirs},
    {"POST", "/api/2.0/workspace/import", import},
    {"GET", "/api/2.0/workspace/export", export_one},
    {"POST", "/api/2.0/workspace/delete", remove},
    {"POST", "/api/2.0/workspace-files/import-file/{path*}", import_file}};

// A notebook as an export gave it: its form is told from its bytes.
void settle_exported(Json& node, std::string& bytes) {
  const Language* language = find_language(text_at(node, "language"));
  node["$format"] = "SOURCE";
  if (language != nullptr && has_notebook_header(bytes, *language)) {
    const std::size_t end = bytes.find('\n');
    bytes = end == std::string::npos ? "" : bytes.substr(end + 1);
  } else if (bytes.starts_with("PK")) {
    node["$format"] = "DBC";
  } else if (const auto json = parse_json(bytes, "notebook");
             json && member(*json, "cells").is_array()) {
    node["$format"] = "JUPYTER";
  }
}

// Node ids of a file win over those the twin gave when it made homes and parents.
Status load_node(Context& context, const Json& document) {
  LS_ASSIGN(const std::string path, clean_path(text_at(document, "path")));
  if (path != "/") LS_TRY(make_directories(context, parent_path(path)));
  Json node = document;
  const std::string encoded = text_at(document, "$content");
  node.erase("$content");
  node.erase("$permissions");
  LS_ASSIGN(std::string bytes, base64_decode(encoded));
  if (text_at(node, "object_type") == "NOTEBOOK" && !node.contains("$format"))
    settle_exported(node, bytes);
  const std::string wanted = scalar_text(member(document, "object_id"));
  Json grants = Json::array();
  if (const Row* before = find_node(context.store, path);
      before != nullptr && !wanted.empty() && before->id != wanted) {
    grants = grants_of(context.store, "directories", before->id);
    const std::string old = before->id;
    forget_grants(context.store, old);
    context.store.erase(std::string(kTree), old);
  }
  const std::string id = put_node(context, path, std::move(node), std::move(bytes));
  if (!grants.empty()) set_grants(context.store, "directories", id, std::move(grants));
  return {};
}

Json give_type(const Context& context, const Row& row, std::string_view type) {
  if (text_at(row.document, "object_type") != type) return nullptr;
  Json document = row.document;
  if (const std::string* bytes = context.store.content(row.id); bytes != nullptr && !bytes->empty())
    document["$content"] = base64_encode(*bytes);
  return document;
}
Json give_directory(const Context& context, const Row& row) {
  return give_type(context, row, "DIRECTORY");
}
Json give_notebook(const Context& context, const Row& row) {
  return give_type(context, row, "NOTEBOOK");
}
Json give_file(const Context& context, const Row& row) { return give_type(context, row, "FILE"); }

constexpr Holding kHoldings[] = {{"directory", "", 20, load_node, give_directory, "directories"},
                                 {"notebook", "", 21, load_node, give_notebook, "notebooks"},
                                 {"workspace_file", "", 21, load_node, give_file, "files"}};

}  // namespace

extern const Service kDefinition;
const Service kDefinition = {"workspace", kEndpoints, kHoldings};

}  // namespace lakeshift::twin::services::workspace
