#include "knowledge/formats/quartz.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>

#include "core/base/strings.h"

namespace lakeshift::formats {
namespace {

using std::chrono::days;
using std::chrono::local_days;
using std::chrono::local_seconds;
using std::chrono::seconds;
using std::chrono::sys_seconds;
using std::chrono::weekday;
using std::chrono::year_month_day;
using std::chrono::year_month_day_last;

constexpr std::array<std::string_view, 12> kMonths = {"JAN", "FEB", "MAR", "APR", "MAY", "JUN",
                                                      "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};
constexpr std::array<std::string_view, 7> kWeekdays = {"SUN", "MON", "TUE", "WED",
                                                       "THU", "FRI", "SAT"};
constexpr int kFirstYear = 1970;
constexpr int kYearsAhead = 100;

// What a field may hold.
struct FieldRange {
  const char* name;
  int low, high;
  std::span<const std::string_view> names = {};
};
constexpr FieldRange kSeconds = {"seconds", 0, 59}, kMinutes = {"minutes", 0, 59},
                     kHours = {"hours", 0, 23};
constexpr FieldRange kDays = {"day of month", 1, 31}, kMonthRange = {"month", 1, 12, kMonths};
constexpr FieldRange kWeekdayRange = {"day of week", 1, 7, kWeekdays},
                     kYears = {"year", 1970, 2169};

Error bad_field(const FieldRange& range, std::string_view text, const std::string& why) {
  return {"bad-schedule",
          "the field for " + std::string(range.name) + " reads '" + printable(text) + "': " + why,
          "cron expression", "see the Quartz cron syntax"};
}

std::optional<int> whole_number(std::string_view text) {
  int value = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || parsed.ec != std::errc() || parsed.ptr != text.data() + text.size())
    return std::nullopt;
  return value;
}

std::optional<int> value_of(const FieldRange& range, std::string_view text) {
  for (std::size_t i = 0; i < range.names.size(); ++i)
    if (equals_ignoring_case(text, range.names[i])) return static_cast<int>(i) + 1;
  const std::optional<int> number = whole_number(text);
  if (!number || *number < range.low || *number > range.high) return std::nullopt;
  return number;
}

int last_day_of(year_month_day date) {
  return static_cast<int>(
      static_cast<unsigned>((date.year() / date.month() / std::chrono::last).day()));
}

int day_of(year_month_day date) { return static_cast<int>(static_cast<unsigned>(date.day())); }

// 1 = Sunday
int weekday_of(year_month_day date) {
  return static_cast<int>(weekday(local_days(date)).c_encoding()) + 1;
}

// The workday of the month that is nearest to a day of it.
int nearest_workday(year_month_day date, int day) {
  const int last = last_day_of(date);
  day = std::min(day, last);
  const year_month_day at =
      date.year() / date.month() / std::chrono::day(static_cast<unsigned>(day));
  const int falls_on = weekday_of(at);
  if (falls_on == 7) return day == 1 ? day + 2 : day - 1;
  if (falls_on == 1) return day == last ? day - 2 : day + 1;
  return day;
}

}  // namespace

class QuartzReader {
 public:
  explicit QuartzReader(Quartz& into) : into_(into) {}

  Status read(std::string_view expression) {
    std::vector<std::string> fields;
    for (const std::string& part :
         split(replace_all(std::string(trim(expression)), "\t", " "), ' '))
      if (!part.empty()) fields.push_back(part);
    if (fields.size() != 6 && fields.size() != 7)
      return fail("bad-schedule",
                  "'" + printable(expression) + "' has " + std::to_string(fields.size()) +
                      " fields, Quartz has 6 or 7",
                  "cron expression",
                  "write: seconds minutes hours day-of-month month day-of-week [year]");
    LS_TRY(set(kSeconds, fields[0], into_.seconds_));
    LS_TRY(set(kMinutes, fields[1], into_.minutes_));
    LS_TRY(set(kHours, fields[2], into_.hours_));
    LS_TRY(day_of_month(fields[3]));
    LS_TRY(set(kMonthRange, fields[4], into_.months_));
    LS_TRY(day_of_week(fields[5]));
    if (into_.any_day_ == into_.any_weekday_)
      return fail(bad_field(kDays, fields[3] + " … " + fields[5],
                            "exactly one of day of month and day of week must be '?'"));
    if (fields.size() == 6) {
      into_.years_.set();
      return {};
    }
    return set(kYears, fields[6], into_.years_, kFirstYear);
  }

 private:
  template <std::size_t N>
  Status set(const FieldRange& range, std::string_view text, std::bitset<N>& bits, int offset = 0) {
    for (const std::string& part : split(text, ',')) LS_TRY(set_part(range, part, bits, offset));
    return {};
  }

  // "*", "5", "5-10", each with "/step"; a step after a single value runs to the end.
  template <std::size_t N>
  Status set_part(const FieldRange& range, std::string_view part, std::bitset<N>& bits,
                  int offset) {
    int step = 1;
    std::string_view values = part;
    const std::size_t slash = part.find('/');
    const bool stepped = slash != std::string_view::npos;  // "0/1" is every second, "0" is not
    if (stepped) {
      const std::optional<int> given = whole_number(part.substr(slash + 1));
      if (!given || *given < 1)
        return fail(bad_field(range, part, "the step is no number above 0"));
      step = *given;
      values = part.substr(0, slash);
    }
    int low = range.low, high = range.high;
    if (!values.empty() && values != "*") {
      const std::size_t dash = values.find('-');
      const std::optional<int> first = value_of(range, values.substr(0, dash));
      const std::optional<int> last = dash == std::string_view::npos
                                          ? (stepped ? range.high : first)
                                          : value_of(range, values.substr(dash + 1));
      if (!first || !last)
        return fail(bad_field(
            range, part,
            "expected " + std::to_string(range.low) + " to " + std::to_string(range.high)));
      low = *first;
      high = *last;
    } else if (values.empty() && part.empty()) {
      return fail(bad_field(range, part, "it is empty"));
    }
    // "FRI-MON" and "22-2" go over the end.
    const int size = range.high - range.low + 1;
    if (high < low) high += size;
    for (int value = low; value <= high; value += step)
      bits.set(static_cast<std::size_t>(range.low + (value - range.low) % size - offset));
    return {};
  }

  Status day_of_month(std::string_view text) {
    if (text == "?") {
      into_.any_day_ = true;
      return {};
    }
    if (equals_ignoring_case(text, "LW")) {
      into_.last_workday_ = true;
      return {};
    }
    if (text.starts_with('L') || text.starts_with('l')) {
      const std::optional<int> before = text.size() == 1 ? 0
                                        : text[1] == '-' ? whole_number(text.substr(2))
                                                         : std::nullopt;
      if (!before || *before < 0 || *before > 30)
        return fail(bad_field(kDays, text, "expected L, LW or L-<days>"));
      into_.before_last_ = before;
      return {};
    }
    if (text.ends_with('W') || text.ends_with('w')) {
      into_.near_workday_ = value_of(kDays, text.substr(0, text.size() - 1));
      if (!into_.near_workday_) return fail(bad_field(kDays, text, "expected <day>W"));
      return {};
    }
    return set(kDays, text, into_.days_);
  }

  Status day_of_week(std::string_view text) {
    if (text == "?") {
      into_.any_weekday_ = true;
      return {};
    }
    if (equals_ignoring_case(text, "L")) {
      into_.weekdays_.set(7);
      return {};
    }
    if (const std::size_t hash = text.find('#'); hash != std::string_view::npos) {
      const std::optional<int> day = value_of(kWeekdayRange, text.substr(0, hash));
      const std::optional<int> which = whole_number(text.substr(hash + 1));
      if (!day || !which || *which < 1 || *which > 5)
        return fail(bad_field(kWeekdayRange, text, "expected <day>#<1 to 5>"));
      into_.nth_weekday_ = {*day, *which};
      return {};
    }
    if (text.size() > 1 && (text.ends_with('L') || text.ends_with('l'))) {
      into_.last_weekday_ = value_of(kWeekdayRange, text.substr(0, text.size() - 1));
      if (!into_.last_weekday_) return fail(bad_field(kWeekdayRange, text, "expected <day>L"));
      return {};
    }
    return set(kWeekdayRange, text, into_.weekdays_);
  }

  Quartz& into_;
};

Result<Quartz> Quartz::parse(std::string_view expression) {
  Quartz schedule;
  LS_TRY(QuartzReader(schedule).read(expression));
  return schedule;
}

bool Quartz::matches_day_of_month(year_month_day date) const {
  const int day = day_of(date), last = last_day_of(date);
  if (before_last_) return day == last - *before_last_;
  if (last_workday_) return day == nearest_workday(date, last);
  if (near_workday_) return *near_workday_ <= last && day == nearest_workday(date, *near_workday_);
  return days_.test(static_cast<std::size_t>(day));
}

bool Quartz::matches_day_of_week(year_month_day date) const {
  const int day = day_of(date), falls_on = weekday_of(date);
  if (nth_weekday_)
    return falls_on == nth_weekday_->first && (day - 1) / 7 + 1 == nth_weekday_->second;
  if (last_weekday_) return falls_on == *last_weekday_ && day + 7 > last_day_of(date);
  return weekdays_.test(static_cast<std::size_t>(falls_on));
}

bool Quartz::matches_day(year_month_day date) const {
  const int year = static_cast<int>(date.year()) - kFirstYear;
  if (year < 0 || year >= static_cast<int>(years_.size()) ||
      !years_.test(static_cast<std::size_t>(year)))
    return false;
  if (!months_.test(static_cast<unsigned>(date.month()))) return false;
  return any_day_ ? matches_day_of_week(date) : matches_day_of_month(date);
}

std::optional<seconds> Quartz::next_time_of_day(seconds from) const {
  const auto start = static_cast<std::size_t>(from.count());
  for (std::size_t hour = start / 3600; hour < 24; ++hour) {
    if (!hours_.test(hour)) continue;
    for (std::size_t minute = hour == start / 3600 ? start / 60 % 60 : 0; minute < 60; ++minute) {
      if (!minutes_.test(minute)) continue;
      const bool same = hour * 60 + minute == start / 60;
      for (std::size_t second = same ? start % 60 : 0; second < 60; ++second)
        if (seconds_.test(second))
          return seconds(static_cast<long>(hour * 3600 + minute * 60 + second));
    }
  }
  return std::nullopt;
}

std::optional<local_seconds> Quartz::next(local_seconds after) const {
  const local_seconds from = after + seconds(1);
  local_days date = std::chrono::floor<days>(from);
  seconds time = from - date;
  for (int day = 0; day < kYearsAhead * 366; ++day) {
    if (matches_day(year_month_day(date)))
      if (const std::optional<seconds> found = next_time_of_day(time)) return date + *found;
    date += days(1);
    time = seconds(0);
  }
  return std::nullopt;
}

std::vector<sys_seconds> due_between(const Quartz& schedule, const TimeZone& zone, sys_seconds from,
                                     sys_seconds to, std::size_t most) {
  std::vector<sys_seconds> due;
  local_seconds wall_clock = zone.to_local(from);
  while (due.size() < most) {
    const std::optional<local_seconds> next = schedule.next(wall_clock);
    if (!next) break;
    wall_clock = *next;
    const sys_seconds at = zone.to_utc(*next);
    if (at > to) break;
    // When the clock is turned, two times on the wall can be one instant, or lie before it.
    if (at > from && (due.empty() || at > due.back())) due.push_back(at);
  }
  return due;
}

}  // namespace lakeshift::formats
