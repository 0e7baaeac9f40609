// Masks of what people read: text, names, e-mail addresses, phone and card numbers.
#include <algorithm>
#include <array>

#include "core/base/strings.h"
#include "knowledge/formats/mask.h"

namespace lakeshift::formats::masking {
namespace {

constexpr std::size_t kLong = 512;  // digits; longer values are moved by a key stream
constexpr std::string_view kVowels = "aeiou", kConsonants = "bcdfghjklmnpqrstvwxyz";

bool is_plain_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

struct Character {
  std::uint32_t code = 0;
  std::size_t size = 1;
  bool whole = true;  // else a byte that is no UTF-8
};

Character character_at(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[at + i]); };
  const unsigned first = byte(0);
  const std::size_t size = first < 0x80 ? 1 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (size == 1) return {first};
  if (first < 0xc2 || at + size > text.size()) return {first, 1, false};
  std::uint32_t code = first & (0xffU >> (size + 1));
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xc0U) != 0x80U) return {first, 1, false};
    code = code << 6 | (byte(i) & 0x3fU);
  }
  return {code, size};
}

// A set of characters that stand for each other. Latin-1's letters by case; other scripts by the
// 64 neighbours that UTF-8 writes in as many bytes. Punctuation, symbols and spaces beyond ASCII
// belong to none.
struct Set {
  std::uint32_t first = 0, size = 0;
  std::uint32_t hole = 0;  // a sign among Latin-1's letters
};

Set set_of(std::uint32_t code) {
  if (code < 0xc0 || code == 0xd7 || code == 0xf7) return {};
  if (code < 0xdf) return {0xc0, 0xdf - 0xc0 - 1, 0xd7};
  if (code < 0x100) return {0xdf, 0x100 - 0xdf - 1, 0xf7};
  if ((code >= 0x2000 && code < 0x2c00) || (code >= 0x3000 && code < 0x3040) ||
      (code >= 0xe000 && code < 0xf900) || (code >= 0xfe00 && code < 0xfe40) || code >= 0xff00)
    return {};
  return {code & ~0x3fU, 64, 0};
}

std::uint32_t place_in(const Set& set, std::uint32_t code) {
  return code - set.first - (set.hole != 0 && code > set.hole ? 1 : 0);
}
std::uint32_t member_of(const Set& set, std::uint32_t place) {
  const std::uint32_t code = set.first + place;
  return set.hole != 0 && code >= set.hole ? code + 1 : code;
}

// What of a text is replaced, and what of it stays. ASCII letters count without their case, so
// that texts equal but for it stay so.
class Scan {
 public:
  Scan(std::string_view text, bool speakable) : text_(text), speakable_(speakable) {
    for (std::size_t at = 0; at < text.size();) {
      const Character c = character_at(text, at);
      add(c, text.substr(at, c.size));
      at += c.size;
    }
  }
  std::vector<MaskDigit> digits;
  std::string shape;

  std::string write() const {
    std::string out;
    out.reserve(text_.size());
    std::size_t next = 0;
    for (std::size_t at = 0; at < text_.size();) {
      const Character c = character_at(text_, at);
      const std::string_view bytes = text_.substr(at, c.size);
      at += c.size;
      if (!is_replaced(c, bytes[0])) {
        out += bytes;
        continue;
      }
      put(out, c, bytes[0], digits[next++].value);
    }
    return out;
  }

 private:
  static bool is_replaced(const Character& c, char first) {
    return !c.whole || is_plain_digit(first) || is_letter(first) || set_of(c.code).size > 0;
  }

  void add(const Character& c, std::string_view bytes) {
    const char first = bytes[0];
    if (!is_replaced(c, first)) {
      shape += bytes;
    } else if (!c.whole) {
      digits.push_back({c.code & 0x7fU, 128});
      shape += '\1';
    } else if (is_plain_digit(first)) {
      digits.push_back({static_cast<std::uint32_t>(first - '0'), 10});
      shape += '0';
    } else if (is_letter(first)) {
      const char low = static_cast<char>(first | 0x20);
      const std::size_t vowel = kVowels.find(low);
      if (!speakable_) {
        digits.push_back({static_cast<std::uint32_t>(low - 'a'), 26});
        shape += 'a';
      } else if (vowel != kVowels.npos) {
        digits.push_back({static_cast<std::uint32_t>(vowel), 5});
        shape += 'e';
      } else {
        digits.push_back({static_cast<std::uint32_t>(kConsonants.find(low)), 21});
        shape += 'x';
      }
    } else {
      const Set set = set_of(c.code);
      digits.push_back({place_in(set, c.code), set.size});
      append_utf8(shape, set.first);
    }
  }

  void put(std::string& out, const Character& c, char first, std::uint32_t value) const {
    if (!c.whole) {
      out += static_cast<char>(0x80U | value);
    } else if (is_plain_digit(first)) {
      out += static_cast<char>('0' + value);
    } else if (is_letter(first)) {
      const bool vowel = kVowels.find(static_cast<char>(first | 0x20)) != kVowels.npos;
      const char low =
          !speakable_ ? static_cast<char>('a' + value) : (vowel ? kVowels : kConsonants)[value];
      out += first >= 'a' ? low : static_cast<char>(low & ~0x20);
    } else {
      append_utf8(out, member_of(set_of(c.code), value));
    }
  }

  std::string_view text_;
  bool speakable_;
};

std::string replace(const MaskPermutation& by, std::string_view value, bool speakable,
                    std::string_view tweak) {
  Scan scan(value, speakable);
  permute(by, scan.digits, std::string(tweak) + scan.shape);
  return scan.write();
}

// E.164: how many digits a country's code has.
std::size_t country_digits(std::string_view digits) {
  constexpr std::string_view kTwo =
      "20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 63 "
      "64 65 66 81 82 84 86 90 91 92 93 94 95 98";
  if (digits.empty()) return 0;
  if (digits[0] == '1' || digits[0] == '7') return 1;
  const bool two = digits.size() >= 2 && kTwo.find(digits.substr(0, 2)) != kTwo.npos;
  return std::min<std::size_t>(digits.size(), two ? 2 : 3);
}

std::string digits_in(std::string_view value) {
  std::string digits;
  for (const char c : value)
    if (is_plain_digit(c)) digits += c;
  return digits;
}

std::string with_digits(std::string_view value, std::string_view digits) {
  std::string out(value);
  std::size_t next = 0;
  for (char& c : out)
    if (is_plain_digit(c)) c = digits[next++];
  return out;
}

int luhn_digit(std::string_view body) {
  int sum = 0;
  for (std::size_t i = 0; i < body.size(); ++i) {
    int digit = body[body.size() - 1 - i] - '0';
    if (i % 2 == 0) digit = digit * 2 > 9 ? digit * 2 - 9 : digit * 2;
    sum += digit;
  }
  return (10 - sum % 10) % 10;
}

constexpr int kPrefixes = 43;

// The first two digits that the card schemes issue under (ISO/IEC 7812: 22-27, 30, 34-39, 40-69),
// and as many under which none does: 0 for ISO/TC 68, 1 for airlines' 15 digits, 7 for fuel,
// 83-88 and 90-96 unassigned by any of them.
int issued_prefix(int place) {
  if (place < 6) return 22 + place;
  if (place < 7) return 30;
  if (place < 13) return 34 + (place - 7);
  return 40 + (place - 13);
}
int free_prefix(int place) {
  if (place < 20) return place;
  if (place < 30) return 70 + (place - 20);
  if (place < 36) return 83 + (place - 30);
  return 90 + (place - 36);
}

}  // namespace

std::size_t characters(std::string_view utf8) {
  return static_cast<std::size_t>(std::count_if(utf8.begin(), utf8.end(), [](char c) {
    return (static_cast<unsigned>(c) & 0xc0U) != 0x80U;
  }));
}

void permute(const MaskPermutation& by, std::vector<MaskDigit>& digits, std::string_view tweak) {
  if (digits.size() > kLong)
    by.stream(digits, tweak);
  else
    by.apply(digits, tweak);
}

std::string text(const MaskPermutation& by, std::string_view value, std::string_view tweak) {
  return replace(by, value, false, tweak);
}

std::string name(const MaskPermutation& by, std::string_view value) {
  return replace(by, value, true, "name:");
}

// Local part and domain apart: everybody at one domain stays together.
std::string email(const MaskPermutation& by, std::string_view value, const std::string& suffix,
                  std::int64_t limit) {
  const std::size_t at = value.rfind('@');
  if (at == value.npos) return text(by, value, "no email:");
  std::string masked = replace(by, value.substr(0, at), false, "local:") + "@" +
                       replace(by, value.substr(at + 1), false, "domain:");
  const std::size_t room = limit > 0 ? static_cast<std::size_t>(limit) : masked.npos;
  if (characters(masked) + suffix.size() <= room) masked += suffix;
  return masked;
}

std::string phone(const MaskPermutation& by, std::string_view value) {
  if (std::any_of(value.begin(), value.end(), is_letter)) return text(by, value, "phone:");
  const std::string digits = digits_in(value);
  const bool plus = value.find('+') < value.find_first_of("0123456789");
  std::size_t kept = 0;
  if (plus)
    kept = country_digits(digits);
  else if (digits.starts_with("00"))
    kept = 2 + country_digits(std::string_view(digits).substr(2));
  else if (digits.starts_with('0'))
    kept = 1;
  if (digits.size() < kept + 3) kept = 0;
  // By its digits alone: one number stays one, however it is written.
  const std::string rest = text(by, std::string_view(digits).substr(kept),
                                (plus ? "+" : "") + digits.substr(0, kept) + ":");
  return with_digits(value, digits.substr(0, kept) + rest);
}

std::string card(const MaskPermutation& by, std::string_view value) {
  const std::string digits = digits_in(value);
  const bool plain = value.find_first_not_of("0123456789 -.") == value.npos;
  if (!plain || digits.size() < 12 || digits.size() > 19) return text(by, value, "no card:");
  const int prefix = (digits[0] - '0') * 10 + (digits[1] - '0');
  int place = 0;
  while (place < kPrefixes && issued_prefix(place) != prefix) ++place;
  // What no scheme issued goes to the same place by another permutation.
  const bool issued = place < kPrefixes;
  const std::string_view body = std::string_view(digits).substr(0, digits.size() - 1);
  const int check = digits.back() - '0';
  const int off = (check - luhn_digit(body) + 10) % 10;  // 0: a valid number
  std::vector<MaskDigit> moved = {
      {static_cast<std::uint32_t>(issued ? place : prefix % kPrefixes), kPrefixes}};
  for (std::size_t i = 2; i < body.size(); ++i)
    moved.push_back({static_cast<std::uint32_t>(body[i] - '0'), 10});
  const std::string tweak = {'c', issued ? 'i' : 'f', static_cast<char>('0' + off),
                             static_cast<char>('0' + digits.size())};
  by.apply(moved, tweak);
  const int put = free_prefix(static_cast<int>(moved[0].value));
  std::string out = {static_cast<char>('0' + put / 10), static_cast<char>('0' + put % 10)};
  for (std::size_t i = 1; i < moved.size(); ++i) out += static_cast<char>('0' + moved[i].value);
  out += static_cast<char>('0' + (luhn_digit(out) + off) % 10);
  return with_digits(value, out);
}

}  // namespace lakeshift::formats::masking
