// Quartz cron expressions: "0 30 2 ? * MON-FRI", and when they are due.
// Facts: Quartz scheduler, CronExpression (quartz-scheduler.org documentation 2.3, cron trigger
// tutorial).
#pragma once

#include <bitset>
#include <chrono>
#include <optional>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "knowledge/formats/time_zone.h"

namespace lakeshift::formats {

// Fields: seconds minutes hours day-of-month month day-of-week [year]; * ? , - / L W LW L-3 6L 6#3,
// names of months and days.
class Quartz {
 public:
  // Error "bad-schedule" names the field and what is wrong with it.
  static Result<Quartz> parse(std::string_view expression);
  // The first time after `after` by the clock on the wall; none when there is none in the next
  // hundred years.
  std::optional<std::chrono::local_seconds> next(std::chrono::local_seconds after) const;

 private:
  friend class QuartzReader;
  bool matches_day(std::chrono::year_month_day date) const;
  bool matches_day_of_month(std::chrono::year_month_day date) const;
  bool matches_day_of_week(std::chrono::year_month_day date) const;
  std::optional<std::chrono::seconds> next_time_of_day(std::chrono::seconds from) const;

  std::bitset<60> seconds_, minutes_;
  std::bitset<24> hours_;
  std::bitset<32> days_;     // 1..31
  std::bitset<13> months_;   // 1..12
  std::bitset<8> weekdays_;  // 1 = Sunday … 7 = Saturday
  std::bitset<200> years_;   // since 1970; all when not given
  bool any_day_ = false;     // '?' in day-of-month
  bool any_weekday_ = false;
  std::optional<int> before_last_;                  // L-n (0: L)
  bool last_workday_ = false;                       // LW
  std::optional<int> near_workday_;                 // nW
  std::optional<int> last_weekday_;                 // nL
  std::optional<std::pair<int, int>> nth_weekday_;  // n#k
};

// Instants in (from, to] at which the schedule is due, at most `most`.
std::vector<std::chrono::sys_seconds> due_between(const Quartz& schedule, const TimeZone& zone,
                                                  std::chrono::sys_seconds from,
                                                  std::chrono::sys_seconds to, std::size_t most);

}  // namespace lakeshift::formats
