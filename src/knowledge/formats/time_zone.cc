#include "knowledge/formats/time_zone.h"

#include <charconv>
#include <string>
#include <vector>

#include "core/base/embedded.h"
#include "core/base/strings.h"

namespace lakeshift::formats {

using std::chrono::days;
using std::chrono::local_days;
using std::chrono::local_seconds;
using std::chrono::seconds;
using std::chrono::sys_seconds;

// Reads a POSIX TZ text from left to right.
class RuleReader {
 public:
  explicit RuleReader(std::string_view text) : text_(text) {}

  bool read(TimeZone& zone) {
    if (!name() || !time(zone.standard_)) return false;
    zone.standard_ = -zone.standard_;  // POSIX counts west of Greenwich
    zone.summer_ = zone.standard_;
    if (rest_is_empty()) return true;
    if (!name()) return false;
    zone.has_summer_ = true;
    zone.summer_ = zone.standard_ + std::chrono::hours(1);
    if (next_is_time()) {
      if (!time(zone.summer_)) return false;
      zone.summer_ = -zone.summer_;
    }
    return take(',') && turn(zone.to_summer_) && take(',') && turn(zone.to_standard_) &&
           rest_is_empty();
  }

  bool time(seconds& value) {
    const bool negative = take('-');
    if (!negative) (void)take('+');
    int parts[3] = {0, 0, 0};
    for (int i = 0; i < 3; ++i) {
      if (!number(parts[i])) return false;
      if (i == 2 || !take(':')) break;
    }
    value = seconds(parts[0] * 3600 + parts[1] * 60 + parts[2]);
    if (negative) value = -value;
    return true;
  }
  bool rest_is_empty() const { return text_.empty(); }

 private:
  bool take(char expected) {
    if (text_.empty() || text_.front() != expected) return false;
    text_.remove_prefix(1);
    return true;
  }
  bool next_is_time() const {
    return !text_.empty() && (text_.front() == '-' || text_.front() == '+' ||
                              (text_.front() >= '0' && text_.front() <= '9'));
  }
  bool number(int& value) {
    const auto parsed = std::from_chars(text_.data(), text_.data() + text_.size(), value);
    if (parsed.ec != std::errc() || value < 0 || value > 1000) return false;
    text_.remove_prefix(static_cast<std::size_t>(parsed.ptr - text_.data()));
    return true;
  }
  bool name() {
    if (take('<')) {
      const std::size_t end = text_.find('>');
      if (end == std::string_view::npos) return false;
      text_.remove_prefix(end + 1);
      return true;
    }
    std::size_t length = 0;
    while (length < text_.size() &&
           ((text_[length] | 0x20) >= 'a' && (text_[length] | 0x20) <= 'z'))
      ++length;
    text_.remove_prefix(length);
    return length >= 3;
  }
  bool turn(TimeZone::Turn& turn) {
    if (take('M')) {
      if (!number(turn.month) || !take('.') || !number(turn.week) || !take('.') ||
          !number(turn.day))
        return false;
      if (turn.month < 1 || turn.month > 12 || turn.week < 1 || turn.week > 5 || turn.day > 6)
        return false;
    } else {
      turn.form =
          take('J') ? TimeZone::Turn::Form::julian_without_leap : TimeZone::Turn::Form::day_of_year;
      if (!number(turn.day)) return false;
    }
    return !take('/') || time(turn.at);
  }

  std::string_view text_;
};

namespace {

std::vector<std::string> zone_names() {
  std::vector<std::string> names;
  for (const std::string& line : split(embedded_file("data/timezones.csv"), '\n'))
    if (const std::size_t end = line.find(';'); end != std::string::npos && line != "zone;rule")
      names.push_back(line.substr(0, end));
  return names;
}

std::string rule_of_zone(std::string_view name) {
  const std::string_view table = embedded_file("data/timezones.csv");
  const std::string start = "\n" + std::string(name) + ";";
  const std::size_t found = table.find(start);
  if (found == std::string_view::npos || name.empty()) return {};
  const std::size_t rule = found + start.size();
  return std::string(table.substr(rule, table.find('\n', rule) - rule));
}

}  // namespace

local_seconds TimeZone::Turn::in_year(int year) const {
  using namespace std::chrono;
  const std::chrono::year y(year);
  if (form == Form::day_of_year) return local_days(y / January / 1) + days(day) + at;
  if (form == Form::julian_without_leap) {
    const bool after_leap_day = y.is_leap() && day >= 60;
    return local_days(y / January / 1) + days(day - 1 + (after_leap_day ? 1 : 0)) + at;
  }
  const std::chrono::month m(static_cast<unsigned>(month));
  const std::chrono::weekday wanted(static_cast<unsigned>(day));
  const local_days date = week == 5 ? local_days(y / m / wanted[last])
                                    : local_days(y / m / wanted[static_cast<unsigned>(week)]);
  return date + at;
}

Result<TimeZone> TimeZone::from_rule(std::string_view rule) {
  TimeZone zone;
  if (!RuleReader(rule).read(zone))
    return fail("bad-time-zone", "'" + printable(rule) + "' is not a time zone rule", "time zone");
  return zone;
}

Result<TimeZone> TimeZone::find(std::string_view name) {
  if (const std::string rule = rule_of_zone(name); !rule.empty()) return from_rule(rule);
  for (const std::string_view prefix : {"GMT", "UTC"})
    if (name.starts_with(prefix)) {
      TimeZone zone;
      RuleReader offset(name.substr(3));
      if (offset.time(zone.standard_) && offset.rest_is_empty()) {
        zone.summer_ = zone.standard_;
        return zone;
      }
    }
  const std::string near = closest(name, zone_names());
  return fail(
      "unknown-time-zone", "there is no time zone '" + printable(name) + "'", "time zone",
      near.empty() ? "use an IANA name such as Europe/Berlin" : "did you mean '" + near + "'?");
}

seconds TimeZone::offset_at(sys_seconds instant) const {
  if (!has_summer_) return standard_;
  // The year by local time: around New Year the turns of the neighbours are far away.
  const local_seconds local(instant.time_since_epoch() + standard_);
  const int year =
      static_cast<int>(std::chrono::year_month_day(std::chrono::floor<days>(local)).year());
  const sys_seconds to_summer(to_summer_.in_year(year).time_since_epoch() - standard_);
  const sys_seconds to_standard(to_standard_.in_year(year).time_since_epoch() - summer_);
  if (to_summer < to_standard)
    return instant >= to_summer && instant < to_standard ? summer_ : standard_;
  return instant >= to_standard && instant < to_summer ? standard_ : summer_;
}

local_seconds TimeZone::to_local(sys_seconds instant) const {
  return local_seconds(instant.time_since_epoch() + offset_at(instant));
}

sys_seconds TimeZone::to_utc(local_seconds wall_clock) const {
  const seconds larger = std::max(standard_, summer_), smaller = std::min(standard_, summer_);
  const sys_seconds early(wall_clock.time_since_epoch() - larger);
  if (to_local(early) == wall_clock) return early;
  const sys_seconds late(wall_clock.time_since_epoch() - smaller);
  if (to_local(late) == wall_clock) return late;
  return late;  // skipped: as if the clock had not been turned yet
}

}  // namespace lakeshift::formats
