// The calls that create and update an object of a kind without hooks.
#include <algorithm>

#include "core/base/strings.h"
#include "core/engine/generic.h"
#include "core/engine/stamp.h"

namespace lakeshift::engine {
namespace {

// Where the stamp goes in this body: the whole path, or its last part inside an inner part of the
// document.
std::string stamp_path(const Kind& kind, const Json& body) {
  std::string path(kind.stamp_field);
  const std::size_t first = path.find('.');
  if (first == std::string::npos || body.contains(path.substr(0, first))) return path;
  return path.substr(path.rfind('.') + 1);
}

Json own_id(const PlanContext& context, const model::Change& change) {
  if (context.actual == nullptr) return reference_to(change.id);
  const Json& native = at_path(context.actual->document, context.kind.id_field);
  return native.is_null() ? Json(context.actual->id.id) : native;
}

std::string path_with_id(const PlanContext& context, const model::Change& change,
                         const std::string& path) {
  return replace_all(
      path, "{id}",
      context.actual == nullptr ? reference_text(change.id) : id_in_path(context.actual->id.id));
}

bool is_set_by_update(const model::Difference& difference) {
  return !difference.path.starts_with('$') && !difference.replaces;
}

}  // namespace

std::string id_in_path(const std::string& id) {
  return contains(id, "${ref:") ? id : url_encode(id);
}

std::string stamp_of(const Kind& kind, const Json& document) {
  if (kind.stamp_field.empty()) return {};
  const Json& tags = at_path(document, stamp_path(kind, document));
  if (tags.is_array()) {  // tags as a list of {key, value}
    for (const Json& tag : tags)
      if (is_stamp_key(text_at(tag, "key"))) return stamp_of_label(text_at(tag, "value"));
    return {};
  }
  return stamp_of_label(text_at(tags, kStampKey, text_at(tags, kLabelStampKey)));
}

std::map<std::string, std::string> tags_of(const Kind& kind, const Json& document) {
  std::map<std::string, std::string> found;
  if (kind.stamp_field.empty()) return found;
  const Json& tags = at_path(document, stamp_path(kind, document));
  if (tags.is_array()) {
    for (const Json& tag : tags) found[text_at(tag, "key")] = scalar_text(member(tag, "value"));
  } else if (tags.is_object()) {
    for (const auto& [name, value] : tags.items()) found[name] = scalar_text(value);
  }
  found.erase(std::string(kStampKey));
  return found;
}

void add_stamp(const Kind& kind, const std::string& stamp, Json& body) {
  if (kind.stamp_field.empty() || stamp.empty() || !body.is_object()) return;
  const std::string path = stamp_path(kind, body);
  Json tags = at_path(body, path);
  if (tags.is_array()) {
    for (Json& tag : tags)
      if (is_stamp_key(text_at(tag, "key"))) tag = nullptr;
    tags.erase(std::remove(tags.begin(), tags.end(), Json()), tags.end());
    tags.push_back({{"key", key_of_stamp(stamp)}, {"value", stamp}});
  } else {
    if (!tags.is_object()) tags = Json::object();
    for (const std::string_view key : {kStampKey, kLabelStampKey}) tags.erase(std::string(key));
    tags[std::string(key_of_stamp(stamp))] = stamp;
  }
  set_path(body, path, std::move(tags));
}

model::Action create_action(const PlanContext& context, const model::Change& change, Json body) {
  const auto [method, path] = split_endpoint(context.kind.create);
  add_stamp(context.kind, context.stamp, body);
  model::Action action;
  action.name = "create";
  action.method = method;
  action.path = replace_all(path, "{id}",
                            url_encode(change.target_key.empty() ? change.key : change.target_key));
  action.body = std::move(body);
  action.effect = model::Effect::create;
  action.family = std::string(context.kind.family);
  action.binds = std::string(context.kind.bind);
  return action;
}

model::Action update_action(const PlanContext& context, const model::Change& change, Json body) {
  const Kind& kind = context.kind;
  const auto [method, path] = split_endpoint(kind.update);
  // An update replaces the tags: the stamp of what lakeshift made must survive it.
  add_stamp(kind,
            context.actual == nullptr
                ? context.stamp
                : spelled_like(context.stamp, stamp_of(kind, context.actual->document)),
            body);
  if (!kind.id_in_body.empty()) body[std::string(kind.id_in_body)] = own_id(context, change);
  model::Action action;
  action.name = "update";
  action.method = method;
  action.path = path_with_id(context, change, path);
  action.body = std::move(body);
  action.effect = model::Effect::idempotent;
  action.family = std::string(kind.family);
  return action;
}

void plan_actions_generic(const PlanContext& context, model::Change& change) {
  if (change.verb == model::Verb::create) {
    change.actions.push_back(create_action(
        context, change, model::keep_for_create(context.desired, context.kind.fields)));
  } else if (std::any_of(change.differences.begin(), change.differences.end(), is_set_by_update)) {
    change.actions.push_back(update_action(
        context, change, model::keep_for_update(context.desired, context.kind.fields)));
  }
  add_permission_action(context, change);
}

}  // namespace lakeshift::engine
