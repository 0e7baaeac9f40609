#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "sql/types/moment.h"
#include "sql/types/type.h"

namespace lakeshift::sql {
namespace {

constexpr std::int64_t kSecond = 1000000;
constexpr std::int64_t kDay = 86400 * kSecond;

struct PartName {
  std::string_view word;
  std::string_view part;
};

// docs.aws.amazon.com/redshift/latest/dg/r_Dateparts_for_datetime_functions.html
constexpr PartName kParts[] = {
    {"millennium", "millennium"},
    {"millennia", "millennium"},
    {"mil", "millennium"},
    {"mils", "millennium"},
    {"century", "century"},
    {"centuries", "century"},
    {"c", "century"},
    {"cent", "century"},
    {"cents", "century"},
    {"decade", "decade"},
    {"decades", "decade"},
    {"dec", "decade"},
    {"decs", "decade"},
    {"epoch", "epoch"},
    {"year", "year"},
    {"years", "year"},
    {"y", "year"},
    {"yr", "year"},
    {"yrs", "year"},
    {"quarter", "quarter"},
    {"quarters", "quarter"},
    {"qtr", "quarter"},
    {"qtrs", "quarter"},
    {"month", "month"},
    {"months", "month"},
    {"mon", "month"},
    {"mons", "month"},
    {"week", "week"},
    {"weeks", "week"},
    {"w", "week"},
    {"dayofweek", "dow"},
    {"dow", "dow"},
    {"dw", "dow"},
    {"weekday", "dow"},
    {"isodow", "isodow"},
    {"isoyear", "isoyear"},
    {"dayofyear", "doy"},
    {"doy", "doy"},
    {"dy", "doy"},
    {"yearday", "doy"},
    {"day", "day"},
    {"days", "day"},
    {"d", "day"},
    {"hour", "hour"},
    {"hours", "hour"},
    {"h", "hour"},
    {"hr", "hour"},
    {"hrs", "hour"},
    {"minute", "minute"},
    {"minutes", "minute"},
    {"m", "minute"},
    {"min", "minute"},
    {"mins", "minute"},
    {"second", "second"},
    {"seconds", "second"},
    {"s", "second"},
    {"sec", "second"},
    {"secs", "second"},
    {"millisecond", "millisecond"},
    {"milliseconds", "millisecond"},
    {"ms", "millisecond"},
    {"msec", "millisecond"},
    {"msecs", "millisecond"},
    {"msecond", "millisecond"},
    {"mseconds", "millisecond"},
    {"millisec", "millisecond"},
    {"millisecs", "millisecond"},
    {"millisecon", "millisecond"},
    {"microsecond", "microsecond"},
    {"microseconds", "microsecond"},
    {"microsec", "microsecond"},
    {"microsecs", "microsecond"},
    {"usecond", "microsecond"},
    {"useconds", "microsecond"},
    {"us", "microsecond"},
    {"usec", "microsecond"},
    {"usecs", "microsecond"},
    {"timezone", "timezone"},
    {"timezone_hour", "timezone_hour"},
    {"timezone_minute", "timezone_minute"},
};

bool add(Interval& total, double amount, std::string_view part) {
  const auto months = [&](double count) {
    if (count != std::floor(count))
      return false;  // half a month is 15 days in PostgreSQL: not ours
    total.months += static_cast<std::int64_t>(count);
    return true;
  };
  const auto micros = [&](double unit) {
    total.micros += static_cast<std::int64_t>(std::llround(amount * unit));
    return true;
  };
  if (part == "millennium") return months(amount * 12000);
  if (part == "century") return months(amount * 1200);
  if (part == "decade") return months(amount * 120);
  if (part == "year") return months(amount * 12);
  if (part == "quarter") return months(amount * 3);
  if (part == "month") return months(amount);
  if (part == "week") return micros(7.0 * kDay);
  if (part == "day") return micros(kDay);
  if (part == "hour") return micros(3600.0 * kSecond);
  if (part == "minute") return micros(60.0 * kSecond);
  if (part == "second" || part.empty()) return micros(kSecond);
  if (part == "millisecond") return micros(1000);
  if (part == "microsecond") return micros(1);
  return false;
}

// 02:03, 02:03:04.5
bool add_clock(Interval& total, const std::string& text, double sign) {
  double parts[3] = {0, 0, 0};
  std::size_t count = 0;
  const char* at = text.c_str();
  while (count < 3) {
    char* end = nullptr;
    parts[count++] = std::strtod(at, &end);
    if (end == at) return false;
    at = end;
    if (*at != ':') break;
    ++at;
  }
  if (*at != '\0') return false;
  const double seconds = parts[0] * 3600 + parts[1] * 60 + parts[2];
  total.micros += static_cast<std::int64_t>(std::llround(sign * seconds * kSecond));
  return true;
}

}  // namespace

std::string_view read_date_part(std::string_view word) {
  for (const PartName& one : kParts)
    if (same_word(one.word, word)) return one.part;
  return {};
}

std::optional<Interval> read_interval(std::string_view text, std::string_view unit) {
  const std::string_view default_part = read_date_part(unit);
  Interval total;
  std::string lowered = lower_case(text);
  const char* at = lowered.c_str();
  bool any = false;
  const auto blanks = [&] {
    while (*at == ' ' || *at == ',' || *at == '\t') ++at;
  };
  blanks();
  if (*at == '@') ++at;
  blanks();
  while (*at != '\0') {
    char* end = nullptr;
    const double sign = *at == '-' ? -1 : 1;
    const double amount = std::strtod(at, &end);
    if (end == at) return std::nullopt;
    if (*end == ':') {
      std::string clock;
      if (*at == '-' || *at == '+') ++at;
      while (*at != '\0' && *at != ' ') clock += *at++;
      if (!add_clock(total, clock, sign)) return std::nullopt;
    } else if (*end == '-' && end[1] >= '0' && end[1] <= '9') {  // '1-2': years and months
      char* last = nullptr;
      const double months = std::strtod(end + 1, &last);
      if (!add(total, amount, "year") || !add(total, sign * months, "month")) return std::nullopt;
      at = last;
    } else {
      at = end;
      blanks();
      std::string word;
      while (*at >= 'a' && *at <= 'z') word += *at++;
      if (word == "ago") return std::nullopt;
      std::string_view part = word.empty() ? default_part : read_date_part(word);
      // '1 02:03:04' DAY TO SECOND: the first number counts days
      if (word.empty() && (*at >= '0' && *at <= '9')) part = "day";
      if (!word.empty() && part.empty()) return std::nullopt;
      if (!add(total, amount, part)) return std::nullopt;
    }
    any = true;
    blanks();
  }
  if (!any) return std::nullopt;
  return total;
}

std::string spell_months(std::int64_t months) {
  if (months % 12 == 0 && months != 0) return "INTERVAL '" + std::to_string(months / 12) + "' YEAR";
  return "INTERVAL '" + std::to_string(months) + "' MONTH";
}

std::string spell_day_time(std::int64_t micros) {
  const auto whole = [&](std::int64_t unit, std::string_view word) {
    return "INTERVAL '" + std::to_string(micros / unit) + "' " + std::string(word);
  };
  if (micros % kDay == 0) return whole(kDay, "DAY");
  if (micros % (3600 * kSecond) == 0) return whole(3600 * kSecond, "HOUR");
  if (micros % (60 * kSecond) == 0) return whole(60 * kSecond, "MINUTE");
  if (micros % kSecond == 0) return whole(kSecond, "SECOND");
  const std::int64_t size = micros < 0 ? -micros : micros;
  std::array<char, 96> text{};
  std::snprintf(
      text.data(), text.size(), "INTERVAL '%s%lld %02lld:%02lld:%02lld.%06lld' DAY TO SECOND",
      micros < 0 ? "-" : "", static_cast<long long>(size / kDay),
      static_cast<long long>(size / (3600 * kSecond) % 24),
      static_cast<long long>(size / (60 * kSecond) % 60),
      static_cast<long long>(size / kSecond % 60), static_cast<long long>(size % kSecond));
  return text.data();
}

}  // namespace lakeshift::sql
