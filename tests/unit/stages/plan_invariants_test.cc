#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <random>

#include "tests/unit/stages/small_estate.h"

namespace lakeshift::stages {
namespace {

using small::Estate;
using small::Planned;

// Something of everything, n times.
Estate large_estate(int n) {
  Estate estate("old");
  estate.add(small::kFolder, "f", "/Shared", {{"path", "/Shared"}});
  for (int i = 0; i < n; ++i) {
    const std::string number = std::to_string(i);
    estate.user("u" + number, "user" + number + "@x.org");
    estate.add(
        small::kGroup, "g" + number, "group" + number,
        {{"displayName", "group" + number}, {"members", Json::array({{{"value", "u" + number}}})}});
    estate.pool("p" + number, "pool" + number).document["$permissions"] =
        Json::array({{{"group_name", "group" + number}, {"permission_level", "CAN_USE"}}});
    estate.add(small::kNote, "n" + number, "/Shared/n" + number,
               {{"path", "/Shared/n" + number}, {"language", "SQL"}}, "digest" + number);
    estate.job(
        std::to_string(1000 + i), "job" + number,
        Json::array({{{"name", "t"}, {"pool", "p" + number}, {"note", "/Shared/n" + number}}}));
  }
  estate.inventory.sort();
  return estate;
}

TEST(PlanInvariants, EveryObjectIsAccountedFor) {
  Estate old = large_estate(5), target("new");
  const auto plan = Planned(old, target).plan();
  ASSERT_TRUE(plan) << plan.error().to_text();
  EXPECT_EQ(plan->changes.size(), old.inventory.objects.size());
  EXPECT_TRUE(model::check_accounting(old.inventory, model::account(*plan)));
}

TEST(PlanInvariants, RemovingAnyObjectIsNoticed) {
  Estate target("new");
  const Estate whole = large_estate(2);
  for (std::size_t i = 0; i < whole.inventory.objects.size(); ++i) {
    Estate old = whole;
    old.inventory.objects.erase(old.inventory.objects.begin() + static_cast<std::ptrdiff_t>(i));
    const auto plan = Planned(old, target).plan();
    ASSERT_FALSE(plan) << whole.inventory.objects[i].id.to_text();
    EXPECT_EQ(plan.error().code, "accounting");
  }
}

TEST(PlanInvariants, TheOrderOfTheInventoryDoesNotMatter) {
  Estate old = large_estate(8), target("new");
  target.pool("t1", "pool1");
  const auto first = Planned(old, target).plan();
  ASSERT_TRUE(first);
  std::mt19937 random(7);
  for (int round = 0; round < 3; ++round) {
    std::shuffle(old.inventory.objects.begin(), old.inventory.objects.end(), random);
    const auto again = Planned(old, target).plan();
    ASSERT_TRUE(again);
    EXPECT_EQ(dump_json(model::to_json(*again)), dump_json(model::to_json(*first)));
  }
}

TEST(PlanInvariants, APlanReadBackIsTheSame) {
  Estate old = large_estate(3), target("new");
  const auto plan = Planned(old, target).plan();
  ASSERT_TRUE(plan);
  const auto back = model::plan_from_json(model::to_json(*plan));
  ASSERT_TRUE(back);
  EXPECT_EQ(model::to_json(*back), model::to_json(*plan));
}

TEST(PlanInvariants, LimitsOfTheTargetAreChecked) {
  Estate old("old"), target("new");
  for (int i = 0; i < 1001; ++i) {
    const std::string key = "scope/s" + std::to_string(i);
    old.add(small::kSecret, key, key, {{"name", key}});
  }
  const auto plan = Planned(old, target).plan();
  ASSERT_TRUE(plan) << plan.error().to_text();
  EXPECT_TRUE(small::has_finding(plan->findings, "limit-exceeded", "scope"));
}

TEST(PlanInvariants, CoresBeyondTheTargetsQuotaAreTold) {
  Estate old("old"), target("new");
  model::Object& pool = old.pool("p1", "a");
  pool.document["node_type_id"] = "n";
  pool.document["num_workers"] = 3;
  target.inventory.reference["node_types"] = Json::array(
      {{{"node_type_id", "n"}, {"num_cores", 4}, {"node_info", {{"total_core_quota", 15}}}}});
  const auto tight = Planned(old, target).plan();
  ASSERT_TRUE(tight) << tight.error().to_text();
  EXPECT_TRUE(small::has_finding(tight->findings, "core-quota-too-small", "a"));
  target.inventory.reference["node_types"][0]["node_info"]["total_core_quota"] = 16;
  const auto roomy = Planned(old, target).plan();
  ASSERT_TRUE(roomy) << roomy.error().to_text();
  EXPECT_FALSE(small::has_finding(roomy->findings, "core-quota-too-small", "a"));
}

TEST(PlanInvariants, KindsThatAreOnlyCountedAreListed) {
  Estate old("old"), target("new");
  old.add(small::kFlow, "f", "flow", {{"name", "flow"}});
  const auto plan = Planned(old, target).plan();
  ASSERT_TRUE(plan) << plan.error().to_text();
  EXPECT_TRUE(plan->changes.empty());
  const auto flow =
      std::find_if(plan->not_moved.begin(), plan->not_moved.end(),
                   [](const model::KindCount& count) { return count.kind == "flow"; });
  ASSERT_NE(flow, plan->not_moved.end());
  EXPECT_EQ(flow->listed, 1);
}

TEST(PlanInvariants, KeysThatEndPlaceholdersGetSafeIds) {
  Estate old("old"), target("new");
  old.pool("p1", "a}b");
  old.pool("p2", "a{b");
  const auto plan = Planned(old, target).plan();
  ASSERT_TRUE(plan) << plan.error().to_text();
  EXPECT_NE(plan->changes[0].id, plan->changes[1].id);
}

}  // namespace
}  // namespace lakeshift::stages
