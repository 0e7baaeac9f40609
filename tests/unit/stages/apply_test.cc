#include "stages/apply.h"

#include <gtest/gtest.h>

#include "tests/unit/core/engine_estate.h"

namespace lakeshift::stages {
namespace {

using engine::testing::estate_plan;
using engine::testing::kKinds;
using engine::testing::Stage;
using engine::testing::supplies;
using model::Verb;

Result<ApplyResult> apply_to(Stage& stage, const model::Plan& plan,
                             const model::Inventory* current = nullptr) {
  return apply(plan, kKinds, stage.target, *stage.durable, supplies(), stage.world.run, current);
}

TEST(Apply, accounts_for_every_object_and_says_so) {
  Stage stage;
  const auto result = apply_to(stage, estate_plan());
  ASSERT_TRUE(result) << result.error().to_text();
  EXPECT_TRUE(result->complete());
  EXPECT_EQ(result->accounting.at("job").at(Verb::create), 2);
  EXPECT_EQ(result->accounting.at("pool").at(Verb::adopt), 1);
  EXPECT_EQ(result->summary(), "7 created, 1 adopted");
  EXPECT_FALSE(*open_run(*stage.durable));
  const auto events = stage.world.events.events();
  EXPECT_EQ(events.front().type, world::Event::Type::stage_started);
  EXPECT_EQ(events.front().total, 9);
  EXPECT_EQ(events.back().text, "7 created, 1 adopted");
}

TEST(Apply, twice_is_once) {
  Stage stage;
  ASSERT_TRUE(apply_to(stage, estate_plan()));
  const long long calls = stage.target.calls();
  const auto again = apply_to(stage, estate_plan());
  ASSERT_TRUE(again);
  EXPECT_TRUE(again->complete());
  EXPECT_EQ(stage.target.calls(), calls);
}

TEST(Apply, is_not_complete_when_something_failed) {
  Stage stage;
  stage.target.refuse_calls_with("/api/note/import", {"bad-request", "no"});
  const auto result = apply_to(stage, estate_plan());
  ASSERT_TRUE(result);
  EXPECT_FALSE(result->complete());
  EXPECT_EQ(result->accounting.at("note").at(Verb::failed), 1);
  EXPECT_NE(result->summary().find("1 failed"), std::string::npos);
}

// An apply that died in its n-th call.
void die_at(Stage& stage, long long call) {
  fakes::Life life;
  fakes::FaultyJournal journal(*stage.durable, life);
  stage.target.plan_fault(call, fakes::Fault::die_after, &life);
  (void)apply(estate_plan(), kKinds, stage.target, journal, supplies(), stage.world.run, nullptr);
  stage.target.plan_fault(0, fakes::Fault::none, nullptr);
}

TEST(Apply, refuses_another_plan_while_calls_are_in_doubt) {
  Stage stage;
  die_at(stage, 3);
  ASSERT_TRUE(*open_run(*stage.durable));
  model::Plan other = estate_plan();
  other.changes[0].reason = "something else";
  const std::string before = stage.target.normalised();
  const auto refused = apply_to(stage, other);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "plan-changed");
  EXPECT_NE(refused.error().message.find("create"), std::string::npos) << refused.error().message;
  EXPECT_NE(refused.error().remedy.find("--abandon"), std::string::npos);
  EXPECT_EQ(stage.target.normalised(), before);
  EXPECT_TRUE(*open_run(*stage.durable)) << "the interrupted run is still there";
  const auto resumed = apply_to(stage, estate_plan());
  ASSERT_TRUE(resumed);
  EXPECT_TRUE(resumed->complete());
  EXPECT_GT(resumed->walk.resumed, 0);
  EXPECT_TRUE(apply_to(stage, other)) << "the run came to its end";
}

TEST(Apply, can_give_an_interrupted_run_up) {
  Stage stage;
  die_at(stage, 3);
  ASSERT_TRUE(abandon_run(*stage.durable));
  EXPECT_FALSE(*open_run(*stage.durable));
  EXPECT_TRUE(stage.durable->entries("apply")->empty());
}

TEST(Apply, refuses_plans_with_unknown_kinds) {
  Stage stage;
  model::Plan plan = estate_plan();
  plan.changes[0].source.kind = "spaceship";
  const auto refused = apply_to(stage, plan);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "unknown-kind");
  EXPECT_EQ(stage.target.calls(), 0);
}

const model::Field kPoolFields[] = {{.name = "name"}, {.name = "size", .default_json = "0"}};
engine::Kind pool_kind() {
  engine::Kind kind = engine::testing::kPool;
  kind.fields = kPoolFields;
  return kind;
}

// A plan that updates one pool and adopts another; an inventory as the plan saw it.
struct Drift {
  Stage stage;
  engine::Kind kind = pool_kind();
  const engine::Kind* kinds[1] = {&kind};
  model::Plan plan;
  model::Inventory now;
  Drift() {
    now.side = "new";
    for (const char* name : {"adopted", "updated"}) {
      auto& stored = stage.target.add("pool", {{"name", name}, {"size", 1}});
      model::Object object;
      object.id = {"new", "pool", stored.id};
      object.key = name;
      object.document = {{"name", name}, {"size", 1}};
      now.objects.push_back(object);
      model::Change change = engine::testing::change("pool", name);
      change.target_id = stored.id;
      change.verb = Verb::adopt;
      change.expected = object.document;
      plan.changes.push_back(change);
    }
    plan.changes[1].verb = Verb::update;
    plan.changes[1].expected["size"] = 2;
    plan.changes[1].differences = {{"size", 1, 2, "wanted", false}};
    plan.changes[1].actions = {engine::testing::action(
        "update", "/api/pool/edit",
        {{"id", plan.changes[1].target_id}, {"name", "updated"}, {"size", 2}},
        model::Effect::idempotent)};
    plan.changes.push_back(engine::testing::change("pool", "fresh"));
    plan.changes[2].actions = {engine::testing::action(
        "create", "/api/pool/create", {{"name", "fresh"}}, model::Effect::create, "id")};
  }
  Result<ApplyResult> run() {
    return apply(plan, kinds, stage.target, *stage.durable, supplies(), stage.world.run, &now);
  }
  std::string message() {
    const auto result = run();
    return result ? "" : result.error().code + ": " + result.error().message;
  }
};

TEST(ApplyDrift, accepts_the_target_that_the_plan_saw) {
  Drift drift;
  EXPECT_EQ(drift.message(), "");
}

TEST(ApplyDrift, refuses_every_kind_of_drift_before_the_first_call) {
  const auto refused = [](const std::function<void(Drift&)>& happen) {
    Drift drift;
    happen(drift);
    const std::string message = drift.message();
    EXPECT_EQ(drift.stage.target.calls(), 0);
    EXPECT_FALSE(*open_run(*drift.stage.durable));
    return message;
  };
  EXPECT_EQ(
      refused([](Drift& drift) { drift.now.objects[0].document["size"] = 5; }),
      "target-drifted: the target changed since the plan was made: pool 'adopted' differs in size");
  EXPECT_NE(refused([](Drift& drift) {
              drift.now.objects[1].document["size"] = 7;
            }).find("'updated' differs in size"),
            std::string::npos);
  EXPECT_NE(refused([](Drift& drift) {
              drift.now.objects[1].document["size"] = 2;
            }).find("'updated' differs in size"),
            std::string::npos)
      << "somebody did it already: also news";
  EXPECT_NE(refused([](Drift& drift) {
              drift.now.objects.erase(drift.now.objects.begin());
            }).find("'adopted' is gone"),
            std::string::npos);
  EXPECT_NE(refused([](Drift& drift) {
              drift.now.objects.push_back(drift.now.objects[0]);
              drift.now.objects.back().key = "fresh";
              drift.now.objects.back().id.id = "other";
            }).find("'fresh' appeared"),
            std::string::npos);
}

TEST(ApplyDrift, does_not_judge_what_the_run_itself_has_begun) {
  Drift drift;
  drift.stage.target.refuse_calls_with("/api/pool/create", {"bad-request", "no"});
  ASSERT_TRUE(drift.run());
  drift.stage.target.clear_refusals();
  drift.now.objects[1].document["size"] = 2;  // as the first run left it
  EXPECT_EQ(drift.message(), "");
  drift.now.objects[0].document["size"] = 9;
  EXPECT_NE(drift.message(), "") << "what it has not begun is judged";
}

}  // namespace
}  // namespace lakeshift::stages
