#include <gtest/gtest.h>

#include "knowledge/kinds/job_schedule.h"
#include "tests/unit/fakes/fake_world.h"

namespace lakeshift::kinds {
namespace {

// From 2026-11-20T09:00Z.
std::string due(const char* settings, std::chrono::hours window) {
  const auto found =
      job_due_between({{"settings", Json::parse(settings)}}, fakes::kStart, fakes::kStart + window);
  if (!found) return found.error().code;
  std::string text;
  for (const world::Instant at : *found) text += world::to_iso8601(at).substr(5, 11) + " ";
  return text;
}

using std::chrono::hours;

TEST(JobDueBetween, counts_cron_schedules_in_their_zone) {
  EXPECT_EQ(
      due(R"({"schedule":{"quartz_cron_expression":"0 30 10 * * ?","timezone_id":"Europe/Berlin","pause_status":"UNPAUSED"}})",
          hours(48)),
      "11-20T09:30 11-21T09:30 ");
  EXPECT_EQ(due(R"({"schedule":{"quartz_cron_expression":"0 0 10 * * ?","timezone_id":"UTC"}})",
                hours(2)),
            "11-20T10:00 ");
  EXPECT_EQ(
      due(R"({"schedule":{"quartz_cron_expression":"0 0 10 * * ?","timezone_id":"UTC","pause_status":"PAUSED"}})",
          hours(2)),
      "");
}

TEST(JobDueBetween, counts_periodic_triggers) {
  EXPECT_EQ(due(R"({"trigger":{"periodic":{"interval":2,"unit":"HOURS"}}})", hours(5)),
            "11-20T11:00 11-20T13:00 ");
  EXPECT_EQ(due(R"({"trigger":{"file_arrival":{"url":"x"}}})", hours(5)), "");
  EXPECT_EQ(due(R"({"trigger":{"periodic":{"interval":0,"unit":"DAYS"}}})", hours(50)), "");
}

TEST(JobDueBetween, tells_schedules_it_cannot_read) {
  EXPECT_EQ(
      due(R"({"schedule":{"quartz_cron_expression":"every day","timezone_id":"UTC"}})", hours(5)),
      "bad-schedule");
  EXPECT_EQ(
      due(R"({"schedule":{"quartz_cron_expression":"0 0 10 * * ?","timezone_id":"Mars/Base"}})",
          hours(5)),
      "unknown-time-zone");
}

}  // namespace
}  // namespace lakeshift::kinds
