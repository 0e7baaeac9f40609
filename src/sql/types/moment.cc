#include "sql/types/moment.h"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "sql/types/type.h"

namespace lakeshift::sql {
namespace {

constexpr std::string_view kMonths[] = {"january",   "february", "march",    "april",
                                        "may",       "june",     "july",     "august",
                                        "september", "october",  "november", "december"};

bool digit(char c) { return c >= '0' && c <= '9'; }

int month_named(std::string_view word) {
  if (word.size() < 3) return 0;
  for (int i = 0; i < 12; ++i) {
    const std::string_view full = kMonths[i];
    const bool sept = full == "september" && word == "sept";
    if (word == full || word == full.substr(0, 3) || sept) return i + 1;
  }
  return 0;
}

bool weekday(std::string_view word) {
  for (const std::string_view day :
       {"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"})
    if (word == day || word == day.substr(0, 3)) return true;
  return false;
}

int days_in(int year, int month) {
  static constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return month == 2 && leap ? 29 : kDays[month - 1];
}

bool valid(const Moment& m) {
  return m.year >= 1 && m.year <= 9999 && m.month >= 1 && m.month <= 12 && m.day >= 1 &&
         m.day <= days_in(m.year, m.month) && m.hour <= 23 && m.minute <= 59 && m.second <= 59;
}

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  for (const char c : lower_case(text)) {
    if (c == ' ' || c == ',' || c == '\t') {
      if (!word.empty()) words.push_back(std::move(word));
      word.clear();
    } else {
      word += c;
    }
  }
  if (!word.empty()) words.push_back(std::move(word));
  return words;
}

// 10:20[:30[.5]], with a zone of digits behind
bool read_clock(std::string_view text, Moment& m) {
  std::size_t i = 0;
  const auto number = [&](int& to, std::size_t most) {
    const std::size_t begin = i;
    to = 0;
    while (i < text.size() && digit(text[i]) && i - begin < most) to = to * 10 + (text[i++] - '0');
    return i > begin;
  };
  if (!number(m.hour, 2) || i >= text.size() || text[i] != ':') return false;
  ++i;
  if (!number(m.minute, 2)) return false;
  if (i < text.size() && text[i] == ':') {
    ++i;
    if (!number(m.second, 2)) return false;
    if (i < text.size() && text[i] == '.') {
      ++i;
      int scale = 100000;
      while (i < text.size() && digit(text[i])) {
        m.micros += (text[i++] - '0') * scale;
        scale /= 10;
      }
    }
  }
  m.has_time = true;
  if (i == text.size()) return true;
  std::string_view zone = text.substr(i);
  if (zone == "z" || zone == "utc" || zone == "gmt") {
    m.zone = "UTC";
    return true;
  }
  if (zone.front() != '+' && zone.front() != '-') return false;
  std::string digits;
  for (const char c : zone.substr(1)) {
    if (c == ':') continue;
    if (!digit(c)) return false;
    digits += c;
  }
  if (digits.size() == 1) digits = "0" + digits;
  if (digits.size() == 2) digits += "00";
  if (digits.size() != 4) return false;
  m.zone = std::string(1, zone.front()) + digits.substr(0, 2) + ":" + digits.substr(2);
  return true;
}

int full_year(const std::string& text) {
  const int year = std::atoi(text.c_str());
  if (text.size() > 2) return year;
  return year < 70 ? 2000 + year : 1900 + year;
}

// 2020-01-02, 2020/1/2, 01/02/2020 (month first), 20200102, 02-Jan-2020
bool read_day(std::string_view text, Moment& m) {
  std::vector<std::string> parts{""};
  for (const char c : text) {
    if (c == '-' || c == '/' || c == '.')
      parts.emplace_back();
    else
      parts.back() += c;
  }
  for (const std::string& part : parts)
    if (part.empty()) return false;
  const auto numeric = [](const std::string& s) {
    for (const char c : s)
      if (!digit(c)) return false;
    return true;
  };
  if (parts.size() == 1 && numeric(parts[0])) {
    const std::string& s = parts[0];
    if (s.size() != 8 && s.size() != 6) return false;
    const std::size_t y = s.size() - 4;
    m.year = full_year(s.substr(0, y));
    m.month = std::atoi(s.substr(y, 2).c_str());
    m.day = std::atoi(s.substr(y + 2, 2).c_str());
  } else if (parts.size() == 3) {
    if (const int named = month_named(parts[1]);
        named > 0 && numeric(parts[0]) && numeric(parts[2])) {
      m.month = named;
      const bool year_first = parts[0].size() == 4;
      m.year = full_year(parts[year_first ? 0 : 2]);
      m.day = std::atoi(parts[year_first ? 2 : 0].c_str());
    } else if (!numeric(parts[0]) || !numeric(parts[1]) || !numeric(parts[2])) {
      return false;
    } else if (parts[0].size() >= 3) {
      m.year = std::atoi(parts[0].c_str());
      m.month = std::atoi(parts[1].c_str());
      m.day = std::atoi(parts[2].c_str());
    } else {
      m.month = std::atoi(parts[0].c_str());
      m.day = std::atoi(parts[1].c_str());
      m.year = full_year(parts[2]);
    }
  } else {
    return false;
  }
  m.has_date = true;
  return true;
}

// 'Jan 8, 1999', '8 January 1999', 'January 8 99'
bool read_named_day(const std::vector<std::string>& words, std::size_t& i, Moment& m) {
  if (i + 2 >= words.size()) return false;
  const int first = month_named(words[i]);
  const int second = month_named(words[i + 1]);
  if (first == 0 && second == 0) return false;
  const std::string& day = words[first != 0 ? i + 1 : i];
  const std::string& year = words[i + 2];
  for (const std::string* number : {&day, &year})
    for (const char c : *number)
      if (!digit(c)) return false;
  m.month = first != 0 ? first : second;
  m.day = std::atoi(day.c_str());
  m.year = full_year(year);
  m.has_date = true;
  i += 2;
  return true;
}

}  // namespace

std::string_view fixed_offset(std::string_view abbreviation) {
  struct Fixed {
    std::string_view name, offset;
  };
  static constexpr Fixed kFixed[] = {
      {"est", "-05:00"}, {"edt", "-04:00"},  {"cst", "-06:00"}, {"cdt", "-05:00"},
      {"mst", "-07:00"}, {"mdt", "-06:00"},  {"pst", "-08:00"}, {"pdt", "-07:00"},
      {"cet", "+01:00"}, {"cest", "+02:00"}, {"eet", "+02:00"}, {"eest", "+03:00"},
      {"bst", "+01:00"}, {"jst", "+09:00"},  {"msk", "+03:00"}, {"wet", "+00:00"},
      {"hst", "-10:00"}, {"akst", "-09:00"}, {"akdt", "-08:00"}};
  for (const Fixed& one : kFixed)
    if (same_word(one.name, abbreviation)) return one.offset;
  return {};
}

std::optional<Moment> read_moment(std::string_view text) {
  std::string joined(text);
  // 2020-01-02T10:20:30
  if (const auto t = joined.find('T'); t != joined.npos && t > 0 && digit(joined[t - 1]) &&
                                       t + 1 < joined.size() && digit(joined[t + 1]))
    joined[t] = ' ';
  const std::vector<std::string> words = words_of(joined);
  if (words.empty()) return std::nullopt;
  Moment m;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (!m.has_time && word.find(':') != word.npos) {
      if (!read_clock(word, m)) return std::nullopt;
    } else if (m.has_time && (word == "am" || word == "pm")) {
      if (m.hour < 1 || m.hour > 12) return std::nullopt;
      m.hour = m.hour % 12 + (word == "pm" ? 12 : 0);
    } else if (m.has_time && m.zone.empty() && (word == "utc" || word == "gmt" || word == "z")) {
      m.zone = "UTC";
    } else if (m.has_time && m.zone.empty() && !fixed_offset(word).empty()) {
      m.zone = fixed_offset(word);
      m.abbreviated = true;
    } else if (weekday(word)) {
      continue;
    } else if (!m.has_date && (read_named_day(words, i, m) || read_day(word, m))) {
      continue;
    } else {
      return std::nullopt;
    }
  }
  if (!m.has_date && !m.has_time) return std::nullopt;
  if (m.has_date ? !valid(m) : m.hour > 24 || m.minute > 59 || m.second > 59) return std::nullopt;
  return m;
}

std::string spell_date(const Moment& m) {
  std::array<char, 48> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02d-%02d", m.year, m.month, m.day);
  return text.data();
}

std::string spell_time(const Moment& m) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%02d:%02d:%02d", m.hour, m.minute, m.second);
  std::string out = text.data();
  if (m.micros != 0) {
    std::snprintf(text.data(), text.size(), ".%06d", m.micros);
    out += text.data();
    while (out.back() == '0') out.pop_back();
  }
  return out;
}

std::string spell_timestamp(const Moment& m) {
  return spell_date(m) + " " + spell_time(m) +
         (m.zone.empty()    ? ""
          : m.zone == "UTC" ? " UTC"
                            : m.zone);
}

}  // namespace lakeshift::sql
