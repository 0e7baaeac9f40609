#include "twin/schedule.h"

#include <array>
#include <charconv>
#include <chrono>
#include <set>
#include <string>
#include <vector>

#include "core/base/strings.h"
#include "twin/call.h"

namespace lakeshift::twin {
namespace {

struct Part {
  std::string_view name;
  int least;
  int most;
};
constexpr std::array<Part, 6> kParts = {{{"seconds", 0, 59},
                                         {"minutes", 0, 59},
                                         {"hours", 0, 23},
                                         {"day of month", 1, 31},
                                         {"month", 1, 12},
                                         {"day of week", 1, 7}}};
constexpr std::string_view kMonths[] = {"JAN", "FEB", "MAR", "APR", "MAY", "JUN",
                                        "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};
constexpr std::string_view kDays[] = {"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"};

struct Schedule {
  std::array<std::set<int>, 6> allowed;
  bool last_day = false;      // "L" as day of month
  bool days_by_week = false;  // the day of week decides
};

std::optional<int> number_of(const std::string& text, std::size_t part) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc() && end == text.data() + text.size()) return value;
  for (int i = 0; part == 4 && i < 12; ++i) {
    if (equals_ignoring_case(text, kMonths[i])) return i + 1;
  }
  for (int i = 0; part == 5 && i < 7; ++i) {
    if (equals_ignoring_case(text, kDays[i])) return i + 1;
  }
  return std::nullopt;
}

// One element of a list: "*", "5", "1-5", "*/15", "3/10", "MON-FRI".
bool add_element(std::string text, std::size_t part, std::set<int>& values) {
  const Part& limits = kParts[part];
  int step = 1;
  if (const std::size_t slash = text.find('/'); slash != std::string::npos) {
    const auto parsed = number_of(text.substr(slash + 1), 0);
    if (!parsed || *parsed <= 0) return false;
    step = *parsed;
    text = text.substr(0, slash);
    if (text != "*" && text.find('-') == std::string::npos)
      text += "-" + std::to_string(limits.most);
  }
  int from = limits.least;
  int to = limits.most;
  if (text != "*" && text != "?") {
    const std::size_t dash = text.find('-');
    const auto first = number_of(text.substr(0, dash), part);
    const auto last = dash == std::string::npos ? first : number_of(text.substr(dash + 1), part);
    if (!first || !last || *first < limits.least || *last > limits.most) return false;
    from = *first;
    to = *last;
  }
  for (int value = from; from <= to && value <= to; value += step) values.insert(value);
  return from <= to;
}

Result<Schedule> parse(std::string_view expression) {
  std::vector<std::string> words;
  for (const std::string& word : split(trim(expression), ' ')) {
    if (!word.empty()) words.push_back(word);
  }
  if (words.size() != 6 && words.size() != 7)
    return invalid("'" + std::string(expression) + "' is not a Quartz cron expression: it has " +
                   std::to_string(words.size()) + " fields, not 6 or 7");
  if ((words[3] == "?") == (words[5] == "?"))
    return invalid("'" + std::string(expression) +
                   "': exactly one of day of month and day of week must be '?'");
  Schedule schedule;
  schedule.days_by_week = words[3] == "?";
  for (std::size_t part = 0; part < 6; ++part) {
    if (part == 3 && words[3] == "L") {
      schedule.last_day = true;
      continue;
    }
    for (std::string element : split(words[part], ',')) {
      // "2#1" and "6L" (which week of the month) fire in every week here.
      if (part == 5) element = element.substr(0, element.find_first_of("#L"));
      if (part == 3) element = element.substr(0, element.find('W'));
      if (!add_element(element, part, schedule.allowed[part]))
        return invalid("'" + std::string(expression) + "': field " +
                       std::string(kParts[part].name) + " cannot be '" + words[part] + "'");
    }
  }
  return schedule;
}

bool fits_day(const Schedule& schedule, std::chrono::sys_days day) {
  const std::chrono::year_month_day date(day);
  const int month = static_cast<int>(static_cast<unsigned>(date.month()));
  if (!schedule.allowed[4].contains(month)) return false;
  if (schedule.days_by_week) {
    const int week_day = static_cast<int>(std::chrono::weekday(day).c_encoding()) + 1;
    return schedule.allowed[5].contains(week_day);
  }
  if (schedule.last_day)
    return std::chrono::year_month_day(day + std::chrono::days(1)).day() == std::chrono::day(1);
  return schedule.allowed[3].contains(static_cast<int>(static_cast<unsigned>(date.day())));
}

}  // namespace

Status check_quartz(std::string_view expression) {
  LS_ASSIGN(const Schedule schedule, parse(expression));
  return {};
}

std::optional<long long> next_firing(std::string_view expression, long long after_ms) {
  const auto schedule = parse(expression);
  if (!schedule) return std::nullopt;
  const std::chrono::sys_seconds start(std::chrono::seconds(after_ms / 1000 + 1));
  auto day = std::chrono::floor<std::chrono::days>(start);
  const auto first_second = (start - day).count();
  for (int offset = 0; offset < 4 * 366; ++offset, day += std::chrono::days(1)) {
    if (!fits_day(*schedule, day)) continue;
    for (const int hour : schedule->allowed[2]) {
      for (const int minute : schedule->allowed[1]) {
        for (const int second : schedule->allowed[0]) {
          const long long at = hour * 3600LL + minute * 60LL + second;
          if (offset == 0 && at < first_second) continue;
          return (std::chrono::sys_seconds(day).time_since_epoch().count() + at) * 1000;
        }
      }
    }
  }
  return std::nullopt;
}

}  // namespace lakeshift::twin
