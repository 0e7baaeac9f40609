#include <gtest/gtest.h>

#include <algorithm>

#include "core/engine/graph.h"
#include "tests/unit/stages/small_estate.h"

namespace lakeshift::stages {
namespace {

using model::Verb;
using small::Estate;
using small::Planned;

const model::Change& change(const Result<model::Plan>& plan, const std::string& id) {
  static const model::Change kNone;
  if (!plan) {
    ADD_FAILURE() << plan.error().to_text();
    return kNone;
  }
  const model::Change* found = plan->find(id);
  if (found == nullptr) ADD_FAILURE() << "no change " << id;
  return found == nullptr ? kNone : *found;
}

Json task(const char* member_name, Json value) {
  return Json::array({{{"name", "t"}, {member_name, std::move(value)}}});
}

TEST(PlanReferences, AnIdBecomesAPlaceholderOrTheTargetsId) {
  Estate old("old"), target("new");
  old.pool("p1", "made");
  old.pool("p2", "there");
  old.job("1", "a", task("pool", "p1"));
  old.job("2", "b", task("pool", "p2"));
  target.pool("t2", "there");
  const auto plan = Planned(old, target).plan();
  const Json& made = change(plan, "job:a").expected["settings"]["tasks"][0]["pool"];
  EXPECT_EQ(made, Json::parse(R"({"$ref":{"change":"pool:made","field":"id"}})"));
  EXPECT_EQ(change(plan, "job:b").expected["settings"]["tasks"][0]["pool"], Json("t2"));
  EXPECT_EQ(change(plan, "job:a").requires_changes, std::vector<std::string>{"pool:made"});
}

TEST(PlanReferences, NumbersStayNumbers) {
  Estate old("old"), target("new");
  old.job("1", "first");
  old.job("2", "second", task("job", 1));
  target.job("11", "first").document["settings"]["pause"] = "PAUSED";
  EXPECT_EQ(
      change(Planned(old, target).plan(), "job:second").expected["settings"]["tasks"][0]["job"],
      Json(11));
}

TEST(PlanReferences, ApplicationIdsAreLookedUp) {
  Estate old("old"), target("new");
  old.add(small::kPrincipal, "s1", "robot", {{"displayName", "robot"}, {"applicationId", "aaa"}});
  old.pool("p1", "mine").document["$permissions"] =
      Json::array({{{"service_principal_name", "aaa"}, {"permission_level", "CAN_USE"}}});
  const auto created = Planned(old, target).plan();
  EXPECT_EQ(
      change(created, "pool:mine").expected["$permissions"][0]["service_principal_name"],
      Json::parse(R"({"$ref":{"change":"service_principal:robot","field":"applicationId"}})"));
  target.add(small::kPrincipal, "t1", "robot",
             {{"displayName", "robot"}, {"applicationId", "bbb"}});
  const auto there = Planned(old, target).plan();
  EXPECT_EQ(change(there, "pool:mine").expected["$permissions"][0]["service_principal_name"],
            Json("bbb"));
}

TEST(PlanReferences, AnApplicationIdOfTheMappingFileIsTheTargets) {
  Estate old("old"), target("new");
  old.add(small::kPrincipal, "s1", "robot", {{"displayName", "robot"}, {"applicationId", "aaa"}});
  old.pool("p1", "mine").document["$permissions"] =
      Json::array({{{"service_principal_name", "aaa"}, {"permission_level", "CAN_USE"}}});
  target.add(small::kPrincipal, "t1", "another name",
             {{"displayName", "another name"}, {"applicationId", "bbb"}});
  Planned planned(old, target);
  planned.user.applications["aaa"] = "bbb";
  const auto plan = planned.plan();
  EXPECT_EQ(change(plan, "pool:mine").expected["$permissions"],
            Json::parse(R"([{"permission_level":"CAN_USE","service_principal_name":"bbb"}])"));
}

TEST(PlanReferences, WhatIsNotMovedBlocksOnlyWhatDependsOnIt) {
  Estate old("old"), target("new");
  old.add(small::kFlow, "f1", "ingest", {{"name", "ingest"}});
  old.job("1", "uses flow", task("flow", "f1"));
  old.job("2", "uses job", task("job", 1));
  old.job("3", "alone");
  const auto plan = Planned(old, target).plan();
  EXPECT_EQ(change(plan, "job:uses flow").code, "dependency-not-moved");
  EXPECT_NE(change(plan, "job:uses flow").reason.find("flow 'ingest'"), std::string::npos);
  EXPECT_EQ(change(plan, "job:uses job").code, "dependency-not-moved");
  EXPECT_NE(change(plan, "job:uses job").reason.find("job 'uses flow'"), std::string::npos);
  EXPECT_EQ(change(plan, "job:alone").verb, Verb::create);
  // Somebody made it in the target: then nothing is missing.
  target.add(small::kFlow, "tf", "ingest", {{"name", "ingest"}});
  const auto again = Planned(old, target).plan();
  EXPECT_EQ(change(again, "job:uses flow").expected["settings"]["tasks"][0]["flow"], Json("tf"));
  EXPECT_EQ(change(again, "job:uses job").verb, Verb::create);
}

TEST(PlanReferences, ADanglingIdBlocksAndADanglingNameIsKept) {
  Estate old("old"), target("new");
  old.add(small::kFolder, "d", "/Shared", {{"path", "/Shared"}});
  old.job("1", "id", task("pool", "gone"));
  old.job("2", "name", task("note", "/Shared/gone"));
  const auto plan = Planned(old, target).plan();
  EXPECT_EQ(change(plan, "job:id").verb, Verb::blocked);
  EXPECT_EQ(change(plan, "job:id").code, "dangling-reference");
  EXPECT_EQ(change(plan, "job:name").verb, Verb::create);
  EXPECT_TRUE(small::has_finding(plan->findings, "dangling-reference", "name"));
}

TEST(PlanReferences, APathInsideACheckoutNeedsTheCheckout) {
  Estate old("old"), target("new");
  old.add(small::kFolder, "d", "/Repos", {{"path", "/Repos"}});
  old.add(small::kCheckout, "c", "/Repos/ann/code", {{"path", "/Repos/ann/code"}});
  old.job("1", "in checkout", task("note", "/Workspace/Repos/ann/code/deep/file"));
  const auto plan = Planned(old, target).plan();
  EXPECT_EQ(change(plan, "job:in checkout").code, "dependency-not-moved");
  EXPECT_NE(change(plan, "job:in checkout").reason.find("/Repos/ann/code"), std::string::npos);
}

TEST(PlanReferences, ATreePathWaitsForItsNote) {
  Estate old("old"), target("new");
  old.add(small::kFolder, "d", "/Shared", {{"path", "/Shared"}});
  old.add(small::kNote, "n", "/Shared/n", {{"path", "/Shared/n"}, {"language", "SQL"}}, "abc");
  old.job("1", "runs note", task("note", "/Shared/n"));
  const auto plan = Planned(old, target).plan();
  EXPECT_EQ(change(plan, "job:runs note").actions.at(0).needs,
            std::vector<std::string>{"note:/Shared/n"});
  EXPECT_EQ(change(plan, "note:/Shared/n").actions.at(0).needs,
            std::vector<std::string>{"folder:/Shared"});
}

TEST(PlanReferences, AnExcludedObjectThatIsThereIsUsed) {
  Estate old("old"), target("new");
  old.user("u1", "ann@x.org");
  old.job("1", "hers").document["settings"]["owner"] = "ann@x.org";
  Planned planned(old, target);
  planned.route.select.exclude = {"user"};
  EXPECT_EQ(change(planned.plan(), "job:hers").code, "dependency-not-moved");
  target.user("t1", "ANN@x.org");
  Planned again(old, target);
  again.route.select.exclude = {"user"};
  EXPECT_EQ(change(again.plan(), "job:hers").verb, Verb::create);
}

TEST(PlanReferences, AGrantToSomebodyNotMovedIsLeftOutAndSaid) {
  Estate old("old"), target("new");
  old.user("u1", "ann@x.org");
  old.user("u2", "bob@x.org");
  old.pool("p1", "mine").document["$permissions"] =
      Json::array({{{"user_name", "ann@x.org"}, {"permission_level", "CAN_USE"}},
                   {{"user_name", "bob@x.org"}, {"permission_level", "CAN_USE"}},
                   {{"user_name", "gone@x.org"}, {"permission_level", "CAN_USE"}}});
  old.add(
      small::kGroup, "g", "team",
      {{"displayName", "team"}, {"members", Json::array({{{"value", "u1"}}, {{"value", "u2"}}})}});
  Planned planned(old, target);
  planned.route.select.exclude = {"user/ann*"};
  const auto plan = planned.plan();
  const model::Change& pool = change(plan, "pool:mine");
  EXPECT_EQ(pool.verb, Verb::create);
  ASSERT_EQ(pool.expected["$permissions"].size(), 1u);
  EXPECT_EQ(pool.expected["$permissions"][0]["user_name"], Json("bob@x.org"));
  EXPECT_EQ(std::count_if(pool.decisions.begin(), pool.decisions.end(),
                          [](const model::Decision& d) { return d.rule == "principal-not-moved"; }),
            2);
  EXPECT_TRUE(small::has_finding(plan->findings, "principal-not-moved", "mine"));
  ASSERT_EQ(change(plan, "group:team").expected["members"].size(), 1u);
  EXPECT_EQ(change(plan, "group:team").verb, Verb::create);
}

TEST(PlanReferences, AnOwnerThatIsNotMovedIsReplacedByTheCreator) {
  Estate old("old"), target("new");
  old.user("u1", "ann@x.org");
  old.user("u2", "bob@x.org");
  model::Object& job = old.job("1", "hers");
  job.document["creator_user_name"] = "bob@x.org";
  job.document["$permissions"] =
      Json::array({{{"user_name", "ann@x.org"}, {"permission_level", "IS_OWNER"}}});
  Planned planned(old, target);
  planned.route.select.exclude = {"user/ann*"};
  const auto plan = planned.plan();
  EXPECT_EQ(change(plan, "job:hers").expected["$permissions"],
            Json::parse(R"([{"permission_level":"IS_OWNER","user_name":"bob@x.org"}])"));
  EXPECT_TRUE(small::has_finding(plan->findings, "owner-changed", "hers"));
}

TEST(PlanReferences, CyclesAreCreatedThenCompleted) {
  Estate old("old"), target("new");
  old.job("1", "a", task("job", 2));
  old.job("2", "b", task("job", 3));
  old.job("3", "c", task("job", 1));
  old.job("4", "self", task("job", 4));
  const auto plan = Planned(old, target).plan();
  ASSERT_TRUE(plan) << plan.error().to_text();
  EXPECT_TRUE(engine::build_graph(*plan));
  std::size_t completed = 0;
  for (const char* id : {"job:a", "job:b", "job:c"}) {
    const model::Change& job = change(plan, id);
    EXPECT_EQ(job.verb, Verb::create);
    completed += job.actions.size() == 2 ? 1 : 0;
  }
  EXPECT_EQ(completed, 1u);  // one break is enough
  const model::Change& self = change(plan, "job:self");
  ASSERT_EQ(self.actions.size(), 2u);
  EXPECT_EQ(self.actions[0].name, "create");
  EXPECT_FALSE(dump_json(self.actions[0].body).find("$ref") != std::string::npos);
  EXPECT_EQ(self.actions[1].name, "update");
  EXPECT_EQ(self.actions[1].body["id"],
            Json::parse(R"({"$ref":{"change":"job:self","field":"id"}})"));
  EXPECT_EQ(text_at(self.actions[1].body["settings"]["tags"], "lakeshift:source"), "old/job/4");
}

}  // namespace
}  // namespace lakeshift::stages
