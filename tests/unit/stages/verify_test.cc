#include "stages/verify.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/engine/running.h"
#include "tests/unit/stages/small_estate.h"

namespace lakeshift::stages {
namespace {

using model::Verdict;
using small::Estate;

// A source, its plan into an empty target, and a target that apply filled as planned.
struct Applied {
  Estate old{"old"}, target{"new"};
  model::Plan plan;
  std::vector<state::LedgerRow> ledger;
  std::vector<model::ExpectedDifference> expected;
  bool cut_over = false;
  std::function<std::string(const std::string&)> wanted_secret, target_secret;

  Applied() {
    old.user("u1", "ann@x.org");
    old.pool("p1", "small");
    old.job("1", "nightly", Json::array({{{"name", "t"}, {"pool", "p1"}}}));
    old.inventory.sort();
    auto made = small::Planned(old, Estate("new")).plan();
    EXPECT_TRUE(made);
    plan = std::move(*made);
    target.user("tu", "ann@x.org");
    target.pool("tp", "small");
    target.job("11", "nightly", Json::array({{{"name", "t"}, {"pool", "tp"}}}))
        .document["settings"]["pause"] = "PAUSED";
    for (const model::Object& object : old.inventory.objects)
      ledger.push_back(small::row(object, object.id.kind == "user"   ? "tu"
                                          : object.id.kind == "pool" ? "tp"
                                                                     : "11"));
  }
  model::Object& in_target(const std::string& kind) {
    for (model::Object& object : target.inventory.objects)
      if (object.id.kind == kind) return object;
    ADD_FAILURE() << kind;
    return target.inventory.objects.front();
  }
  Result<VerifyResult> judge() const {
    return verify({plan, old.inventory, target.inventory, small::kinds(), ledger, expected,
                   wanted_secret, cut_over, target_secret});
  }
};

const model::Judgement& of(const Result<VerifyResult>& result, const std::string& kind) {
  static const model::Judgement kNone;
  if (!result) {
    ADD_FAILURE() << result.error().to_text();
    return kNone;
  }
  for (const model::Judgement& judgement : result->judgements)
    if (judgement.source.kind == kind) return judgement;
  ADD_FAILURE() << kind;
  return kNone;
}

TEST(Verify, EverythingAsPlannedIsEqual) {
  const auto result = Applied().judge();
  ASSERT_TRUE(result) << result.error().to_text();
  EXPECT_TRUE(result->equal());
  EXPECT_EQ(result->judgements.size(), 3u);
  EXPECT_EQ(result->counts.at("job").at(Verdict::equal), 1);
  EXPECT_TRUE(result->findings.empty());
}

TEST(Verify, FindsExactlyTheChangedField) {
  Applied applied;
  applied.in_target("pool").document["size"] = 9;
  const auto result = applied.judge();
  EXPECT_FALSE(result->equal());
  EXPECT_EQ(of(result, "pool").verdict, Verdict::differs);
  ASSERT_EQ(of(result, "pool").differences.size(), 1u);
  EXPECT_EQ(of(result, "pool").differences[0].path, "size");
  EXPECT_EQ(of(result, "job").verdict, Verdict::equal);
}

TEST(Verify, FindsAChangedGrant) {
  Applied applied;
  applied.in_target("pool").document["$permissions"] =
      Json::array({{{"user_name", "ann@x.org"}, {"permission_level", "CAN_USE"}}});
  const auto result = applied.judge();
  ASSERT_EQ(of(result, "pool").differences.size(), 1u);
  EXPECT_TRUE(of(result, "pool").differences[0].path.starts_with("$permissions"));
}

TEST(Verify, ReferencesAreComparedWithTheTargetsIds) {
  Applied applied;
  applied.in_target("job").document["settings"]["tasks"][0]["pool"] = "p1";  // the source's id
  const auto result = applied.judge();
  EXPECT_EQ(of(result, "job").verdict, Verdict::differs);
  EXPECT_EQ(of(result, "job").differences.at(0).path, "settings.tasks[0].pool");
  EXPECT_TRUE(small::has_finding(result->findings, "dangling-in-target", "nightly"));
}

TEST(Verify, AMissingObjectIsMissing) {
  Applied applied;
  std::erase_if(applied.target.inventory.objects,
                [](const model::Object& object) { return object.id.kind == "user"; });
  for (model::KindCount& count : applied.target.inventory.counts)
    if (count.kind == "user") count.listed = 0;
  const auto result = applied.judge();
  EXPECT_EQ(of(result, "user").verdict, Verdict::missing);
  EXPECT_FALSE(result->equal());
}

TEST(Verify, RemovingAnyObjectFromTheInputsIsNoticed) {
  const Applied whole;
  for (std::size_t i = 0; i < 3; ++i) {
    Applied applied = whole;
    applied.old.inventory.objects.erase(applied.old.inventory.objects.begin() +
                                        static_cast<std::ptrdiff_t>(i));
    ASSERT_FALSE(applied.judge());
    EXPECT_EQ(applied.judge().error().code, "accounting");
    applied = whole;
    applied.target.inventory.objects.erase(applied.target.inventory.objects.begin() +
                                           static_cast<std::ptrdiff_t>(i));
    ASSERT_FALSE(applied.judge());
    EXPECT_EQ(applied.judge().error().code, "accounting");
    applied = whole;
    applied.plan.changes.erase(applied.plan.changes.begin() + static_cast<std::ptrdiff_t>(i));
    EXPECT_FALSE(applied.judge()->equal());
    EXPECT_TRUE(small::has_finding(applied.judge()->findings, "not-in-plan"));
    applied = whole;
    applied.ledger.erase(applied.ledger.begin() + static_cast<std::ptrdiff_t>(i));
    EXPECT_FALSE(applied.judge()->equal());
    EXPECT_TRUE(small::has_finding(applied.judge()->findings, "not-applied"));
  }
}

TEST(Verify, ExpectedDifferencesAreAllowedAndShown) {
  Applied applied;
  applied.in_target("job").document["settings"]["tasks"][0]["name"] = "x";
  applied.expected = {
      {"job", "settings.tasks[].name", "azure->aws", "the platform renames", "a page"}};
  const auto result = applied.judge();
  EXPECT_EQ(of(result, "job").verdict, Verdict::equal);
  ASSERT_EQ(of(result, "job").expected.size(), 1u);
  EXPECT_EQ(of(result, "job").expected[0].reason, "the platform renames");
  applied.expected[0].direction = "aws->azure";
  EXPECT_EQ(of(applied.judge(), "job").verdict, Verdict::differs);
}

TEST(Verify, NothingRunsBeforeTheCutover) {
  Applied applied;
  applied.in_target("job").document["settings"]["pause"] = "UNPAUSED";
  const auto result = applied.judge();
  EXPECT_FALSE(result->equal());
  EXPECT_TRUE(small::has_finding(result->findings, "runs-in-target", "nightly"));
}

TEST(Verify, AfterTheCutoverExactlyWhatWasStartedRuns) {
  Applied applied;
  applied.cut_over = true;
  applied.in_target("job").document["settings"]["pause"] = "UNPAUSED";
  EXPECT_TRUE(small::has_finding(applied.judge()->findings, "runs-in-target"));
  for (state::LedgerRow& row : applied.ledger)
    if (row.source.kind == "job") row.state = "cut-over";
  EXPECT_TRUE(applied.judge()->equal());
  applied.in_target("job").document["settings"]["pause"] = "PAUSED";
  EXPECT_TRUE(small::has_finding(applied.judge()->findings, "not-running", "nightly"));
  EXPECT_FALSE(applied.judge()->equal());
}

TEST(Verify, ChangesOfTheSourceAreToldButPausingIsNone) {
  Applied applied;
  for (model::Object& object : applied.old.inventory.objects)
    if (object.id.kind == "job") object.document["settings"]["pause"] = "PAUSED";
  EXPECT_FALSE(small::has_finding(applied.judge()->findings, "source-drift"));
  for (model::Object& object : applied.old.inventory.objects)
    if (object.id.kind == "pool") object.document["size"] = 3;
  EXPECT_TRUE(small::has_finding(applied.judge()->findings, "source-drift", "small"));
}

TEST(Verify, FailedChangesBlockAndBlockedOnesAreToldApart) {
  Applied applied;
  for (state::LedgerRow& row : applied.ledger)
    if (row.source.kind == "pool") {
      row.state = "failed";
      row.code = "quota-exceeded";
      row.reason = "no room";
    }
  const auto result = applied.judge();
  EXPECT_EQ(of(result, "pool").verdict, Verdict::not_applied);
  EXPECT_EQ(of(result, "pool").code, "quota-exceeded");
  EXPECT_FALSE(result->equal());
  Applied planned;
  for (model::Change& change : planned.plan.changes)
    if (change.source.kind == "user") {
      change.verb = model::Verb::excluded;
      change.code = "not-selected";
    }
  EXPECT_EQ(of(planned.judge(), "user").verdict, Verdict::not_applied);
  EXPECT_TRUE(planned.judge()->equal());
}

TEST(Verify, OrphansAndStrangersAreTold) {
  Applied applied;
  applied.target.pool("tx", "twice").document["tags"] = {{"lakeshift:source", "old/pool/p1"}};
  applied.target.pool("ty", "theirs");
  const auto result = applied.judge();
  EXPECT_TRUE(small::has_finding(result->findings, "orphan-in-target", "twice"));
  EXPECT_TRUE(small::has_finding(result->findings, "extra-in-target"));
  EXPECT_FALSE(result->equal());
}

TEST(Verify, SecretsAreComparedByKeyedHash) {
  Applied applied;
  model::Object& secret = applied.old.add(small::kSecret, "s", "s", {{"name", "s"}});
  applied.ledger.push_back(small::row(secret, "s"));
  applied.target.add(small::kSecret, "s", "s", {{"name", "s"}});
  applied.old.inventory.sort();
  applied.plan = *small::Planned(applied.old, Estate("new")).plan();
  EXPECT_EQ(of(applied.judge(), "secret").verdict, Verdict::not_provable);
  applied.wanted_secret =
      applied.target_secret = [](const std::string&) { return std::string("h1"); };
  EXPECT_EQ(of(applied.judge(), "secret").verdict, Verdict::equal);
  applied.target_secret = [](const std::string&) { return std::string("h2"); };
  EXPECT_EQ(of(applied.judge(), "secret").verdict, Verdict::differs);
}

TEST(Verify, TheCommittedTableCanBeRead) { EXPECT_TRUE(expected_differences()); }

}  // namespace
}  // namespace lakeshift::stages
