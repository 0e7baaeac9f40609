// Constants of dates, times and intervals in the spellings Redshift accepts, and as Databricks
// writes them. docs.aws.amazon.com/redshift/latest/dg/r_Datetime_types.html,
// r_date_and_time_literals, r_interval_literals (2026-11).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace lakeshift::sql {

struct Moment {
  int year = 0, month = 1, day = 1;
  int hour = 0, minute = 0, second = 0, micros = 0;
  bool has_date = false;
  bool has_time = false;
  std::string zone{};        // "+02:00", "UTC", a name; empty: none
  bool abbreviated = false;  // the zone was written as EST
};

// Nothing when the text is no date or time in a spelling we know, or names a day that does not
// exist.
std::optional<Moment> read_moment(std::string_view text);
std::string spell_date(const Moment& moment);       // 2020-02-29
std::string spell_time(const Moment& moment);       // 10:20:30.5
std::string spell_timestamp(const Moment& moment);  // 2020-02-29 10:20:30.5, with the zone if any

// What the abbreviation of a zone, without case, stands for: "-05:00" for EST; empty when it is
// none. docs.aws.amazon.com/redshift/latest/dg/time-zone-abbrevs (2026-11).
std::string_view fixed_offset(std::string_view abbreviation);

struct Interval {
  std::int64_t months = 0;
  std::int64_t micros = 0;  // days are 24 hours
};

// '1 day 2 hours', '1-2', '1 02:03:04', '3'; a number without a unit counts `unit` ("" is seconds).
std::optional<Interval> read_interval(std::string_view text, std::string_view unit);
// INTERVAL '14' MONTH, INTERVAL '1 02:03:04.000000' DAY TO SECOND
std::string spell_months(std::int64_t months);
std::string spell_day_time(std::int64_t micros);

// The date part a word names (c_Dateparts: "yr", "mons", "qtr", "dow", …) in one spelling, or
// empty.
std::string_view read_date_part(std::string_view word);

}  // namespace lakeshift::sql
