#include "surfaces/report/plan_text.h"

#include <gtest/gtest.h>

#include "core/base/json.h"

namespace lakeshift::report {
namespace {

const Style kPlain{false, 0};

model::Change change_of(const std::string& kind, const std::string& key, model::Verb verb) {
  model::Change change;
  change.id = kind + ":" + key;
  change.source = {"old", kind, "1"};
  change.key = change.target_key = change.name = key;
  change.verb = verb;
  return change;
}

TEST(PlanText, OneLinePerObjectWithDifferencesAndReasons) {
  model::Plan plan;
  model::Change made = change_of("cluster", "etl", model::Verb::create);
  made.decisions.push_back(
      {"node_type_id", "node-type", "Standard_DS3_v2", "m5.xlarge", "nearest by CPU and memory"});
  made.expected = {{"policy_id", {{"$ref", {{"change", "cluster_policy:x"}, {"field", "id"}}}}},
                   {"token", {{"$secret", {{"key", "k"}}}}}};
  plan.changes.push_back(made);
  model::Change changed = change_of("job", "nightly", model::Verb::update);
  changed.target_id = "77";
  changed.differences = {{"settings.timeout_seconds", 0, 3600, ""},
                         {"settings.x", nullptr, "y", "asked for"},
                         {"settings.z", 1, nullptr, ""}};
  plan.changes.push_back(changed);
  model::Change stuck = change_of("job", "stuck", model::Verb::blocked);
  stuck.code = "dependency-blocked";
  stuck.reason = "needs pipeline 'p'";
  plan.changes.push_back(stuck);
  EXPECT_EQ(
      plan_text(plan, kPlain, {}),
      "cluster  1 create\n"
      "  + etl  id (known after apply)\n"
      "      > node_type_id: \"Standard_DS3_v2\" -> \"m5.xlarge\"  # nearest by CPU and memory\n"
      "\n"
      "job  1 update, 1 blocked\n"
      "  ~ nightly  id 77\n"
      "      ~ settings.timeout_seconds: 0 -> 3600\n"
      "      + settings.x: (absent) -> \"y\"  # asked for\n"
      "      - settings.z: 1 -> (absent)\n"
      "  ! stuck\n"
      "      blocked: needs pipeline 'p' (dependency-blocked)\n"
      "\n"
      "plan: 1 to create, 1 to update, 0 to adopt, 0 unchanged, 0 manual, 1 blocked, 0 excluded of "
      "3 found\n");
  const std::string full = plan_text(plan, kPlain, {.all = false, .full = true});
  EXPECT_NE(full.find("+ policy_id = (known after apply)\n"), std::string::npos) << full;
  EXPECT_NE(full.find("+ token = (secret)\n"), std::string::npos) << full;
}

TEST(PlanText, UnchangedOnlyWhenAskedFor) {
  model::Plan plan;
  plan.changes.push_back(change_of("group", "same", model::Verb::unchanged));
  EXPECT_EQ(plan_text(plan, kPlain, {}).find("same\n"), std::string::npos);
  EXPECT_NE(plan_text(plan, kPlain, {.all = true}).find("same\n"), std::string::npos);
}

TEST(PlanText, SummaryCountsEveryVerbOnce) {
  model::Accounting accounting;
  accounting["job"] = {{model::Verb::create, 400}, {model::Verb::manual, 4}};
  accounting["user"] = {{model::Verb::create, 12}, {model::Verb::excluded, 2}};
  EXPECT_EQ(plan_summary(accounting),
            "plan: 412 to create, 0 to update, 0 to adopt, 0 unchanged, 4 manual, 0 blocked, 2 "
            "excluded of 418 found");
  accounting["user"][model::Verb::failed] = 1;
  EXPECT_EQ(apply_summary(accounting),
            "apply: 412 created, 0 updated, 0 adopted, 0 unchanged, 4 manual, 0 blocked, 1 failed, "
            "2 excluded of 419 found");
}

TEST(ValueText, PlaceholdersAndEscapes) {
  EXPECT_EQ(value_text(Json("a\x1b[0m")), "\"a\\x1b[0m\"");
  EXPECT_EQ(value_text({{"$content", {{"sha256", "0123456789abcdef"}}}}), "(content 01234567…)");
  EXPECT_EQ(value_text(Json("/jobs/${ref:job:a:id}/x")), "\"/jobs/(known after apply)/x\"");
}

}  // namespace
}  // namespace lakeshift::report
