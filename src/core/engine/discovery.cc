// Generic discovery: list -> scope -> get -> permissions -> further reads -> found.
#include <utility>

#include "core/base/strings.h"
#include "core/engine/generic.h"
#include "core/engine/lookup.h"

namespace lakeshift::engine {
namespace {

constexpr const char* kVanished = "vanished during discovery";

void record_failure(model::Object& object, const Error& error) {
  if (!object.unread_code.empty()) return;  // the first failure explains the others
  object.unread_code = error.code;
  object.unread_reason = error.message;
}

model::Object object_from(const Kind& kind, const DiscoverContext& context, Json document) {
  model::Object object;
  object.id = {context.platform.side(), std::string(kind.name), id_of(kind, document)};
  object.document = std::move(document);
  return object;
}

bool is_not_offered(const Error& error) {
  return error.code == "feature-disabled" || error.code == "endpoint-not-found" ||
         error.code == "not-on-this-tier" || error.code == "not-implemented";
}

bool still_there(const Kind& kind, DiscoverContext& context, const model::Object& object) {
  if (kind.get.empty()) return true;
  const Result<Json> again = context.platform.call(get_call(kind, object.id.id), context.run.stop);
  return again || again.error().code != "not-found";
}

// False: the object vanished while it was read.
bool read_permissions(const Kind& kind, DiscoverContext& context, model::Object& object) {
  const std::string id = kind.permissions_id.empty()
                             ? object.id.id
                             : scalar_text(at_path(object.document, kind.permissions_id));
  Call call;
  call.path = "/api/2.0/permissions/" + std::string(kind.permissions) + "/" + url_encode(id);
  call.family = "permissions";
  const Result<Json> answer = context.platform.call(call, context.run.stop);
  if (answer) {
    object.document["$permissions"] = direct_permissions(*answer, kind.permissions);
    return true;
  }
  const Error& error = answer.error();
  if (error.code == "not-found" && !still_there(kind, context, object)) return false;
  if (is_not_offered(error)) {
    context.finding({"permissions-unavailable", model::Severity::info, std::string(kind.name),
                     natural_key_of(kind, object.document), "$permissions",
                     "the platform does not offer permissions of " + std::string(kind.plural) +
                         " here: " + error.message,
                     "nothing to do when the workspace never had them", ""});
    return true;
  }
  record_failure(object, error);
  return true;
}

void tell_found(const Kind& kind, DiscoverContext& context, model::Object object) {
  if (object.key.empty()) object.key = natural_key_of(kind, object.document);
  if (object.key.empty()) object.key = object.id.id;  // nameless objects are found by their id
  if (object.name.empty()) object.name = display_name_of(kind, object.document);
  context.found(std::move(object));
}

void read_further(const Kind& kind, DiscoverContext& context, model::Object object) {
  if (object.unread_code.empty() && kind.read_more != nullptr) {
    const Status more = kind.read_more(kind, context, object);
    if (!more) {
      if (more.error().code == "not-found" && !still_there(kind, context, object))
        return context.out_of_scope(kVanished);
      record_failure(object, more.error());
    }
  }
  tell_found(kind, context, std::move(object));
}

void read_one(const Kind& kind, DiscoverContext& context, Json listed) {
  const std::string id = id_of(kind, listed);
  Result<Json> answer = context.platform.call(get_call(kind, id), context.run.stop);
  if (answer && !answer->is_object())
    answer =
        fail("bad-answer",
             std::string("the answer is ") + answer->type_name() + " where an object should be",
             std::string(kind.title) + " '" + id + "'");
  if (!answer) {
    if (answer.error().code == "not-found") return context.out_of_scope(kVanished);
    model::Object object = object_from(kind, context, std::move(listed));
    record_failure(object, answer.error());
    return finish_object(kind, context, std::move(object));
  }
  if (kind.out_of_scope != nullptr)
    if (std::string reason = kind.out_of_scope(*answer); !reason.empty())
      return context.out_of_scope(std::move(reason));
  model::Object object = object_from(kind, context, std::move(*answer));
  if (object.id.id.empty()) object.id.id = id;
  finish_object(kind, context, std::move(object));
}

void take_listed(const Kind& kind, DiscoverContext& context, Json item) {
  context.listed(1);
  if (kind.out_of_scope != nullptr)
    if (std::string reason = kind.out_of_scope(item); !reason.empty())
      return context.out_of_scope(std::move(reason));
  if (!item.is_object() || id_of(kind, item).empty()) {
    const std::string shown = printable(dump_json(item)).substr(0, 200);
    model::Object object =
        object_from(kind, context, item.is_object() ? std::move(item) : Json::object());
    object.id.id = shown;
    record_failure(object, Error{"bad-answer", "the list names an object without '" +
                                                   std::string(kind.id_field) + "': " + shown});
    return finish_object(kind, context, std::move(object));
  }
  if (!kind.get.empty())
    return context.tasks.add([&kind, &context, item = std::move(item)]() mutable {
      read_one(kind, context, std::move(item));
    });
  model::Object object = object_from(kind, context, std::move(item));
  if (kind.permissions.empty() && kind.read_more == nullptr)
    return finish_object(kind, context, std::move(object));
  context.tasks.add([&kind, &context, object = std::move(object)]() mutable {
    finish_object(kind, context, std::move(object));
  });
}

}  // namespace

Status discover_generic(const Kind& kind, DiscoverContext& context) {
  return each_item(context.platform, kind.list, Json::object(), kind.family, context.run.stop,
                   [&](Json&& item) -> Status {
                     take_listed(kind, context, std::move(item));
                     return {};
                   });
}

// Each part is a task of its own: whoever waits for the limit of permission reads, which all kinds
// share, keeps no other read waiting.
void finish_object(const Kind& kind, DiscoverContext& context, model::Object object) {
  if (!object.unread_code.empty() || kind.permissions.empty())
    return read_further(kind, context, std::move(object));
  context.permission_tasks.add([&kind, &context, object = std::move(object)]() mutable {
    if (!read_permissions(kind, context, object)) return context.out_of_scope(kVanished);
    if (kind.read_more == nullptr) return tell_found(kind, context, std::move(object));
    context.tasks.add([&kind, &context, object = std::move(object)]() mutable {
      read_further(kind, context, std::move(object));
    });
  });
}

}  // namespace lakeshift::engine
