#include "stages/cutover.h"

#include <gtest/gtest.h>

#include "tests/unit/fakes/faulty_journal.h"
#include "tests/unit/stages/cutover_estate.h"

namespace lakeshift::stages {
namespace {

using fakes::Fault;
using namespace switching;

constexpr const char* kBefore =
    "old a UNPAUSED; old b UNPAUSED; old c UNPAUSED; old p PAUSED; new a PAUSED; new b PAUSED; new "
    "c UNPAUSED; new p PAUSED; ";
constexpr const char* kAfter =
    "old a PAUSED; old b PAUSED; old c PAUSED; old p PAUSED; new a UNPAUSED; new b UNPAUSED; new c "
    "UNPAUSED; new p PAUSED; ";

TEST(Cutover, starts_in_the_target_exactly_what_ran_in_the_source) {
  Estate estate;
  const auto report = estate.run(cutover);
  ASSERT_TRUE(report) << report.error().to_text();
  EXPECT_EQ(report->phase, "target");
  EXPECT_EQ(estate.states(), kAfter);
  EXPECT_EQ(report->calls.size(), 6U);
  EXPECT_EQ((*estate.durable->row(estate.plan.changes[0].source, "new"))->state, "cut-over");
  EXPECT_EQ((*estate.durable->row(estate.plan.changes[3].source, "new"))->state, "created")
      << "what did not run is not touched";
}

TEST(Cutover, pauses_everything_before_it_starts_anything) {
  Estate estate;
  bool paused = false;
  estate.target.on_call = [&](const engine::Call& call) {
    if (call.path == "/api/job/switch" && !paused) {
      paused = true;
      EXPECT_EQ(estate.states().find("old a UNPAUSED"), std::string::npos);
      EXPECT_EQ(estate.states().find("old b UNPAUSED"), std::string::npos);
    }
  };
  ASSERT_TRUE(estate.run(cutover));
  EXPECT_TRUE(paused);
}

TEST(Cutover, twice_is_once) {
  Estate estate;
  ASSERT_TRUE(estate.run(cutover));
  const auto again = estate.run(cutover);
  ASSERT_TRUE(again);
  EXPECT_TRUE(again->calls.empty());
  EXPECT_EQ(estate.states(), kAfter);
}

TEST(Cutover, shows_its_calls_in_a_dry_run_and_makes_none) {
  Estate estate;
  estate.dry_run = true;
  const auto report = estate.run(cutover);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->calls.size(), 6U);
  EXPECT_EQ(estate.source.calls() + estate.target.calls(), 0);
  EXPECT_EQ(estate.phase(), "source");
  estate.dry_run = false;
  ASSERT_TRUE(estate.run(cutover));
  estate.dry_run = true;
  const auto back = estate.run(rollback);
  ASSERT_TRUE(back);
  EXPECT_EQ(back->calls.size(), 5U) << "a and b back on both sides, c only in the source";
  EXPECT_EQ(estate.states(), kAfter);
  EXPECT_EQ(estate.run(complete)->phase, "target");
}

TEST(Cutover, closes_its_gates_by_name) {
  const auto closed = [](const std::function<void(Estate&)>& spoil) {
    Estate estate;
    spoil(estate);
    const auto report = estate.run(cutover);
    EXPECT_EQ(estate.states(), kBefore);
    EXPECT_EQ(estate.phase(), "source");
    EXPECT_FALSE(report);
    return report ? std::string()
                  : report.error().code + " " + report.error().about + " " + report.error().message;
  };
  EXPECT_EQ(closed([](Estate& estate) {
              auto row = **estate.durable->row(estate.plan.changes[1].source, "new");
              row.state = "failed";
              row.reason = "quota";
              ASSERT_TRUE(estate.durable->put_row(row));
            }),
            "gate-closed gate 'apply complete' job 'b' is 'failed': quota");
  EXPECT_NE(closed([](Estate& estate) {
              model::Change pool;
              pool.id = "pool:x";
              pool.key = "x";
              pool.source = {"old", "pool", "x"};
              estate.plan.changes.push_back(pool);
              estate.plan.changes[0].requires_changes = {"pool:x"};
            }).find("needs pool 'x'"),
            std::string::npos);
  EXPECT_NE(
      closed([](Estate& estate) { estate.target.about["admin"] = false; }).find("caller may write"),
      std::string::npos);
  EXPECT_EQ(closed([](Estate& estate) {
              estate.gates = {
                  {"verify equal", [] { return Status(fail("differs", "2 objects differ")); }}};
            }),
            "gate-closed gate 'verify equal' 2 objects differ");
}

TEST(Cutover, leaves_in_the_source_what_the_plan_does_not_move_and_says_why) {
  Estate estate;
  estate.plan.changes[1].verb = model::Verb::manual;
  estate.plan.changes[1].reason = "needs a person";
  auto row = **estate.durable->row(estate.plan.changes[1].source, "new");
  row.state = "manual";
  row.target_id = "";
  ASSERT_TRUE(estate.durable->put_row(row));
  estate.source.add("job", {{"name", "new one"}, {"state", "UNPAUSED"}});
  const auto report = estate.run(cutover);
  ASSERT_TRUE(report) << report.error().to_text();
  const std::string lines = join(report->lines, "\n");
  EXPECT_NE(lines.find("job 'b': manual, needs a person"), std::string::npos) << lines;
  EXPECT_NE(lines.find("job 'new one' is not in the plan"), std::string::npos);
  EXPECT_NE(estate.states().find("old b UNPAUSED"), std::string::npos);
}

TEST(Cutover, goes_in_parts_by_selection) {
  Estate estate;
  estate.only.include = {"job/a"};
  ASSERT_TRUE(estate.run(cutover));
  EXPECT_NE(estate.states().find("old b UNPAUSED"), std::string::npos);
  EXPECT_NE(estate.states().find("new a UNPAUSED"), std::string::npos);
  estate.only.include = {"job/b"};
  ASSERT_TRUE(estate.run(cutover));
  EXPECT_NE(estate.states().find("new b UNPAUSED"), std::string::npos);
  ASSERT_TRUE(estate.run(rollback));
  EXPECT_NE(estate.states().find("new b PAUSED"), std::string::npos);
  EXPECT_NE(estate.states().find("new a UNPAUSED"), std::string::npos)
      << "only what was selected goes back";
  EXPECT_EQ(estate.phase(), "target");
  estate.only = {};
  ASSERT_TRUE(estate.run(rollback));
  EXPECT_EQ(estate.states(), kBefore);
  EXPECT_EQ(estate.phase(), "source");
}

TEST(Cutover, waits_for_running_work_and_names_what_does_not_end) {
  Estate estate;
  estate.source.objects()[0].body["runs"] = 2;
  int polls = 0;
  estate.source.on_call = [&](const engine::Call& call) {
    if (call.path == "/api/job/get" && ++polls == 4) estate.source.objects()[0].body["runs"] = 0;
  };
  ASSERT_TRUE(estate.run(cutover));
  EXPECT_GT(estate.world.elapsed(), world::Millis(0));

  Estate stuck;
  stuck.source.objects()[0].body["runs"] = 1;
  stuck.drain_seconds = 30;
  const auto report = stuck.run(cutover);
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, "still-running");
  EXPECT_NE(report.error().message.find("job 'a'"), std::string::npos);
  EXPECT_EQ(stuck.phase(), "paused");
  EXPECT_NE(stuck.states().find("new a PAUSED"), std::string::npos)
      << "nothing starts before the source is quiet";
  stuck.source.objects()[0].body["runs"] = 0;
  ASSERT_TRUE(stuck.run(cutover));
  EXPECT_EQ(stuck.states(), kAfter);
}

TEST(Cutover, brings_over_what_changed_and_starts_with_the_new_settings) {
  Estate estate;
  estate.catch_up = [&]() -> Result<std::vector<std::string>> {
    EXPECT_NE(estate.states().find("old a PAUSED"), std::string::npos)
        << "the source stands still meanwhile";
    estate.target.objects()[0].body["other"] = "caught up";
    return std::vector<std::string>{"update job 'a'"};
  };
  ASSERT_TRUE(estate.run(cutover));
  EXPECT_EQ(text_at(estate.target.objects()[0].body, "other"), "caught up");
  Estate failing;
  failing.catch_up = []() -> Result<std::vector<std::string>> {
    return fail("unreachable", "no answer");
  };
  EXPECT_EQ(failing.run(cutover).error().code, "unreachable");
  EXPECT_EQ(failing.phase(), "catching-up");
  ASSERT_TRUE(failing.run(rollback));
  EXPECT_EQ(failing.states(), kBefore);
}

TEST(Cutover, starts_nothing_when_something_cannot_be_paused) {
  Estate estate;
  estate.source.refuse_calls_with("/api/job/switch", {"permission-denied", "not yours", "", "ask"});
  const auto report = estate.run(cutover);
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, "not-paused");
  EXPECT_NE(report.error().message.find("job 'a', job 'b', job 'c'"), std::string::npos);
  EXPECT_EQ(estate.states(), kBefore);
  estate.source.clear_refusals();
  ASSERT_TRUE(estate.run(cutover));
  EXPECT_EQ(estate.states(), kAfter);
}

TEST(Cutover, lists_the_runs_that_nobody_made) {
  Estate estate;
  estate.source.objects()[0].body["runs"] = 1;
  estate.source.objects()[1].body["broken"] = true;
  int polls = 0;
  estate.source.on_call = [&](const engine::Call& call) {
    if (call.path == "/api/job/get" && ++polls == 9) estate.source.objects()[0].body["runs"] = 0;
  };
  const auto report = estate.run(cutover);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->pause_ms, 22'000) << "asked after 1, 3, 7, 12, 17 and 22 seconds";
  std::string text;
  for (const Json& row : report->backfill)
    text += text_at(row, "job") + " " + text_at(row, "due", "unknown") + ";";
  EXPECT_EQ(
      text,
      "b unknown;a 2026-11-20T09:00:10.000Z;c 2026-11-20T09:00:10.000Z;a 2026-11-20T09:00:20.000Z;"
      "c 2026-11-20T09:00:20.000Z;");
}

TEST(Cutover, keeps_users_out_and_lets_them_in_again) {
  Estate estate;
  estate.add_gate();
  estate.freeze = {{"users", {estate.turn("closed")}, {estate.turn("open")}}};
  ASSERT_TRUE(estate.run(cutover));
  EXPECT_NE(estate.states().find("users closed"), std::string::npos);
  estate.freeze.clear();
  ASSERT_TRUE(estate.run(rollback));
  EXPECT_NE(estate.states().find("users open"), std::string::npos) << "the inverse was recorded";
}

TEST(Cutover, watches_the_first_runs) {
  Estate estate;
  estate.watch_seconds = 30;
  estate.target.objects()[0].body["first_run"] = "SUCCESS";
  estate.target.objects()[1].body["first_run"] = "FAILED";
  const auto report = estate.run(cutover);
  ASSERT_TRUE(report);
  const std::string lines = join(report->lines, "\n");
  EXPECT_NE(lines.find("first run in the target: job 'a' succeeded"), std::string::npos) << lines;
  EXPECT_NE(lines.find("job 'b' failed (FAILED): as it said, see https://x/77"), std::string::npos)
      << lines;
  EXPECT_NE(lines.find("1 object had no run within 30 s"), std::string::npos);
  ASSERT_EQ(report->first_runs.size(), 3u);
  EXPECT_EQ(report->phase, "target") << "what is seen does not take the switch back";
  std::string outcomes;
  for (const Json& run : report->first_runs)
    outcomes += text_at(run, "job") + " " + text_at(run, "outcome") + "\n";
  EXPECT_EQ(outcomes, "a succeeded\nb failed\nc none\n");
}

TEST(Cutover, follows_a_first_run_to_its_end) {
  Estate estate;
  estate.watch_seconds = 30;
  int looks = 0;
  estate.target.objects()[0].body["first_run"] = "";
  estate.target.on_call = [&](const engine::Call& call) {
    if (call.path != "/api/job/get" || ++looks < 9) return;
    estate.target.objects()[0].body["first_run"] = "SUCCESS";
  };
  auto report = estate.run(cutover);
  ASSERT_TRUE(report);
  EXPECT_EQ(text_at(report->first_runs[0], "outcome"), "succeeded");
  EXPECT_EQ(text_at(report->first_runs[0], "run_id"), "77");
}

TEST(Cutover, tells_a_run_that_goes_on_and_runs_that_cannot_be_read) {
  Estate estate;
  estate.watch_seconds = 30;
  estate.target.objects()[0].body["first_run"] = "";
  auto report = estate.run(cutover);
  ASSERT_TRUE(report);
  EXPECT_NE(join(report->lines, "\n").find("job 'a' still runs"), std::string::npos);

  Estate unreadable;
  unreadable.watch_seconds = 30;
  bool started = false;
  unreadable.target.on_call = [&](const engine::Call& call) {
    if (call.path == "/api/job/switch") started = true;
    if (started && call.path == "/api/job/get")
      unreadable.target.refuse_calls_with("/api/job/get", {"forbidden", "no right to see it"});
  };
  report = unreadable.run(cutover);
  ASSERT_TRUE(report) << report.error().to_text();
  EXPECT_EQ(text_at(report->first_runs[0], "outcome"), "unknown");
  EXPECT_NE(join(report->lines, "\n").find("could not be read"), std::string::npos);
  EXPECT_EQ(report->phase, "target");
}

TEST(Rollback, is_the_recorded_inverse) {
  Estate estate;
  ASSERT_TRUE(estate.run(cutover));
  estate.target.objects()[0].body["runs"] = 1;
  const auto report = estate.run(rollback);
  ASSERT_TRUE(report) << report.error().to_text();
  EXPECT_EQ(report->phase, "source");
  EXPECT_EQ(estate.states(), kBefore) << "c ran in the target before, and goes on";
  EXPECT_NE(join(report->lines, "\n").find("a run goes on in the target: job 'a'"),
            std::string::npos);
  EXPECT_EQ((*estate.durable->row(estate.plan.changes[0].source, "new"))->state, "created");
  ASSERT_TRUE(estate.run(cutover));
  EXPECT_EQ(estate.states(), kAfter) << "and over again";
}

TEST(Rollback, of_nothing_says_so) {
  Estate estate;
  const auto report = estate.run(rollback);
  ASSERT_TRUE(report);
  EXPECT_TRUE(report->calls.empty());
  EXPECT_EQ(estate.states(), kBefore);
}

TEST(Rollback, tells_what_is_gone_in_the_source) {
  Estate estate;
  ASSERT_TRUE(estate.run(cutover));
  estate.source.objects().erase(estate.source.objects().begin());
  const auto report = estate.run(rollback);
  ASSERT_TRUE(report) << report.error().to_text();
  EXPECT_NE(join(report->lines, "\n").find("job 'a' is gone in the source"), std::string::npos);
  EXPECT_EQ(estate.phase(), "source");
}

TEST(Complete, is_a_one_way_door) {
  Estate estate;
  ASSERT_TRUE(estate.run(cutover));
  EXPECT_EQ(estate.run(complete)->phase, "completed");
  EXPECT_EQ(estate.run(rollback).error().code, "completed");
  EXPECT_EQ(estate.states(), kAfter);
  EXPECT_TRUE(cutover_state(*estate.durable, "old:new")->previous.empty());
}

TEST(Complete, waits_for_what_is_unfinished) {
  Estate estate;
  estate.source.refuse_calls_with("/api/job/switch", {"permission-denied", "no"});
  (void)estate.run(cutover);
  EXPECT_EQ(estate.run(complete).error().code, "cutover-unfinished");
}

// Where something breaks: at the n-th call of one side, or the n-th write of the journal.
enum class Place { source, target, journal };

// Runs the verb with a fault there; true when the fault happened.
bool run_broken(Estate& estate, Estate::Verb verb, Place place, long long n, Fault fault) {
  fakes::Life life;
  fakes::FaultyJournal journal(*estate.durable, life);
  estate.source.plan_fault(place == Place::source ? n : 0, fault, &life);
  estate.target.plan_fault(place == Place::target ? n : 0, fault, &life);
  if (place == Place::journal) journal.plan_fault(n, fault);
  (void)estate.run(verb, journal);
  const bool fired = journal.fault_fired() ||
                     (place == Place::source && estate.source.calls() >= n) ||
                     (place == Place::target && estate.target.calls() >= n);
  estate.source.plan_fault(0, Fault::none, nullptr);
  estate.target.plan_fault(0, Fault::none, nullptr);
  return fired;
}

class SwitchFaults : public ::testing::TestWithParam<std::tuple<Place, Fault, int>> {
 protected:
  // Breaks `broken` at every point, then runs `then` until it is done, and expects the states.
  void every_point(Estate::Verb broken, Estate::Verb then, bool after_cutover, const char* states,
                   const char* phase) {
    const auto [place, fault, parallel] = GetParam();
    bool fired = true;
    int points = 0;
    for (long long n = 1; fired; ++n) {
      ASSERT_LT(n, 200);
      Estate estate;
      estate.world.run.parallel = parallel;
      if (after_cutover) {
        ASSERT_TRUE(estate.run(cutover));
      }
      fired = run_broken(estate, broken, place, n, fault);
      points += fired ? 1 : 0;
      const auto report = estate.run(then);
      ASSERT_TRUE(report) << n << ": " << report.error().to_text();
      EXPECT_EQ(estate.states(), states) << n;
      EXPECT_EQ(estate.phase(), phase) << n;
    }
    EXPECT_GT(points, 2);
  }
};

TEST_P(SwitchFaults, cutover_goes_on_to_the_same_end) {
  every_point(cutover, cutover, false, kAfter, "target");
}
TEST_P(SwitchFaults, an_interrupted_cutover_can_be_taken_back) {
  every_point(cutover, rollback, false, kBefore, "source");
}
TEST_P(SwitchFaults, rollback_goes_on_to_the_same_end) {
  every_point(rollback, rollback, true, kBefore, "source");
}

INSTANTIATE_TEST_SUITE_P(
    EveryPoint, SwitchFaults,
    ::testing::Combine(::testing::Values(Place::source, Place::target, Place::journal),
                       ::testing::Values(Fault::refuse, Fault::die_before, Fault::die_after),
                       ::testing::Values(1, 4)));

}  // namespace
}  // namespace lakeshift::stages
