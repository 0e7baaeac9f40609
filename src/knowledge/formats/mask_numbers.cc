// Masks of what machines read: numbers, dates and times, identifiers, addresses, bytes.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "knowledge/formats/mask.h"

namespace lakeshift::formats::masking {
namespace {

constexpr std::int64_t kDaySeconds = 86'400;
constexpr std::uint32_t kMicros = 1'000'000;
constexpr std::size_t kFloatDigits = 15;  // that any double gives back as they were

bool is_digit(char c) { return c >= '0' && c <= '9'; }
int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  const char low = static_cast<char>(c | 0x20);
  return low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
}
char hex_digit(std::uint32_t value, bool upper) {
  return (upper ? "0123456789ABCDEF" : "0123456789abcdef")[value & 15U];
}

std::int64_t floor_div(std::int64_t a, std::int64_t b) {
  return a / b - (a % b != 0 && (a < 0) != (b < 0) ? 1 : 0);
}

std::optional<std::int64_t> whole(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// Another number of the same block [n * size, (n + 1) * size), cut at `most` when it is not 0.
std::int64_t in_block(const MaskPermutation& by, std::int64_t value, std::int64_t size,
                      std::int64_t most, std::string_view tweak) {
  const std::int64_t block = floor_div(value, size);
  std::int64_t low = 0, high = 0;
  if (__builtin_mul_overflow(block, size, &low) || __builtin_add_overflow(low, size - 1, &high))
    return value;
  if (most > 0) {
    low = std::max(low, -most);
    high = std::min(high, most);
  }
  if (value < low || value > high) return value;
  const auto moved =
      by.apply(static_cast<std::uint64_t>(value - low), static_cast<std::uint64_t>(high - low + 1),
               std::string(tweak) + std::to_string(block));
  return low + static_cast<std::int64_t>(moved);
}

// Digits of a number written out: the first stays no zero, so that there are as many; the last
// behind a point too in floating ones, whose text would lose it.
void replace_digits(const MaskPermutation& by, std::string& value, std::size_t from, std::size_t to,
                    bool floating) {
  std::vector<MaskDigit> digits;
  std::vector<std::size_t> places;
  std::string shape = floating ? "f" : "d";
  const std::size_t point = std::min(value.find('.', from), to);
  const std::size_t first = value.find_first_of("123456789", from);
  std::size_t last = to;
  while (last > from && !is_digit(value[last - 1])) --last;
  for (std::size_t i = from; i < to; ++i) {
    if (!is_digit(value[i]) || i < first) {
      shape += value[i];
      continue;
    }
    const bool leads = i == first;
    const bool ends = floating && point < i && i + 1 == last && value[i] != '0';
    if (floating && digits.size() == kFloatDigits) {
      value[i] = '0';
      continue;
    }
    digits.push_back({static_cast<std::uint32_t>(value[i] - '0') - (leads || ends ? 1U : 0U),
                      leads || ends ? 9U : 10U});
    places.push_back(i);
    shape += leads || ends ? '9' : '0';
  }
  permute(by, digits, "number:" + shape);
  for (std::size_t i = 0; i < places.size(); ++i)
    value[places[i]] = static_cast<char>('0' + digits[i].value + (digits[i].radix == 9 ? 1U : 0U));
}

struct Day {
  std::int64_t year = 0;
  unsigned month = 0, day = 0;
};

// Days since 1970-01-01 of the proleptic calendar, and back (Howard Hinnant, "chrono-compatible
// low-level date algorithms").
std::int64_t days_of(Day day) {
  day.year -= day.month <= 2;
  const std::int64_t era = floor_div(day.year, 400);
  const auto of_era = static_cast<unsigned>(day.year - era * 400);
  const unsigned of_year = (153 * (day.month + (day.month > 2 ? -3U : 9U)) + 2) / 5 + day.day - 1;
  const unsigned sum = of_era * 365 + of_era / 4 - of_era / 100 + of_year;
  return era * 146097 + static_cast<std::int64_t>(sum) - 719468;
}
Day day_of(std::int64_t days) {
  days += 719468;
  const std::int64_t era = floor_div(days, 146097);
  const auto of_era = static_cast<unsigned>(days - era * 146097);
  const unsigned year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
  const unsigned of_year = of_era - (365 * year + year / 4 - year / 100);
  const unsigned month = (5 * of_year + 2) / 153;
  Day day;
  day.day = of_year - (153 * month + 2) / 5 + 1;
  day.month = month < 10 ? month + 3 : month - 9;
  day.year = static_cast<std::int64_t>(year) + era * 400 + (day.month <= 2 ? 1 : 0);
  return day;
}

// "10:20:30.5": seconds of the day, and a part of a second that stays no zero.
std::string clock(const MaskPermutation& by, std::string_view value, std::int64_t seconds,
                  std::string_view tweak, std::uint32_t* days, std::uint32_t within) {
  std::vector<MaskDigit> digits = {{static_cast<std::uint32_t>(seconds), kDaySeconds}};
  if (days != nullptr) digits.push_back({*days, within});
  std::string part;
  const std::size_t point = value.find('.');
  for (std::size_t i = point + 1; point != value.npos && i < value.size(); ++i) {
    if (!is_digit(value[i])) break;
    part += value[i];
  }
  part.resize(6, '0');
  const auto micros = static_cast<std::uint32_t>(whole(part).value_or(0));
  if (micros > 0) digits.push_back({micros - 1, kMicros - 1});
  by.apply(digits, std::string(tweak) + (micros > 0 ? "." : ""));
  if (days != nullptr) *days = digits[1].value;
  const std::uint32_t at = digits[0].value;
  std::string out = fmt::format("{:02}:{:02}:{:02}", at / 3600, at / 60 % 60, at % 60);
  if (micros == 0) return out;
  out += fmt::format(".{:06}", digits.back().value + 1);
  out.erase(out.find_last_not_of('0') + 1);
  return out;
}

struct Clock {
  bool found = false;
  std::int64_t seconds = 0;
  std::string_view text, behind;  // "10:20:30.5", "+00"
};

Clock read_clock(std::string_view value) {
  Clock read;
  if (value.size() < 8 || value[2] != ':' || value[5] != ':') return read;
  const auto hours = whole(value.substr(0, 2)), minutes = whole(value.substr(3, 2)),
             seconds = whole(value.substr(6, 2));
  if (!hours || !minutes || !seconds) return read;
  read.seconds = *hours * 3600 + *minutes * 60 + *seconds;
  std::size_t end = 8;
  if (end < value.size() && value[end] == '.')
    for (++end; end < value.size() && is_digit(value[end]);) ++end;
  read.text = value.substr(0, end);
  read.behind = value.substr(end);
  read.found = read.seconds < kDaySeconds;
  return read;
}

std::string v6(const MaskPermutation& by, std::string_view value) {
  // Group by group: none becomes zero or stops to be, so the short form stays the same.
  std::vector<MaskDigit> digits;
  std::vector<std::string_view> pieces;
  std::string shape = "v6:";
  for (std::size_t at = 0; at < value.size();) {
    std::size_t end = at;
    while (end < value.size() && hex_value(value[end]) >= 0) ++end;
    if (end == at) {
      shape += value[at];
      pieces.push_back(value.substr(at++, 1));
      continue;
    }
    std::uint32_t group = 0;
    for (std::size_t i = at; i < end; ++i)
      group = group << 4 | static_cast<std::uint32_t>(hex_value(value[i]));
    if (group == 0 || group > 0xffff) {
      shape += '0';
    } else {
      digits.push_back({group - 1, 0xffff});
      shape += 'x';
    }
    pieces.push_back(value.substr(at, end - at));
    at = end;
  }
  by.apply(digits, shape);
  std::string out;
  std::size_t next = 0;
  for (const std::string_view piece : pieces) {
    const bool is_group = hex_value(piece[0]) >= 0;
    const bool zero = piece.find_first_not_of('0') == piece.npos;
    if (is_group && !zero && next < digits.size())
      out += fmt::format("{:x}", digits[next++].value + 1);
    else
      out += piece;
  }
  return out;
}

// The bits in front of the prefix length, so that a network stays one; all of an address.
std::string v4(const MaskPermutation& by, const std::vector<std::uint32_t>& octets, int prefix,
               std::string_view behind) {
  std::uint32_t all = 0;
  for (const std::uint32_t octet : octets) all = all << 8 | octet;
  const std::uint32_t rest = prefix >= 32 ? 0 : all & (0xffffffffU >> prefix);
  const int bits = rest == 0 ? prefix : 32;
  std::vector<MaskDigit> digits;
  for (int bit = 31; bit >= 32 - bits; --bit) digits.push_back({all >> bit & 1U, 2});
  by.apply(digits, "v4:" + std::string(behind) + (rest == 0 ? "" : "h"));
  std::uint32_t out = 0;
  for (int bit = 0; bit < bits; ++bit)
    out |= digits[static_cast<std::size_t>(bit)].value << (31 - bit);
  return fmt::format("{}.{}.{}.{}{}", out >> 24, out >> 16 & 255, out >> 8 & 255, out & 255,
                     behind);
}

std::string hex_places(const MaskPermutation& by, std::string_view value,
                       const std::vector<std::size_t>& places, std::string_view tweak) {
  const bool upper =
      std::any_of(value.begin(), value.end(), [](char c) { return c >= 'A' && c <= 'F'; });
  std::vector<MaskDigit> digits;
  for (const std::size_t place : places)
    digits.push_back({static_cast<std::uint32_t>(hex_value(value[place])), 16});
  permute(by, digits, tweak);
  std::string out(value);
  for (std::size_t i = 0; i < places.size(); ++i)
    out[places[i]] = hex_digit(digits[i].value, upper);
  return out;
}

}  // namespace

std::string number(const MaskPermutation& by, std::string_view value, std::int64_t within,
                   std::int64_t most, bool floating) {
  const std::size_t from = value.starts_with('-') ? 1 : 0;
  const std::size_t to = std::min(value.find_first_of("eE"), value.size());
  if (value == "NaN" || value.ends_with("Infinity")) return std::string(value);
  if (from == to || value.find_first_not_of("0123456789.", from) < to)
    return text(by, value, "no number:");
  if (value.find_first_of("123456789", from) >= to) return std::string(value);  // zero
  if (within > 0 && to == value.size()) {
    const std::size_t point = std::min(value.find('.'), value.size());
    if (const auto part = whole(value.substr(0, point))) {
      const std::int64_t moved = in_block(by, *part, within, most, "within:");
      return (moved == 0 && from == 1 ? "-" : "") + std::to_string(moved) +
             std::string(value.substr(point));
    }
  }
  // Along the circle until it is on the value's side of the limit; the value itself is on it.
  const auto side_of = [&](std::string_view number) {
    const auto now = whole(number);
    return !now ? 2 : *now <= most && *now >= -most ? 0 : 1;
  };
  std::string out(value);
  const int side = side_of(value);
  do {
    replace_digits(by, out, from, to, floating);
  } while (most > 0 && side_of(out) != side);
  return out;
}

std::string date(const MaskPermutation& by, std::string_view value, std::int64_t within) {
  if (const Clock alone = read_clock(value); alone.found)
    return clock(by, alone.text, alone.seconds, "time:" + std::string(alone.behind), nullptr, 0) +
           std::string(alone.behind);
  const std::size_t dash = value.find('-');
  const std::optional<std::int64_t> year = whole(value.substr(0, std::min(dash, value.size())));
  if (value == "infinity" || value == "-infinity") return std::string(value);
  if (!year || dash == value.npos || dash < 4 || value.size() < dash + 6 || value[dash + 3] != '-')
    return text(by, value, "no date:");
  const auto month = whole(value.substr(dash + 1, 2)), day = whole(value.substr(dash + 4, 2));
  if (!month || !day) return text(by, value, "no date:");
  std::string_view rest = value.substr(dash + 6);
  const bool before = rest.ends_with(" BC");
  if (before) rest.remove_suffix(3);
  const std::int64_t days = days_of(
      {before ? 1 - *year : *year, static_cast<unsigned>(*month), static_cast<unsigned>(*day)});
  const std::int64_t size = std::clamp<std::int64_t>(within > 0 ? within : 30, 2, 1'000'000);
  const std::int64_t block = floor_div(days, size);
  auto place = static_cast<std::uint32_t>(days - block * size);
  const std::string tweak = "date:" + std::to_string(block);
  std::string behind(rest);
  if (!rest.empty() && (rest[0] == ' ' || rest[0] == 'T')) {
    const Clock at = read_clock(rest.substr(1));
    if (!at.found) return text(by, value, "no date:");
    behind = rest.substr(0, 1);
    behind += clock(by, at.text, at.seconds, tweak, &place, static_cast<std::uint32_t>(size));
    behind += at.behind;
  } else {
    place = static_cast<std::uint32_t>(by.apply(place, static_cast<std::uint64_t>(size), tweak));
  }
  const Day moved = day_of(block * size + place);
  const bool is_before = moved.year <= 0;
  return fmt::format("{:04}-{:02}-{:02}{}{}", is_before ? 1 - moved.year : moved.year, moved.month,
                     moved.day, behind, is_before ? " BC" : "");
}

std::string uuid(const MaskPermutation& by, std::string_view value) {
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < value.size(); ++i)
    if (hex_value(value[i]) >= 0) places.push_back(i);
  if (places.size() != 32) return text(by, value, "no uuid:");
  const std::string kept = {value[places[12]], value[places[16]]};
  places.erase(places.begin() + 16);
  places.erase(places.begin() + 12);
  return hex_places(by, value, places, "uuid:" + kept);
}

std::string ip(const MaskPermutation& by, std::string_view value) {
  const std::size_t slash = std::min(value.find('/'), value.size());
  const std::string_view behind = value.substr(slash);
  const std::string_view address = value.substr(0, slash);
  const auto colons = std::count(address.begin(), address.end(), ':');
  const bool mac = behind.empty() &&
                   ((colons == 5 && address.size() == 17) || (colons == 7 && address.size() == 23));
  if (mac) {
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < address.size(); ++i)
      if (hex_value(address[i]) >= 0) places.push_back(i);
    return hex_places(by, value, places, "mac:");
  }
  if (colons >= 2 && address.find('.') == address.npos)
    return v6(by, address) + std::string(behind);
  std::vector<std::uint32_t> octets;
  std::string_view left = address;
  while (true) {
    const std::size_t end = std::min(left.find('.'), left.size());
    const auto octet = whole(left.substr(0, end));
    if (!octet || *octet < 0 || *octet > 255) break;
    octets.push_back(static_cast<std::uint32_t>(*octet));
    if (end == left.size()) break;
    left.remove_prefix(end + 1);
  }
  const auto prefix = behind.empty() ? std::optional<std::int64_t>(32) : whole(behind.substr(1));
  if (octets.size() != 4 || !prefix || *prefix < 0 || *prefix > 32)
    return text(by, value, "no ip:");
  return v4(by, octets, static_cast<int>(*prefix), behind);
}

std::string bytes(const MaskPermutation& by, std::string_view value) {
  if (!value.starts_with("\\x") || value.size() % 2 != 0) return text(by, value, "no bytes:");
  std::vector<std::size_t> places;
  for (std::size_t i = 2; i < value.size(); ++i) {
    if (hex_value(value[i]) < 0) return text(by, value, "no bytes:");
    places.push_back(i);
  }
  return hex_places(by, value, places, "bytes:");
}

}  // namespace lakeshift::formats::masking
