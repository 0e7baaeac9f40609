#include "knowledge/kinds/calls.h"

#include <algorithm>

#include "core/base/strings.h"
#include "core/engine/generic.h"

namespace lakeshift::kinds {

model::Action call_of(std::string_view name, std::string_view endpoint, Json body,
                      std::string_view family) {
  model::Action action;
  action.name = std::string(name);
  auto [method, path] = engine::split_endpoint(endpoint);
  action.method = std::move(method);
  action.path = std::move(path);
  action.body = std::move(body);
  action.family = std::string(family);
  return action;
}

Json own_id(const engine::PlanContext& context, const model::Change& change) {
  if (context.actual == nullptr) return engine::reference_to(change.id);
  const Json& native = at_path(context.actual->document, context.kind.id_field);
  return native.is_null() ? Json(context.actual->id.id) : native;
}

std::string own_id_text(const engine::PlanContext& context, const model::Change& change) {
  if (context.actual == nullptr) return engine::reference_text(change.id);
  return url_encode(context.actual->id.id);
}

bool differs_at(const model::Change& change, std::string_view path) {
  return std::any_of(
      change.differences.begin(), change.differences.end(), [&](const auto& difference) {
        const std::string_view at = difference.path;
        return at.starts_with(path) &&
               (at.size() == path.size() || at[path.size()] == '.' || at[path.size()] == '[');
      });
}

bool differs_in_document(const model::Change& change) {
  return std::any_of(change.differences.begin(), change.differences.end(),
                     [](const auto& difference) {
                       return !difference.path.starts_with('$') && !difference.replaces;
                     });
}

void add_grants(const engine::PlanContext& context, model::Change& change) {
  const std::size_t before = change.actions.size();
  engine::add_permission_action(context, change);
  const Json& grants = member(context.desired, "$permissions");
  if (change.actions.size() > before || context.actual != nullptr || !grants.is_array() ||
      !grants.empty())
    return;
  change.actions.push_back(call_of("set permissions",
                                   "PUT /api/2.0/permissions/" +
                                       std::string(context.kind.permissions) + "/" +
                                       own_id_text(context, change),
                                   {{"access_control_list", Json::array()}}, "permissions"));
  change.actions.back().note =
      "whoever creates it is given a grant, which the source does not have";
}

void block(model::Change& change, std::string_view code, std::string reason) {
  change.verb = model::Verb::blocked;
  change.code = std::string(code);
  change.reason = std::move(reason);
}

void decide(model::Change& change, std::string_view path, std::string_view rule, Json before,
            Json after, std::string_view explanation) {
  change.decisions.push_back(model::Decision{.path = std::string(path),
                                             .rule = std::string(rule),
                                             .before = std::move(before),
                                             .after = std::move(after),
                                             .explanation = std::string(explanation)});
}

}  // namespace lakeshift::kinds
