#include "stages/cutover_state.h"

#include "core/model/plan_json.h"

namespace lakeshift::stages {
namespace {

constexpr const char* kSwitchingNote = "cutover";
constexpr const char* kHistoryNote = "cutover-history";

Json actions_json(const std::vector<model::Action>& actions) {
  Json list = Json::array();
  for (const model::Action& action : actions) list.push_back(model::to_json(action));
  return list;
}

Status read_actions(const Json& json, const char* name, std::vector<model::Action>& into) {
  const Json& list = member(json, name);
  if (!list.is_array()) return {};
  for (const Json& item : list) {
    LS_ASSIGN(model::Action action, model::action_from_json(item));
    into.push_back(std::move(action));
  }
  return {};
}

Json workload_json(const Workload& workload) {
  return {{"kind", workload.kind},
          {"key", workload.key},
          {"name", workload.name},
          {"source_id", workload.source_id},
          {"target_id", workload.target_id},
          {"before", workload.before},
          {"target_ran", workload.target_ran},
          {"status", workload.status},
          {"ledger_state", workload.ledger_state},
          {"content", workload.content},
          {"target_content", workload.target_content},
          {"pause", actions_json(workload.pause)},
          {"start", actions_json(workload.start)},
          {"back_pause", actions_json(workload.back_pause)},
          {"back_start", actions_json(workload.back_start)}};
}

Result<Workload> workload_from(const Json& json) {
  Workload workload;
  workload.kind = text_at(json, "kind");
  workload.key = text_at(json, "key");
  workload.name = text_at(json, "name");
  workload.source_id = text_at(json, "source_id");
  workload.target_id = text_at(json, "target_id");
  workload.before = member(json, "before");
  workload.target_ran = bool_at(json, "target_ran");
  workload.status = text_at(json, "status");
  workload.ledger_state = text_at(json, "ledger_state");
  workload.content = text_at(json, "content");
  workload.target_content = text_at(json, "target_content");
  LS_TRY(read_actions(json, "pause", workload.pause));
  LS_TRY(read_actions(json, "start", workload.start));
  LS_TRY(read_actions(json, "back_pause", workload.back_pause));
  LS_TRY(read_actions(json, "back_start", workload.back_start));
  return workload;
}

Result<Switching> switching_from(const Json& note) {
  Switching switching;
  switching.phase = text_at(note, "phase", "source");
  switching.began_ms = int_at(note, "began_ms");
  if (const Json& list = member(note, "previous"); list.is_array())
    for (const Json& item : list) {
      LS_ASSIGN(Workload workload, workload_from(item));
      switching.workloads.push_back(std::move(workload));
    }
  if (const Json& list = member(note, "freeze"); list.is_array())
    for (const Json& item : list) {
      Freeze freeze;
      freeze.name = text_at(item, "name");
      LS_TRY(read_actions(item, "freeze", freeze.freeze));
      LS_TRY(read_actions(item, "thaw", freeze.thaw));
      freeze.object = {text_at(item, "side"), text_at(item, "kind"), text_at(item, "id")};
      freeze.before = member(item, "before");
      switching.freeze.push_back(std::move(freeze));
    }
  return switching;
}

Json switching_json(const Switching& switching) {
  Json json = {{"phase", switching.phase},
               {"began_ms", switching.began_ms},
               {"previous", Json::array()},
               {"freeze", Json::array()}};
  for (const Workload& workload : switching.workloads)
    json["previous"].push_back(workload_json(workload));
  for (const Freeze& freeze : switching.freeze)
    json["freeze"].push_back({{"name", freeze.name},
                              {"freeze", actions_json(freeze.freeze)},
                              {"thaw", actions_json(freeze.thaw)},
                              {"side", freeze.object.side},
                              {"kind", freeze.object.kind},
                              {"id", freeze.object.id},
                              {"before", freeze.before}});
  return json;
}

Result<Json> routes_of(state::Journal& journal) {
  LS_ASSIGN(const std::optional<Json> note, journal.note(kSwitchingNote));
  const Json& routes = note ? member(*note, "routes") : Json();
  return routes.is_object() ? routes : Json::object();
}

}  // namespace

std::string route_of(const model::Plan& plan) { return plan.source + ":" + plan.target; }

std::string switch_run(const std::string& verb, const std::string& route) {
  return verb + " " + route;
}

Result<Switching> load_switching(state::Journal& journal, const std::string& route) {
  LS_ASSIGN(const Json routes, routes_of(journal));
  return switching_from(member(routes, route));
}

Result<std::map<std::string, Switching>> all_switchings(state::Journal& journal) {
  LS_ASSIGN(const Json routes, routes_of(journal));
  std::map<std::string, Switching> all;
  for (const auto& [route, json] : routes.items()) {
    LS_ASSIGN(all[route], switching_from(json));
  }
  return all;
}

Status save_switching(state::Journal& journal, const std::string& route,
                      const Switching& switching) {
  LS_ASSIGN(Json routes, routes_of(journal));
  routes[route] = switching_json(switching);
  return journal.put_note(kSwitchingNote, {{"routes", routes}});
}

Status remember_switch(state::Journal& journal, const std::string& route, const std::string& verb,
                       const std::vector<std::string>& objects, const std::string& when,
                       long long pause_ms) {
  LS_ASSIGN(const std::optional<Json> note, journal.note(kHistoryNote));
  Json history = note && note->is_array() ? *note : Json::array();
  history.push_back({{"route", route},
                     {"verb", verb},
                     {"objects", objects},
                     {"when", when},
                     {"pause_ms", pause_ms}});
  return journal.put_note(kHistoryNote, history);
}

Json CutoverState::to_json() const { return {{"phase", phase}, {"previous", previous}}; }

Result<CutoverState> cutover_state(state::Journal& journal, const std::string& route) {
  LS_ASSIGN(const Json routes, routes_of(journal));
  const Json& mine = member(routes, route);
  return CutoverState{text_at(mine, "phase", "source"), member(mine, "previous")};
}

}  // namespace lakeshift::stages
