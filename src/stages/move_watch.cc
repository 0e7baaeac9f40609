#include "stages/move_watch.h"

#include <algorithm>

#include "core/base/strings.h"
#include "knowledge/databases/postgres_access.h"
#include "knowledge/databases/redis_address.h"
#include "knowledge/stores/registry.h"
#include "knowledge/stores/store_address.h"
#include "stages/move_images.h"
#include "stages/move_live.h"
#include "stages/move_objects.h"
#include "stages/move_redis.h"
#include "stages/move_room.h"
#include "stages/move_verb.h"

namespace lakeshift::stages {
namespace {

constexpr const char* kCopied = " copied";
constexpr const char* kCompared = " compared";

// As the verbs say it; without a password at hand, as it is written.
template <typename Address>
std::string told(const Result<Address>& address, const std::string& text) {
  return address ? address->to_text() : text;
}

std::string address_of(world::World& world, const MoveConfig& move, const std::string& name,
                       const std::string& text) {
  if (is_redis_move(world, move))
    return told(databases::find_redis_address(world, name, text), text);
  if (is_object_move(world, move)) return told(stores::find_store_address(world, name, text), text);
  if (is_image_move(world, move))
    return told(stores::find_registry_address(world, name, text), text);
  return told(databases::find_postgres_address(world, name, text), text);
}

void name_sides(world::World& world, const MoveConfig& move, MoveView& view) {
  view.unit = is_redis_move(world, move)    ? "keys"
              : is_object_move(world, move) ? "objects"
              : is_image_move(world, move)  ? "tags"
                                            : "rows";
  const std::string source_of = move.is_staging() ? move.staging_of : move.name;
  view.source = address_of(world, move, source_of + "_source", move.source);
  view.target = address_of(world, move, move.name + "_target", move.target);
}

// Which side the applications write to, by what is durable.
void find_traffic(const MoveState& state, MoveView& view) {
  view.phase = state.phase;
  const bool is_made =
      state.phase == "following" || state.phase == "switching" || state.phase == "opening";
  view.writes_at = side_of(state.leg, true);
  if (is_made && !view.is_copy) view.follows = side_of(state.leg, false);
  if (view.is_copy) {
    view.writes_at = "source";
    if (is_made) view.follows = "target";
  } else if (state.phase == "switching" || state.phase == "opening") {
    view.writes_at = "nowhere";
  }
}

Status read_news(world::World& world, const std::string& folder, MoveView& view) {
  const long long now = world.clock.now().time_since_epoch().count();
  LS_ASSIGN(const std::vector<std::string> names, world.files.list(folder));
  for (const std::string& name : names) {
    if (!matches_glob(name, "live-*.json")) continue;
    const auto text = world.files.read(folder + "/" + name);
    if (!text) continue;  // its verb has just ended
    LS_ASSIGN(const Json news, parse_json(*text, name));
    const long long at = int_at(news, "at_ms");
    if (now - at > kLiveAge.count()) continue;
    view.running.push_back({text_at(news, "verb"), text_at(news, "told"),
                            world::Millis(std::max(0LL, now - int_at(news, "began_ms")))});
    if (view.running.back().verb == "rehearse") continue;  // tells of other databases
    const Json& measures = member(news, "measures");
    const auto take = [&](const char* measure, std::optional<long long>& to) {
      if (measures.contains(measure)) to = int_at(measures, measure);
    };
    take("bytes_behind", view.bytes_behind);
    take("ms_behind", view.ms_behind);
    take("keys_behind", view.keys_behind);
    take("changes", view.changes);
    const Json& progress = member(news, "progress");
    if (const std::string copied = view.unit + kCopied; progress.contains(copied)) {
      view.copied = int_at(member(progress, copied), "done");
      view.copying_of = int_at(member(progress, copied), "total");
    }
    if (const std::string compared = view.unit + kCompared; progress.contains(compared))
      view.checked = int_at(member(progress, compared), "done");
  }
  std::stable_sort(view.running.begin(), view.running.end(),
                   [](const auto& one, const auto& other) { return one.since > other.since; });
  return {};
}

// What the copy brought, and to whom the changes were handed over, stand in the evidence.
Status read_evidence(world::World& world, const std::string& folder, MoveView& view) {
  const std::string file = folder + "/evidence.jsonl";
  if (!world.files.exists(file)) return {};
  LS_ASSIGN(const std::string text, world.files.read(file));
  for (const std::string& line : split(text, '\n')) {
    if (!contains(line, "\"step\":\"copy\"") && !contains(line, "\"step\":\"hand over\"") &&
        !contains(line, "\"step\":\"take back\""))
      continue;
    LS_ASSIGN(const Json json, parse_json(line, file));
    const std::string step = text_at(json, "step");
    if (step == "hand over" || step == "take back") view.handed_over = step == "hand over";
    if (step == "copy") view.copied = int_at(member(json, "facts"), view.unit);
  }
  return {};
}

}  // namespace

Result<MoveView> view_move(world::World& world, const std::string& root, const MoveConfig& move) {
  LS_ASSIGN(const MoveRoom room, MoveRoom::open(world, root, move.name));
  LS_ASSIGN(const MoveState state, room.load());
  MoveView view;
  view.name = move.name;
  view.is_copy = move.is_staging();
  view.budget_ms = move.pause_budget_ms;
  name_sides(world, move, view);
  find_traffic(state, view);
  LS_TRY(read_evidence(world, room.folder(), view));
  LS_TRY(read_news(world, room.folder(), view));
  if (state.phase == "switching" || state.phase == "opening")
    view.pause = world::Millis(std::max<long long>(
        0, world.clock.now().time_since_epoch().count() - state.pause_began_ms));
  LS_ASSIGN(const auto verified, room.document("verified"));
  if (verified)
    view.proof = MoveView::Proof{int_at(*verified, view.unit), bool_at(*verified, "equal"),
                                 text_at(*verified, "at")};
  for (const Json& one : state.history)
    view.switches.push_back({text_at(one, "verb"), text_at(one, "outcome"), text_at(one, "at"),
                             int_at(one, "pause_ms")});
  return view;
}

Json to_json(const MoveView& view) {
  Json running = Json::array(), switches = Json::array();
  for (const MoveView::Running& one : view.running)
    running.push_back({{"verb", one.verb}, {"told", one.told}, {"ms", one.since.count()}});
  for (const MoveView::Switch& one : view.switches)
    switches.push_back(
        {{"verb", one.verb}, {"outcome", one.outcome}, {"at", one.at}, {"pause_ms", one.pause_ms}});
  Json json = {{"move", view.name},
               {"phase", view.phase},
               {"writes_at", view.writes_at},
               {"follows", view.follows},
               {"source", view.source},
               {"target", view.target},
               {"unit", view.unit},
               {"copied", view.copied},
               {"running", running},
               {"switches", switches},
               {"pause_budget_ms", view.budget_ms}};
  const auto add = [&](const char* name, const std::optional<long long>& value) {
    if (value) json[name] = *value;
  };
  if (view.handed_over) json["handed_over"] = true;
  add("bytes_behind", view.bytes_behind);
  add("ms_behind", view.ms_behind);
  add("keys_behind", view.keys_behind);
  add("changes", view.changes);
  add("compared", view.checked);
  if (view.pause) json["pause_ms"] = view.pause->count();
  if (view.proof)
    json["verified"] = {
        {"amount", view.proof->amount}, {"equal", view.proof->equal}, {"at", view.proof->at}};
  return json;
}

}  // namespace lakeshift::stages
