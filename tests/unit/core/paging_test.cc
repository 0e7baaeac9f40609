#include <gtest/gtest.h>

#include <set>

#include "core/base/strings.h"
#include "core/engine/platform.h"
#include "tests/unit/fakes/fake_platform.h"

namespace lakeshift::engine {
namespace {

using fakes::FakePlatform;

struct Listed {
  Status status;
  std::vector<std::string> ids;
};

Listed list_all(FakePlatform& platform, const Listing& listing,
                const Json& parameters = Json::object()) {
  Listed listed;
  listed.status = each_item(platform, listing, parameters, "misc", {}, [&](Json&& item) -> Status {
    listed.ids.push_back(item.is_object() ? scalar_text(member(item, "id")) : scalar_text(item));
    return {};
  });
  return listed;
}

// Asking for the same page a second time would be a lost second on every large workspace.
void expect_no_call_twice(const FakePlatform& platform) {
  std::set<std::string> seen;
  for (const Call& call : platform.calls())
    EXPECT_TRUE(seen.insert(call.path + dump_json(call.query) + dump_json(call.body)).second)
        << call.path;
}

// Pages as `pages[token]`: items and the next token.
FakePlatform token_server(std::map<std::string, std::pair<Json, std::string>> pages) {
  return FakePlatform([pages](const Call& call) -> Result<Json> {
    const Json& parameters = call.method == "GET" ? call.query : call.body;
    const auto page = pages.find(text_at(parameters, "page_token"));
    if (page == pages.end()) return fail("invalid-parameter", "no such token");
    Json answer = {{"jobs", page->second.first}};
    if (!page->second.second.empty()) answer["next_page_token"] = page->second.second;
    return answer;
  });
}

TEST(Paging, WholeListAtOnce) {
  FakePlatform platform(
      [](const Call&) -> Result<Json> { return Json{{"statuses", Json::array({1, 2})}}; });
  const Listed listed = list_all(platform, {.path = "/api/2.0/x", .items = "statuses"});
  ASSERT_TRUE(listed.status);
  EXPECT_EQ(listed.ids, (std::vector<std::string>{"1", "2"}));
  EXPECT_EQ(platform.calls().size(), 1U);
}

TEST(Paging, TheAnswerItselfMayBeTheList) {
  FakePlatform platform([](const Call&) -> Result<Json> { return Json::array({1, 2, 3}); });
  EXPECT_EQ(list_all(platform, {.path = "/api/2.0/x", .items = ""}).ids.size(), 3U);
}

TEST(Paging, AnEmptyListMayBeLeftOut) {
  for (const Json& answer : {Json::object(), Json{{"jobs", nullptr}}, Json()}) {
    FakePlatform platform([&](const Call&) -> Result<Json> { return answer; });
    for (const Paging paging : {Paging::none, Paging::token, Paging::scim, Paging::page}) {
      const Listed listed = list_all(platform, {.path = "/x", .items = "jobs", .paging = paging});
      EXPECT_TRUE(listed.status);
      EXPECT_TRUE(listed.ids.empty());
    }
  }
}

TEST(Paging, SomethingElseThanAListIsAnError) {
  for (const Json& answer : {Json{{"jobs", "many"}}, Json("text"), Json(7)}) {
    FakePlatform platform([&](const Call&) -> Result<Json> { return answer; });
    const Listed listed = list_all(platform, {.path = "/api/2.2/jobs/list", .items = "jobs"});
    ASSERT_FALSE(listed.status) << dump_json(answer);
    EXPECT_EQ(listed.status.error().code, "bad-answer");
    EXPECT_EQ(listed.status.error().about, "GET /api/2.2/jobs/list");
  }
}

TEST(Paging, FixedQueryAndParametersTravelWithEveryPage) {
  auto platform = token_server({{"", {Json::array({1}), "t"}}, {"t", {Json::array({2}), ""}}});
  const Listed listed = list_all(
      platform,
      {.path = "/x", .items = "jobs", .paging = Paging::token, .query = "limit=100&q=a%20b"},
      {{"n", "m"}});
  ASSERT_TRUE(listed.status);
  for (const Call& call : platform.calls()) {
    EXPECT_EQ(text_at(call.query, "limit"), "100");
    EXPECT_EQ(text_at(call.query, "q"), "a b");
    EXPECT_EQ(text_at(call.query, "n"), "m");
    EXPECT_EQ(call.family, "misc");
    EXPECT_EQ(call.effect, model::Effect::read);
  }
}

TEST(Paging, SmallAndEmptyPagesWithATokenGoOn) {
  auto platform = token_server({{"", {Json::array(), "a"}},
                                {"a", {Json::array({1}), "b"}},
                                {"b", {Json(), "c"}},
                                {"c", {Json::array({2, 3}), ""}}});
  const Listed listed =
      list_all(platform, {.path = "/x", .items = "jobs", .paging = Paging::token});
  ASSERT_TRUE(listed.status);
  EXPECT_EQ(listed.ids, (std::vector<std::string>{"1", "2", "3"}));
  EXPECT_EQ(platform.calls().size(), 4U);
  expect_no_call_twice(platform);
}

TEST(Paging, ARepeatingTokenIsAnErrorNotALoop) {
  auto platform = token_server({{"", {Json::array({1}), "a"}},
                                {"a", {Json::array({2}), "b"}},
                                {"b", {Json::array({3}), "a"}}});
  const Listed listed =
      list_all(platform, {.path = "/x", .items = "jobs", .paging = Paging::token});
  ASSERT_FALSE(listed.status);
  EXPECT_EQ(listed.status.error().code, "repeating-page-token");
  EXPECT_FALSE(listed.status.error().remedy.empty());
  EXPECT_EQ(platform.calls().size(), 3U);
  expect_no_call_twice(platform);
}

TEST(Paging, TokensTravelInTheBodyOfASearch) {
  auto platform = token_server({{"", {Json::array({1}), "a"}}, {"a", {Json::array({2}), ""}}});
  const Listed listed = list_all(platform, {.path = "/search",
                                            .items = "jobs",
                                            .paging = Paging::token_in_body,
                                            .query = "max_results=50",
                                            .method = "POST"});
  ASSERT_TRUE(listed.status);
  EXPECT_EQ(listed.ids.size(), 2U);
  EXPECT_EQ(text_at(platform.calls()[1].body, "page_token"), "a");
  EXPECT_EQ(text_at(platform.calls()[1].body, "max_results"), "50");
  EXPECT_EQ(platform.calls()[1].query, Json::object());
  EXPECT_EQ(platform.calls()[1].effect, model::Effect::read);
}

TEST(Paging, SomeListsCallTheParameterLikeTheMember) {
  FakePlatform platform([](const Call& call) -> Result<Json> {
    if (text_at(call.query, "next_page_token") == "2") return Json{{"repos", Json::array({2})}};
    return Json{{"repos", Json::array({1})}, {"next_page_token", 2}};
  });
  const Listed listed =
      list_all(platform, {.path = "/x", .items = "repos", .paging = Paging::next_token});
  ASSERT_TRUE(listed.status);
  EXPECT_EQ(listed.ids, (std::vector<std::string>{"1", "2"}));
}

// `size` entries, never more than `page` at a time; says it has `total`.
FakePlatform scim_server(long long size, long long page, long long total) {
  return FakePlatform([=](const Call& call) -> Result<Json> {
    const long long start = int_at(call.query, "startIndex");
    Json entries = Json::array();
    for (long long i = start; i <= size && i < start + std::min(page, int_at(call.query, "count"));
         ++i)
      entries.push_back({{"id", std::to_string(i)}});
    return Json{{"totalResults", total}, {"startIndex", start}, {"Resources", entries}};
  });
}
constexpr Listing kUsers{.path = "/scim/Users", .items = "Resources", .paging = Paging::scim};

TEST(ScimPaging, GoesOnUntilAnEmptyPage) {
  for (const long long page : {1LL, 7LL, 100LL}) {
    auto platform = scim_server(250, page, 250);
    const Listed listed = list_all(platform, kUsers);
    ASSERT_TRUE(listed.status) << listed.status.error().to_text();
    EXPECT_EQ(listed.ids.size(), 250U);
    EXPECT_EQ(listed.ids.back(), "250");
    EXPECT_EQ(int_at(platform.calls()[0].query, "count"), 100);
    expect_no_call_twice(platform);
  }
}

TEST(ScimPaging, DoesNotTrustATotalThatIsTooSmall) {
  auto platform = scim_server(250, 100, 100);
  EXPECT_EQ(list_all(platform, kUsers).ids.size(), 250U);
}

TEST(ScimPaging, SaysWhenEntriesAreMissing) {
  auto platform = scim_server(99, 50, 120);
  const Listed listed = list_all(platform, kUsers);
  ASSERT_FALSE(listed.status);
  EXPECT_EQ(listed.status.error().code, "incomplete-list");
  EXPECT_EQ(listed.status.error().message, "the list says it has 120 entries but gave 99");
}

TEST(ScimPaging, GivesAnEntryOnceThatMovedWhileListing) {
  int calls = 0;
  FakePlatform platform([&](const Call&) -> Result<Json> {
    ++calls;
    Json entries = Json::array();
    if (calls == 1) entries = {{{"id", "1"}}, {{"id", "2"}}};
    if (calls == 2) entries = {{{"id", "2"}}, {{"id", "3"}}};
    return Json{{"totalResults", 3}, {"Resources", entries}};
  });
  const Listed listed = list_all(platform, kUsers);
  ASSERT_TRUE(listed.status);
  EXPECT_EQ(listed.ids, (std::vector<std::string>{"1", "2", "3"}));
}

TEST(ScimPaging, EndsWithAServerThatIgnoresTheStart) {
  FakePlatform platform([&](const Call&) -> Result<Json> {
    return Json{{"totalResults", 1}, {"Resources", Json::array({{{"id", "1"}}})}};
  });
  const Listed listed = list_all(platform, kUsers);
  EXPECT_TRUE(listed.status);
  EXPECT_EQ(listed.ids.size(), 1U);
  EXPECT_EQ(platform.calls().size(), 2U);
}

FakePlatform numbered_server(long long size, long long count, long long page_size = 2) {
  return FakePlatform([=](const Call& call) -> Result<Json> {
    const long long first = (int_at(call.query, "page") - 1) * page_size;
    if (first >= size && first > 0 && size == count)
      return fail("invalid-parameter", "page is out of range");
    Json results = Json::array();
    for (long long i = first; i < std::min(size, first + page_size); ++i) results.push_back(i);
    return Json{{"count", count}, {"results", results}};
  });
}
constexpr Listing kQueries{.path = "/queries", .items = "results", .paging = Paging::page};

TEST(NumberedPaging, StopsAtTheCountAndNeverAsksBeyondIt) {
  for (const long long size : {0LL, 1LL, 2LL, 5LL, 6LL}) {
    auto platform = numbered_server(size, size);
    const Listed listed = list_all(platform, kQueries);
    ASSERT_TRUE(listed.status) << size;
    EXPECT_EQ(listed.ids.size(), static_cast<std::size_t>(size));
    expect_no_call_twice(platform);
  }
}

TEST(NumberedPaging, SaysWhenEntriesAreMissing) {
  auto platform = numbered_server(3, 5);
  const Listed listed = list_all(platform, kQueries);
  ASSERT_FALSE(listed.status);
  EXPECT_EQ(listed.status.error().code, "incomplete-list");
}

TEST(Paging, AnErrorOfACallOrOfTheReaderEndsTheList) {
  auto platform = token_server({{"", {Json::array({1, 2}), "gone"}}});
  EXPECT_EQ(list_all(platform, {.path = "/x", .items = "jobs", .paging = Paging::token})
                .status.error()
                .code,
            "invalid-parameter");
  int taken = 0;
  const Status status =
      each_item(platform, {.path = "/x", .items = "jobs", .paging = Paging::token}, Json::object(),
                "misc", {}, [&](Json&&) -> Status {
                  ++taken;
                  return fail("disk-full", "no space");
                });
  EXPECT_EQ(status.error().code, "disk-full");
  EXPECT_EQ(taken, 1);
}

TEST(Paging, AStopEndsTheList) {
  auto platform = token_server({{"", {Json::array({1}), "a"}}, {"a", {Json::array({2}), ""}}});
  std::stop_source stop;
  const Status status =
      each_item(platform, {.path = "/x", .items = "jobs", .paging = Paging::token}, Json::object(),
                "misc", stop.get_token(), [&](Json&&) -> Status {
                  stop.request_stop();
                  return {};
                });
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, "cancelled");
}

}  // namespace
}  // namespace lakeshift::engine
