// Masks: one to one over whole domains, never the value itself, of the same form.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <regex>
#include <set>

#include "knowledge/formats/mask.h"
#include "knowledge/formats/mask_rows.h"

namespace lakeshift::formats {
namespace {

const MaskKey kKey("a key of the test");

MaskRule rule(MaskKind kind, std::int64_t within = 0) {
  MaskRule made;
  made.kind = kind;
  made.within = within;
  return made;
}
std::string masked(MaskKind kind, const std::string& value, MaskShape shape = {},
                   std::int64_t within = 0) {
  return Mask(kKey, rule(kind, within), std::move(shape)).apply(value).value_or("NULL");
}
std::string digits_of(const std::string& text) {
  return std::regex_replace(text, std::regex("[^0-9]"), "");
}
// Written for the test, from ISO/IEC 7812-1 annex B.
bool passes_luhn(const std::string& digits) {
  int sum = 0;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    const int digit = digits[digits.size() - 1 - i] - '0';
    sum += i % 2 == 0 ? digit : digit < 5 ? 2 * digit : 2 * digit - 9;
  }
  return sum % 10 == 0;
}

TEST(Mask, WholeDomainsArePermutedWithoutAFixedPoint) {
  const MaskPermutation by(kKey, "numbers");
  for (const std::uint64_t size : {2U, 3U, 7U, 10U, 26U, 100U, 1000U, 5003U}) {
    std::set<std::uint64_t> seen;
    for (std::uint64_t i = 0; i < size; ++i) {
      const std::uint64_t to = by.apply(i, size, "tweak");
      EXPECT_NE(to, i) << size;
      EXPECT_LT(to, size);
      seen.insert(to);
    }
    EXPECT_EQ(seen.size(), size);
  }
}

TEST(Mask, EveryShortTextHasAnotherOfItsShape) {
  std::set<std::string> seen;
  const Mask mask(kKey, rule(MaskKind::text));
  for (char a = 'a'; a <= 'z'; ++a)
    for (char b = 'a'; b <= 'z'; ++b)
      for (char c = '0'; c <= '9'; ++c) {
        const std::string value = {a, b, '-', c};
        const std::string to = *mask.apply(value);
        EXPECT_NE(to, value);
        EXPECT_TRUE(std::regex_match(to, std::regex("[a-z]{2}-[0-9]"))) << to;
        seen.insert(to);
      }
  EXPECT_EQ(seen.size(), 6760U);
}

TEST(Mask, WholeNumbersKeepDigitsAndStayInTheirType) {
  const Mask small(kKey, rule(MaskKind::number), {.limit = 32767});
  std::set<std::string> seen;
  for (int i = 10000; i <= 32767; ++i) {
    const std::string to = *small.apply(std::to_string(i));
    EXPECT_EQ(to.size(), 5U);
    EXPECT_LE(std::stoi(to), 32767);
    EXPECT_NE(to, std::to_string(i));
    seen.insert(to);
  }
  EXPECT_EQ(seen.size(), 22768U);
  seen.clear();
  for (int i = -500; i < 500; ++i) {
    const std::string to = masked(MaskKind::number, std::to_string(i), {}, 100);
    if (i != 0) {
      EXPECT_EQ(std::stoi(to) < 0, i < 0) << i << " " << to;
    }
    EXPECT_LT(std::abs(std::stoi(to) - i), 100);
    seen.insert(to);
  }
  EXPECT_GE(seen.size(), 999U);  // zero stays zero
  EXPECT_EQ(masked(MaskKind::number, "NaN"), "NaN");
  EXPECT_TRUE(std::regex_match(masked(MaskKind::number, "-1234.50"),
                               std::regex("-[1-9][0-9]{3}\\.[0-9]{2}")));
}

TEST(Mask, FloatingNumbersReadBackAsTheyWereWritten) {
  const MaskShape floating{.form = MaskShape::Form::floating};
  for (const char* value : {"0.1", "1.5", "100", "3.14159", "1e+15", "2.5e-07", "-12.25"}) {
    const std::string to = masked(MaskKind::number, value, floating);
    EXPECT_NE(to, value);
    char back[64];
    std::snprintf(back, sizeof back, "%.15g", std::stod(to));
    EXPECT_EQ(std::stod(back), std::stod(to)) << value;
  }
}

TEST(Mask, MailStaysAnAddressAndJoinsIgnoringCase) {
  const std::string to = masked(MaskKind::email, "Ada.Lovelace+x1@Mail.Example.org");
  EXPECT_TRUE(
      std::regex_match(to, std::regex("[A-Z][a-z]{2}\\.[A-Z][a-z]{7}\\+[a-z][0-9]@[A-Z][a-z]{3}"
                                      "\\.[A-Z][a-z]{6}\\.[a-z]{3}\\.test")))
      << to;
  std::string low = to;
  for (char& c : low) c = static_cast<char>(std::tolower(c));
  EXPECT_EQ(masked(MaskKind::email, "ada.lovelace+x1@mail.example.org"), low);
  EXPECT_EQ(masked(MaskKind::email, "a@b.co", {.limit = 8}).size(), 6U);
}

TEST(Mask, PhonesKeepCountryAndFormat) {
  EXPECT_TRUE(std::regex_match(masked(MaskKind::phone, "+49 (170) 123-4567"),
                               std::regex("\\+49 \\([0-9]{3}\\) [0-9]{3}-[0-9]{4}")));
  EXPECT_EQ(digits_of(masked(MaskKind::phone, "+49 (170) 123-4567")),
            digits_of(masked(MaskKind::phone, "+491701234567")));
  EXPECT_TRUE(masked(MaskKind::phone, "+353 1 234 5678").starts_with("+353 "));
  EXPECT_TRUE(masked(MaskKind::phone, "0044 20 7946 0958").starts_with("0044 "));
}

TEST(Mask, CardsAreValidAndOfNoIssuer) {
  const Mask mask(kKey, rule(MaskKind::card));
  std::set<std::string> seen;
  int made = 0;
  for (const std::string prefix : {"4111 1111", "5500 0000", "2221 0000", "6011 0000", "3530 1113"})
    for (int i = 0; i < 500; ++i) {
      std::string card = prefix + fmt::format(" {:04} {:03}0", i, i * 7 % 1000);
      while (!passes_luhn(digits_of(card))) ++card.back();
      const std::string to = *mask.apply(card);
      EXPECT_TRUE(passes_luhn(digits_of(to))) << to;
      const int two = std::stoi(to.substr(0, 2));
      EXPECT_FALSE((two >= 22 && two <= 27) || two == 30 || (two >= 34 && two <= 69)) << to;
      EXPECT_EQ(to[4], ' ');
      seen.insert(digits_of(to));
      ++made;
    }
  EXPECT_EQ(seen.size(), static_cast<std::size_t>(made));
}

TEST(Mask, DatesStayWithinTheirBlockAndApart) {
  std::set<std::string> seen;
  for (int day = 1; day <= 28; ++day) {
    const std::string value = fmt::format("2024-02-{:02}", day);
    const std::string to = masked(MaskKind::date, value, {}, 365);
    EXPECT_TRUE(std::regex_match(to, std::regex("20(23|24|25)-[01][0-9]-[0-3][0-9]"))) << to;
    EXPECT_NE(to, value);
    seen.insert(to);
  }
  EXPECT_EQ(seen.size(), 28U);
  EXPECT_TRUE(std::regex_match(masked(MaskKind::date, "2024-02-29 10:20:30.5+00"),
                               std::regex("2024-0[1-3]-[0-3][0-9] [0-2][0-9]:[0-5][0-9]:[0-5][0-9]"
                                          "\\.[0-9]{1,6}\\+00")));
  EXPECT_EQ(masked(MaskKind::date, "infinity"), "infinity");
  EXPECT_TRUE(masked(MaskKind::date, "0044-03-15 BC").ends_with(" BC"));
  EXPECT_TRUE(std::regex_match(masked(MaskKind::date, "23:59:59"),
                               std::regex("[0-2][0-9]:[0-5][0-9]:[0-5][0-9]")));
}

TEST(Mask, IdentifiersAndAddressesKeepTheirForm) {
  const std::string uuid = masked(MaskKind::uuid, "123e4567-e89b-42d3-a456-426614174000");
  EXPECT_TRUE(std::regex_match(
      uuid, std::regex("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}")))
      << uuid;
  EXPECT_TRUE(masked(MaskKind::ip, "10.1.0.0/16").ends_with(".0.0/16"));
  EXPECT_NE(masked(MaskKind::ip, "10.1.2.3"), "10.1.2.3");
  EXPECT_TRUE(std::regex_match(masked(MaskKind::ip, "2001:db8::5/64"),
                               std::regex("[0-9a-f]{1,4}:[0-9a-f]{1,4}::[0-9a-f]{1,4}/64")));
  EXPECT_EQ(masked(MaskKind::bytes, "\\x00ff10").size(), 8U);
  EXPECT_EQ(masked(MaskKind::hash, "x", {.limit = 40}).size(), 40U);
}

TEST(Mask, NestedValuesAreMaskedByElement) {
  const MaskShape array{.form = MaskShape::Form::array, .parts = {MaskShape{}}};
  EXPECT_TRUE(
      std::regex_match(masked(MaskKind::text, R"({abc,NULL,"d, e",{"x\"y"}})", array),
                       std::regex(R"re(\{[a-z]{3},NULL,"[a-z], [a-z]",\{"[a-z]\\"[a-z]"\}\})re")));
  const Mask composite(
      kKey, rule(MaskKind::text),
      {.form = MaskShape::Form::composite,
       .parts = {MaskShape{}, MaskShape{}, MaskShape{}},
       .rules = {rule(MaskKind::text), rule(MaskKind::keep), rule(MaskKind::text)}});
  EXPECT_TRUE(std::regex_match(*composite.apply(R"(("a ""b",kept,))"),
                               std::regex(R"re(\("[a-z] ""[a-z]",kept,\))re")));
  MaskRule json = rule(MaskKind::json);
  json.paths["who.mail"] = rule(MaskKind::email);
  json.paths["seen"] = rule(MaskKind::keep);
  const std::string to =
      *Mask(kKey, json)
           .apply(
               R"({"who": [{"mail": "ada@example.org"}], "n": 12.5, "seen": "as is", "t": true, "o": null})");
  EXPECT_TRUE(std::regex_match(
      to, std::regex(R"re(\{"who": \[\{"mail": "[a-z]{3}@[a-z]{7}\.[a-z]{3}\.test"\}\], )re"
                     R"re("n": [1-9][0-9]\.[0-9], "seen": "as is", "t": true, "o": null\})re")))
      << to;
}

TEST(Mask, DomainsAndKeysDiffer) {
  MaskRule other = rule(MaskKind::text);
  other.domain = "another";
  EXPECT_NE(*Mask(kKey, other).apply("correct horse"), masked(MaskKind::text, "correct horse"));
  EXPECT_NE(*Mask(MaskKey("another"), rule(MaskKind::text)).apply("correct horse"),
            masked(MaskKind::text, "correct horse"));
  EXPECT_EQ(masked(MaskKind::text, "correct horse"), masked(MaskKind::text, "correct horse"));
}

TEST(Mask, LongTextsAndOtherScriptsKeepTheirLength) {
  const std::string text = "Grüße, Ангелина! 日本 – ";
  const std::string to = masked(MaskKind::text, text);
  EXPECT_EQ(to.size(), text.size());
  EXPECT_NE(to, text);
  EXPECT_EQ(masking::characters(to), masking::characters(text));
  std::string longer;
  for (int i = 0; i < 400; ++i) longer += "word ";
  const std::string moved = masked(MaskKind::text, longer);
  EXPECT_EQ(moved.size(), longer.size());
  EXPECT_EQ(moved.find("word"), std::string::npos);
}

TEST(Mask, RowsOfCopyAreReadAndWrittenAsTheyAre) {
  const std::string row = "a\\tb\t\\N\t\tc\\\\d\n";
  EXPECT_EQ(write_copy_row(read_copy_row(row)), row);
  RowMask masks;
  masks.columns = {"a", "b", "c", "d"};
  masks.masks = {nullptr, nullptr, nullptr,
                 std::make_shared<const Mask>(kKey, rule(MaskKind::text))};
  const std::string to = masks.apply(row);
  EXPECT_TRUE(std::regex_match(to, std::regex("a\\\\tb\t\\\\N\t\t[a-z]\\\\\\\\[a-z]\n"))) << to;
}

}  // namespace
}  // namespace lakeshift::formats
