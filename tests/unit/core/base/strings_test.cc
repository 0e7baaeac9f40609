#include "core/base/strings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lakeshift {
namespace {

using ::testing::ElementsAre;

TEST(Strings, SplitAndJoinAreInverse) {
  EXPECT_THAT(split("a,,b", ','), ElementsAre("a", "", "b"));
  EXPECT_THAT(split("", ','), ElementsAre(""));
  EXPECT_EQ(join(split("/x//y/", '/'), "/"), "/x//y/");
}

TEST(Strings, TrimAndCase) {
  EXPECT_EQ(trim("\t a b \r\n"), "a b");
  EXPECT_EQ(trim(" \n"), "");
  EXPECT_EQ(to_lower("AbÄ"), "abÄ");
  EXPECT_TRUE(equals_ignoring_case("Ana@X.example", "ana@x.EXAMPLE"));
  EXPECT_FALSE(equals_ignoring_case("ana", "anab"));
}

TEST(Strings, ReplaceAllDoesNotLookIntoWhatItWrote) {
  EXPECT_EQ(replace_all("aaa", "a", "aa"), "aaaaaa");
  EXPECT_EQ(replace_all("abc", "", "x"), "abc");
}

TEST(Glob, MatchesWholeText) {
  EXPECT_TRUE(matches_glob("nightly-7", "nightly-*"));
  EXPECT_TRUE(matches_glob("a", "?"));
  EXPECT_TRUE(matches_glob("", "*"));
  EXPECT_TRUE(matches_glob("abcbd", "a*b?"));
  EXPECT_FALSE(matches_glob("nightly", "night"));
  EXPECT_FALSE(matches_glob("", "?"));
  EXPECT_FALSE(matches_glob(std::string(5000, 'a'), "*a*a*a*a*b"));  // in reasonable time
}

TEST(Closest, FindsTyposAndNothingElse) {
  const std::vector<std::string> names = {"cluster", "cluster_policy", "job", "notebook"};
  EXPECT_EQ(closest("clutser", names), "cluster");
  EXPECT_EQ(closest("NOTEBOK", names), "notebook");
  EXPECT_EQ(closest("warehouse", names), "");
  EXPECT_EQ(closest("x", {}), "");
}

TEST(Base64, RoundTripsAllLengths) {
  std::string bytes;
  for (int i = 0; i < 300; ++i) {
    const auto decoded = base64_decode(base64_encode(bytes));
    ASSERT_TRUE(decoded);
    EXPECT_EQ(*decoded, bytes);
    bytes += static_cast<char>(i * 7);
  }
  EXPECT_EQ(base64_encode("lake"), "bGFrZQ==");
}

TEST(Base64, TakesLineBreaksAndTheUrlAlphabet) {
  EXPECT_EQ(base64_decode("bGFr\r\nZQ").value_or("?"), "lake");
  EXPECT_EQ(base64_decode("-_-_").value_or("?"), base64_decode("+/+/").value_or("!"));
}

TEST(Base64, RefusesOtherText) {
  for (const char* text : {"a", "ab!=", "YQ==YQ=="}) {
    const auto decoded = base64_decode(text);
    ASSERT_FALSE(decoded) << text;
    EXPECT_EQ(decoded.error().code, "bad-base64");
  }
}

TEST(UrlEncoding, RoundTrips) {
  EXPECT_EQ(url_encode("/Users/ana müller/ü&x=1"), "%2FUsers%2Fana%20m%C3%BCller%2F%C3%BC%26x%3D1");
  EXPECT_EQ(url_encode("/a b", true), "/a%20b");
  EXPECT_EQ(url_decode(url_encode("emoji 🚀 %+&/")), "emoji 🚀 %+&/");
  EXPECT_EQ(url_decode("a+b%2"), "a b%2");
}

TEST(Utf8, IsValidAsTheStandardSays) {
  EXPECT_TRUE(is_valid_utf8("plain ü 漢 🚀"));
  EXPECT_FALSE(is_valid_utf8("\xc0\xaf"));          // overlong
  EXPECT_FALSE(is_valid_utf8("\xed\xa0\x80"));      // surrogate
  EXPECT_FALSE(is_valid_utf8("\xf4\x90\x80\x80"));  // beyond U+10FFFF
  EXPECT_FALSE(is_valid_utf8("\xe6\xbc"));          // cut
}

TEST(Utf8, PrintableEscapesWhatWouldDisturbATerminal) {
  EXPECT_EQ(printable("a\x1b[31m\n\xff ü"), "a\\x1b[31m\\x0a\\xff ü");
  EXPECT_EQ(printable("x\u202ey"), "x\\xe2\\x80\\xaey");  // right-to-left override
}

TEST(Utf8, WidthCountsColumns) {
  EXPECT_EQ(display_width("abc"), 3U);
  EXPECT_EQ(display_width("漢字"), 4U);
  EXPECT_EQ(display_width("🚀"), 2U);
  EXPECT_EQ(display_width("e\u0301"), 1U);
  EXPECT_EQ(display_width("\xff"), 1U);
}

TEST(Utf8, FitNeverExceedsTheWidth) {
  EXPECT_EQ(fit_width("short", 5), "short");
  EXPECT_EQ(fit_width("longer", 5), "long…");
  EXPECT_EQ(fit_width("漢字漢字", 4), "漢…");
  EXPECT_EQ(fit_width("abc", 0), "");
  for (std::size_t columns = 0; columns < 12; ++columns)
    EXPECT_LE(display_width(fit_width("a漢🚀e\u0301字z and more", columns)), columns);
}

}  // namespace
}  // namespace lakeshift
