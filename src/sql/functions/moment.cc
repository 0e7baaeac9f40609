// Date and time functions. docs.aws.amazon.com/redshift/latest/dg/Date_functions_header.html
// (2026-11).
#include "sql/types/moment.h"

#include "sql/functions/function.h"
#include "sql/translate/rewriter.h"
#include "sql/translate/time_of_day.h"

namespace lakeshift::sql::functions::moment {
namespace {

// The date part an argument names, as a word or a constant.
std::string_view part_of(Rewriter& rewriter, const Node* source, const Expr& argument) {
  std::string text;
  if (!read_string(argument.node, text)) text = plain_name(argument.node);
  const std::string_view part = read_date_part(text);
  if (part.empty())
    rewriter.refuse(source, "sql-date-part",
                    "'" + text + "' is no date part of the Redshift reference",
                    "use year, month, day, hour …");
  return part;
}

// Spark's session zone plays no part for TIMESTAMP_NTZ.
Expr as_moment(Rewriter& rewriter, const Expr& value, std::string_view function) {
  if (value.type.is(Base::timestamp) || value.type.is(Base::timestamptz)) return value;
  if (value.type.is_text() || value.type.is(Base::date)) {
    if (value.type.is(Base::literal)) return rewriter.coerce(value, type_of(Base::timestamp));
    return {rewriter.cast(value.node, "TIMESTAMP_NTZ"), type_of(Base::timestamp)};
  }
  if (value.type.is(Base::null))
    return {rewriter.cast(value.node, "TIMESTAMP_NTZ"), type_of(Base::timestamp)};
  if (!value.type.known()) {
    rewriter.assume("what " + std::string(function) +
                    " is given is a DATE or a TIMESTAMP without time zone");
    rewriter.applied(function, false);
    return {rewriter.cast(value.node, "TIMESTAMP_NTZ"), type_of(Base::timestamp)};
  }
  rewriter.refuse(value.node, "sql-function-arguments",
                  std::string(function) + " of a value of type " + spell_type(value.type) +
                      " is not translated",
                  "cast it to TIMESTAMP");
  return value;
}

Expr as_day(Rewriter& rewriter, const Expr& value) {
  if (value.type.is(Base::date)) return value;
  if (value.type.is(Base::literal)) {
    std::string text;
    if (read_string(value.node, text)) {
      const Expr full = rewriter.coerce(value, type_of(Base::date));
      return full;
    }
  }
  return {rewriter.cast(value.node, "DATE"), type_of(Base::date)};
}

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  return out;
}

// A constant that is no 29 February needs no care.
bool may_be_leap_day(const Node* value) {
  const Node* text = value->kind == Kind::typed_literal ? value->get(Role::value) : nullptr;
  return !text || text->text().find("-02-29") != std::string_view::npos;
}

Expr add(Rewriter& rewriter, const Call& call) {
  const std::string_view part = part_of(rewriter, call.source, call.arguments[0]);
  Expr count = call.arguments[1];
  if (count.type.is(Base::literal)) count = rewriter.coerce(count, type_of(Base::integer));
  Node* number = count.type.is(Base::bigint) || count.type.is(Base::decimal)
                     ? rewriter.cast(count.node, "INT")
                     : count.node;
  if (call.arguments[2].type.is(Base::time))
    return add_to_time(rewriter, call.source, part, number, call.arguments[2]);
  Expr value = as_moment(rewriter, call.arguments[2], "DATEADD");
  std::string_view unit = part;
  long long factor = 1;
  if (part == "decade") factor = 10;
  if (part == "century") factor = 100;
  if (part == "millennium") factor = 1000;
  if (factor > 1) unit = "year";
  if (part == "doy" || part == "dow") unit = "day";
  if (unit == "epoch" || unit.starts_with("timezone") || unit.starts_with("iso")) {
    rewriter.refuse(call.source, "sql-date-part", "DATEADD has no part " + std::string(part),
                    "use year, month, day, hour …");
    return value;
  }
  if (factor > 1) number = rewriter.binary(Op::kStar, {number, rewriter.number(factor)});
  rewriter.applied("dateadd", call.arguments[2].type.known());
  if (unit == "year" && may_be_leap_day(value.node)) {
    // years behind 29 February lead to 1 March; in Spark to 28 February
    rewriter.applied("dateadd-leap-day");
    return {rewriter.fill("CASE WHEN month($2) = 2 AND day($2) = 29 THEN dateadd(YEAR, $1, "
                          "dateadd(DAY, -1, $2)) + INTERVAL '1' DAY ELSE dateadd(YEAR, $1, $2) END",
                          {number, value.node}),
            value.type};
  }
  return {rewriter.call("dateadd", {rewriter.ident(upper(unit)), number, value.node}), value.type};
}

// Boundaries crossed, not whole units elapsed.
Expr difference(Rewriter& rewriter, const Call& call) {
  const std::string_view part = part_of(rewriter, call.source, call.arguments[0]);
  const Expr& a = call.arguments[1];
  const Expr& b = call.arguments[2];
  const bool typed = a.type.known() && b.type.known();
  rewriter.applied("datediff-boundaries", typed);
  const Type result = type_of(Base::bigint);
  if (a.type.is(Base::time) && b.type.is(Base::time))
    return time_difference(rewriter, call.source, part, a, b);
  const bool days = part == "year" || part == "quarter" || part == "month" || part == "week" ||
                    part == "day" || part == "doy" || part == "dow" || part == "decade" ||
                    part == "century" || part == "millennium";
  if (days) {
    std::vector<Node*> both{as_day(rewriter, a).node, as_day(rewriter, b).node};
    if (part == "year") return {rewriter.fill("year($2) - year($1)", both), result};
    if (part == "quarter")
      return {rewriter.fill("(year($2) - year($1)) * 4 + quarter($2) - quarter($1)", both), result};
    if (part == "month")
      return {rewriter.fill("(year($2) - year($1)) * 12 + month($2) - month($1)", both), result};
    if (part == "week") {
      rewriter.assume("weeks begin on Sunday in DATEDIFF: docs/decisions/0004");
      return {rewriter.fill("datediff(date_sub($2, dayofweek($2) - 1), date_sub($1, "
                            "dayofweek($1) - 1)) DIV 7",
                            both),
              result};
    }
    if (part == "decade") return {rewriter.fill("year($2) DIV 10 - year($1) DIV 10", both), result};
    if (part == "century")
      return {rewriter.fill("(year($2) + 99) DIV 100 - (year($1) + 99) DIV 100", both), result};
    if (part == "millennium")
      return {rewriter.fill("(year($2) + 999) DIV 1000 - (year($1) + 999) DIV 1000", both), result};
    return {rewriter.fill("datediff($2, $1)", both), result};
  }
  const std::string unit = upper(part);
  Expr from = as_moment(rewriter, a, "DATEDIFF");
  Expr to = as_moment(rewriter, b, "DATEDIFF");
  if (from.type != to.type) {
    from = rewriter.coerce(from, type_of(Base::timestamptz));
    to = rewriter.coerce(to, type_of(Base::timestamptz));
  }
  std::vector<Node*> both{from.node, to.node};
  if (part == "microsecond")
    return {rewriter.fill("timestampdiff(MICROSECOND, $1, $2)", both), result};
  if (part == "hour" || part == "minute" || part == "second" || part == "millisecond")
    return {rewriter.fill("timestampdiff(" + unit + ", date_trunc('" + unit +
                              "', $1), date_trunc('" + unit + "', $2))",
                          both),
            result};
  rewriter.refuse(call.source, "sql-date-part", "DATEDIFF has no part " + std::string(part),
                  "use year, month, day, hour …");
  return {both[0], result};
}

Expr truncate(Rewriter& rewriter, const Call& call) {
  const std::string_view part = part_of(rewriter, call.source, call.arguments[0]);
  Expr value = as_moment(rewriter, call.arguments[1], "DATE_TRUNC");
  rewriter.applied("date-trunc", call.arguments[1].type.known());
  const bool instant = value.type.is(Base::timestamptz);
  std::string pattern = "date_trunc('" + upper(part) + "', $1)";
  if (part == "decade") pattern = "make_timestamp_ntz(year($1) DIV 10 * 10, 1, 1, 0, 0, 0)";
  if (part == "century")
    pattern = "make_timestamp_ntz((year($1) - 1) DIV 100 * 100 + 1, 1, 1, 0, 0, 0)";
  if (part == "millennium")
    pattern = "make_timestamp_ntz((year($1) - 1) DIV 1000 * 1000 + 1, 1, 1, 0, 0, 0)";
  const bool made = pattern.starts_with("make");
  if (part == "epoch" || part == "dow" || part == "doy" || part.starts_with("timezone") ||
      part.starts_with("iso") || (made && instant))
    rewriter.refuse(call.source, "sql-date-part",
                    "DATE_TRUNC has no equivalent for " + std::string(part),
                    "use year, month, day, hour …");
  Node* out = rewriter.fill(pattern, {value.node});
  return {instant || made ? out : rewriter.cast(out, "TIMESTAMP_NTZ"), value.type};
}

Expr epoch(Rewriter& rewriter, const Call& call, const Expr& value) {
  if (value.type.is(Base::date))
    return {rewriter.fill("datediff($1, DATE '1970-01-01') * 86400L", {value.node}),
            type_of(Base::bigint)};
  if (value.type.is(Base::timestamptz))
    return {rewriter.fill("unix_micros($1) / 1000000D", {value.node}), type_of(Base::double_)};
  if (value.type.is(Base::interval_day))
    return {rewriter.fill("CAST(extract(DAY FROM $1) * 86400L + extract(HOUR FROM $1) * 3600 + "
                          "extract(MINUTE FROM $1) * 60 + extract(SECOND FROM $1) AS BIGINT)",
                          {value.node}),
            type_of(Base::bigint)};
  const Expr moment = as_moment(rewriter, value, call.name);
  return {
      rewriter.fill(
          "timestampdiff(SECOND, TIMESTAMP_NTZ '1970-01-01 00:00:00', date_trunc('SECOND', $1))",
          {moment.node}),
      type_of(Base::bigint)};
}

// INTERVAL_CMP of two constants: a month has 30 days, as in PostgreSQL.
Expr compare_intervals(Rewriter& rewriter, const Call& call) {
  std::int64_t lengths[2] = {};
  for (std::size_t i = 0; i < 2; ++i) {
    std::string text;
    read_string(call.arguments[i].node, text);
    const auto interval = read_interval(text, "");
    if (!interval) {
      rewriter.refuse(call.source, "sql-interval", "'" + text + "' is no interval",
                      "write it as in '3 days'");
      return {call.arguments[0].node, type_of(Base::integer)};
    }
    lengths[i] = interval->months * 30 * 86400000000 + interval->micros;
  }
  rewriter.applied("interval-constants");
  return {rewriter.number((lengths[0] > lengths[1]) - (lengths[0] < lengths[1])),
          type_of(Base::integer)};
}

Expr extract(Rewriter& rewriter, const Call& call) {
  const std::string_view part = part_of(rewriter, call.source, call.arguments[0]);
  Expr value = call.arguments[1];
  if (!value.type.known()) {
    rewriter.assume("what " + std::string(call.name) +
                    " is given is a DATE or a TIMESTAMP without time zone");
    rewriter.applied(call.name, false);
  }
  const bool is_interval = value.type.is_interval();
  if (value.type.is_text() || value.type.is(Base::null))
    value = as_moment(rewriter, value, call.name);
  const Type result = type_of(Base::integer);
  Node* node = value.node;
  const auto filled = [&](std::string_view pattern) {
    return Expr{rewriter.fill(pattern, {node}), result};
  };
  if (part == "epoch") {
    rewriter.applied("extract-epoch", value.type.known());
    return epoch(rewriter, call, value);
  }
  if (part == "year" || part == "month" || part == "day" || part == "hour" || part == "minute") {
    if (is_interval || value.type.is(Base::time))
      return filled("extract(" + upper(part) + " FROM $1)");
    if (value.type.is(Base::date) && (part == "hour" || part == "minute")) return filled("0");
    return filled(std::string(part) + "($1)");
  }
  if (part == "second") {
    if (value.type.is(Base::date)) return filled("0");
    rewriter.applied("extract-second");
    if (is_interval) return filled("CAST(floor(extract(SECOND FROM $1)) AS INT)");
    return filled("second($1)");
  }
  if (is_interval) {
    rewriter.refuse(call.source, "sql-date-part",
                    "an interval has no part " + std::string(part) + " in Databricks",
                    "use year, month, day, hour, minute or second");
    return value;
  }
  if (part == "quarter") return filled("quarter($1)");
  if (part == "week") return filled("weekofyear($1)");
  if (part == "doy") return filled("dayofyear($1)");
  rewriter.applied("extract-part");
  if (part == "dow") return filled("dayofweek($1) - 1");
  if (part == "isodow") return filled("weekday($1) + 1");
  if (part == "isoyear") return filled("extract(YEAROFWEEK FROM $1)");
  if (part == "decade") return filled("year($1) DIV 10");
  if (part == "century") return filled("(year($1) + 99) DIV 100");
  if (part == "millennium") return filled("(year($1) + 999) DIV 1000");
  if (part == "millisecond" || part == "microsecond") {
    if (value.type.is(Base::date)) return filled("0");
    rewriter.assume("EXTRACT of milliseconds and microseconds leaves out the seconds");
    return filled(part == "millisecond" ? "CAST(extract(SECOND FROM $1) % 1 * 1000 AS INT)"
                                        : "CAST(extract(SECOND FROM $1) % 1 * 1000000 AS INT)");
  }
  rewriter.refuse(call.source, "sql-date-part",
                  "the part " + std::string(part) + " has no equivalent in Databricks",
                  "compute it from the time zone's name");
  return value;
}

// EXTRACT yields integers, DATE_PART floating point numbers of the same value.
Expr date_part(Rewriter& rewriter, const Call& call) {
  Expr out = extract(rewriter, call);
  if (rewriter.refused() || out.type.is(Base::double_)) return out;
  return {rewriter.cast(out.node, "DOUBLE"), type_of(Base::double_)};
}

// Names of zones are those of the IANA database in both; abbreviations are fixed offsets in
// Redshift.
Node* zone(Rewriter& rewriter, const Call& call, const Expr& argument) {
  std::string name;
  if (!read_string(argument.node, name)) {
    rewriter.assume("time zones that are no constants are names of the IANA database");
    return argument.node;
  }
  if (const std::string_view offset = fixed_offset(name); !offset.empty()) {
    rewriter.applied("zone-abbreviation");
    return rewriter.string(offset);
  }
  if (same_word(name, "utc") || same_word(name, "gmt") || same_word(name, "z") ||
      same_word(name, "zulu"))
    return rewriter.string("UTC");
  const bool offset = name.find_first_of("0123456789") != name.npos;
  if (offset || name.size() < 4)
    rewriter.refuse(call.source, "sql-time-zone",
                    "the time zone '" + name + "' is not known to mean the same in Databricks",
                    "use a name of the IANA database such as Europe/Berlin");
  return argument.node;
}

Expr convert(Rewriter& rewriter, const Call& call) {
  const bool three = call.arguments.size() == 3;
  Node* from = three ? zone(rewriter, call, call.arguments[0]) : rewriter.string("UTC");
  Node* to = zone(rewriter, call, call.arguments[three ? 1 : 0]);
  Expr value = call.arguments[three ? 2 : 1];
  if (value.type.is(Base::timestamptz) && !three)
    return {rewriter.fill("convert_timezone(current_timezone(), $1, CAST($2 AS TIMESTAMP_NTZ))",
                          {to, value.node}),
            type_of(Base::timestamp)};
  value = as_moment(rewriter, value, "CONVERT_TIMEZONE");
  if (value.type.is(Base::timestamptz))
    value = {rewriter.cast(value.node, "TIMESTAMP_NTZ"), type_of(Base::timestamp)};
  return {rewriter.local_to_zone(from, to, value.node), type_of(Base::timestamp)};
}

Expr timezone(Rewriter& rewriter, const Call& call) {
  Node* name = zone(rewriter, call, call.arguments[0]);
  Expr value = as_moment(rewriter, call.arguments[1], "TIMEZONE");
  rewriter.applied("at-time-zone", call.arguments[1].type.known());
  if (value.type.is(Base::timestamptz))
    return {rewriter.fill("convert_timezone(current_timezone(), $1, CAST($2 AS TIMESTAMP_NTZ))",
                          {name, value.node}),
            type_of(Base::timestamp)};
  return {
      rewriter.cast(rewriter.local_to_zone(name, rewriter.call("current_timezone", {}), value.node),
                    "TIMESTAMP"),
      type_of(Base::timestamptz)};
}

// The last day of a month stays the last day.
Expr add_months(Rewriter& rewriter, const Call& call) {
  Expr value = call.arguments[0];
  Expr count = call.arguments[1];
  if (count.type.is(Base::bigint)) count.node = rewriter.cast(count.node, "INT");
  rewriter.applied("add-months-last-day", value.type.known());
  if (value.type.is(Base::date))
    return {rewriter.cast(rewriter.fill("CASE WHEN $1 = last_day($1) THEN last_day(add_months($1, "
                                        "$2)) ELSE add_months($1, $2) END",
                                        {value.node, count.node}),
                          "TIMESTAMP_NTZ"),
            type_of(Base::timestamp)};
  value = as_moment(rewriter, value, "ADD_MONTHS");
  return {rewriter.fill("CASE WHEN CAST($1 AS DATE) = last_day($1) THEN "
                        "CAST(last_day(add_months($1, $2)) AS TIMESTAMP_NTZ) + ($1 - "
                        "CAST(CAST($1 AS DATE) AS TIMESTAMP_NTZ)) ELSE dateadd(MONTH, $2, $1) END",
                        {value.node, count.node}),
          value.type};
}

Expr series(Rewriter& rewriter, const Call& call) {
  std::vector<Node*> nodes;
  for (const Expr& one : call.arguments) {
    if (!one.type.is_integer() && one.type.known()) {
      rewriter.refuse(call.source, "sql-function-arguments",
                      "generate_series of " + spell_type(one.type) + " is not translated",
                      "use sequence()");
      return one;
    }
    nodes.push_back(one.node);
  }
  rewriter.applied("generate-series");
  const Type type = common_type(call.arguments[0].type, call.arguments[1].type);
  if (nodes.size() == 2)
    return {
        rewriter.fill("explode(CASE WHEN $1 <= $2 THEN sequence($1, $2) ELSE array() END)", nodes),
        type};
  return {
      rewriter.fill(
          "explode(CASE WHEN ($2 - $1) * sign($3) >= 0 THEN sequence($1, $2, $3) ELSE array() END)",
          nodes),
      type};
}

// Redshift knows many abbreviations of the days, Spark three of each.
Expr next_day(Rewriter& rewriter, const Call& call) {
  static constexpr std::string_view kDays[] = {"sunday",   "monday", "tuesday", "wednesday",
                                               "thursday", "friday", "saturday"};
  Node* day = call.arguments[1].node;
  std::string text;
  if (read_string(day, text)) {
    text = lower_case(text);
    std::string_view found;
    for (const std::string_view one : kDays)
      if (!text.empty() && one.starts_with(text) && found.empty()) found = one;
    if (found.empty())
      rewriter.refuse(call.source, "sql-constant", "'" + text + "' is no day of the week",
                      "write Monday, Tuesday …");
    day = rewriter.string(found);
  } else {
    rewriter.assume("days given to NEXT_DAY have two letters, three letters or all");
  }
  return {rewriter.call("next_day", {call.arguments[0].node, day}), type_of(Base::date)};
}

constexpr std::string_view kCompare =
    "CASE WHEN $1 < $2 THEN -1 WHEN $1 > $2 THEN 1 WHEN $1 = $2 THEN 0 END";

constexpr Function kRows[] = {
    {.name = "getdate",
     .arguments = "",
     .result = "timestamp",
     .spelling = "CAST(date_trunc('SECOND', current_timestamp()) AS TIMESTAMP_NTZ)"},
    {.name = "sysdate", .arguments = "", .result = "timestamp", .spelling = "localtimestamp()"},
    {.name = "localtimestamp",
     .arguments = "",
     .result = "timestamp",
     .spelling = "localtimestamp()"},
    {.name = "current_timestamp",
     .arguments = "i?",
     .result = "timestamptz",
     .spelling = "current_timestamp()"},
    {.name = "now", .arguments = "", .result = "timestamptz", .spelling = "current_timestamp()"},
    {.name = "statement_timestamp",
     .arguments = "",
     .result = "timestamptz",
     .spelling = "current_timestamp()"},
    {.name = "transaction_timestamp",
     .arguments = "",
     .refusal =
         "has no equivalent: the time a transaction began is not kept; use current_timestamp()"},
    {.name = "current_date", .arguments = "", .result = "date", .spelling = "current_date()"},
    {.name = "current_time",
     .arguments = "",
     .refusal = "has no equivalent with a time zone; use current_timestamp()"},
    {.name = "localtime", .arguments = "", .result = "time", .spelling = "current_time()"},
    {.name = "timeofday",
     .arguments = "",
     .refusal = "has no equivalent; use date_format(current_timestamp(), …)"},
    {.name = "add_months", .arguments = "mi", .hook = add_months},
    {.name = "age",
     .arguments = "mm?",
     .refusal = "has no equivalent: it runs on the leader node only and yields months and days in "
                "one; use months_between or DATEDIFF"},
    {.name = "convert_timezone", .arguments = "sm", .hook = convert},
    {.name = "convert_timezone", .arguments = "ssm", .hook = convert},
    {.name = "timezone", .arguments = "sm", .hook = timezone},
    {.name = "date_cmp", .arguments = "dd", .result = "int", .spelling = kCompare},
    {.name = "date_cmp_timestamp", .arguments = "tt", .result = "int", .spelling = kCompare},
    {.name = "date_cmp_timestamptz", .arguments = "aa", .result = "int", .spelling = kCompare},
    {.name = "timestamp_cmp", .arguments = "tt", .result = "int", .spelling = kCompare},
    {.name = "timestamp_cmp_date", .arguments = "tt", .result = "int", .spelling = kCompare},
    {.name = "timestamp_cmp_timestamptz", .arguments = "aa", .result = "int", .spelling = kCompare},
    {.name = "timestamptz_cmp", .arguments = "zz", .result = "int", .spelling = kCompare},
    {.name = "timestamptz_cmp_date", .arguments = "aa", .result = "int", .spelling = kCompare},
    {.name = "timestamptz_cmp_timestamp", .arguments = "aa", .result = "int", .spelling = kCompare},
    {.name = "interval_cmp", .arguments = "kk", .result = "int", .spelling = kCompare},
    {.name = "interval_cmp", .arguments = "cc", .hook = compare_intervals},
    {.name = "date_part", .arguments = "aa", .hook = date_part},
    {.name = "pgdate_part", .arguments = "aa", .hook = date_part},
    {.name = "datepart", .arguments = "aa", .hook = date_part},
    {.name = "extract", .arguments = "aa", .hook = extract},
    {.name = "date_part_year", .arguments = "m", .result = "int", .spelling = "year($1)"},
    {.name = "date_trunc", .arguments = "aa", .hook = truncate},
    {.name = "dateadd", .arguments = "aaa", .hook = add},
    {.name = "date_add", .arguments = "aaa", .hook = add},
    {.name = "datediff", .arguments = "aaa", .hook = difference},
    {.name = "date_diff", .arguments = "aaa", .hook = difference},
    {.name = "last_day", .arguments = "d", .result = "date", .spelling = "last_day($1)"},
    {.name = "next_day", .arguments = "ds", .hook = next_day},
    {.name = "months_between",
     .arguments = "tt",
     .result = "double",
     .spelling = "months_between($1, $2, FALSE)"},
    {.name = "date", .arguments = "d", .result = "date", .spelling = "$1"},
    {.name = "isfinite", .arguments = "m", .result = "boolean", .spelling = "$1 IS NOT NULL"},
    {.name = "generate_series", .arguments = "aaa?", .hook = series},
};

}  // namespace

extern const FunctionSet kDefinition{.title = "Date and time functions", .rows = kRows};

}  // namespace lakeshift::sql::functions::moment
