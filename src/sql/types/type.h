// The types of Amazon Redshift, as far as translation depends on them. A type that could not be
// found out is `unknown`; what is built on it is marked "assumed".
// docs.aws.amazon.com/redshift/latest/dg/c_Supported_data_types.html (2026-11).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "sql/node.h"

namespace lakeshift::sql {

enum class Base : std::uint8_t {
  unknown,
  null,     // NULL, without a type
  literal,  // a string constant, which takes the type of what stands beside it
  boolean,
  smallint,
  integer,
  bigint,
  decimal,
  real,
  double_,
  char_,
  varchar,
  date,
  time,
  timetz,
  timestamp,    // without time zone
  timestamptz,  // with
  interval_month,
  interval_day,
  interval,  // months and seconds in one: Databricks has no such type
  super,
  varbyte,
  geometry,
  geography,
  sketch,
  other,   // known, but of no concern here
  nested,  // STRUCT or ARRAY, a column of an external table
  map,     // the same of keys and values
};

struct Type {
  Base base = Base::unknown;
  std::uint16_t precision = 0;  // of decimal
  std::int16_t scale = 0;
  std::uint32_t length = 0;  // of char and varchar, in bytes

  bool known() const { return base != Base::unknown; }
  bool is(Base wanted) const { return base == wanted; }
  bool is_integer() const {
    return base == Base::smallint || base == Base::integer || base == Base::bigint;
  }
  bool is_exact() const { return is_integer() || base == Base::decimal; }
  bool is_float() const { return base == Base::real || base == Base::double_; }
  bool is_number() const { return is_exact() || is_float(); }
  bool is_text() const {
    return base == Base::literal || base == Base::char_ || base == Base::varchar;
  }
  bool is_string() const { return base == Base::char_ || base == Base::varchar; }
  bool is_moment() const {
    return base == Base::date || base == Base::timestamp || base == Base::timestamptz;
  }
  bool is_interval() const {
    return base == Base::interval || base == Base::interval_month || base == Base::interval_day;
  }
  bool is_nested() const { return base == Base::nested || base == Base::map; }
  bool operator==(const Type&) const = default;
};

constexpr Type type_of(Base base) { return {base, 0, 0, 0}; }
constexpr Type decimal_of(int precision, int scale) {
  return {Base::decimal, static_cast<std::uint16_t>(precision), static_cast<std::int16_t>(scale),
          0};
}
constexpr Type varchar_of(std::uint32_t length) { return {Base::varchar, 0, 0, length}; }

// The type that a type node of Redshift's or PostgreSQL's SQL names; unknown when it is none.
Type read_type(const Node* type);
// The same from text: "decimal(10,2)", "character varying(20)".
Type read_type(std::string_view text);
// As Redshift spells it.
std::string spell_type(const Type& type);
// As Databricks spells the column that holds it; empty when it has none.
std::string spell_databricks(const Type& type);

enum class Arithmetic : std::uint8_t { add, subtract, multiply, divide, modulo };
// What Redshift makes of two numbers; unknown when one of them is.
// docs.aws.amazon.com/redshift/latest/dg/r_numeric_computations201.html (2026-11).
Type combine_numbers(Arithmetic operation, const Type& left, const Type& right);
// What CASE, COALESCE, UNION and comparisons make of two types.
Type common_type(const Type& left, const Type& right);
// A number of any kind as DECIMAL: INTEGER is DECIMAL(10,0).
Type as_decimal(const Type& type);
// The type of a numeric constant.
Type type_of_number(std::string_view text);

std::string lower_case(std::string_view text);
bool same_word(std::string_view a, std::string_view b);  // without case, ASCII

}  // namespace lakeshift::sql
