#include "knowledge/kinds/tree_content.h"

#include <utility>

#include "core/base/json.h"
#include "core/engine/generic.h"
#include "knowledge/kinds/tree_walk.h"

namespace lakeshift::kinds {
namespace {

bool says_too_large(const Error& error) { return error.code == "max-notebook-size-exceeded"; }

Result<std::string> export_bytes(engine::DiscoverContext& context, const std::string& path,
                                 std::string_view format) {
  engine::Call call;
  call.path = "/api/2.0/workspace/export";
  call.query = {{"path", path}, {"format", format}, {"direct_download", "true"}};
  call.family = "workspace-export";
  return context.platform.call_bytes(call, {}, context.run.stop);
}

}  // namespace

void read_content(const engine::Kind& kind, engine::DiscoverContext& context, Json node,
                  std::string_view format, std::string (*normal)(std::string)) {
  model::Object object;
  object.id = {context.platform.side(), std::string(kind.name), engine::id_of(kind, node)};
  const bool known_too_large = int_at(node, "size") > static_cast<long long>(kMostContent);
  const std::string path = text_at(node, "path");
  object.document = std::move(node);
  if (known_too_large) {
    object.document["$too_large"] = true;
    return engine::finish_object(kind, context, std::move(object));
  }
  Result<std::string> bytes = export_bytes(context, path, format);
  if (!bytes && bytes.error().code == "not-found")
    return context.out_of_scope("vanished during discovery");
  if ((!bytes && says_too_large(bytes.error())) || (bytes && bytes->size() > kMostContent)) {
    object.document["$too_large"] = true;
    return engine::finish_object(kind, context, std::move(object));
  }
  Result<std::string> stored = bytes ? context.put_content(normal(std::move(*bytes)))
                                     : Result<std::string>(fail(std::move(bytes).error()));
  if (stored) {
    object.content = std::move(*stored);
  } else {
    object.unread_code = stored.error().code;
    object.unread_reason = stored.error().message;
  }
  engine::finish_object(kind, context, std::move(object));
}

bool is_too_large(const Json& source_document) { return bool_at(source_document, "$too_large"); }

void plan_import(const engine::PlanContext& context, model::Change& change, Json body) {
  const Json& path = member(context.desired, "path");
  if (context.actual == nullptr || change.content != context.actual->content) {
    const bool overwrite = context.actual != nullptr;
    body["path"] = path;
    body["overwrite"] = overwrite;
    body["content"] = {{"$content", {{"sha256", change.content}, {"encoding", "base64"}}}};
    model::Action action;
    action.name = overwrite ? "update" : "create";
    action.method = "POST";
    action.path = "/api/2.0/workspace/import";
    action.body = std::move(body);
    action.effect = model::Effect::idempotent;
    action.family = "workspace-import";
    if (!overwrite) action.tolerated = {"already-exists"};
    change.actions.push_back(std::move(action));
  }
  if (context.actual == nullptr)
    change.actions.push_back(look_up_node(context, path, "an import does not answer with the id"));
  engine::add_permission_action(context, change);
}

}  // namespace lakeshift::kinds
