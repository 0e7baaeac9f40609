#include <gtest/gtest.h>

#include "core/engine/running.h"
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

TEST(PlanVerbs, CreatesWhatIsNotThere) {
  Estate old("old"), target("new");
  old.pool("p1", "small");
  Planned planned(old, target);
  const auto plan = planned.plan();
  const model::Change& pool = change(plan, "pool:small");
  EXPECT_EQ(pool.verb, Verb::create);
  ASSERT_EQ(pool.actions.size(), 1u);
  EXPECT_EQ(pool.actions[0].method, "POST");
  EXPECT_EQ(text_at(member(pool.actions[0].body, "tags"), "lakeshift:source"), "old/pool/p1");
  EXPECT_FALSE(pool.fingerprint.empty());
}

TEST(PlanVerbs, AdoptsAnEqualOneAndUpdatesADifferentOne) {
  Estate old("old"), target("new");
  old.pool("p1", "equal");
  old.pool("p2", "other", 5);
  target.pool("t1", "equal");
  target.pool("t2", "other", 4);
  const auto plan = Planned(old, target).plan();
  EXPECT_EQ(change(plan, "pool:equal").verb, Verb::adopt);
  EXPECT_EQ(change(plan, "pool:equal").target_id, "t1");
  EXPECT_TRUE(change(plan, "pool:equal").actions.empty());
  const model::Change& other = change(plan, "pool:other");
  EXPECT_EQ(other.verb, Verb::update);
  ASSERT_EQ(other.differences.size(), 1u);
  EXPECT_EQ(other.differences[0].path, "size");
  EXPECT_EQ(other.differences[0].before, Json(4));
  EXPECT_EQ(other.differences[0].after, Json(5));
  ASSERT_EQ(other.actions.size(), 1u);
  EXPECT_EQ(other.actions[0].path, "/pools/t2");
}

TEST(PlanVerbs, WhatWasAppliedAndIsAsWantedIsUnchanged) {
  Estate old("old"), target("new");
  const auto row = small::row(old.pool("p1", "small"), "t1");
  target.pool("t1", "small");
  Planned planned(old, target);
  planned.ledger = {row};
  EXPECT_EQ(change(planned.plan(), "pool:small").verb, Verb::unchanged);
}

TEST(PlanVerbs, TheLedgersTargetWinsOverTheName) {
  Estate old("old"), target("new");
  const auto row = small::row(old.pool("p1", "small"), "t1");
  target.pool("t1", "renamed there");
  target.pool("t2", "small");
  Planned planned(old, target);
  planned.ledger = {row};
  const auto plan = planned.plan();
  EXPECT_EQ(change(plan, "pool:small").target_id, "t1");
  EXPECT_EQ(change(plan, "pool:small").verb, Verb::update);
}

TEST(PlanVerbs, TheStampWinsOverTheNameWhenTheLedgerIsLost) {
  Estate old("old"), target("new");
  old.pool("p1", "small");
  target.pool("t1", "renamed there").document["tags"] = {{"lakeshift:source", "old/pool/p1"}};
  target.pool("t2", "small");
  EXPECT_EQ(change(Planned(old, target).plan(), "pool:small").target_id, "t1");
}

TEST(PlanVerbs, TellsSourceChangesFromTargetDrift) {
  Estate old("old"), target("new");
  auto row = small::row(old.pool("p1", "small"), "t1");
  target.pool("t1", "small", 9);
  Planned planned(old, target);
  row.fingerprint = engine::fingerprint_of(small::kPool, planned.source.objects[0]);
  planned.ledger = {row};
  const auto drifted = planned.plan();
  EXPECT_NE(change(drifted, "pool:small").reason.find("target differs"), std::string::npos);
  EXPECT_TRUE(small::has_finding(drifted->findings, "target-drift", "small"));
  planned.source.objects[0].document["size"] = 7;
  const auto changed = planned.plan();
  EXPECT_NE(change(changed, "pool:small").reason.find("source changed"), std::string::npos);
  EXPECT_FALSE(small::has_finding(changed->findings, "target-drift"));
}

TEST(PlanVerbs, WhatCannotBeChangedInPlaceIsManual) {
  Estate old("old"), target("new");
  old.pool("p1", "small");
  target.pool("t1", "small").document["disk"] = "hdd";
  const auto plan = Planned(old, target).plan();
  EXPECT_EQ(change(plan, "pool:small").verb, Verb::manual);
  EXPECT_EQ(change(plan, "pool:small").code, "needs-replacement");
  EXPECT_TRUE(change(plan, "pool:small").actions.empty());
  EXPECT_TRUE(change(plan, "pool:small").differences.at(0).replaces);
}

TEST(PlanVerbs, SelectionExcludesWithAReason) {
  Estate old("old"), target("new");
  old.pool("p1", "tmp-1");
  old.pool("p2", "keep");
  Planned planned(old, target);
  planned.route.select.exclude = {"pool/tmp-*"};
  const auto plan = planned.plan();
  EXPECT_EQ(change(plan, "pool:tmp-1").verb, Verb::excluded);
  EXPECT_EQ(change(plan, "pool:tmp-1").code, "not-selected");
  EXPECT_EQ(change(plan, "pool:keep").verb, Verb::create);
}

TEST(PlanVerbs, AnUnreadObjectFailsAlone) {
  Estate old("old"), target("new");
  model::Object& bad = old.pool("p1", "bad");
  bad.unread_code = "internal-error";
  bad.unread_reason = "500";
  old.pool("p2", "good");
  const auto plan = Planned(old, target).plan();
  EXPECT_EQ(change(plan, "pool:bad").verb, Verb::failed);
  EXPECT_EQ(change(plan, "pool:bad").code, "internal-error");
  EXPECT_EQ(change(plan, "pool:good").verb, Verb::create);
}

TEST(PlanVerbs, ClashesFollowTheRoutesRule) {
  Estate old("old"), target("new");
  old.pool("p1", "same", 5);
  target.pool("t1", "same", 4);
  Planned planned(old, target);
  planned.route.on_clash = OnClash::block;
  EXPECT_EQ(change(planned.plan(), "pool:same").code, "name-taken");
  planned.route.on_clash = OnClash::rename;
  planned.route.prefix = "old-";
  const auto renamed = planned.plan();
  EXPECT_EQ(change(renamed, "pool:same").verb, Verb::create);
  EXPECT_EQ(change(renamed, "pool:same").target_key, "old-same");
  EXPECT_EQ(text_at(change(renamed, "pool:same").actions.at(0).body, "name"), "old-same");
}

TEST(PlanVerbs, ObjectsOfAnotherSourceAreNotOverwritten) {
  Estate old("old"), target("new");
  old.pool("p1", "same", 5);
  target.pool("t1", "same", 4);
  Planned planned(old, target);
  state::LedgerRow other;
  other.source = {"older", "pool", "x"};
  other.target_side = "new";
  other.target_id = "t1";
  other.state = "created";
  planned.ledger = {other};
  const auto plan = planned.plan();
  EXPECT_EQ(change(plan, "pool:same").verb, Verb::blocked);
  EXPECT_EQ(change(plan, "pool:same").code, "clash-between-sources");
  EXPECT_NE(change(plan, "pool:same").reason.find("older/pool/x"), std::string::npos);
}

TEST(PlanVerbs, HomonymsMatchOnlyWhereContentTells) {
  Estate old("old"), target("new");
  old.job("1", "etl", Json::array({{{"name", "a"}}}));
  old.add(small::kJob, "2", "etl#2",
          {{"settings", {{"name", "etl"}, {"tasks", Json::array({{{"name", "b"}}})}}}});
  model::Object& there = target.job("11", "etl", Json::array({{{"name", "b"}}}));
  there.document["settings"]["pause"] = "PAUSED";
  const auto plan = Planned(old, target).plan();
  EXPECT_EQ(change(plan, "job:etl#2").verb, Verb::adopt);
  EXPECT_EQ(change(plan, "job:etl#2").target_id, "11");
}

TEST(PlanVerbs, ArrivesPausedAndSaysSo) {
  Estate old("old"), target("new");
  old.job("1", "nightly");
  const auto plan = Planned(old, target).plan();
  const model::Change& job = change(plan, "job:nightly");
  EXPECT_EQ(text_at(member(job.expected, "settings"), "pause"), "PAUSED");
  const bool told =
      std::any_of(job.decisions.begin(), job.decisions.end(), [](const model::Decision& decision) {
        return decision.rule == "inert" && decision.path == "settings.pause" &&
               decision.before == Json("UNPAUSED");
      });
  EXPECT_TRUE(told);
}

TEST(PlanVerbs, WhatRunsSinceTheCutoverIsNotPausedAgain) {
  Estate old("old"), target("new");
  const auto row = small::row(old.job("1", "nightly"), "11", "cut-over");
  old.inventory.objects[0].document["settings"]["pause"] = "PAUSED";  // by the cutover
  target.job("11", "nightly");
  Planned planned(old, target);
  planned.ledger = {row};
  EXPECT_EQ(change(planned.plan(), "job:nightly").verb, Verb::unchanged);
  // Another change is taken over without switching it off.
  planned.source.objects[0].document["settings"]["tasks"] = Json::array({{{"name", "new"}}});
  const auto plan = planned.plan();
  EXPECT_EQ(change(plan, "job:nightly").verb, Verb::update);
  EXPECT_EQ(text_at(member(change(plan, "job:nightly").expected, "settings"), "pause"), "UNPAUSED");
}

TEST(PlanVerbs, AStrangersRunningObjectIsNotSwitchedOff) {
  Estate old("old"), target("new");
  old.job("1", "nightly");
  target.job("11", "nightly");
  const auto plan = Planned(old, target).plan();
  EXPECT_EQ(change(plan, "job:nightly").verb, Verb::adopt);
  EXPECT_TRUE(small::has_finding(plan->findings, "runs-in-target", "nightly"));
}

TEST(PlanVerbs, SecretsAreWrittenOnceAndAgainWhenTheyChange) {
  Estate old("old"), target("new");
  model::Object& secret = old.add(small::kSecret, "s", "s", {{"name", "s"}, {"changed", 1}});
  target.add(small::kSecret, "s", "s", {{"name", "s"}, {"changed", 9}});
  auto row = small::row(secret, "s");
  Planned planned(old, target);
  EXPECT_EQ(change(planned.plan(), "secret:s").verb, Verb::update);
  row.fingerprint = engine::fingerprint_of(small::kSecret, secret);
  planned.ledger = {row};
  EXPECT_EQ(change(planned.plan(), "secret:s").verb, Verb::unchanged);
  planned.source.objects[0].document["changed"] = 2;
  EXPECT_EQ(change(planned.plan(), "secret:s").verb, Verb::update);
  planned.ledger.clear();
  planned.secrets_available = false;
  EXPECT_EQ(change(planned.plan(), "secret:s").verb, Verb::manual);
  EXPECT_EQ(change(planned.plan(), "secret:s").code, "secret-value-needed");
}

TEST(PlanVerbs, TwoThatBecomeOneAreOne) {
  Estate old("old"), target("new");
  old.user("u1", "ann@a.org");
  old.user("u2", "ann@b.org");
  old.add(small::kGroup, "g", "team",
          {{"displayName", "team"}, {"members", Json::array({{{"value", "u2"}}})}});
  Planned planned(old, target);
  planned.user.people["ann@b.org"] = "ann@a.org";
  const auto plan = planned.plan();
  EXPECT_EQ(change(plan, "user:ann@a.org").verb, Verb::create);
  EXPECT_EQ(change(plan, "user:ann@b.org").code, "same-target");
  const Json& value = change(plan, "group:team").expected["members"][0]["value"];
  EXPECT_EQ(text_at(member(value, "$ref"), "change"), "user:ann@a.org");
}

}  // namespace
}  // namespace lakeshift::stages
