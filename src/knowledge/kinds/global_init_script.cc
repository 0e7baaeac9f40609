// Global init scripts: they run at the start of every cluster of the workspace, in the order of
// their positions. Source: databricks-sdk 0.156 (global init scripts 2.0).
#include <algorithm>
#include <memory>

#include "core/base/strings.h"
#include "core/engine/generic.h"
#include "core/engine/kind.h"
#include "knowledge/kinds/calls.h"
#include "knowledge/kinds/field_rows.h"

namespace lakeshift::kinds::global_init_script {

constexpr std::string_view kFamily = "global-init-scripts";

constexpr Field kFields[] = {
    plain("name"),
    plain("enabled", "false"),
    plain("position"),
    as(Role::write_only, plain("script")),  // its bytes are the object's content
    read_only("$after"),                    // name of the script that runs just before
    read_only("created_at"),
    read_only("created_by"),
    read_only("script_id"),
    read_only("updated_at"),
    read_only("updated_by"),
};

// The scripts' names in the order they run.
struct Order {
  std::vector<std::string> names;
};
std::shared_ptr<Order> order_of(engine::DiscoverContext& context) {
  return context.shared.get<Order>("global init scripts", [] { return std::make_shared<Order>(); });
}

Status discover(const engine::Kind& kind, engine::DiscoverContext& context) {
  std::vector<Json> scripts;
  LS_TRY(engine::each_item(context.platform, kind.list, Json::object(), kFamily, context.run.stop,
                           [&](Json&& item) -> Status {
                             scripts.push_back(std::move(item));
                             return {};
                           }));
  std::stable_sort(scripts.begin(), scripts.end(), [](const Json& a, const Json& b) {
    return int_at(a, "position") < int_at(b, "position");
  });
  const std::shared_ptr<Order> order = order_of(context);
  for (const Json& script : scripts) order->names.push_back(text_at(script, "name"));
  for (const Json& script : scripts) {
    context.listed(1);
    context.tasks.add(
        [&kind, &context, id = engine::id_of(kind, script), script = Json(script)]() mutable {
          engine::Call call;
          call.path = "/api/2.0/global-init-scripts/" + url_encode(id);
          call.family = kFamily;
          Result<Json> answer = context.platform.call(call, context.run.stop);
          if (!answer && answer.error().code == "not-found")
            return context.out_of_scope("vanished during discovery");
          model::Object object;
          object.id = {context.platform.side(), std::string(kind.name), id};
          object.document = answer ? std::move(*answer) : std::move(script);
          if (!answer) {
            object.unread_code = answer.error().code;
            object.unread_reason = answer.error().message;
          }
          engine::finish_object(kind, context, std::move(object));
        });
  }
  return {};
}

Status read_more(const engine::Kind&, engine::DiscoverContext& context, model::Object& object) {
  LS_ASSIGN(const std::string bytes, base64_decode(text_at(object.document, "script")));
  LS_ASSIGN(object.content, context.put_content(bytes));
  object.document.erase("script");
  const std::vector<std::string>& names = order_of(context)->names;
  const auto place = std::find(names.begin(), names.end(), text_at(object.document, "name"));
  if (place != names.begin() && place != names.end()) object.document["$after"] = *(place - 1);
  return {};
}

// Positions are places in a list: a script that is made before its predecessor would end up in
// front of it.
std::vector<std::pair<std::string, std::string>> implied_needs(const Json& document) {
  const std::string before = text_at(document, "$after");
  if (before.empty()) return {};
  return {{"global_init_script", before}};
}

// Enabled, it changes every cluster that starts in the target, those of others too: it is switched
// on at the cutover.
void make_inert(Json& desired) {
  if (bool_at(desired, "enabled")) desired["enabled"] = false;
}
bool runs_by_itself(const Json& document) { return bool_at(document, "enabled"); }

model::Action switching_call(const model::Object& object, std::string_view name, bool enabled) {
  return call_of(name, "PATCH /api/2.0/global-init-scripts/" + url_encode(object.id.id),
                 {{"name", member(object.document, "name")},
                  {"script", {{"$content", {{"sha256", object.content}, {"encoding", "base64"}}}}},
                  {"enabled", enabled}},
                 kFamily);
}
std::vector<model::Action> pause(const model::Object& object) {
  if (!runs_by_itself(object.document)) return {};
  return {switching_call(object, "disable", false)};
}
std::vector<model::Action> resume(const model::Object& object, const Json& like) {
  if (!runs_by_itself(like)) return {};
  return {switching_call(object, "enable", true)};
}
Result<long long> active_runs(engine::Platform&, const model::Object&, std::stop_token) {
  return 0;
}

void plan_actions(const engine::PlanContext& context, model::Change& change) {
  Json body = model::keep_for_create(context.desired, context.kind.fields);
  body["script"] = {{"$content", {{"sha256", change.content}, {"encoding", "base64"}}}};
  if (change.verb == model::Verb::create && context.actual == nullptr)
    change.actions.push_back(engine::create_action(context, change, std::move(body)));
  else
    change.actions.push_back(engine::update_action(context, change, std::move(body)));
}

extern const engine::Kind kDefinition;
const engine::Kind kDefinition{
    .name = "global_init_script",
    .title = "global init script",
    .plural = "global init scripts",
    .wave = 5,
    .family = kFamily,
    .id_field = "script_id",
    .key_field = "name",
    .list = {.path = "/api/2.0/global-init-scripts", .items = "scripts"},
    .create = "POST /api/2.0/global-init-scripts",
    .update = "PATCH /api/2.0/global-init-scripts/{id}",
    .remove = "DELETE /api/2.0/global-init-scripts/{id}",
    .bind = "script_id",
    .fields = kFields,
    .discover = discover,
    .read_more = read_more,
    .implied_needs = implied_needs,
    .make_inert = make_inert,
    .plan_actions = plan_actions,
    .runs_by_itself = runs_by_itself,
    .pause = pause,
    .resume = resume,
    .active_runs = active_runs,
};

}  // namespace lakeshift::kinds::global_init_script
