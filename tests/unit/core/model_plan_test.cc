#include <gtest/gtest.h>

#include "core/model/plan.h"
#include "core/model/verdict.h"

namespace lakeshift::model {
namespace {

Change full_change() {
  Change change;
  change.id = "job:nightly";
  change.source = {"old", "job", "7"};
  change.key = "nightly";
  change.target_key = "nightly-2";
  change.name = "Nightly";
  change.verb = Verb::update;
  change.code = "c";
  change.reason = "r";
  change.owner = "admin";
  change.target_id = "99";
  change.expected = {{"a", {1, nullptr, "x"}}};
  change.content = "abcd";
  change.fingerprint = "f00d";
  change.differences = {{"a[0]", 1, nullptr, "mapped", true}};
  change.decisions = {{"node", "node-type", "m1", "m2", "same size"}};
  Action action;
  action.name = "edit";
  action.method = "POST";
  action.path = "/api/edit";
  action.query = {{"force", true}};
  action.body = {{"id", {{"$ref", {{"change", "x"}, {"field", "id"}}}}}};
  action.effect = Effect::create;
  action.family = "jobs";
  action.binds = "id";
  action.needs = {"x"};
  action.note = "note";
  action.tolerated = {"already-exists"};
  change.actions = {action};
  change.requires_changes = {"x", "y"};
  return change;
}

Plan full_plan() {
  Plan plan;
  plan.source = "old";
  plan.target = "new";
  plan.source_platform = {{"cloud", "one"}};
  plan.target_platform = {{"cloud", "two"}};
  plan.source_digest = "d1";
  plan.target_digest = "d2";
  plan.changes = {full_change()};
  plan.findings = {{"code", Severity::blocking, "job", "nightly", "line 3", "why", "do", "text"}};
  KindCount count;
  count.kind = "pipeline";
  count.listed = 3;
  count.out_of_scope = 1;
  count.out_of_scope_reasons["built in"] = 1;
  count.moves = false;
  count.unavailable = "off";
  plan.not_moved = {count};
  return plan;
}

TEST(PlanJson, survives_the_round_trip_byte_for_byte) {
  const std::string text = dump_json(to_json(full_plan()));
  const Result<Json> json = parse_json(text, "plan");
  ASSERT_TRUE(json);
  const Result<Plan> plan = plan_from_json(*json);
  ASSERT_TRUE(plan) << plan.error().to_text();
  EXPECT_EQ(dump_json(to_json(*plan)), text);
  EXPECT_EQ(plan->changes[0].actions[0].effect, Effect::create);
  EXPECT_EQ(plan->changes[0].differences[0].replaces, true);
  EXPECT_EQ(plan->changes[0].fingerprint, "f00d");
  EXPECT_EQ(plan->not_moved[0].out_of_scope_reasons.at("built in"), 1);
  EXPECT_EQ(plan->findings[0].severity, Severity::blocking);
}

TEST(PlanJson, refuses_a_newer_format_and_says_what_to_do) {
  Json json = to_json(full_plan());
  json["version"] = Plan::kVersion + 1;
  const Result<Plan> plan = plan_from_json(json);
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().code, "newer-format");
  EXPECT_NE(plan.error().message.find(std::to_string(Plan::kVersion + 1)), std::string::npos);
  EXPECT_FALSE(plan.error().remedy.empty());
}

TEST(PlanJson, refuses_every_damaged_shape_without_throwing) {
  const auto refused = [](const std::function<void(Json&)>& damage) {
    Json json = to_json(full_plan());
    damage(json);
    const Result<Plan> plan = plan_from_json(json);
    return !plan && plan.error().code == "bad-plan";
  };
  EXPECT_TRUE(refused([](Json& json) { json = Json::array(); }));
  EXPECT_TRUE(refused([](Json& json) { json["format"] = "inventory"; }));
  EXPECT_TRUE(refused([](Json& json) { json["version"] = "one"; }));
  EXPECT_TRUE(refused([](Json& json) { json["changes"] = 3; }));
  EXPECT_TRUE(refused([](Json& json) { json["changes"].push_back(7); }));
  EXPECT_TRUE(refused([](Json& json) { json["changes"].push_back(json["changes"][0]); }));
  EXPECT_TRUE(refused([](Json& json) { json["changes"][0]["verb"] = "destroy"; }));
  EXPECT_TRUE(refused([](Json& json) { json["changes"][0]["source"] = "x"; }));
  EXPECT_TRUE(refused([](Json& json) { json["changes"][0]["actions"] = "x"; }));
  EXPECT_TRUE(refused([](Json& json) { json["changes"][0]["actions"][0] = 4; }));
  EXPECT_TRUE(refused([](Json& json) { json["changes"][0]["actions"][0].erase("path"); }));
  EXPECT_TRUE(refused([](Json& json) { json["changes"][0]["actions"][0]["effect"] = "maybe"; }));
  EXPECT_TRUE(refused([](Json& json) { json["changes"][0]["actions"][0]["needs"] = {1}; }));
}

TEST(Verbs, have_texts_that_read_back) {
  for (const Verb verb : kAllVerbs) EXPECT_EQ(verb_from_text(to_text(verb)), verb);
  EXPECT_EQ(verb_from_text("nonsense"), Verb::failed);
}

Inventory two_jobs() {
  Inventory inventory;
  inventory.side = "old";
  for (const char* id : {"7", "8"}) {
    Object object;
    object.id = {"old", "job", id};
    object.key = std::string("job ") + id;
    inventory.objects.push_back(object);
  }
  KindCount jobs;
  jobs.kind = "job";
  jobs.listed = 3;
  jobs.out_of_scope = 1;
  KindCount pipelines;
  pipelines.kind = "pipeline";
  pipelines.listed = 5;
  pipelines.moves = false;
  inventory.counts = {jobs, pipelines};
  return inventory;
}

TEST(Accounting, holds_when_every_object_has_a_verb) {
  EXPECT_TRUE(check_accounting(two_jobs(), {{"job", {{Verb::create, 1}, {Verb::blocked, 1}}}}));
}

TEST(Accounting, fails_when_an_object_is_lost_or_invented_at_any_place) {
  const Accounting good = {{"job", {{Verb::create, 2}}}};
  Inventory lost = two_jobs();
  lost.objects.pop_back();
  const Status status = check_accounting(lost, good);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, "accounting");
  EXPECT_NE(status.error().message.find("job"), std::string::npos);
  EXPECT_FALSE(check_accounting(two_jobs(), {{"job", {{Verb::create, 1}}}}));
  EXPECT_FALSE(check_accounting(two_jobs(), {{"job", {{Verb::create, 3}}}}));
  EXPECT_FALSE(check_accounting(two_jobs(), {}));
  EXPECT_FALSE(check_accounting(two_jobs(),
                                {{"job", {{Verb::create, 2}}}, {"cluster", {{Verb::create, 1}}}}));
  Inventory miscounted = two_jobs();
  miscounted.counts[0].listed = 4;
  EXPECT_FALSE(check_accounting(miscounted, good));
}

TEST(Accounting, counts_the_changes_of_a_plan) {
  Plan plan = full_plan();
  plan.changes.push_back(full_change());
  plan.changes.back().verb = Verb::manual;
  const Accounting accounting = account(plan);
  EXPECT_EQ(accounting.at("job").at(Verb::update), 1);
  EXPECT_EQ(accounting.at("job").at(Verb::manual), 1);
}

TEST(Inventory, finds_by_id_and_by_key_and_sorts) {
  Inventory inventory = two_jobs();
  std::swap(inventory.objects[0], inventory.objects[1]);
  inventory.sort();
  EXPECT_EQ(inventory.objects[0].key, "job 7");
  const InventoryIndex index(inventory);
  EXPECT_EQ(index.by_id("job", "8"), inventory.find_key("job", "job 8"));
  EXPECT_EQ(index.by_key("job", "job 7"), inventory.find("job", "7"));
  EXPECT_EQ(index.by_id("job", "9"), nullptr);
  EXPECT_EQ(index.by_key("cluster", "job 7"), nullptr);
}

TEST(Judgement, survives_the_round_trip) {
  Judgement judgement;
  judgement.source = {"old", "job", "7"};
  judgement.target = {"new", "job", "9"};
  judgement.key = "k";
  judgement.name = "n";
  judgement.verdict = Verdict::differs;
  judgement.code = "c";
  judgement.reason = "r";
  judgement.differences = {{"a", 1, 2, "", false}};
  judgement.expected = {{"b", nullptr, 2, "because", false}};
  const Json json = to_json(judgement);
  EXPECT_EQ(to_json(judgement_from_json(json)), json);
  EXPECT_EQ(judgement_from_json(json).verdict, Verdict::differs);
}

TEST(Diagnostics, sorts_findings_and_keeps_all_their_members) {
  Diagnostics diagnostics;
  diagnostics.add({"b", Severity::info, "job", "z", "", "", "", ""});
  diagnostics.add({"a", Severity::warning, "job", "a", "w", "c", "r", "e"});
  const std::vector<Finding> sorted = diagnostics.sorted();
  ASSERT_EQ(sorted.size(), 2U);
  EXPECT_EQ(sorted[0].key, "a");
  EXPECT_EQ(to_json(finding_from_json(to_json(sorted[0]))), to_json(sorted[0]));
}

}  // namespace
}  // namespace lakeshift::model
