#include "knowledge/kinds/job_runs.h"

#include <gtest/gtest.h>

#include "core/base/json.h"
#include "tests/unit/fakes/fake_platform.h"
#include "tests/unit/fakes/fake_world.h"

namespace lakeshift::kinds {
namespace {

// One page of runs as Jobs API 2.2 lists them, newest first.
std::optional<engine::RunSeen> first_of(const char* runs) {
  Json asked;
  fakes::FakePlatform platform([&](const engine::Call& call) -> Result<Json> {
    asked = call.query;
    return Json{{"runs", Json::parse(runs)}};
  });
  model::Object job;
  job.id = {"new", "job", "12"};
  auto first = first_job_run(platform, job, fakes::kStart, {});
  EXPECT_TRUE(first) << first.error().to_text();
  EXPECT_EQ(text_at(asked, "job_id"), "12");
  EXPECT_EQ(scalar_text(member(asked, "start_time_from")),
            std::to_string(fakes::kStart.time_since_epoch().count()));
  return *first;
}

using State = engine::RunSeen::State;

TEST(FirstJobRun, is_the_oldest_with_its_end_and_page) {
  const auto run = first_of(R"([
    {"run_id": 9, "state": {"life_cycle_state": "RUNNING"}},
    {"run_id": 8, "run_page_url": "https://h/run/8", "state": {"life_cycle_state": "TERMINATED",
     "result_state": "FAILED", "state_message": "no such table"}}])");
  ASSERT_TRUE(run);
  EXPECT_EQ(run->id, "8");
  EXPECT_EQ(run->state, State::failed);
  EXPECT_EQ(run->outcome + "|" + run->message + "|" + run->url,
            "FAILED|no such table|https://h/run/8");
  EXPECT_FALSE(first_of("[]"));
}

TEST(FirstJobRun, reads_the_newer_form_before_the_older_one) {
  const auto run = first_of(R"([{"run_id": 8,
    "status": {"state": "TERMINATED",
               "termination_details": {"code": "SUCCESS", "type": "SUCCESS", "message": "m"}},
    "state": {"life_cycle_state": "TERMINATED", "result_state": "FAILED"}}])");
  ASSERT_TRUE(run);
  EXPECT_EQ(run->state, State::succeeded);
  EXPECT_EQ(run->message, "m");
  EXPECT_EQ(first_of(R"([{"run_id": 8, "status": {"state": "RUNNING"}}])")->state, State::running);
}

TEST(FirstJobRun, that_never_came_to_run_failed) {
  EXPECT_EQ(first_of(R"([{"run_id": 8, "state": {"life_cycle_state": "SKIPPED",
                          "state_message": "concurrent runs"}}])")
                ->outcome,
            "SKIPPED");
  EXPECT_EQ(first_of(R"([{"run_id": 8, "state": {"life_cycle_state": "INTERNAL_ERROR"}}])")->state,
            State::failed);
  EXPECT_EQ(first_of(R"([{"run_id": 8, "state": {"life_cycle_state": "QUEUED"}}])")->state,
            State::running);
}

}  // namespace
}  // namespace lakeshift::kinds
