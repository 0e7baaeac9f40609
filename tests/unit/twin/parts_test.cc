#include <gtest/gtest.h>

#include "core/base/json.h"
#include "twin/form.h"
#include "twin/policy.h"
#include "twin/schedule.h"
#include "twin/scim.h"
#include "twin/wire.h"

namespace lakeshift::twin {
namespace {

TEST(ScimFilter, Compares) {
  const Json user = {
      {"userName", "Ada@x.org"}, {"active", true}, {"emails", {{{"value", "a@b.c"}}}}};
  const auto accepts = [&](const char* text) {
    const auto test = parse_scim_filter(text);
    return test && (*test)(user);
  };
  EXPECT_TRUE(accepts(""));
  EXPECT_TRUE(accepts("userName eq \"ada@X.org\""));
  EXPECT_TRUE(accepts("active eq true and emails.value co \"@b\""));
  EXPECT_FALSE(accepts("not (userName sw \"ada\") or displayName pr"));
  EXPECT_FALSE(parse_scim_filter("userName eq"));
  EXPECT_FALSE(parse_scim_filter("(userName eq \"a\""));
  EXPECT_FALSE(parse_scim_filter(std::string(1000, '(')));
}

TEST(ScimPatch, AddsReplacesRemoves) {
  Json group = {{"members", {{{"value", "1"}}, {{"value", "2"}}}}, {"displayName", "g"}};
  ASSERT_TRUE(apply_scim_operation(
      group,
      {{"op", "add"}, {"path", "members"}, {"value", {{{"value", "2"}}, {{"value", "3"}}}}}));
  EXPECT_EQ(group["members"].size(), 3U);
  ASSERT_TRUE(apply_scim_operation(group, {{"op", "remove"}, {"path", "members[value eq \"1\"]"}}));
  EXPECT_EQ(group["members"].size(), 2U);
  ASSERT_TRUE(apply_scim_operation(group, {{"op", "Replace"}, {"value", {{"displayName", "h"}}}}));
  EXPECT_EQ(group["displayName"], "h");
  EXPECT_FALSE(apply_scim_operation(group, {{"op", "remove"}}));
  EXPECT_FALSE(apply_scim_operation(group, {{"op", "replace"}, {"path", "id"}, {"value", "9"}}));
}

TEST(Quartz, FindsTheNextFiring) {
  constexpr long long kFriday = 1'795'167'000'000;  // 2026-11-20T09:30:00Z
  EXPECT_EQ(next_firing("0 0 10 * * ?", kFriday), kFriday + 30 * 60'000);
  EXPECT_EQ(next_firing("0 0/15 * * * ?", kFriday), kFriday + 15 * 60'000);
  EXPECT_EQ(next_firing("0 0 9 ? * MON-FRI", kFriday), kFriday + (3 * 24 * 60 - 30) * 60'000LL);
  EXPECT_EQ(next_firing("0 0 0 L * ?", kFriday), kFriday + (10 * 24 * 60 - 570) * 60'000LL);
  EXPECT_FALSE(check_quartz("0 0 10 * *"));
  EXPECT_FALSE(check_quartz("0 0 25 * * ?"));
  EXPECT_FALSE(check_quartz("0 0 10 * * *"));
}

TEST(Policy, FindsWhatBreaksIt) {
  const auto definition = read_definition(
      R"({"a":{"type":"fixed","value":1},"init_scripts.*.volumes.destination":{"type":"regex","pattern":"/Volumes/.*","isOptional":true},
    "b":{"type":"allowlist","values":["x"]},"c":{"type":"range","minValue":2,"isOptional":true}})");
  ASSERT_TRUE(definition);
  EXPECT_EQ(policy_violations(*definition, {{"a", 1}, {"b", "x"}}), Json::object());
  const Json found = policy_violations(
      *definition,
      {{"a", 2}, {"c", 1}, {"init_scripts", {{{"volumes", {{"destination", "/x"}}}}}}});
  EXPECT_EQ(found.size(), 4U);
  EXPECT_TRUE(found.contains("b"));  // missing
  EXPECT_FALSE(read_definition(R"({"a":{"type":"range"}})"));
  EXPECT_FALSE(read_definition(R"({"a":{"type":"regex","pattern":"("}})"));
}

TEST(Wire, CutsRequestsOutOfBytes) {
  WireReader reader;
  const std::string bytes =
      "POST /a?b=c HTTP/1.1\r\nHost: h:1\r\nContent-Length: 3\r\n\r\nxyzGET / HTTP/1.1\r\nHost: "
      "h\r\nConnection: close\r\n\r\n";
  for (std::size_t i = 0; i + 1 < bytes.size(); ++i) reader.add(bytes.substr(i, 1));
  const auto first = reader.next();
  ASSERT_TRUE(first && *first);
  EXPECT_EQ((*first)->request.url, "http://h:1/a?b=c");
  EXPECT_EQ((*first)->request.body, "xyz");
  EXPECT_TRUE((*first)->keep_alive);
  EXPECT_FALSE(reader.next()->has_value());
  reader.add("\n");
  EXPECT_FALSE((**reader.next()).keep_alive);
}

TEST(Wire, ReadsChunksAndRefusesNonsense) {
  WireReader reader;
  reader.add("PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_TRUE(reader.wants_continue());
  EXPECT_FALSE(reader.wants_continue());
  reader.add("3\r\nabc\r\n2\r\nde\r\n0\r\n");
  EXPECT_FALSE(reader.next()->has_value());
  reader.add("\r\n");
  EXPECT_EQ((**reader.next()).request.body, "abcde");
  reader.add("hello\r\n\r\n");
  EXPECT_FALSE(reader.next());
}

TEST(Form, ReadsParts) {
  const std::string body =
      "--B\r\nContent-Disposition: form-data; name=\"path\"\r\n\r\n/x\r\n--B\r\n"
      "content-disposition: form-data; name=\"content\"; filename=\"f\"\r\nContent-Type: "
      "a/b\r\n\r\na\r\nb\r\n--B--\r\n";
  const auto parts = read_multipart("multipart/form-data; boundary=B", body);
  ASSERT_TRUE(parts);
  EXPECT_EQ(parts->at("path"), "/x");
  EXPECT_EQ(parts->at("content"), "a\r\nb");
  EXPECT_FALSE(read_multipart("multipart/form-data; boundary=B", body.substr(0, 80)));
}

}  // namespace
}  // namespace lakeshift::twin
