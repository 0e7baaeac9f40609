#include "sql/types/type.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace lakeshift::sql {
namespace {

constexpr std::array<char, 256> build_lower() {
  std::array<char, 256> table{};
  for (std::size_t i = 0; i < table.size(); ++i)
    table[i] = static_cast<char>(i >= 'A' && i <= 'Z' ? i + 32 : i);
  return table;
}
constexpr std::array<char, 256> kLower = build_lower();
char lower(char c) { return kLower[static_cast<unsigned char>(c)]; }

struct TypeName {
  std::string_view name;
  Type type;
};

constexpr TypeName kNames[] = {
    {"smallint", type_of(Base::smallint)},
    {"int2", type_of(Base::smallint)},
    {"integer", type_of(Base::integer)},
    {"int", type_of(Base::integer)},
    {"int4", type_of(Base::integer)},
    {"bigint", type_of(Base::bigint)},
    {"int8", type_of(Base::bigint)},
    {"oid", type_of(Base::bigint)},
    {"decimal", decimal_of(18, 0)},
    {"dec", decimal_of(18, 0)},
    {"numeric", decimal_of(18, 0)},
    {"real", type_of(Base::real)},
    {"float4", type_of(Base::real)},
    {"double precision", type_of(Base::double_)},
    {"double", type_of(Base::double_)},
    {"float8", type_of(Base::double_)},
    {"float", type_of(Base::double_)},
    {"boolean", type_of(Base::boolean)},
    {"bool", type_of(Base::boolean)},
    {"char", {Base::char_, 0, 0, 1}},
    {"character", {Base::char_, 0, 0, 1}},
    {"nchar", {Base::char_, 0, 0, 1}},
    {"bpchar", {Base::char_, 0, 0, 256}},
    {"varchar", varchar_of(256)},
    {"character varying", varchar_of(256)},
    {"char varying", varchar_of(256)},
    {"nvarchar", varchar_of(256)},
    {"text", varchar_of(256)},
    {"string", varchar_of(65535)},
    {"name", varchar_of(127)},
    {"date", type_of(Base::date)},
    {"timestamp", type_of(Base::timestamp)},
    {"datetime", type_of(Base::timestamp)},
    {"timestamp without time zone", type_of(Base::timestamp)},
    {"timestamptz", type_of(Base::timestamptz)},
    {"timestamp with time zone", type_of(Base::timestamptz)},
    {"time", type_of(Base::time)},
    {"time without time zone", type_of(Base::time)},
    {"timetz", type_of(Base::timetz)},
    {"time with time zone", type_of(Base::timetz)},
    {"interval", type_of(Base::interval)},
    {"interval year", type_of(Base::interval_month)},
    {"interval month", type_of(Base::interval_month)},
    {"interval year to month", type_of(Base::interval_month)},
    {"interval day", type_of(Base::interval_day)},
    {"interval hour", type_of(Base::interval_day)},
    {"interval minute", type_of(Base::interval_day)},
    {"interval second", type_of(Base::interval_day)},
    {"interval day to second", type_of(Base::interval_day)},
    {"interval day to hour", type_of(Base::interval_day)},
    {"interval day to minute", type_of(Base::interval_day)},
    {"interval hour to second", type_of(Base::interval_day)},
    {"interval hour to minute", type_of(Base::interval_day)},
    {"interval minute to second", type_of(Base::interval_day)},
    {"super", type_of(Base::super)},
    {"varbyte", type_of(Base::varbyte)},
    {"varbinary", type_of(Base::varbyte)},
    {"binary varying", type_of(Base::varbyte)},
    {"bytea", type_of(Base::varbyte)},
    {"geometry", type_of(Base::geometry)},
    {"geography", type_of(Base::geography)},
    {"hllsketch", type_of(Base::sketch)},
    {"struct", type_of(Base::nested)},
    {"array", type_of(Base::nested)},
    {"map", type_of(Base::map)},
};

std::uint32_t read_count(std::string_view text, std::uint32_t otherwise) {
  std::uint32_t value = otherwise;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

Type with_arguments(Type type, std::string_view first, std::string_view second) {
  if (first.empty()) return type;
  switch (type.base) {
    case Base::decimal:
      return decimal_of(static_cast<int>(read_count(first, 18)),
                        static_cast<int>(read_count(second, 0)));
    case Base::char_:
    case Base::varchar:
      type.length = same_word(first, "max") ? 65535 : read_count(first, type.length);
      return type;
    case Base::double_:
      return type_of(read_count(first, 53) < 25 ? Base::real : Base::double_);
    default:
      return type;
  }
}

// Precision and scale never exceed 38 digits; the scale gives way, but not below 4 (division) or 0.
Type limited(int precision, int scale, int least_scale) {
  if (precision > 38) {
    scale = std::max(std::min(scale, least_scale), scale - (precision - 38));
    precision = 38;
  }
  return decimal_of(precision, std::clamp(scale, 0, 37));
}

}  // namespace

std::string lower_case(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = lower(c);
  return out;
}

bool same_word(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (a[i] != b[i] && lower(a[i]) != lower(b[i])) return false;
  return true;
}

Type read_type(const Node* type) {
  if (!type || type->kind != Kind::type) return {};
  for (const TypeName& one : kNames) {
    if (!same_word(one.name, type->text())) continue;
    return with_arguments(one.type, type->count > 0 ? type->at(0)->text() : "",
                          type->count > 1 ? type->at(1)->text() : "");
  }
  return {};
}

Type read_type(std::string_view text) {
  std::string name = lower_case(text);
  std::string first, second;
  if (const auto open = name.find('('); open != std::string::npos) {
    const auto close = name.find(')', open);
    std::string inside = name.substr(open + 1, close - open - 1);
    name = name.substr(0, open) + (close == std::string::npos ? "" : name.substr(close + 1));
    std::erase(inside, ' ');
    const auto comma = inside.find(',');
    first = inside.substr(0, comma);
    if (comma != std::string::npos) second = inside.substr(comma + 1);
  }
  while (!name.empty() && name.back() == ' ') name.pop_back();
  while (!name.empty() && name.front() == ' ') name.erase(0, 1);
  for (const TypeName& one : kNames)
    if (one.name == name) return with_arguments(one.type, first, second);
  return {};
}

std::string spell_type(const Type& type) {
  switch (type.base) {
    case Base::unknown:
      return "unknown";
    case Base::null:
      return "null";
    case Base::literal:
      return "string constant";
    case Base::decimal:
      return "decimal(" + std::to_string(type.precision) + "," + std::to_string(type.scale) + ")";
    case Base::char_:
      return "char(" + std::to_string(type.length) + ")";
    case Base::varchar:
      return "varchar(" + std::to_string(type.length) + ")";
    case Base::other:
      return "other";
    default:
      break;
  }
  for (const TypeName& one : kNames)
    if (one.type.base == type.base) return std::string(one.name);
  return "unknown";
}

std::string spell_databricks(const Type& type) {
  switch (type.base) {
    case Base::boolean:
      return "BOOLEAN";
    case Base::smallint:
      return "SMALLINT";
    case Base::integer:
      return "INT";
    case Base::bigint:
      return "BIGINT";
    case Base::decimal:
      return "DECIMAL(" + std::to_string(type.precision) + ", " + std::to_string(type.scale) + ")";
    case Base::real:
      return "FLOAT";
    case Base::double_:
      return "DOUBLE";
    case Base::char_:
    case Base::literal:
      return "STRING";
    case Base::varchar:
      return type.length >= 65535 ? "STRING" : "VARCHAR(" + std::to_string(type.length) + ")";
    case Base::date:
      return "DATE";
    case Base::timestamp:
      return "TIMESTAMP_NTZ";
    case Base::timestamptz:
      return "TIMESTAMP";
    case Base::interval_month:
      return "INTERVAL YEAR TO MONTH";
    case Base::interval_day:
      return "INTERVAL DAY TO SECOND";
    case Base::super:
      return "VARIANT";
    case Base::varbyte:
      return "BINARY";
    default:
      return {};
  }
}

Type as_decimal(const Type& type) {
  switch (type.base) {
    case Base::smallint:
      return decimal_of(5, 0);
    case Base::integer:
      return decimal_of(10, 0);
    case Base::bigint:
      return decimal_of(19, 0);
    default:
      return type;
  }
}

Type combine_numbers(Arithmetic operation, const Type& left, const Type& right) {
  if (!left.is_number() || !right.is_number()) return {};
  if (left.is_float() || right.is_float()) {
    const bool single = left.is(Base::real) && right.is(Base::real);
    return type_of(single ? Base::real : Base::double_);
  }
  if (left.is_integer() && right.is_integer()) return type_of(std::max(left.base, right.base));
  const Type a = as_decimal(left);
  const Type b = as_decimal(right);
  const int p1 = a.precision, s1 = a.scale, p2 = b.precision, s2 = b.scale;
  switch (operation) {
    case Arithmetic::multiply:
      return limited(p1 + p2, s1 + s2, s1 + s2);
    case Arithmetic::divide: {
      const int scale = std::max(4, s1 + p2 - s2 + 1);
      return limited(p1 - s1 + s2 + scale, scale, 4);
    }
    case Arithmetic::modulo:
      return decimal_of(std::max(p1, p2), std::max(s1, s2));
    default:
      return limited(std::max(p1 - s1, p2 - s2) + 1 + std::max(s1, s2), std::max(s1, s2),
                     std::max(s1, s2));
  }
}

Type common_type(const Type& left, const Type& right) {
  if (left == right) return left;
  if (left.is(Base::null) || (left.is(Base::literal) && right.known())) return right;
  if (right.is(Base::null) || (right.is(Base::literal) && left.known())) return left;
  if (!left.known() || !right.known()) return {};
  if (left.is_number() && right.is_number()) {
    if (left.is_float() || right.is_float()) return type_of(Base::double_);
    if (left.is_integer() && right.is_integer()) return type_of(std::max(left.base, right.base));
    const Type a = as_decimal(left);
    const Type b = as_decimal(right);
    const int scale = std::max(a.scale, b.scale);
    const int whole = std::max(a.precision - a.scale, b.precision - b.scale);
    return decimal_of(std::min(38, whole + scale), scale);
  }
  if (left.is_string() && right.is_string())
    return left.base == right.base ? Type{left.base, 0, 0, std::max(left.length, right.length)}
                                   : varchar_of(std::max(left.length, right.length));
  if (left.is_moment() && right.is_moment()) return type_of(std::max(left.base, right.base));
  if (left.is_interval() && right.is_interval()) return type_of(Base::interval);
  return {};
}

Type type_of_number(std::string_view text) {
  if (text.starts_with("0x") || text.starts_with("0X")) return type_of(Base::integer);
  if (text.find_first_of("eE") != std::string_view::npos) return type_of(Base::double_);
  const auto point = text.find('.');
  if (point == std::string_view::npos) {
    while (text.size() > 1 && text.front() == '0') text.remove_prefix(1);
    if (text.size() < 10 || (text.size() == 10 && text <= "2147483647"))
      return type_of(Base::integer);
    if (text.size() < 19 || (text.size() == 19 && text <= "9223372036854775807"))
      return type_of(Base::bigint);
    return decimal_of(static_cast<int>(std::min<std::size_t>(text.size(), 38)), 0);
  }
  std::string_view whole = text.substr(0, point);
  while (!whole.empty() && whole.front() == '0') whole.remove_prefix(1);
  const int scale = static_cast<int>(text.size() - point - 1);
  const int precision = static_cast<int>(whole.size()) + scale;
  return decimal_of(std::clamp(precision, 1, 38), std::min(scale, 37));
}

}  // namespace lakeshift::sql
