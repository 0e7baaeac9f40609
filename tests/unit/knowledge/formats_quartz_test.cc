#include <gtest/gtest.h>

#include "core/base/embedded.h"
#include "core/base/strings.h"
#include "knowledge/formats/quartz.h"

namespace lakeshift::formats {
namespace {

using namespace std::chrono;

local_seconds wall(int y, unsigned m, unsigned d, int h = 0, int min = 0, int s = 0) {
  return local_days(year(y) / month(m) / day(d)) + hours(h) + minutes(min) + seconds(s);
}
sys_seconds utc(int y, unsigned m, unsigned d, int h = 0, int min = 0, int s = 0) {
  return sys_seconds(wall(y, m, d, h, min, s).time_since_epoch());
}
std::string text(local_seconds at) {
  const auto date = floor<days>(at);
  const year_month_day ymd(date);
  const hh_mm_ss time(at - date);
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, "%d-%02u-%02u %02ld:%02ld:%02ld", int(ymd.year()),
                unsigned(ymd.month()), unsigned(ymd.day()), long(time.hours().count()),
                long(time.minutes().count()), long(time.seconds().count()));
  return buffer;
}
std::string next(const char* expression, local_seconds after = wall(2026, 11, 20, 9, 30)) {
  const auto schedule = Quartz::parse(expression);
  if (!schedule) return schedule.error().code;
  const auto found = schedule->next(after);
  return found ? text(*found) : "never";
}

// 2026-11-20 is a Friday.
TEST(Quartz, finds_the_next_time_of_every_kind_of_field) {
  EXPECT_EQ(next("0 0 12 * * ?"), "2026-11-20 12:00:00");
  EXPECT_EQ(next("0 30 9 * * ?"), "2026-11-21 09:30:00") << "strictly after";
  EXPECT_EQ(next("0 0/15 * * * ?"), "2026-11-20 09:45:00");
  EXPECT_EQ(next("*/20 * * * * ?"), "2026-11-20 09:30:20");
  EXPECT_EQ(next("0/1 * * * * ?"), "2026-11-20 09:30:01") << "a step of one is every one";
  EXPECT_EQ(next("0 15 10 ? * MON-FRI"), "2026-11-20 10:15:00");
  EXPECT_EQ(next("0 15 8 ? * mon-fri"), "2026-11-23 08:15:00");
  EXPECT_EQ(next("0 0 6 ? * 1"), "2026-11-22 06:00:00") << "1 is Sunday";
  EXPECT_EQ(next("0 0 6 ? * L"), "2026-11-21 06:00:00") << "L is Saturday";
  EXPECT_EQ(next("0 0 6 ? * SAT,TUE"), "2026-11-21 06:00:00");
  EXPECT_EQ(next("0 0 23-1 * * ?"), "2026-11-20 23:00:00");
  EXPECT_EQ(next("0 0 23-1 * * ?", wall(2026, 11, 20, 23)), "2026-11-21 00:00:00");
  EXPECT_EQ(next("0 0 0 ? * FRI-MON", wall(2026, 11, 23, 1)), "2026-11-27 00:00:00");
  EXPECT_EQ(next("0 0 6 1 1/3 ?"), "2027-01-01 06:00:00");
  EXPECT_EQ(next("0 0 6 10 MAR,DEC ?"), "2026-12-10 06:00:00");
  EXPECT_EQ(next("0 11 11 11 11 ?"), "2027-11-11 11:11:00");
  EXPECT_EQ(next("5 4 3 2 1 ? 2031"), "2031-01-02 03:04:05");
  EXPECT_EQ(next("0 0 0 1 1 ? 2020"), "never");
  EXPECT_EQ(next("0 0 0 29 2 ?"), "2028-02-29 00:00:00");
  EXPECT_EQ(next("0 0 0 31 2 ?"), "never");
}

TEST(Quartz, knows_the_ends_of_months_and_workdays) {
  EXPECT_EQ(next("0 0 6 L * ?"), "2026-11-30 06:00:00");
  EXPECT_EQ(next("0 0 6 L-3 * ?"), "2026-11-27 06:00:00");
  EXPECT_EQ(next("0 0 6 L 2 ?"), "2027-02-28 06:00:00");
  EXPECT_EQ(next("0 0 6 LW * ?", wall(2026, 10, 1)), "2026-10-30 06:00:00")
      << "the 31st is a Saturday";
  EXPECT_EQ(next("0 0 6 15W * ?", wall(2026, 11, 1)), "2026-11-16 06:00:00")
      << "the 15th is a Sunday";
  EXPECT_EQ(next("0 0 6 1W * ?", wall(2026, 7, 31)), "2026-08-03 06:00:00") << "not into July";
  EXPECT_EQ(next("0 0 6 31W * ?", wall(2027, 1, 1)), "2027-01-29 06:00:00")
      << "the 31st is a Sunday, not into February";
  EXPECT_EQ(next("0 0 6 ? * 6L"), "2026-11-27 06:00:00");
  EXPECT_EQ(next("0 0 6 ? * FRIL", wall(2026, 11, 28)), "2026-12-25 06:00:00");
  EXPECT_EQ(next("0 0 6 ? * 6#3", wall(2026, 11, 1)), "2026-11-20 06:00:00");
  EXPECT_EQ(next("0 0 6 ? * MON#5"), "2026-11-30 06:00:00");
}

TEST(Quartz, refuses_what_quartz_refuses_and_names_the_field) {
  for (const char* bad :
       {"", "* * * * *", "0 0 0 * * ? 2026 1", "60 0 0 * * ?", "0 60 0 * * ?", "0 0 24 * * ?",
        "0 0 0 32 * ?", "0 0 0 0 * ?", "0 0 0 * 13 ?", "0 0 0 ? * 8", "0 0 0 ? * FOO",
        "0 0 0 * * *", "0 0 0 ? * ?", "0 0/0 0 * * ?", "a 0 0 * * ?", "0 0 0 ? * 6#6",
        "0 0 0 L-x * ?", "0 0 0 W * ?", "0,, 0 0 * * ?"})
    EXPECT_EQ(next(bad), "bad-schedule") << bad;
  EXPECT_NE(Quartz::parse("0 0 25 * * ?").error().message.find("hours"), std::string::npos);
}

TEST(TimeZone, follows_the_rules_of_both_hemispheres) {
  const auto berlin = TimeZone::find("Europe/Berlin");
  ASSERT_TRUE(berlin);
  EXPECT_EQ(berlin->offset_at(utc(2026, 1, 1)), hours(1));
  EXPECT_EQ(berlin->offset_at(utc(2026, 7, 1)), hours(2));
  EXPECT_EQ(berlin->offset_at(utc(2026, 3, 29, 0, 59, 59)), hours(1));
  EXPECT_EQ(berlin->offset_at(utc(2026, 3, 29, 1)), hours(2));
  EXPECT_EQ(berlin->offset_at(utc(2026, 10, 25, 0, 59, 59)), hours(2));
  EXPECT_EQ(berlin->offset_at(utc(2026, 10, 25, 1)), hours(1));
  const auto sydney = TimeZone::find("Australia/Sydney");
  ASSERT_TRUE(sydney);
  EXPECT_EQ(sydney->offset_at(utc(2026, 1, 1)), hours(11));
  EXPECT_EQ(sydney->offset_at(utc(2026, 7, 1)), hours(10));
  EXPECT_EQ(TimeZone::find("Asia/Kolkata")->offset_at(utc(2026, 1, 1)), minutes(330));
  EXPECT_EQ(TimeZone::find("America/New_York")->offset_at(utc(2026, 7, 1)), hours(-4));
  EXPECT_EQ(TimeZone::find("Australia/Lord_Howe")->offset_at(utc(2026, 1, 1)), hours(11));
  EXPECT_EQ(TimeZone::find("Europe/Dublin")->offset_at(utc(2026, 7, 1)), hours(1))
      << "winter is its exception";
  EXPECT_EQ(TimeZone::find("Europe/Dublin")->offset_at(utc(2026, 1, 1)), hours(0));
  EXPECT_EQ(TimeZone::find("GMT+02:30")->offset_at(utc(2026, 7, 1)), minutes(150));
  EXPECT_EQ(TimeZone::find("GMT-5")->offset_at(utc(2026, 7, 1)), hours(-5));
}

TEST(TimeZone, suggests_the_closest_name) {
  const auto typo = TimeZone::find("Europe/Berln");
  ASSERT_FALSE(typo);
  EXPECT_EQ(typo.error().code, "unknown-time-zone");
  EXPECT_NE(typo.error().remedy.find("Europe/Berlin"), std::string::npos);
  EXPECT_FALSE(TimeZone::find(""));
  EXPECT_FALSE(TimeZone::find("zone"));
  EXPECT_FALSE(TimeZone::from_rule("CET-1CEST,M13.5.0,M10.5.0"));
}

TEST(TimeZone, reads_every_rule_of_the_table_and_converts_both_ways) {
  int zones = 0;
  for (const std::string& line : split(embedded_file("data/timezones.csv"), '\n')) {
    const std::size_t end = line.find(';');
    if (end == std::string::npos || line == "zone;rule") continue;
    const auto zone = TimeZone::find(line.substr(0, end));
    ASSERT_TRUE(zone) << line;
    ++zones;
    for (sys_seconds at = utc(2026, 1, 1, 0, 30); at < utc(2027, 1, 1); at += hours(12))
      ASSERT_EQ(zone->to_local(zone->to_utc(zone->to_local(at))), zone->to_local(at)) << line;
  }
  EXPECT_GT(zones, 400);
}

std::string due(const char* expression, const char* zone, sys_seconds from, sys_seconds to) {
  std::string all;
  for (const sys_seconds at :
       due_between(*Quartz::parse(expression), *TimeZone::find(zone), from, to, 100))
    all += text(local_seconds(at.time_since_epoch())) + ";";
  return all;
}

TEST(DueBetween, counts_in_the_schedules_own_zone) {
  EXPECT_EQ(due("0 0 6 * * ?", "Asia/Kolkata", utc(2026, 11, 20), utc(2026, 11, 22)),
            "2026-11-20 00:30:00;2026-11-21 00:30:00;");
  EXPECT_EQ(due("0 0 6 * * ?", "UTC", utc(2026, 11, 20, 6), utc(2026, 11, 21, 6)),
            "2026-11-21 06:00:00;")
      << "after the first, up to the second instant";
}

TEST(DueBetween, copes_with_turned_clocks) {
  // Spring: 02:30 does not exist on the 29th; the run happens once, an hour later by the new clock.
  EXPECT_EQ(due("0 30 2 * * ?", "Europe/Berlin", utc(2026, 3, 28), utc(2026, 3, 31)),
            "2026-03-28 01:30:00;2026-03-29 01:30:00;2026-03-30 00:30:00;");
  // Autumn: 02:30 happens twice on the 25th; the run happens once.
  EXPECT_EQ(due("0 30 2 * * ?", "Europe/Berlin", utc(2026, 10, 24), utc(2026, 10, 27)),
            "2026-10-24 00:30:00;2026-10-25 00:30:00;2026-10-26 01:30:00;");
}

}  // namespace
}  // namespace lakeshift::formats
