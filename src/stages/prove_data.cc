#include "stages/prove_data.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "core/base/strings.h"

namespace lakeshift::stages {
namespace {

enum class Wildness { plain, nulls, edges };

// A small generator of its own, so that rows never change with a library.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed) {}
  std::size_t below(std::size_t limit) {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    state_ ^= state_ << 17;
    return static_cast<std::size_t>(state_ % limit);
  }

 private:
  std::uint64_t state_;
};

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
    for (const char* text : {"", "a ", "A", "  pad ", "a.b,c", "B"}) add_text(pool, text, column);
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

std::vector<Value> pool_of(const SourceForm& form, const ProveColumn& column, Wildness wild) {
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
  return texts(form, column, wild);
}

// Every value of every pool at least once, and as many rows again of chance; each value is a
// literal of its column. NULLs and values of the row before, which make groups, are only among the
// rows of chance: no value of a pool is lost to them.
// Of a key's values, each table lacks another one: so that some keys match and some do not.
std::vector<ValueRow> rows_of(const SourceForm& form, const ProveTable& table, Wildness wild,
                              std::uint64_t seed) {
  Dice dice(seed * 2654435761U + 88172645463325252ULL);
  std::vector<std::vector<Value>> pools;
  std::size_t longest = 6;
  for (const ProveColumn& column : table.columns) {
    pools.push_back(pool_of(form, column, wild));
    if (form.keys.contains(column.name) && pools.back().size() > 3)
      pools.back().erase(pools.back().begin() +
                         static_cast<std::ptrdiff_t>(seed % pools.back().size()));
    longest = std::max(longest, pools.back().size());
  }
  const std::size_t count = std::min<std::size_t>(longest + 12, 60);
  std::vector<ValueRow> rows;
  for (std::size_t r = 0; r < count; ++r) {
    ValueRow row;
    for (std::size_t c = 0; c < pools.size(); ++c) {
      // In turn, each column with another stride, then by chance.
      const std::vector<Value>& pool = pools[c];
      const std::size_t few = std::min<std::size_t>(3, pool.size());  // the constants stand first
      const std::size_t index = r < pool.size()      ? (r + c) % pool.size()
                                : dice.below(2) == 0 ? dice.below(few)
                                                     : dice.below(pool.size());
      const bool hole = wild != Wildness::plain && !table.columns[c].not_null && r >= pool.size() &&
                        (r + c * 5) % 4 == 1;
      row.push_back(hole ? Value() : pool[index]);
    }
    rows.push_back(std::move(row));
  }
  for (std::size_t r = longest + 1; r < rows.size(); r += 2) {
    const std::size_t c = dice.below(table.columns.size());
    if (rows[r - 1][c] || !table.columns[c].not_null) rows[r][c] = rows[r - 1][c];
  }
  if (wild != Wildness::plain && rows.size() > 3) rows.push_back(rows[3]);  // a whole row twice
  return rows;
}

}  // namespace

std::vector<ProveData> make_prove_data(const SourceForm& form,
                                       const std::vector<ProveTable>& tables) {
  std::vector<ProveData> all;
  const auto fill = [&](std::string name, Wildness wild, std::size_t limit) {
    ProveData data{std::move(name), {}};
    for (std::size_t t = 0; t < tables.size(); ++t) {
      auto rows = rows_of(form, tables[t], wild, t + 1);
      if (rows.size() > limit) rows.resize(limit);
      data.rows.push_back(std::move(rows));
    }
    all.push_back(std::move(data));
  };
  if (tables.empty()) {
    all.push_back({"no table", {}});
    return all;
  }
  fill("nulls", Wildness::nulls, 100);
  fill("plain", Wildness::plain, 100);
  fill("edges", Wildness::edges, 100);
  fill("pairs", Wildness::plain, 2);
  fill("empty", Wildness::plain, 0);
  return all;
}

}  // namespace lakeshift::stages
