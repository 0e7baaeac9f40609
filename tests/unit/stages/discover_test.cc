#include "stages/discover.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <thread>

#include "stages/discover_keys.h"
#include "tests/unit/fakes/fake_platform.h"
#include "tests/unit/fakes/fake_world.h"
#include "tests/unit/stages/small_estate.h"

namespace lakeshift::stages {
namespace {

Result<std::string> no_content(std::string_view) { return std::string("digest"); }

// Answers every list of the small platform from `lists`, permissions with nothing, reference data
// with a little.
struct SmallPlatform {
  std::map<std::string, Result<Json>> lists;
  Result<Json> operator()(const engine::Call& call) const {
    if (const auto found = lists.find(call.path); found != lists.end()) return found->second;
    if (call.path.find("list-node-types") != std::string::npos)
      return Json{
          {"node_types",
           Json::array({{{"node_type_id", "n"},
                         {"node_info", {{"available_core_quota", 3}, {"total_core_quota", 8}}}}})}};
    if (call.path.find("spark-versions") != std::string::npos)
      return Json{{"versions", Json::array()}};
    if (call.path.find("list-zones") != std::string::npos)
      return fail("not-found", "no zones here");
    if (call.path.find("/permissions/") != std::string::npos)
      return Json{{"access_control_list", Json::array()}};
    return Json{{"items", Json::array()}};
  }
};

Json items(std::initializer_list<Json> list) { return {{"items", Json(list)}}; }

TEST(Discover, ReadsEveryKindAndTheReferenceData) {
  SmallPlatform answers;
  answers.lists.emplace("/pools",
                        items({{{"id", "p1"}, {"name", "a"}}, {{"id", "p2"}, {"name", "b"}}}));
  answers.lists.emplace("/flows", items({{{"id", "f1"}, {"name", "f"}}}));
  fakes::FakePlatform platform(answers);
  fakes::FakeWorld fake;
  const auto result = discover(platform, small::kinds(), fake.run, no_content);
  ASSERT_TRUE(result) << result.error().to_text();
  ASSERT_NE(result->inventory.find_key("pool", "a"), nullptr);
  EXPECT_EQ(result->inventory.find_key("pool", "a")->id.to_text(), "old/pool/p1");
  EXPECT_EQ(result->inventory.counts.size(), small::kinds().size());
  EXPECT_EQ(result->inventory.reference["node_types"],
            Json::parse(R"([{"node_type_id":"n","node_info":{"total_core_quota":8}}])"));
  EXPECT_EQ(result->calls, static_cast<long long>(platform.calls().size()));
}

TEST(Discover, MakesNoCallTwice) {
  SmallPlatform answers;
  answers.lists.emplace("/pools",
                        items({{{"id", "p1"}, {"name", "a"}}, {{"id", "p2"}, {"name", "b"}}}));
  fakes::FakePlatform platform(answers);
  fakes::FakeWorld fake;
  ASSERT_TRUE(discover(platform, small::kinds(), fake.run, no_content));
  std::vector<std::string> made;
  for (const engine::Call& call : platform.calls())
    made.push_back(call.path + "?" + dump_json(call.query));
  std::sort(made.begin(), made.end());
  EXPECT_EQ(std::adjacent_find(made.begin(), made.end()), made.end());
}

TEST(Discover, AKindThatIsNotOfferedIsAFactAndAFailedListBlocks) {
  SmallPlatform answers;
  answers.lists.emplace("/pools", fail("feature-disabled", "not on this tier"));
  answers.lists.emplace("/jobs", fail("internal-error", "500"));
  answers.lists.emplace("/users", items({{{"id", "u"}, {"userName", "a@x.org"}}}));
  fakes::FakePlatform platform(answers);
  fakes::FakeWorld fake;
  const auto result = discover(platform, small::kinds(), fake.run, no_content);
  ASSERT_TRUE(result) << result.error().to_text();
  EXPECT_NE(result->inventory.find_key("user", "a@x.org"), nullptr);
  for (const model::KindCount& count : result->inventory.counts) {
    if (count.kind == "pool") {
      EXPECT_EQ(count.unavailable, "feature-disabled: not on this tier");
    }
    if (count.kind == "job") {
      EXPECT_EQ(count.unavailable, "internal-error: 500");
    }
  }
  const auto severity = [&](const std::string& code) {
    for (const model::Finding& finding : result->findings)
      if (finding.code == code) return finding.severity;
    ADD_FAILURE() << code;
    return model::Severity::info;
  };
  EXPECT_EQ(severity("kind-not-available"), model::Severity::info);
  EXPECT_EQ(severity("kind-not-read"), model::Severity::blocking);
}

TEST(Discover, RemovingAnyObjectBreaksTheEquation) {
  small::Estate estate("old");
  estate.pool("p1", "a");
  estate.user("u1", "b");
  EXPECT_TRUE(check_discovered(estate.inventory));
  for (std::size_t i = 0; i < 2; ++i) {
    model::Inventory less = estate.inventory;
    less.objects.erase(less.objects.begin() + static_cast<std::ptrdiff_t>(i));
    const Status status = check_discovered(less);
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().code, "accounting");
    EXPECT_NE(status.error().message.find(estate.inventory.objects[i].id.kind), std::string::npos);
  }
}

engine::Kind losing_kind() {
  engine::Kind kind = small::kPool;
  kind.discover = [](const engine::Kind&, engine::DiscoverContext& context) -> Status {
    context.listed(2);
    model::Object object;
    object.document = {{"id", "p1"}, {"name", "a"}};
    context.found(std::move(object));
    return {};
  };
  return kind;
}

TEST(Discover, AnObjectThatAKindLosesIsAnError) {
  const engine::Kind kind = losing_kind();
  const engine::Kind* const set[] = {&kind};
  fakes::FakePlatform platform{SmallPlatform{}};
  fakes::FakeWorld fake;
  const auto result = discover(platform, set, fake.run, no_content);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, "accounting");
}

TEST(Discover, StopsWhenAsked) {
  fakes::FakePlatform platform{SmallPlatform{}};
  fakes::FakeWorld fake;
  fake.stop.request_stop();
  const auto result = discover(platform, small::kinds(), fake.run, no_content);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, "interrupted");
  EXPECT_TRUE(platform.calls().empty());
}

TEST(Discover, TellsItsProgress) {
  SmallPlatform answers;
  answers.lists.emplace("/pools", items({{{"id", "p1"}, {"name", "a"}}}));
  fakes::FakePlatform platform(answers);
  fakes::FakeWorld fake;
  ASSERT_TRUE(discover(platform, small::kinds(), fake.run, no_content));
  const auto events = fake.events.events();
  ASSERT_GE(events.size(), 3u);
  EXPECT_EQ(events.front().type, world::Event::Type::stage_started);
  EXPECT_EQ(events.back().type, world::Event::Type::stage_finished);
  EXPECT_TRUE(std::any_of(events.begin(), events.end(), [](const world::Event& event) {
    return event.type == world::Event::Type::progress && event.subject == "pool" && event.done == 1;
  }));
}

TEST(DiscoverKeys, HomonymsAreNumberedInAStableOrder) {
  const auto make = [](const std::string& id, const std::string& creator, long long created) {
    model::Object object;
    object.id = {"old", "job", id};
    object.key = "etl";
    object.document = {{"creator_user_name", creator}, {"created_time", created}};
    return object;
  };
  std::vector<model::Object> objects = {make("9", "b", 1), make("10", "a", 20), make("2", "a", 3),
                                        make("7", "a", 20)};
  model::Object taken = make("1", "z", 1);
  taken.key = "etl#2";
  objects.push_back(taken);
  std::vector<model::Object> reversed(objects.rbegin(), objects.rend());
  make_keys_unique(objects);
  make_keys_unique(reversed);
  std::map<std::string, std::string> keys, again;
  for (const model::Object& object : objects) keys[object.id.id] = object.key;
  for (const model::Object& object : reversed) again[object.id.id] = object.key;
  EXPECT_EQ(keys, again);
  EXPECT_EQ(keys["2"], "etl");
  EXPECT_EQ(keys["7"], "etl#3");  // "etl#2" is somebody's real name
  EXPECT_EQ(keys["10"], "etl#4");
  EXPECT_EQ(keys["9"], "etl#5");
  EXPECT_EQ(keys["1"], "etl#2");
}

}  // namespace
}  // namespace lakeshift::stages
