// Time zones by their present rules (data/timezones.csv): enough for schedules around now, not for
// history.
#pragma once

#include <chrono>
#include <string_view>

#include "core/base/result.h"

namespace lakeshift::formats {

class TimeZone {
 public:
  // "Europe/Berlin", "UTC", and offsets as Java writes them ("GMT+02:00", "GMT-5"). Error
  // "unknown-time-zone" with the closest name.
  static Result<TimeZone> find(std::string_view name);
  // A POSIX TZ text: "CET-1CEST,M3.5.0,M10.5.0/3". Error "bad-time-zone".
  static Result<TimeZone> from_rule(std::string_view rule);

  // Seconds east of Greenwich.
  std::chrono::seconds offset_at(std::chrono::sys_seconds instant) const;
  // A wall clock time that is skipped in spring counts as later by the gap; one that happens twice
  // is the first.
  std::chrono::sys_seconds to_utc(std::chrono::local_seconds wall_clock) const;
  std::chrono::local_seconds to_local(std::chrono::sys_seconds instant) const;

 private:
  struct Turn {
    enum class Form {
      month_week_day,
      julian_without_leap,
      day_of_year
    } form = Form::month_week_day;
    int month = 0, week = 0, day = 0;
    std::chrono::seconds at{7200};
    std::chrono::local_seconds in_year(
        int year) const;  // by the clock that is valid before the turn
  };
  friend class RuleReader;

  std::chrono::seconds standard_{0}, summer_{0};
  bool has_summer_ = false;
  Turn to_summer_, to_standard_;
};

}  // namespace lakeshift::formats
