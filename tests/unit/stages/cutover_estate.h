// An estate of jobs on two fake platforms, to be cut over.
#pragma once

#include <gtest/gtest.h>

#include "core/engine/generic.h"
#include "stages/cutover.h"
#include "tests/unit/fakes/estate_platform.h"
#include "tests/unit/fakes/fake_world.h"

namespace lakeshift::stages::switching {

inline bool runs(const Json& document) { return text_at(document, "state") == "UNPAUSED"; }
inline void make_inert(Json& document) {
  if (document.contains("state")) document["state"] = "PAUSED";
}
inline model::Action switch_call(const char* name, const model::Object& object, const char* state) {
  model::Action action;
  action.name = name;
  action.method = "POST";
  action.path = "/api/job/switch";
  action.body = {{"id", object.id.id}, {"state", state}};
  return action;
}
inline std::vector<model::Action> pause(const model::Object& object) {
  if (!runs(object.document)) return {};
  return {switch_call("pause", object, "PAUSED")};
}
inline std::vector<model::Action> resume(const model::Object& object, const Json& like) {
  if (!runs(like)) return {};
  return {switch_call("start", object, "UNPAUSED")};
}
inline Result<long long> active_runs(engine::Platform& platform, const model::Object& object,
                                     std::stop_token stop) {
  engine::Call call;
  call.path = "/api/job/get";
  call.query = {{"id", object.id.id}};
  LS_ASSIGN(const Json document, platform.call(call, stop));
  return int_at(document, "runs");
}
// "first_run": "SUCCESS", "FAILED", or "" while it runs; absent: there was none.
inline Result<std::optional<engine::RunSeen>> first_run(engine::Platform& platform,
                                                        const model::Object& object, world::Instant,
                                                        std::stop_token stop) {
  using State = engine::RunSeen::State;
  engine::Call call;
  call.path = "/api/job/get";
  call.query = {{"id", object.id.id}};
  LS_ASSIGN(const Json document, platform.call(call, stop));
  if (!document.contains("first_run")) return std::nullopt;
  const std::string outcome = text_at(document, "first_run");
  const State state = outcome.empty()        ? State::running
                      : outcome == "SUCCESS" ? State::succeeded
                                             : State::failed;
  return engine::RunSeen{state, "77", outcome, outcome.empty() ? "" : "as it said", "https://x/77"};
}
// Due every ten seconds.
inline Result<std::vector<world::Instant>> due_between(const Json& document, world::Instant from,
                                                       world::Instant to) {
  if (document.contains("broken")) return fail("bad-schedule", "cannot be read");
  std::vector<world::Instant> due;
  const auto ten = std::chrono::seconds(10);
  for (world::Instant at = std::chrono::floor<std::chrono::seconds>(from) + std::chrono::seconds(1);
       at <= to; at += std::chrono::seconds(1))
    if (at.time_since_epoch() % ten == world::Millis(0)) due.push_back(at);
  return due;
}

inline const engine::Kind kJob = {.name = "job",
                                  .title = "job",
                                  .plural = "jobs",
                                  .id_field = "id",
                                  .key_field = "name",
                                  .list = {.path = "/api/job/list", .items = "items"},
                                  .get = "/api/job/get",
                                  .get_query = "id",
                                  .make_inert = make_inert,
                                  .runs_by_itself = runs,
                                  .pause = pause,
                                  .resume = resume,
                                  .active_runs = active_runs,
                                  .first_run = first_run,
                                  .due_between = due_between};
inline const engine::Kind kPool = {
    .name = "pool", .title = "pool", .id_field = "id", .key_field = "name"};
inline const engine::Kind* const kTestKinds[] = {&kJob, &kPool};

// Jobs a, b and c run in the source, p is paused there; the target has all of them, inert, but c
// ran there already.
struct Estate {
  fakes::FakeWorld world;
  fakes::EstatePlatform source{world.clock, "old"}, target{world.clock, "new"};
  std::unique_ptr<state::Journal> durable = std::move(*state::Journal::open_in_memory());
  model::Plan plan;
  Selection only;
  int drain_seconds = 600;
  int watch_seconds = 0;
  bool dry_run = false;
  std::vector<Gate> gates;
  std::vector<Freeze> freeze;
  const model::Plan* ahead = nullptr;
  std::function<Result<std::vector<std::string>>()> catch_up;

  Estate() {
    plan.source = "old";
    plan.target = "new";
    for (const char* name : {"a", "b", "c", "p"})
      add(name, *name == 'p' ? "PAUSED" : "UNPAUSED", *name == 'c' ? "UNPAUSED" : "PAUSED");
    world.run.parallel = 1;
  }

  void add(const std::string& name, const char* in_source, const char* in_target) {
    const std::string from = source.add("job", {{"name", name}, {"state", in_source}}).id;
    target.numbered.clear();
    const std::string to =
        target.add("job", {{"name", name}, {"state", in_target}, {"other", "setting"}}).id;
    model::Change change;
    change.id = "job:" + name;
    change.source = {"old", "job", from};
    change.key = change.name = change.target_key = name;
    change.verb = model::Verb::create;
    plan.changes.push_back(change);
    state::LedgerRow row;
    row.source = change.source;
    row.key = row.name = name;
    row.target_side = "new";
    row.target_id = to;
    row.state = "created";
    EXPECT_TRUE(durable->put_row(row));
  }

  static model::Inventory read(const fakes::EstatePlatform& platform) {
    model::Inventory inventory;
    inventory.side = platform.side();
    for (const fakes::StoredObject& stored : platform.objects()) {
      model::Object object;
      object.id = {platform.side(), stored.type, stored.id};
      object.key = object.name = text_at(stored.body, "name");
      object.document = stored.body;
      inventory.objects.push_back(object);
    }
    inventory.sort();
    return inventory;
  }

  // A gate of the source that shuts users out: its calls as they are now.
  std::string gate;
  void add_gate() { gate = source.add("gate", {{"name", "users"}, {"state", "open"}}).id; }
  model::Action turn(const char* state) const {
    model::Action action;
    action.name = std::string("turn ") + state;
    action.method = "POST";
    action.path = "/api/gate/switch";
    action.body = {{"id", gate}, {"state", state}};
    return action;
  }

  using Verb = Result<CutoverReport> (*)(const CutoverInput&, world::Run&);
  Result<CutoverReport> run(Verb verb, state::Journal& journal) {
    const model::Inventory from = read(source), to = read(target);
    return verb({plan,
                 from,
                 to,
                 kTestKinds,
                 source,
                 target,
                 journal,
                 only,
                 dry_run,
                 drain_seconds,
                 gates,
                 catch_up,
                 freeze,
                 watch_seconds,
                 {},
                 ahead},
                world.run);
  }
  Result<CutoverReport> run(Verb verb) { return run(verb, *durable); }

  std::string states() const {
    std::string text;
    for (const auto* platform : {&source, &target})
      for (const auto& object : platform->objects())
        text += platform->side() + " " + text_at(object.body, "name") + " " +
                text_at(object.body, "state") + "; ";
    return text;
  }
  std::string phase() { return cutover_state(*durable, "old:new")->phase; }
};

}  // namespace lakeshift::stages::switching
