#include <gtest/gtest.h>

#include "core/engine/generic.h"
#include "tests/unit/fakes/fake_world.h"

namespace lakeshift::engine {
namespace {

// Answers by path and query; counts every call.
class TablePlatform final : public Platform {
 public:
  std::map<std::string, Result<Json>> answers;
  std::map<std::string, int> asked;
  Result<Json> call(const Call& call, std::stop_token) override {
    const std::scoped_lock lock(mutex_);
    const std::string name = call.path + (call.query.empty() ? "" : "?" + dump_json(call.query));
    ++asked[name];
    const auto found = answers.find(name);
    if (found == answers.end()) return fail("not-found", "no answer for " + name);
    return found->second;
  }
  Result<std::string> call_bytes(const Call&, std::string_view, std::stop_token) override {
    return fail("no", "no");
  }
  const std::string& side() const override { return side_; }
  const std::string& cloud() const override { return side_; }
  Json describe() const override { return {}; }

 private:
  std::string side_ = "old";
  std::mutex mutex_;
};

std::string scope_rule(const Json& document) {
  return text_at(document, "made_by") == "job" ? "made by a job" : "";
}
Status more(const Kind&, DiscoverContext&, model::Object& object) {
  if (text_at(object.document, "name") == "broken") return fail("internal", "aspect failed");
  object.document["$more"] = 1;
  return {};
}

Kind kind() {
  Kind made;
  made.name = "cluster";
  made.title = "cluster";
  made.plural = "clusters";
  made.id_field = "cluster_id";
  made.key_field = "name";
  made.key_ignores_case = true;
  made.list = {.path = "/list", .items = "clusters"};
  made.get = "/get";
  made.get_query = "cluster_id";
  made.permissions = "clusters";
  made.read_more = more;
  made.out_of_scope = scope_rule;
  return made;
}

struct Reading {
  fakes::FakeWorld world;
  TablePlatform platform;
  std::vector<model::Object> objects;
  std::map<std::string, int> skipped;
  std::vector<model::Finding> findings;
  long long listed = 0;
  Status status;
  std::mutex mutex;

  void add(const std::string& id, Json document) {
    document["cluster_id"] = id;
    platform.answers["/get?{\"cluster_id\":\"" + id + "\"}"] = document;
    platform.answers["/api/2.0/permissions/clusters/" + id] =
        Json{{"access_control_list", Json::array()}};
    auto& list = platform.answers["/list"];
    if (!list || !list->is_object()) list = Json{{"clusters", Json::array()}};
    (*list)["clusters"].push_back({{"cluster_id", id}, {"name", text_at(document, "name")}});
  }
  void discover(const Kind& kind) {
    world::Executor executor(4);
    world::TaskGroup tasks(executor);
    SharedReads shared;
    DiscoverContext context{platform, world.run, tasks, tasks, shared, {}, {}, {}, {}, {}};
    context.found = [this](model::Object object) {
      const std::scoped_lock lock(mutex);
      objects.push_back(std::move(object));
    };
    context.listed = [this](long long amount) { listed += amount; };
    context.out_of_scope = [this](std::string reason) {
      const std::scoped_lock lock(mutex);
      ++skipped[reason];
    };
    context.finding = [this](model::Finding finding) {
      const std::scoped_lock lock(mutex);
      findings.push_back(std::move(finding));
    };
    status = discover_generic(kind, context);
    tasks.wait();
    std::sort(objects.begin(), objects.end(),
              [](const auto& a, const auto& b) { return a.id < b.id; });
  }
};

TEST(DiscoverGeneric, reads_each_object_once_with_its_aspects) {
  Reading run;
  run.add("1", {{"name", "A"}, {"made_by", "user"}});
  run.add("2", {{"name", "b"}, {"made_by", "job"}});
  const Kind described = kind();
  run.discover(described);
  ASSERT_TRUE(run.status);
  ASSERT_EQ(run.objects.size(), 1U);
  EXPECT_EQ(run.objects[0].key, "a");
  EXPECT_EQ(run.objects[0].name, "A");
  EXPECT_EQ(run.objects[0].id.to_text(), "old/cluster/1");
  EXPECT_EQ(member(run.objects[0].document, "$more"), 1);
  EXPECT_TRUE(member(run.objects[0].document, "$permissions").is_array());
  EXPECT_EQ(run.skipped.at("made by a job"), 1);
  EXPECT_EQ(run.listed, 2);
  for (const auto& [call, times] : run.platform.asked) EXPECT_EQ(times, 1) << call;
}

TEST(DiscoverGeneric, takes_what_vanished_meanwhile_for_a_fact) {
  Reading run;
  run.add("1", {{"name", "gone"}});
  run.add("2", {{"name", "gone later"}});
  run.add("3", {{"name", "here"}});
  run.platform.answers["/get?{\"cluster_id\":\"1\"}"] = fail("not-found", "does not exist");
  run.platform.answers["/api/2.0/permissions/clusters/3"] = fail("not-found", "no permissions");
  const Kind described = kind();
  run.discover(described);
  EXPECT_EQ(run.skipped.at("vanished during discovery"), 1);
  ASSERT_EQ(run.objects.size(), 2U);
  EXPECT_EQ(run.objects[1].unread_code, "not-found")
      << "the object is there, its permissions could not be read";
}

TEST(DiscoverGeneric, records_failures_on_the_object_and_goes_on) {
  Reading run;
  run.add("1", {{"name", "a"}});
  run.add("2", {{"name", "broken"}});
  run.add("3", {{"name", "c"}});
  run.add("4", {{"name", "html"}});
  run.platform.answers["/get?{\"cluster_id\":\"1\"}"] = fail("permission-denied", "not yours");
  run.platform.answers["/get?{\"cluster_id\":\"4\"}"] = Json("<html>");
  const Kind described = kind();
  run.discover(described);
  ASSERT_TRUE(run.status);
  ASSERT_EQ(run.objects.size(), 4U);
  EXPECT_EQ(run.objects[0].unread_code, "permission-denied");
  EXPECT_EQ(run.objects[0].key, "a") << "what the list said is kept";
  EXPECT_EQ(run.objects[1].unread_code, "internal");
  EXPECT_EQ(run.objects[2].unread_code, "");
  EXPECT_EQ(run.objects[3].unread_code, "bad-answer");
}

TEST(DiscoverGeneric, knows_platforms_without_permissions) {
  Reading run;
  run.add("1", {{"name", "a"}});
  run.platform.answers["/api/2.0/permissions/clusters/1"] =
      fail("feature-disabled", "not on this tier");
  const Kind described = kind();
  run.discover(described);
  ASSERT_EQ(run.objects.size(), 1U);
  EXPECT_EQ(run.objects[0].unread_code, "");
  EXPECT_FALSE(run.objects[0].document.contains("$permissions"));
  ASSERT_EQ(run.findings.size(), 1U);
  EXPECT_EQ(run.findings[0].code, "permissions-unavailable");
}

TEST(DiscoverGeneric, accounts_for_listed_things_that_are_no_objects) {
  Reading run;
  run.platform.answers["/list"] = Json{{"clusters", {{{"name", "no id"}}, "text", nullptr}}};
  const Kind described = kind();
  run.discover(described);
  EXPECT_EQ(run.listed, 3);
  ASSERT_EQ(run.objects.size(), 3U);
  for (const auto& object : run.objects) {
    EXPECT_EQ(object.unread_code, "bad-answer");
    EXPECT_FALSE(object.key.empty());
  }
}

TEST(DiscoverGeneric, returns_the_error_of_a_list_that_fails) {
  Reading run;
  run.platform.answers["/list"] = fail("permission-denied", "no");
  const Kind described = kind();
  run.discover(described);
  ASSERT_FALSE(run.status);
  EXPECT_EQ(run.status.error().code, "permission-denied");
}

}  // namespace
}  // namespace lakeshift::engine
