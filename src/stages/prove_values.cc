#include "stages/prove_values.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "core/base/strings.h"

namespace lakeshift::stages {
namespace {

bool is_integer(std::string_view text) {
  return !text.empty() && text.size() < 19 &&
         text.find_first_not_of("0123456789") == std::string_view::npos;
}

bool is_date(std::string_view text) {
  return text.size() >= 10 && text[4] == '-' && text[7] == '-' && is_integer(text.substr(0, 4));
}

void add(std::vector<Value>& pool, std::string value) {
  if (std::find(pool.begin(), pool.end(), Value(value)) == pool.end())
    pool.emplace_back(std::move(value));
}

void add_all(std::vector<Value>& pool, std::initializer_list<const char*> values) {
  for (const char* value : values) add(pool, value);
}

std::vector<Value> integers(const SourceForm& form, const ProveColumn& column, Wildness wild) {
  std::vector<Value> pool;
  const bool key = form.keys.contains(column.name);
  for (const std::string& number : form.numbers)
    if (is_integer(number) && number.size() < 10) {
      const long long value = std::atoll(number.c_str());
      for (const long long near : {value, value + 1, value - 1})
        if (column.type != "smallint" || std::llabs(near) < 32768) add(pool, std::to_string(near));
    }
  for (const std::string& text : form.texts)
    if (is_integer(text) && text.size() < 9) add(pool, text);
  add_all(pool, {"1", "2", "3"});
  if (!key) add_all(pool, {"7", "5", "10"});
  if (wild != Wildness::plain) add_all(pool, {"0", "-7", "-1"});
  if (wild == Wildness::edges && !key)
    add(pool, column.type.starts_with("small") || column.type == "int2" ? "32767"
              : column.type == "bigint" || column.type == "int8"        ? "9223372036854775807"
                                                                        : "2147483647");
  return pool;
}

std::string with_scale(long long whole, std::string_view digits, int scale) {
  std::string text = std::to_string(whole);
  if (scale > 0) text += "." + std::string(digits.substr(0, static_cast<std::size_t>(scale)));
  return text;
}

std::vector<Value> decimals(const SourceForm& form, const ProveColumn& column, Wildness wild) {
  std::vector<Value> pool;
  const int whole = column.domain == Domain::real ? 9 : column.size - column.scale;
  for (const std::string& number : form.numbers) {
    if (number.find_first_of("eE") != std::string::npos) continue;
    const long long value = std::atoll(number.c_str());
    if (static_cast<int>(std::to_string(value).size()) >= whole) continue;
    add(pool, number);
    add(pool, std::to_string(value + 1));
    if (value > 0) add(pool, std::to_string(value - 1));
  }
  const int scale = column.domain == Domain::real ? 4 : column.scale;
  for (const auto& [integer, digits] : {std::pair<long long, std::string_view>{2, "5000000000"},
                                        {1, "2500000000"},
                                        {10, "0100000000"},
                                        {3, "3333333333"},
                                        {7, "0000000000"}})
    if (whole > 1 || integer < 10) add(pool, with_scale(integer, digits, scale));
  if (wild != Wildness::plain) {
    add(pool, "0");
    add(pool, "-" + with_scale(2, "5000000000", scale));
    add(pool, "-" + with_scale(1, "7500000000", scale));
    if (scale > 0)
      for (const char* digits : {"7500000000", "0500000000"})
        add(pool, with_scale(0, digits, scale));
  }
  if (wild == Wildness::edges && column.domain == Domain::decimal && whole > 0)
    add(pool, std::string(static_cast<std::size_t>(whole), '9') +
                  (scale > 0 ? "." + std::string(static_cast<std::size_t>(scale), '9') : ""));
  return pool;
}

void add_text(std::vector<Value>& pool, const std::string& text, const ProveColumn& column) {
  if (static_cast<int>(text.size()) <= column.size) add(pool, text);
}

// A text that a regular expression or a SIMILAR TO pattern of the everyday kind fits: the first
// choice of each group, a member of each class, each repetition once.
std::string sample_of(std::string_view pattern) {
  std::string out;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const char c = pattern[i];
    if (c == '|') break;
    if (c == '[') {
      const std::size_t end = pattern.find(']', i + 2);
      if (end == std::string_view::npos) break;
      out += pattern[i + 1] == '^' ? (pattern[i + 2] == 'z' ? 'y' : 'z') : pattern[i + 1];
      i = end;
    } else if (c == '\\' && i + 1 < pattern.size()) {
      const char next = pattern[++i];
      out += next == 'd' ? '7' : next == 'w' ? 'w' : next == 's' ? ' ' : next;
    } else if (c == '{') {
      const std::size_t end = pattern.find('}', i);
      const std::size_t times = static_cast<std::size_t>(
          std::max(1, std::atoi(std::string(pattern.substr(i + 1)).c_str())));
      if (!out.empty()) out.append(std::min<std::size_t>(times - 1, 20), out.back());
      i = end == std::string_view::npos ? pattern.size() : end;
    } else if (c == '.' || c == '_') {
      out += 'm';
    } else if (std::string_view("^$()*+?%").find(c) == std::string_view::npos) {
      out += c;
    }
  }
  return out;
}

std::vector<Value> texts(const SourceForm& form, const ProveColumn& column, Wildness wild) {
  std::vector<Value> pool;
  for (const std::string& text : form.texts) {
    if (text.find_first_of("[(.+*^$\\|") != std::string::npos)
      add_text(pool, sample_of(text), column);
    std::string plain = replace_all(text, "%", "ab");
    plain = replace_all(plain, "_", "c");
    add_text(pool, text, column);
    add_text(pool, plain, column);
    add_text(pool, to_lower(text), column);
    if (wild != Wildness::plain) {
      add_text(pool, text + "x", column);
      add_text(pool, "x" + plain, column);
      add_text(pool, text + " ", column);
      add_text(pool, " " + text, column);
    }
  }
  for (const std::string& number : form.numbers)
    if (is_integer(number)) add_text(pool, number, column);
  for (const char* text : {"a", "b", "Hello World", "abcdef"}) add_text(pool, text, column);
  if (wild != Wildness::plain)
    for (const char* text : {"", "a ", "A", " b", "  pad ", "a.b,c", "B", "a_b.c.d", "qaq"})
      add_text(pool, text, column);
  if (wild == Wildness::edges)
    for (const char* text :
         {"\xc3\x89t\xc3\xa9", "it's", "100%_", "\xe6\x97\xa5\xe6\x9c\xac", "12"})
      add_text(pool, text, column);
  return pool;
}

// The date so many days behind, or the date itself when it is none.
std::string days_from(const std::string& date, int days) {
  using namespace std::chrono;
  const year_month_day day{
      year(std::atoi(date.substr(0, 4).c_str())),
      month(static_cast<unsigned>(std::atoi(date.substr(5, 2).c_str()))),
      std::chrono::day(static_cast<unsigned>(std::atoi(date.substr(8, 2).c_str())))};
  if (!day.ok()) return date;
  const year_month_day moved{sys_days(day) + std::chrono::days(days)};
  char text[40];
  std::snprintf(text, sizeof text, "%04d-%02u-%02u", static_cast<int>(moved.year()),
                static_cast<unsigned>(moved.month()), static_cast<unsigned>(moved.day()));
  return text;
}

std::vector<Value> moments(const SourceForm& form, const ProveColumn& column, Wildness wild) {
  std::vector<Value> pool;
  const bool day = column.domain == Domain::date;
  for (const std::string& text : form.texts)
    if (is_date(text)) {
      add(pool, day ? text.substr(0, 10) : text);
      for (const int days : {-9, 1, 9}) add(pool, days_from(text.substr(0, 10), days));
      if (!day && text.size() == 10) {
        add(pool, text + " 00:00:00");
        add(pool, text + " 12:34:56");
      }
    }
  for (const std::string& number : form.numbers)
    if (number.size() == 4 && is_integer(number) && number >= "1900" && number < "2200")
      add(pool, number + "-06-15" + (day ? "" : " 10:20:30"));
  add_all(pool, {"2020-01-15", "2021-07-01", "2019-12-30"});
  if (!day) add_all(pool, {"2020-01-15 13:45:30", "2020-01-15 23:59:59"});
  if (wild != Wildness::plain)
    add_all(pool, {"2020-02-29", "2020-03-01", "2020-01-31", "2019-12-31", "2021-01-03"});
  if (wild != Wildness::plain && !day)
    add_all(pool, {"2020-12-31 23:59:59.999999", "2020-01-01 00:00:00"});
  if (wild == Wildness::edges) add_all(pool, {"1970-01-01", "1969-12-31", "2000-02-29"});
  return pool;
}

// What passes a condition on a sum, a product or a quotient of the column.
std::vector<long long> combined(const std::vector<std::string>& numbers) {
  std::vector<long long> plain, all;
  for (const std::string& number : numbers)
    if (is_integer(number) && number.size() < 10) plain.push_back(std::atoll(number.c_str()));
  all = plain;
  if (plain.size() > 4) plain.resize(4);
  for (std::size_t i = 0; i < plain.size(); ++i)
    for (std::size_t j = i + 1; j < plain.size(); ++j)
      for (const long long value :
           {plain[i] * plain[j], plain[i] * plain[j] + 1, plain[i] + plain[j]})
        all.push_back(value);
  const std::size_t count = all.size();
  for (std::size_t i = 0; i < count; ++i)
    for (const long long value : {all[i] + 1, all[i] - 1}) all.push_back(value);
  return all;
}

bool fits(long long value, const ProveColumn& column) {
  if (column.domain == Domain::decimal)
    return static_cast<int>(std::to_string(std::llabs(value)).size()) <= column.size - column.scale;
  if (column.type == "smallint" || column.type == "int2") return std::llabs(value) < 32768;
  return column.type == "bigint" || column.type == "int8" || std::llabs(value) < 2147483648LL;
}

std::vector<Value> wanted_numbers(const Constants& near, const ProveColumn& column) {
  std::vector<Value> wanted;
  if (column.domain != Domain::integer)
    for (const std::string& number : near.numbers)
      if (number.find_first_of("eE") == std::string::npos &&
          fits(std::atoll(number.c_str()), column))
        add(wanted, number);
  for (const long long value : combined(near.numbers))
    if (fits(value, column)) add(wanted, std::to_string(value));
  for (const std::string& text : near.texts)
    if (is_integer(text) && text.size() < 9 && fits(std::atoll(text.c_str()), column))
      add(wanted, text);
  return wanted;
}

std::string in_capitals(std::string text) {
  for (char& c : text)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return text;
}

std::vector<Value> wanted_texts(const Constants& near, const ProveColumn& column) {
  std::vector<Value> wanted;
  for (const std::string& text : near.texts) {
    add_text(wanted, text, column);
    if (text.find_first_of("[(.+*^$\\|") != std::string::npos)
      add_text(wanted, sample_of(text), column);
    const std::string plain = replace_all(replace_all(text, "%", "ab"), "_", "c");
    for (const std::string& one : {plain, replace_all(text, "%", ""), text + " ", to_lower(text),
                                   in_capitals(text), plain + "q", "q" + plain})
      add_text(wanted, one, column);
  }
  static const std::string kLong = "abc Defghij.klm,nop-qrstuvwxyz_ABCDEFGHIJKLMNOPQRSTUVWXYZ01234";
  for (const std::string& number : near.numbers)
    if (is_integer(number) && number.size() < 3)
      for (const int length : {0, 1, -1}) {
        const int size = std::atoi(number.c_str()) + length;
        if (size > 0) add_text(wanted, kLong.substr(0, static_cast<std::size_t>(size)), column);
      }
  return wanted;
}

std::vector<Value> wanted_moments(const SourceForm& form, const Constants& near,
                                  const ProveColumn& column) {
  std::vector<Value> wanted;
  const std::string later = column.domain == Domain::date ? "" : " 10:20:30";
  char text[40];
  for (const std::string& day : form.texts) {
    if (!is_date(day)) continue;
    add(wanted, column.domain == Domain::date ? day.substr(0, 10) : day);
    for (const int days : {1, -1}) add(wanted, days_from(day.substr(0, 10), days) + later);
    for (const std::string& number : near.numbers)
      if (is_integer(number) && number.size() < 5)
        for (const int off : {0, 1, -1})
          for (const int sign : {1, -1})
            add(wanted,
                days_from(day.substr(0, 10), sign * (std::atoi(number.c_str()) + off)) + later);
  }
  for (const std::string& number : near.numbers) {
    if (!is_integer(number) || number.size() > 4) continue;
    const int value = std::atoi(number.c_str());
    if (number.size() == 4 && value > 1900 && value < 2200) add(wanted, number + "-06-15" + later);
    if (value >= 1 && value <= 12) {
      std::snprintf(text, sizeof text, "2020-%02d-15", value);
      add(wanted, text + later);
    }
    if (value >= 1 && value <= 31) {
      std::snprintf(text, sizeof text, "2021-01-%02d", value);
      add(wanted, text + later);
    }
    if (value >= 0 && value < 24 && !later.empty()) {
      std::snprintf(text, sizeof text, "2020-01-15 %02d:%02d:%02d", value, value, value);
      add(wanted, text);
    }
  }
  return wanted;
}

// Documents that have a key of the statement at the place where it looks, and others.
std::vector<Value> documents(const SourceForm& form, Wildness wild) {
  std::vector<Value> pool;
  const std::vector<std::string>& keys = form.texts;
  for (const char* leaf : {"1", "\"x\"", "null", "true", "[10, 20, 30]", "{\"k\": 2.50}", "\"\""}) {
    std::string nested = leaf, flat;
    for (std::size_t i = keys.size(); i-- > 0;) nested = "{\"" + keys[i] + "\": " + nested + "}";
    for (const std::string& key : keys)
      flat += (flat.empty() ? "{\"" : ", \"") + key + "\": " + leaf;
    if (nested.size() < 200) add(pool, nested);
    if (keys.size() > 1 && flat.size() < 199) add(pool, flat + "}");
    // The last key below each of the others alone.
    for (std::size_t i = 0; i + 1 < keys.size(); ++i)
      add(pool, "{\"" + keys[i] + "\": {\"" + keys.back() + "\": " + leaf + "}}");
  }
  add_all(pool, {"{}", "[1, 2, 3]", "[]", "[{\"a\": 1}, {\"a\": 2}]"});
  if (wild == Wildness::edges) add_all(pool, {"", "no document", "{\"a\": "});
  return pool;
}

}  // namespace

std::vector<Value> values_of(const SourceForm& form, const ProveColumn& column, Wildness wild) {
  switch (column.domain) {
    case Domain::integer:
      return integers(form, column, wild);
    case Domain::decimal:
    case Domain::real:
      return decimals(form, column, wild);
    case Domain::boolean:
      return {Value("true"), Value("false")};
    case Domain::date:
    case Domain::timestamp:
    case Domain::timestamp_zone:
      return moments(form, column, wild);
    case Domain::text:
    case Domain::other:
      break;
  }
  return form.documents.contains(column.name) && column.size >= 40 ? documents(form, wild)
                                                                   : texts(form, column, wild);
}

std::vector<Value> wanted_of(const SourceForm& form, const ProveColumn& column) {
  static const Constants kNone;
  const auto found = form.near.find(column.name);
  const Constants& near = found == form.near.end() ? kNone : found->second;
  switch (column.domain) {
    case Domain::integer:
    case Domain::decimal:
    case Domain::real:
      return wanted_numbers(near, column);
    case Domain::date:
    case Domain::timestamp:
    case Domain::timestamp_zone:
      return found == form.near.end() ? std::vector<Value>{} : wanted_moments(form, near, column);
    case Domain::text:
      return wanted_texts(near, column);
    case Domain::boolean:
    case Domain::other:
      break;
  }
  return {};
}

}  // namespace lakeshift::stages
