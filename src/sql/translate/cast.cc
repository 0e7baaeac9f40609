// Values as another type: constants, implicit conversions, CAST.
#include "sql/render.h"
#include "sql/translate/rewriter.h"
#include "sql/types/moment.h"

namespace lakeshift::sql {
namespace {

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

bool looks_numeric(std::string_view text, bool fraction) {
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  bool digits = false, point = false;
  for (const char c : text) {
    if (c >= '0' && c <= '9')
      digits = true;
    else if (c == '.' && fraction && !point)
      point = true;
    else
      return false;
  }
  return digits;
}

// How many characters the text of a number or truth value may take.
std::uint32_t widest(const Type& type) {
  switch (type.base) {
    case Base::boolean:
      return 5;
    case Base::smallint:
      return 6;
    case Base::integer:
      return 11;
    case Base::bigint:
      return 20;
    case Base::decimal:
      return type.precision + 3u;
    case Base::date:
      return 10;
    case Base::timestamp:
      return 26;
    case Base::real:
    case Base::double_:
      return 25;
    case Base::timestamptz:
      return 32;
    default:
      return 65535;
  }
}

// GEOMETRY and GEOGRAPHY into each other: the coordinates stay, and are longitudes and latitudes.
Expr spatial_cast(Rewriter& rewriter, const Expr& value, const Type& to, const Node* place) {
  if (value.type == to || value.type.is(Base::null)) return {value.node, to};
  if (value.type.is(Base::literal)) return rewriter.coerce(value, to);
  const bool geography = to.is(Base::geography);
  if (!value.type.is(geography ? Base::geometry : Base::geography)) {
    rewriter.refuse(
        place, "sql-cast",
        "a cast of " + spell_type(value.type) + " to " + spell_type(to) + " is not translated",
        "use ST_GeomFromText, ST_GeomFromEWKB or ST_GeogFromText");
    return value;
  }
  rewriter.applied("spatial-cast");
  if (geography) {
    rewriter.assume("a GEOMETRY that is cast to GEOGRAPHY has the SRID 4326");
    return {rewriter.fill("st_geogfromwkb(st_asbinary($1))", {value.node}), to};
  }
  return {rewriter.fill("st_geomfromwkb(st_asbinary($1), 4326)", {value.node}), to};
}

}  // namespace

// A string constant as a constant of the type, or a cast that fails as Redshift's does.
Expr Rewriter::constant_cast(const Expr& value, const Type& to, std::string_view text,
                             const Node* place) {
  const std::string_view bare = trimmed(text);
  const auto fail = [&](std::string_view what) -> Expr {
    const bool digits = bare.find_first_of("0123456789") != std::string_view::npos;
    if (digits)
      refuse(place ? place : value.node, "sql-constant",
             "'" + std::string(text) + "' is no " + std::string(what) + " in a spelling we know",
             "write it as YYYY-MM-DD HH:MI:SS");
    return {cast(value.node, spell_databricks(to)), to};
  };
  switch (to.base) {
    case Base::smallint:
    case Base::integer:
    case Base::bigint:
      if (looks_numeric(bare, false) &&
          type_of_number(bare.starts_with('-') ? bare.substr(1) : bare).is_integer())
        return {fill(bare.starts_with('+') ? bare.substr(1) : bare, {}), to};
      return {cast(value.node, spell_databricks(to)), to};
    case Base::decimal:
      if (looks_numeric(bare, true))
        return {fill(bare.starts_with('+') ? bare.substr(1) : bare, {}), to};
      return {cast(value.node, spell_databricks(to)), to};
    case Base::boolean: {
      const std::string word = lower_case(bare);
      for (const std::string_view yes : {"t", "true", "y", "yes", "1"})
        if (word == yes) return {fill("TRUE", {}), to};
      for (const std::string_view no : {"f", "false", "n", "no", "0"})
        if (word == no) return {fill("FALSE", {}), to};
      return {cast(value.node, "BOOLEAN"), to};
    }
    case Base::date:
    case Base::timestamp:
    case Base::timestamptz: {
      if (same_word(bare, "today") || same_word(bare, "now")) {
        applied("current-date-constant");
        if (to.is(Base::date)) return {fill("current_date()", {}), to};
        return {fill(same_word(bare, "today") ? "CAST(current_date() AS TIMESTAMP_NTZ)"
                                              : "CAST(current_timestamp() AS TIMESTAMP_NTZ)",
                     {}),
                to};
      }
      const auto moment = read_moment(bare);
      // the guide does not tell whether a column without zone takes EST, or refuses it
      const bool zoned = to.is(Base::timestamptz);
      if (!moment || !moment->has_date || (moment->abbreviated && !zoned))
        return fail(to.is(Base::date) ? "date" : "timestamp");
      std::string spelled = spell_date(*moment);
      if (to.is(Base::timestamp)) spelled += " " + spell_time(*moment);
      if (to.is(Base::timestamptz)) spelled = spell_timestamp(*moment);
      const std::string_view type = to.is(Base::date)        ? "DATE"
                                    : to.is(Base::timestamp) ? "TIMESTAMP_NTZ"
                                                             : "TIMESTAMP";
      if (spelled != bare) applied("date-constant");
      return {make(Kind::typed_literal, {text_node(type), as(Role::value, string(spelled))}), to};
    }
    case Base::time: {
      const auto moment = read_moment(bare);
      if (!moment || !moment->has_time || moment->abbreviated) return fail("time");
      return {make(Kind::typed_literal,
                   {text_node("TIME"), as(Role::value, string(spell_time(*moment)))}),
              to};
    }
    case Base::interval_month:
    case Base::interval_day:
    case Base::interval: {
      const auto interval = read_interval(bare, "");
      if (!interval || (interval->months != 0 && interval->micros != 0)) {
        refuse(place ? place : value.node, "sql-interval",
               "'" + std::string(text) + "' is no interval that Databricks has a type for",
               "write it as a sum of two intervals, one of months, one of days and seconds");
        return {value.node, to};
      }
      const bool months = interval->months != 0;
      return {fill(months ? spell_months(interval->months) : spell_day_time(interval->micros), {}),
              type_of(months ? Base::interval_month : Base::interval_day)};
    }
    case Base::super:
      return {cast(value.node, "VARIANT"), to};
    case Base::geometry:
      if (bare.empty() || bare.find_first_not_of("0123456789abcdefABCDEF") != bare.npos) break;
      applied("ewkb-constant");
      return {call("st_geomfromewkb", {call("unhex", {value.node})}), to};
    case Base::geography:
      break;
    default:
      return {cast(value.node, spell_databricks(to)), to};
  }
  refuse(place ? place : value.node, "sql-constant",
         "a text as " + spell_type(to) + " is translated where it is hexadecimal EWKB only",
         "write ST_GeomFromText('…') or ST_GeogFromText('…')");
  return value;
}

Expr Rewriter::coerce(Expr value, const Type& to) {
  if (!to.known() || value.type == to || to.is(Base::null) || to.is(Base::literal)) return value;
  std::string text;
  if (value.type.is(Base::literal)) {
    if (to.is_string() || to.is_float() || to.is(Base::super) || to.is(Base::varbyte) ||
        to.is(Base::other))
      return value;
    if (value.node->kind == Kind::string && read_string(value.node, text))
      return constant_cast(value, to, text, nullptr);
    return value;
  }
  if (to.is(Base::timestamp) && value.type.is(Base::date))
    return {cast(value.node, "TIMESTAMP_NTZ"), to};
  if (to.is(Base::timestamptz) && (value.type.is(Base::date) || value.type.is(Base::timestamp)))
    return {cast(value.node, "TIMESTAMP"), to};
  return value;
}

// Redshift writes 15 digits of a double, as C's %.15g does (6 of a REAL), and time zones behind
// instants.
Node* Rewriter::text_of(const Expr& value) {
  switch (value.type.base) {
    case Base::double_:
    case Base::real:
      applied("float-text");
      assume("texts of floating point numbers have at most 15 digits");
      return fill("CASE WHEN $1 IS NOT NULL THEN regexp_replace(format_string('" +
                      std::string(value.type.is(Base::real) ? "%.6g" : "%.15g") +
                      "', CAST($1 AS DOUBLE)), "
                      "'\\\\.0+(?=e|$)|(?<=\\\\.[0-9]{0,15}[1-9])0+(?=e|$)', '') END",
                  {value.node});
    case Base::timestamptz:
      applied("timestamptz-text");
      return fill("date_format($1, 'yyyy-MM-dd HH:mm:ss') || date_format($1, 'x')", {value.node});
    case Base::varbyte:
      applied("varbyte-text");
      return fill("decode($1, 'UTF-8')", {value.node});
    case Base::super:
      return cast(value.node, "STRING");
    case Base::geometry:
      applied("geometry-text");
      return fill("hex(st_asewkb($1))", {value.node});
    case Base::geography:
      applied("geometry-text");
      return fill("hex(st_asewkb(st_geomfromwkb(st_asbinary($1), 4326)))", {value.node});
    default:
      return value.node;
  }
}

// A SUPER beside a value of another type is compared as one of that type; what it is not, is NULL.
Expr Rewriter::scalar(const Expr& value, const Type& to) {
  if (!value.type.is(Base::super) || to.is(Base::super) || to.is(Base::null)) return value;
  if (!to.known()) return value;
  applied("super-scalar");
  Type as_type = to.is(Base::literal) ? varchar_of(65535) : to;
  if (as_type.is_exact()) as_type = decimal_of(38, as_type.is(Base::decimal) ? as_type.scale : 0);
  if (as_type.is_string()) as_type = varchar_of(65535);
  assume("values in SUPER that are compared have the type of what they are compared with");
  Node* out = cast(value.node, spell_databricks(as_type));
  out->flags = kTry;
  return {out, as_type};
}

Expr Rewriter::text_cast(const Expr& value, const Type& to) {
  const bool fixed = to.is(Base::char_);
  Node* text = value.type.is_text() ? value.node
               : value.type.known() ? cast(text_of(value), "STRING")
                                    : nullptr;
  const auto length = std::to_string(to.length);
  std::string constant;
  if (value.node->kind == Kind::string && read_string(value.node, constant) &&
      constant.size() <= to.length) {
    if (fixed)
      while (constant.ends_with(' ')) constant.pop_back();
    return {string(constant), to};
  }
  const bool short_enough =
      (value.type.is_string() && value.type.length <= to.length) ||
      (!value.type.is_text() && value.type.known() && widest(value.type) <= to.length) ||
      to.length >= 65535;
  if (!text) {
    text = cast(value.node, "STRING");
    applied("text-cast", false);
    assume("a value of unknown type is a string where it is cast to " + spell_type(to));
  }
  const bool boolean = value.type.is(Base::boolean);
  if (short_enough) {
    if (fixed && !value.type.is(Base::char_) && value.type.is_text()) text = call("rtrim", {text});
    return {text, to};
  }
  const bool cut_silently = value.type.is_moment() || value.type.is(Base::super) || boolean;
  if (!value.type.is_text() && value.type.known() && !cut_silently) {
    applied("text-cast-length");
    return {fill("CASE WHEN length($1) > $2 THEN raise_error('value too long for type " +
                     std::string(fixed ? "character" : "character varying") + "(" + length +
                     ")') ELSE $1 END",
                 {text, number(to.length)}),
            to};
  }
  // CAST to VARCHAR(n) cuts behind n bytes, never inside a character; in Spark it does not cut.
  // What the cut leaves of a character is U+FFFD in make_valid_utf8.
  applied("text-cast-length", value.type.known());
  const bool bytes = value.type.is_text() || !value.type.known() || value.type.is(Base::super);
  if (!fixed && bytes) {
    assume("text cut by a cast to " + spell_type(to) + " has no U+FFFD where it is cut");
    return {fill("TRIM(TRAILING '\\uFFFD' FROM make_valid_utf8(CAST(substring(CAST($1 AS BINARY), "
                 "1, $2) AS STRING)))",
                 {text, number(to.length)}),
            to};
  }
  Node* cut = call("left", {text, number(to.length)});
  return {fixed ? call("rtrim", {cut}) : cut, to};
}

Expr Rewriter::convert(Expr value, const Type& to, const Node* place) {
  const Node* spelled = place->get(Role::type);
  const std::string name = spelled ? std::string(spelled->text()) : "";
  if (!to.known()) {
    refuse(place, "sql-type", "the type " + name + " has no equivalent in Databricks",
           "cast to a type of the Redshift reference");
    return {cast(value.node, "STRING"), {}};
  }
  if (to.is(Base::geometry) || to.is(Base::geography)) return spatial_cast(*this, value, to, place);
  if (spell_databricks(to).empty() && !to.is(Base::time) && !to.is(Base::interval)) {
    refuse(place, "sql-type", "the type " + name + " has no equivalent in Databricks",
           to.is(Base::timetz) ? "keep the time and its zone in two columns"
                               : "convert the value before it is loaded");
    return {value.node, to};
  }
  const Type from = value.type;
  std::string text;
  const bool constant =
      from.is(Base::literal) && value.node->kind == Kind::string && read_string(value.node, text);
  const auto plain = [&](Node* node) {
    const std::string type = to.is(Base::time) ? "TIME(6)" : spell_databricks(to);
    Node* out = cast(node, type);
    if (place->has(kTry)) out->flags = kTry;
    return Expr{out, to};
  };
  if (to.is_string()) {
    if (constant || from.known() || !place->has(kTry)) return text_cast(value, to);
    return plain(value.node);
  }
  if (constant && !to.is_number() && !to.is(Base::varbyte))
    return constant_cast(value, to, text, place);
  if (to.is(Base::interval)) {
    refuse(place, "sql-interval", "a cast of a value to INTERVAL has no equivalent",
           "multiply the number with an interval of one unit");
    return value;
  }
  if (to.is_integer()) {
    if (from.is(Base::decimal)) {
      applied("round-to-integer");
      return plain(call("round", {value.node}));
    }
    if (from.is_float()) {
      applied("round-to-integer");
      return plain(call("bround", {value.node}));
    }
    if (!from.known()) {
      applied("round-to-integer", false);
      assume("a value of unknown type is an integer or text of one where it is cast to " + name);
    }
    return plain(value.node);
  }
  if (to.is(Base::varbyte) && from.is_integer()) {
    applied("integer-to-varbyte");
    const int digits = from.is(Base::smallint) ? 4 : from.is(Base::integer) ? 8 : 16;
    return {fill("unhex(right(lpad(hex(CAST($1 AS BIGINT)), 16, '0'), $2))",
                 {value.node, number(digits)}),
            to};
  }
  if (to.is(Base::varbyte) && from.is_number()) {
    refuse(place, "sql-cast", "numbers as VARBYTE have no equivalent in Databricks' ANSI mode",
           "use unhex(hex(…)) with the width that is wanted");
    return value;
  }
  if (to.is(Base::varbyte) && from.is_text())
    return {call("to_binary", {value.node, string("UTF-8")}), to};
  if (to.is(Base::super)) {
    if (from.is(Base::super)) return value;
    return plain(value.node);
  }
  if ((to.is(Base::date) || to.is(Base::timestamp)) && (from.is_string() || !from.known()))
    assume("text that is cast to " + spell_type(to) + " is written as YYYY-MM-DD HH:MI:SS");
  if (to.is(Base::boolean) && from.is(Base::decimal)) {
    refuse(place, "sql-cast", "Redshift has no cast from decimal to boolean", "compare with 0");
    return value;
  }
  return plain(value.node);
}

}  // namespace lakeshift::sql
