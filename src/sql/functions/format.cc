// Data type formatting functions.
// docs.aws.amazon.com/redshift/latest/dg/r_Data_type_formatting.html (2026-11).
#include "sql/translate/format.h"

#include <algorithm>

#include "sql/functions/function.h"
#include "sql/translate/rewriter.h"

namespace lakeshift::sql::functions::format {
namespace {

bool read_format(Rewriter& rewriter, const Call& call, std::size_t index, std::string& text) {
  if (read_string(call.arguments[index].node, text)) return true;
  rewriter.refuse(call.source, "sql-format",
                  "the format of " + std::string(call.name) + " is no constant",
                  "write the format as a constant");
  return false;
}

Expr to_char(Rewriter& rewriter, const Call& call) {
  const Expr& value = call.arguments[0];
  const Type result = varchar_of(256);
  std::string text, fault;
  if (!read_format(rewriter, call, 1, text)) return {value.node, result};
  const auto number = [&] {
    return value.type.is_number() ||
           (!value.type.known() && text.find_first_of("90") != text.npos &&
            text.find_first_of("YMDHymdh") == text.npos);
  };
  if (!value.type.known()) {
    rewriter.assume("what TO_CHAR is given is what its format is for");
    rewriter.applied("to-char", false);
  }
  if (number()) {
    const auto pattern = number_format(text, fault);
    if (!pattern) {
      rewriter.refuse(call.arguments[1].node, "sql-format", "the format '" + text + "' " + fault,
                      "use format_number or CAST, and compare the results");
      return {value.node, result};
    }
    rewriter.applied("to-char-number");
    return {rewriter.fill(*pattern, {value.node}), result};
  }
  if (value.type.is_interval()) {
    rewriter.refuse(call.source, "sql-format", "TO_CHAR of an interval has no equivalent",
                    "extract its parts");
    return {value.node, result};
  }
  const auto parts = moment_format(text, fault);
  if (!parts) {
    rewriter.refuse(call.arguments[1].node, "sql-format", "the format '" + text + "' " + fault,
                    "leave the field out, or compute it");
    return {value.node, result};
  }
  Expr moment = value;
  if (value.type.is_text())
    moment = value.type.is(Base::literal)
                 ? rewriter.coerce(value, type_of(Base::timestamp))
                 : Expr{rewriter.cast(value.node, "TIMESTAMP_NTZ"), type_of(Base::timestamp)};
  // neighbours that are fields of date_format become one pattern
  std::vector<std::string> merged;
  std::string pattern;
  const std::string_view open = "date_format($1, '";
  const auto flush = [&] {
    if (!pattern.empty()) merged.push_back(std::string(open) + pattern + "')");
    pattern.clear();
  };
  for (const std::string& part : *parts) {
    const bool literal = part.starts_with('\'');
    if (part.starts_with(open) && part.ends_with("')")) {
      pattern += part.substr(open.size(), part.size() - open.size() - 2);
    } else if (literal && !pattern.empty() &&
               part.find_first_of("\\[]{}#'", 1) == part.size() - 1) {
      const std::string inner = part.substr(1, part.size() - 2);
      const bool letters = std::any_of(inner.begin(), inner.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
      });
      if (letters) {
        flush();
        merged.push_back(part);
      } else {
        pattern += inner;
      }
    } else {
      flush();
      merged.push_back(part);
    }
  }
  flush();
  rewriter.applied("to-char");
  if (merged.empty())
    return {rewriter.fill("CASE WHEN $1 IS NOT NULL THEN '' END", {moment.node}), result};
  std::string whole = merged[0];
  if (merged.size() > 1 || merged[0].starts_with('\'')) {
    whole = "concat(";
    for (std::size_t i = 0; i < merged.size(); ++i) whole += (i > 0 ? ", " : "") + merged[i];
    whole += ')';
    const bool constant = std::all_of(merged.begin(), merged.end(),
                                      [](const std::string& one) { return one.starts_with('\''); });
    if (constant) whole = "CASE WHEN $1 IS NOT NULL THEN " + whole + " END";
  }
  return {rewriter.fill(whole, {moment.node}), result};
}

// The text must have the format; PostgreSQL is more lenient, and says so by other results.
Expr to_date(Rewriter& rewriter, const Call& call) {
  const bool date = call.name == "to_date";
  const Type result = type_of(date ? Base::date : Base::timestamptz);
  std::string text, fault;
  if (!read_format(rewriter, call, 1, text)) return {call.arguments[0].node, result};
  const auto pattern = parse_format(text, fault);
  if (!pattern) {
    rewriter.refuse(call.arguments[1].node, "sql-format", "the format '" + text + "' " + fault,
                    "rewrite the format");
    return {call.arguments[0].node, result};
  }
  rewriter.applied(call.name);
  Node* value = call.arguments[0].type.is_text() || !call.arguments[0].type.known()
                    ? call.arguments[0].node
                    : rewriter.cast(call.arguments[0].node, "STRING");
  rewriter.assume("texts given to " + std::string(date ? "TO_DATE" : "TO_TIMESTAMP") +
                  " have its format; others raise an error");
  Node* out = nullptr;
  if (date && pattern->find_first_of("Hhms") == pattern->npos)
    out = rewriter.call("to_date", {value, rewriter.string(*pattern)});
  else if (date)
    out = rewriter.cast(rewriter.call("to_timestamp_ntz", {value, rewriter.string(*pattern)}),
                        "DATE");
  else
    out = rewriter.call("to_timestamp", {value, rewriter.string(*pattern)});
  if (pattern->find("yy") == pattern->npos || pattern->find("yyyy") != pattern->npos)
    return {out, result};
  // years of two digits: 70 to 99 are of the twentieth century, in Spark of the next
  rewriter.applied("two-digit-year");
  return {rewriter.fill(date ? "CASE WHEN year($1) >= 2070 THEN add_months($1, -1200) ELSE $1 END"
                             : "CASE WHEN year($1) >= 2070 THEN $1 - INTERVAL '100' YEAR ELSE $1 "
                               "END",
                        {out}),
          result};
}

Expr to_number(Rewriter& rewriter, const Call& call) {
  std::string text;
  if (!read_format(rewriter, call, 1, text)) return {call.arguments[0].node, decimal_of(38, 0)};
  std::string model;
  int scale = 0;
  bool point = false, known = true;
  for (const char c : lower_case(text)) {
    if (c == 'l')
      model += '$';
    else if (c == 's' || c == '9' || c == '0' || c == 'g' || c == ',' || c == '$')
      model += c == 's' ? 'S' : c == 'g' ? 'G' : c;
    else if (c == 'd' || c == '.') {
      model += c == 'd' ? 'D' : '.';
      point = true;
    } else
      known = false;
    if (point && (c == '9' || c == '0')) ++scale;
  }
  if (!known)
    rewriter.refuse(call.arguments[1].node, "sql-format",
                    "the format '" + text + "' has fields that are not translated",
                    "use CAST after replace");
  rewriter.applied("to_number");
  return {rewriter.call("to_number", {call.arguments[0].node, rewriter.string(model)}),
          decimal_of(38, scale)};
}

// Signs may stand behind, and exponents are read; what is behind the point is cut.
Expr text_to_int(Rewriter& rewriter, const Call& call) {
  rewriter.applied("text-to-int");
  return {rewriter.fill("CAST(CAST(CASE WHEN $1 LIKE '%-' THEN concat('-', TRIM(TRAILING '-' FROM "
                        "$1)) ELSE TRIM(TRAILING '+' FROM $1) END AS DECIMAL(38, 18)) AS INT)",
                        {call.arguments[0].node}),
          type_of(Base::integer)};
}

// Halves go to the even neighbour, which bround does; ten more digits are read than are kept.
Expr text_to_numeric(Rewriter& rewriter, const Call& call) {
  const auto number = [&](std::size_t at, int otherwise) {
    if (at >= call.arguments.size()) return otherwise;
    const Node* node = call.arguments[at].node;
    const int value =
        node->kind == Kind::number ? std::atoi(std::string(node->text()).c_str()) : -1;
    return value;
  };
  const int precision = number(1, 38), scale = number(2, 0);
  if (precision < 1 || precision > 38 || scale < 0 || scale > std::min(precision, 28) ||
      call.arguments.size() == 2) {
    rewriter.refuse(call.source, "sql-format",
                    "TEXT_TO_NUMERIC_ALT is translated without format, and with a scale up to 28",
                    "use CAST, or TO_NUMBER with the format");
    return {call.arguments[0].node, {}};
  }
  Node* digits = rewriter.cast(rewriter.call("trim", {call.arguments[0].node}),
                               "DECIMAL(38, " + std::to_string(scale + 10) + ")");
  rewriter.applied("text-to-numeric");
  rewriter.assume(
      "texts given to TEXT_TO_NUMERIC_ALT are plain numbers with at most ten digits "
      "more than are kept");
  return {
      rewriter.cast(rewriter.fill("CASE WHEN trim($1) = '' THEN 0 ELSE bround($2, $3) END",
                                  {call.arguments[0].node, digits, rewriter.number(scale)}),
                    "DECIMAL(" + std::to_string(precision) + ", " + std::to_string(scale) + ")"),
      decimal_of(precision, scale)};
}

constexpr Function kRows[] = {
    {.name = "to_char", .arguments = "aa", .hook = to_char},
    {.name = "to_date", .arguments = "aab?", .hook = to_date},
    {.name = "to_timestamp", .arguments = "aab?", .hook = to_date},
    {.name = "to_number", .arguments = "sa", .hook = to_number},
    {.name = "text_to_int_alt", .arguments = "sa?", .hook = text_to_int},
    {.name = "text_to_numeric_alt", .arguments = "sc?c?", .hook = text_to_numeric},
    {.name = "interval",
     .arguments = "a",
     .refusal = "is not translated as a function; write INTERVAL '…'"},
};

}  // namespace

extern const FunctionSet kDefinition{.title = "Data type formatting functions", .rows = kRows};

}  // namespace lakeshift::sql::functions::format
