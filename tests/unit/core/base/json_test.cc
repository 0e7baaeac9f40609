#include "core/base/json.h"

#include <gtest/gtest.h>

namespace lakeshift {
namespace {

TEST(ParseJson, ReadsAValue) {
  const auto value = parse_json(R"({"b": [1, "x", null], "a": 1.5})", "answer");
  ASSERT_TRUE(value);
  EXPECT_EQ(dump_json(*value), R"({"a":1.5,"b":[1,"x",null]})");
}

TEST(ParseJson, NamesThePlaceOfAFault) {
  const auto value = parse_json("{\n  \"a\": x\n}", "jobs.json");
  ASSERT_FALSE(value);
  EXPECT_EQ(value.error().code, "bad-json");
  EXPECT_EQ(value.error().about, "jobs.json");
  EXPECT_EQ(value.error().message, "not json: did not expect 'x' at line 2, column 8");
}

TEST(ParseJson, RefusesATruncatedText) {
  const auto value = parse_json(R"({"a": [1, 2)", "answer");
  ASSERT_FALSE(value);
  EXPECT_EQ(value.error().code, "bad-json");
  EXPECT_NE(value.error().message.find("the end of the text"), std::string::npos)
      << value.error().message;
}

TEST(ParseJson, RefusesInvalidUtf8InsideStrings) {
  const auto value = parse_json("{\"a\": \"\xff\"}", "answer");
  ASSERT_FALSE(value);
  EXPECT_EQ(value.error().code, "bad-json");
  EXPECT_EQ(value.error().message, "not utf-8: did not expect byte 0xff at line 1, column 8");
}

TEST(ParseJson, RefusesEmptyText) { EXPECT_FALSE(parse_json("", "answer")); }

TEST(ParseJson, RefusesANumberOutOfRange) {
  const auto value = parse_json("[1e999]", "answer");
  ASSERT_FALSE(value);
  EXPECT_EQ(value.error().code, "bad-json");
}

TEST(ParseJson, BoundsTheNesting) {
  EXPECT_TRUE(parse_json(std::string(512, '[') + std::string(512, ']'), "deep"));
  const auto value = parse_json(std::string(513, '[') + std::string(513, ']'), "deep");
  ASSERT_FALSE(value);
  EXPECT_EQ(value.error().code, "bad-json");
  EXPECT_FALSE(parse_json(std::string(1'000'000, '['), "deep"));
}

TEST(ParseJson, DoesNotCountBracketsInsideStrings) {
  EXPECT_TRUE(parse_json("[\"" + std::string(2000, '[') + R"(\"[)" + "\"]", "text"));
}

TEST(DumpJson, ReplacesInvalidUtf8) {
  Json value;
  value["a"] = "x\xffy";
  EXPECT_EQ(dump_json(value), "{\"a\":\"x\xEF\xBF\xBDy\"}");
  EXPECT_EQ(dump_json_pretty(value), "{\n  \"a\": \"x\xEF\xBF\xBDy\"\n}");
}

TEST(JsonMembers, FallBackOnAbsenceAndOnOtherTypes) {
  const Json value = {{"s", "text"}, {"n", 42}, {"b", true}, {"f", 1.5}};
  EXPECT_EQ(text_at(value, "s"), "text");
  EXPECT_EQ(text_at(value, "n", "none"), "none");
  EXPECT_EQ(text_at(value, "missing", "none"), "none");
  EXPECT_EQ(int_at(value, "n"), 42);
  EXPECT_EQ(int_at(value, "f", 7), 7);
  EXPECT_TRUE(bool_at(value, "b"));
  EXPECT_TRUE(bool_at(value, "s", true));
  EXPECT_TRUE(member(value, "missing").is_null());
}

TEST(JsonMembers, NeverThrowOnWhatIsNoObject) {
  for (const Json& value : {Json(), Json(1), Json("text"), Json::array({1})}) {
    EXPECT_EQ(text_at(value, "a", "none"), "none");
    EXPECT_EQ(int_at(value, "a", 3), 3);
    EXPECT_FALSE(bool_at(value, "a"));
    EXPECT_TRUE(member(value, "a").is_null());
    EXPECT_TRUE(at_path(value, "a.b").is_null());
  }
}

TEST(JsonPaths, ReadSetAndErase) {
  Json value = Json::object();
  set_path(value, "settings.schedule.pause_status", "PAUSED");
  EXPECT_EQ(dump_json(value), R"({"settings":{"schedule":{"pause_status":"PAUSED"}}})");
  EXPECT_EQ(at_path(value, "settings.schedule.pause_status"), Json("PAUSED"));
  EXPECT_TRUE(at_path(value, "settings.nothing.there").is_null());
  EXPECT_EQ(at_path(value, ""), value);
  erase_path(value, "settings.nothing.there");
  erase_path(value, "settings.schedule");
  EXPECT_EQ(dump_json(value), R"({"settings":{}})");
}

TEST(JsonPaths, SetReplacesAScalarOnTheWay) {
  Json value = {{"a", 1}};
  set_path(value, "a.b", 2);
  EXPECT_EQ(dump_json(value), R"({"a":{"b":2}})");
}

TEST(ScalarText, WritesIdsOfEitherType) {
  EXPECT_EQ(scalar_text(Json("7")), "7");
  EXPECT_EQ(scalar_text(Json(1125899906842624LL)), "1125899906842624");
  EXPECT_EQ(scalar_text(Json(true)), "true");
  EXPECT_EQ(scalar_text(Json()), "");
}

}  // namespace
}  // namespace lakeshift
