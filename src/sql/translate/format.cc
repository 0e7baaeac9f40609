#include "sql/translate/format.h"

#include <algorithm>

#include "sql/types/type.h"

namespace lakeshift::sql {
namespace {

struct Field {
  std::string_view name;    // as documented
  std::string_view shown;   // expression over $1
  std::string_view parsed;  // letters of Spark's pattern; empty: cannot be read
  bool cased = false;       // the spelling of the name tells capitals (MONTH, Month, month)
  std::string_view bare{};  // with FM: without padding; empty: no difference
};

// Longest first where one begins another.
constexpr Field kFields[] = {
    {"HH24", "date_format($1, 'HH')", "HH", false, "CAST(hour($1) AS STRING)"},
    {"HH12", "date_format($1, 'hh')", "hh", false, "CAST((hour($1) + 11) % 12 + 1 AS STRING)"},
    {"HH", "date_format($1, 'hh')", "hh", false, "CAST((hour($1) + 11) % 12 + 1 AS STRING)"},
    {"MI", "date_format($1, 'mm')", "mm", false, "CAST(minute($1) AS STRING)"},
    {"SSSSS", "CAST(hour($1) * 3600 + minute($1) * 60 + second($1) AS STRING)", ""},
    {"SSSS", "CAST(hour($1) * 3600 + minute($1) * 60 + second($1) AS STRING)", ""},
    {"SS", "date_format($1, 'ss')", "ss", false, "CAST(second($1) AS STRING)"},
    {"MS", "date_format($1, 'SSS')", "SSS"},
    {"US", "date_format($1, 'SSSSSS')", "SSSSSS"},
    {"A.M.", "CASE WHEN hour($1) < 12 THEN 'A.M.' ELSE 'P.M.' END", "", true},
    {"P.M.", "CASE WHEN hour($1) < 12 THEN 'A.M.' ELSE 'P.M.' END", "", true},
    {"AM", "CASE WHEN hour($1) < 12 THEN 'AM' ELSE 'PM' END", "a", true},
    {"PM", "CASE WHEN hour($1) < 12 THEN 'AM' ELSE 'PM' END", "a", true},
    {"IYYY", "CAST(extract(YEAROFWEEK FROM $1) AS STRING)", ""},
    {"IYY", "lpad(CAST(extract(YEAROFWEEK FROM $1) % 1000 AS STRING), 3, '0')", ""},
    {"IY", "lpad(CAST(extract(YEAROFWEEK FROM $1) % 100 AS STRING), 2, '0')", ""},
    {"IW", "lpad(CAST(weekofyear($1) AS STRING), 2, '0')", "", false,
     "CAST(weekofyear($1) AS STRING)"},
    {"ID", "CAST(weekday($1) + 1 AS STRING)", ""},
    {"Y,YYY",
     "concat(CAST(year($1) DIV 1000 AS STRING), ',', lpad(CAST(year($1) % 1000 AS STRING), 3, "
     "'0'))",
     ""},
    {"YYYY", "date_format($1, 'yyyy')", "yyyy", false, "CAST(year($1) AS STRING)"},
    {"YYY", "lpad(CAST(year($1) % 1000 AS STRING), 3, '0')", ""},
    {"YY", "date_format($1, 'yy')", "yy"},
    {"Y", "CAST(year($1) % 10 AS STRING)", ""},
    {"B.C.", "'A.D.'", "", true},
    {"A.D.", "'A.D.'", "", true},
    {"BC", "'AD'", "", true},
    {"AD", "'AD'", "", true},
    {"MONTH", "rpad(date_format($1, 'MMMM'), 9, ' ')", "MMMM", true, "date_format($1, 'MMMM')"},
    {"MON", "date_format($1, 'MMM')", "MMM", true},
    {"MM", "date_format($1, 'MM')", "MM", false, "CAST(month($1) AS STRING)"},
    {"DAY", "rpad(date_format($1, 'EEEE'), 9, ' ')", "", true, "date_format($1, 'EEEE')"},
    {"DDD", "lpad(CAST(dayofyear($1) AS STRING), 3, '0')", "DDD", false,
     "CAST(dayofyear($1) AS STRING)"},
    {"DD", "date_format($1, 'dd')", "dd", false, "CAST(day($1) AS STRING)"},
    {"DY", "date_format($1, 'EEE')", "", true},
    {"D", "CAST(dayofweek($1) AS STRING)", ""},
    {"WW", "lpad(CAST((dayofyear($1) + 6) DIV 7 AS STRING), 2, '0')", "", false,
     "CAST((dayofyear($1) + 6) DIV 7 AS STRING)"},
    {"W", "CAST((day($1) + 6) DIV 7 AS STRING)", ""},
    {"CC", "lpad(CAST((year($1) + 99) DIV 100 AS STRING), 2, '0')", "", false,
     "CAST((year($1) + 99) DIV 100 AS STRING)"},
    {"J", "CAST(datediff($1, DATE '1970-01-01') + 2440588 AS STRING)", ""},
    {"Q", "CAST(quarter($1) AS STRING)", ""},
    {"TZ", "date_format($1, 'z')", "", true},
    {"RM", "", ""},
    {"OF", "", ""},
};

bool starts_with_word(std::string_view text, std::string_view word) {
  return text.size() >= word.size() && same_word(text.substr(0, word.size()), word);
}

const Field* field_at(std::string_view text) {
  for (const Field& one : kFields)
    if (starts_with_word(text, one.name)) return &one;
  return nullptr;
}

bool is_numeric(const Field& field) { return !field.cased; }

bool reads_digits(std::string_view text) {
  const Field* field = field_at(text);
  return field && is_numeric(*field);
}

std::string quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "'";
}

bool lower(char c) { return c >= 'a' && c <= 'z'; }

std::string in_case(std::string expression, std::string_view spelled) {
  if (lower(spelled[0])) return "lower(" + expression + ")";
  if (spelled.size() > 1 && lower(spelled[1])) return expression;
  return "upper(" + expression + ")";
}

// 1st, 2nd, 3rd, 4th
std::string ordinal(const std::string& number, bool capitals) {
  const std::string suffix = "CASE WHEN CAST(" + number +
                             " AS INT) % 100 BETWEEN 11 AND 13 THEN 'th' WHEN CAST(" + number +
                             " AS INT) % 10 = 1 THEN 'st' WHEN CAST(" + number +
                             " AS INT) % 10 = 2 THEN 'nd' WHEN CAST(" + number +
                             " AS INT) % 10 = 3 THEN 'rd' ELSE 'th' END";
  return "concat(" + number + ", " + (capitals ? "upper(" + suffix + ")" : suffix) + ")";
}

}  // namespace

std::optional<std::vector<std::string>> moment_format(std::string_view format, std::string& fault) {
  std::vector<std::string> parts;
  std::string literal;
  const auto flush = [&] {
    if (!literal.empty()) parts.push_back(quoted(literal));
    literal.clear();
  };
  bool fill = false;
  for (std::size_t i = 0; i < format.size();) {
    if (format[i] == '"') {
      const auto close = format.find('"', i + 1);
      if (close == format.npos) {
        fault = "has a quote that is not closed";
        return std::nullopt;
      }
      literal += format.substr(i + 1, close - i - 1);
      i = close + 1;
      continue;
    }
    if (starts_with_word(format.substr(i), "FM")) {
      fill = true;
      i += 2;
      continue;
    }
    const Field* field = field_at(format.substr(i));
    if (!field) {
      literal += format[i++];
      continue;
    }
    flush();
    if (field->shown.empty()) {
      fault = "has " + std::string(field->name) + ", which Databricks has no pattern for";
      return std::nullopt;
    }
    std::string shown(fill && !field->bare.empty() ? field->bare : field->shown);
    if (field->cased) {
      const bool half_day = field->name.find('M') == 1 || field->name.find('M') == 2 ||
                            field->name.starts_with("A.") || field->name.starts_with('B');
      shown = half_day && field->name != "MON" && field->name != "MONTH" && !lower(format[i])
                  ? shown
                  : in_case(shown, format.substr(i, field->name.size()));
    }
    fill = false;
    i += field->name.size();
    if (starts_with_word(format.substr(i), "TH") && !field->cased) {
      shown = ordinal(shown, format[i] == 'T');
      i += 2;
    }
    parts.push_back(shown);
  }
  flush();
  return parts;
}

std::optional<std::string> parse_format(std::string_view format, std::string& fault) {
  std::string out;
  bool read_before = false;
  for (std::size_t i = 0; i < format.size();) {
    if (starts_with_word(format.substr(i), "FM")) {
      i += 2;
      continue;
    }
    const Field* field = field_at(format.substr(i));
    if (field) {
      if (field->parsed.empty()) {
        fault = "has " + std::string(field->name) + ", which Databricks cannot read";
        return std::nullopt;
      }
      // a number with no digits of another beside it may have fewer digits than its field
      const std::string_view behind = format.substr(i + field->name.size());
      const bool alone = !read_before && !reads_digits(behind);
      const bool short_too = field->parsed.size() == 2 && field->parsed != "yy";
      out += short_too && alone ? field->parsed.substr(1) : field->parsed;
      read_before = is_numeric(*field);
      i += field->name.size();
      continue;
    }
    const char c = format[i];
    read_before = false;
    if (c == '"') {
      const auto close = std::min(format.find('"', i + 1), format.size());
      out += "'" + std::string(format.substr(i + 1, close - i - 1)) + "'";
      i = close + 1;
      continue;
    }
    if ((c >= 'A' && c <= 'Z') || lower(c))
      out += "'" + std::string(1, c) + "'";
    else if (c == '\'')
      out += "''";
    else
      out += c;
    ++i;
  }
  return out;
}

// PostgreSQL leaves a place for the sign; digits that do not fit become #.
std::optional<std::string> number_format(std::string_view format, std::string& fault) {
  std::string model = lower_case(format);
  const bool bare = model.starts_with("fm");
  if (bare) model = model.substr(2);
  int whole = 0, fraction = 0, zeros = 0;
  bool point = false, group = false, dollar = false, seen_zero = false;
  for (const char c : model) {
    switch (c) {
      case '9':
      case '0':
        if (c == '0') seen_zero = true;
        if (point) {
          ++fraction;
        } else {
          ++whole;
          if (seen_zero) ++zeros;
        }
        break;
      case '.':
      case 'd':
        if (point) {
          fault = "has two decimal points";
          return std::nullopt;
        }
        point = true;
        break;
      case ',':
      case 'g':
        group = true;
        break;
      case '$':
      case 'l':
        if (whole > 0 || point) {
          fault = "has a currency sign inside";
          return std::nullopt;
        }
        dollar = true;
        break;
      default:
        fault = std::string("has ") + c + ", which is not translated";
        return std::nullopt;
    }
  }
  if (whole == 0 || whole > 30 || fraction > 18) {
    fault = "is too long or has no digits before the point";
    return std::nullopt;
  }
  if (bare && fraction > 0) {
    const auto last = model.find_last_of("09");
    if (model[last] == '9') {
      fault = "has FM with 9 behind the point, which leaves digits out";
      return std::nullopt;
    }
  }
  // Spark's to_char does the digits; sign and width are PostgreSQL's
  std::string digits;
  for (const char c : model)
    if (c != '$' && c != 'l') digits += c == 'd' ? '.' : c == 'g' ? ',' : c;
  const std::string precision = std::to_string(whole + fraction);
  const std::string scale = std::to_string(fraction);
  const std::string limit = "1" + std::string(static_cast<std::size_t>(whole), '0');
  const std::string rounded = "abs(round($1, " + scale + "))";
  std::string number = "to_char(CAST(" + rounded + " AS DECIMAL(" + precision + ", " + scale +
                       ")), '" + digits + "')";
  number = "ltrim(" + number + ")";
  if (fraction > 0 && zeros == 0)
    number = "CASE WHEN " + rounded + " < 1 THEN concat('.', split_part(" + number +
             ", '.', 2)) ELSE " + number + " END";
  const std::size_t width = digits.size() + 1 + (dollar ? 1 : 0);
  std::string sign =
      "CASE WHEN round($1, " + scale + ") < 0 THEN '-' ELSE '" + (bare ? "" : " ") + "' END";
  std::string text = "concat(" + sign + ", " + (dollar ? "'$', " : "") + number + ")";
  if (dollar && !bare) {
    fault = "has a currency sign without FM, whose place depends on the number";
    return std::nullopt;
  }
  (void)group;
  if (!bare)
    text = "lpad(" +
           (zeros == 0 ? "concat(CASE WHEN round($1, " + scale + ") < 0 THEN '-' ELSE '' END, " +
                             number + ")"
                       : text) +
           ", " + std::to_string(width) + ", ' ')";
  std::string overflow;
  for (const char c : digits) overflow += c == '.' || c == ',' ? c : '#';
  return "CASE WHEN " + rounded + " < " + limit + " THEN " + text + " WHEN $1 IS NOT NULL THEN '" +
         (bare ? "" : " ") + overflow + "' END";
}

}  // namespace lakeshift::sql
