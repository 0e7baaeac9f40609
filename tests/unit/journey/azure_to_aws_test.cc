#include <gtest/gtest.h>

#include "tests/unit/journey/small_company.h"
#include "tests/unit/journey/two_workspaces.h"

namespace lakeshift::journey {
namespace {

using model::Verb;

std::string describe(const model::Change& change) {
  return change.id + " " + std::string(model::to_text(change.verb)) + " [" + change.code + "] " +
         change.reason;
}

// What must be true of every journey.
void expect_whole_journey(Journey& journey, const std::vector<std::string>& not_moved) {
  ASSERT_TRUE(journey.look());
  const auto plan = journey.plan();
  ASSERT_TRUE(plan) << plan.error().to_text();
  std::vector<std::string> left;
  for (const model::Change& change : plan->changes)
    if (change.verb != Verb::create && change.verb != Verb::update && change.verb != Verb::adopt) {
      left.push_back(change.id);
      if (std::find(not_moved.begin(), not_moved.end(), change.id) == not_moved.end())
        ADD_FAILURE() << describe(change);
    }
  EXPECT_EQ(left.size(), not_moved.size());

  const auto applied = journey.apply(*plan);
  ASSERT_TRUE(applied) << applied.error().to_text();
  for (const auto& [id, error] : applied->walk.errors)
    ADD_FAILURE() << id << ": " << error.to_text();
  EXPECT_TRUE(applied->complete());

  ASSERT_TRUE(journey.look());
  const auto verified = journey.verify(*plan);
  ASSERT_TRUE(verified) << verified.error().to_text();
  for (const model::Judgement& judgement : verified->judgements) {
    if (judgement.verdict != model::Verdict::differs &&
        judgement.verdict != model::Verdict::missing)
      continue;
    ADD_FAILURE() << judgement.source.to_text() << " '" << judgement.key
                  << "': " << judgement.reason;
    for (const model::Difference& difference : judgement.differences)
      ADD_FAILURE() << "  " << difference.path << ": " << dump_json(difference.before) << " -> "
                    << dump_json(difference.after);
  }
  for (const model::Finding& finding : verified->findings)
    if (finding.severity == model::Severity::blocking)
      ADD_FAILURE() << finding.code << " " << finding.key << ": " << finding.cause;
  EXPECT_TRUE(verified->equal());

  const auto again = journey.plan();
  ASSERT_TRUE(again) << again.error().to_text();
  for (const model::Change& change : again->changes) {
    if (change.verb != Verb::create && change.verb != Verb::update) continue;
    ADD_FAILURE() << "planned again: " << describe(change);
    for (const model::Difference& difference : change.differences)
      ADD_FAILURE() << "  " << difference.path << ": " << dump_json(difference.before) << " -> "
                    << dump_json(difference.after);
  }
}

TEST(AzureToAws, ASmallCompanyMovesWholly) {
  Journey journey("azure", "aws");
  put_small_company(journey.fake.files, "/estate");
  const Status loaded = journey.from.server->load("/estate");
  ASSERT_TRUE(loaded) << loaded.error().to_text();
  // A service principal gets a new id on AWS, and with it another home folder, made by the
  // platform.
  expect_whole_journey(journey, {"directory:/Users/11111111-2222-3333-4444-555555555555"});
}

}  // namespace
}  // namespace lakeshift::journey
