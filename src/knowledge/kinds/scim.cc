#include "knowledge/kinds/scim.h"

#include <algorithm>
#include <set>
#include <vector>

#include "core/base/json.h"
#include "core/base/strings.h"
#include "core/engine/generic.h"

namespace lakeshift::kinds::scim {
namespace {

constexpr std::size_t kMostPerCall = 100;

std::vector<Json> set_values(const Json& document, std::string_view name) {
  std::vector<Json> values;
  const Json& set = member(document, name);
  if (!set.is_array()) return values;
  for (const Json& element : set) values.push_back(member(element, "value"));
  return values;
}

bool contains_value(const std::vector<Json>& values, const Json& value) {
  return std::find(values.begin(), values.end(), value) != values.end();
}

// Values inside a SCIM filter are JSON texts.
std::string filter_for(std::string_view name, const Json& value) {
  return std::string(name) + "[value eq " + dump_json(value) + "]";
}

std::string object_path(const engine::PlanContext& context, const model::Change& change) {
  const std::string id =
      context.actual != nullptr ? context.actual->id.id : engine::reference_text(change.id);
  return std::string(context.kind.list.path) + "/" + id;
}

}  // namespace

void tidy_set(Json& document, std::string_view name) {
  if (!document.is_object()) return;
  const auto set = document.find(name);
  if (set == document.end() || !set->is_array()) return;
  for (Json& element : *set)
    if (element.is_object()) element.erase("$ref");
  std::stable_sort(set->begin(), set->end(), [](const Json& a, const Json& b) {
    return scalar_text(member(a, "value")) < scalar_text(member(b, "value"));
  });
}

void Patch::change_set(const Json& actual, const Json& desired, std::string_view name,
                       bool only_add) {
  const std::vector<Json> wanted = set_values(desired, name);
  const std::vector<Json> present = set_values(actual, name);
  Json missing = Json::array();
  for (const Json& value : wanted)
    if (!contains_value(present, value)) missing.push_back({{"value", value}});
  for (std::size_t first = 0; first < missing.size(); first += kMostPerCall) {
    Json part = Json::array();
    for (std::size_t i = first; i < std::min(first + kMostPerCall, missing.size()); ++i)
      part.push_back(missing[i]);
    operations_.push_back({{"op", "add"}, {"path", name}, {"value", std::move(part)}});
  }
  if (only_add) return;
  for (const Json& value : present)
    if (!contains_value(wanted, value))
      operations_.push_back({{"op", "remove"}, {"path", filter_for(name, value)}});
}

void Patch::change_value(const Json& actual, const Json& desired, std::string_view path,
                         const Json& fallback) {
  const Json& before = at_path(actual, path);
  const Json& after = at_path(desired, path);
  const Json& was = before.is_null() ? fallback : before;
  const Json& wanted = after.is_null() ? fallback : after;
  if (was == wanted) return;
  if (wanted.is_null())
    operations_.push_back({{"op", "remove"}, {"path", path}});
  else
    replace(path, wanted);
}

void Patch::replace(std::string_view path, Json value) {
  operations_.push_back({{"op", "replace"}, {"path", path}, {"value", std::move(value)}});
}

void Patch::append_to(const engine::PlanContext& context, model::Change& change,
                      const std::string& name, const std::string& note) {
  // A call carries few operations that add members: each may name a hundred placeholders.
  std::size_t values = 0;
  Json part = Json::array();
  const auto flush = [&] {
    if (part.empty()) return;
    model::Action action;
    action.name = name;
    action.method = "PATCH";
    action.path = object_path(context, change);
    action.body = {{"schemas", Json::array({"urn:ietf:params:scim:api:messages:2.0:PatchOp"})},
                   {"Operations", std::move(part)}};
    action.effect = model::Effect::idempotent;
    action.family = std::string(context.kind.family);
    action.note = note;
    change.actions.push_back(std::move(action));
    part = Json::array();
    values = 0;
  };
  for (Json& operation : operations_) {
    const Json& value = member(operation, "value");
    const std::size_t size = value.is_array() ? value.size() : 1;
    if (values + size > kMostPerCall) flush();
    values += size;
    part.push_back(std::move(operation));
  }
  flush();
  operations_ = Json::array();
}

Json create_body(const engine::PlanContext& context, std::string_view schema) {
  Json body = model::keep_for_create(context.desired, context.kind.fields);
  body["schemas"] = Json::array({schema});
  return body;
}

void note_external_id(const engine::PlanContext& context, model::Change& change) {
  const Json& external = member(context.source_document, "externalId");
  if (external.is_null() || external == "") return;
  change.decisions.push_back(
      {"externalId", "identity", external, Json(),
       "the id belongs to the identity provider that is joined to the source; the target's own "
       "provisioning sets it"});
}

std::string caller_of(const Json& platform) { return text_at(platform, "user"); }

}  // namespace lakeshift::kinds::scim
