// Pools, policies, profiles, init scripts, warehouses.
#include <gmock/gmock.h>

#include "core/base/strings.h"
#include "knowledge/kinds/registry.h"
#include "tests/unit/knowledge/kinds/kind_probe.h"

namespace lakeshift {
namespace {

using probe::action;
using probe::names;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

const engine::Kind& kind(const char* name) { return *engine::find_kind(kinds::all_kinds(), name); }

model::Object there(const char* of_kind, const char* id, Json document) {
  set_path(document, kind(of_kind).id_field, id);
  model::Object object;
  object.id = {"new", of_kind, id};
  object.document = std::move(document);
  return object;
}

// A platform with one list.
probe::FakePlatform listing(const std::string& path, Json answer, std::string cloud = "aws") {
  return probe::FakePlatform(
      [path, answer = std::move(answer)](const engine::Call& call) -> Result<Json> {
        if (call.path == path) return answer;
        if (call.path.starts_with("/api/2.0/permissions/"))
          return Json{{"access_control_list", Json::array()}};
        return fail("not-found", "no such call", call.path);
      },
      "old", std::move(cloud));
}

class CompleteBodies : public testing::TestWithParam<const char*> {};

TEST_P(CompleteBodies, HoldEverySettableFieldAndNothingGenerated) {
  const engine::Kind& one = kind(GetParam());
  Json document = probe::full_document(one.fields, probe::sent_at_creation);
  const std::set<std::string> wanted = probe::leaves_of(document);
  document.update(probe::full_document(one.fields, probe::generated));
  if (std::string_view(GetParam()) == "instance_pool") document["min_idle_instances"] = 3;
  const model::Change change = probe::plan(one, document);
  ASSERT_EQ(change.verb, model::Verb::create) << change.reason;
  Json body = action(change, "create")->body;
  for (const char* added : {"script", "skip_validation"}) body.erase(added);
  Json& tags = body.contains("tags") ? body["tags"]["custom_tags"] : body;
  if (tags.is_array()) tags.erase(tags.size() - 1);
  if (body.contains("custom_tags")) body["custom_tags"].erase("lakeshift:source");
  EXPECT_EQ(probe::leaves_of(body), wanted);
}
INSTANTIATE_TEST_SUITE_P(Kinds, CompleteBodies,
                         testing::Values("instance_pool", "cluster_policy", "global_init_script",
                                         "sql_warehouse"));

// Instance pools.

TEST(InstancePool, ArrivesWithoutIdleInstances) {
  const model::Change change =
      probe::plan(kind("instance_pool"),
                  {{"instance_pool_name", "p"}, {"node_type_id", "m"}, {"min_idle_instances", 4}});
  EXPECT_EQ(action(change, "create")->body["min_idle_instances"], 0);
  EXPECT_EQ(action(change, "create")->body["custom_tags"]["lakeshift:source"],
            "old/instance_pool/1");
}

TEST(InstancePool, TheCreatorsOwnGrantIsTakenAway) {
  const model::Change change = probe::plan(
      kind("instance_pool"), {{"instance_pool_name", "p"}, {"$permissions", Json::array()}});
  ASSERT_THAT(names(change), ElementsAre("create", "set permissions"));
  EXPECT_EQ(change.actions[1].method, "PUT");
  EXPECT_EQ(change.actions[1].body["access_control_list"], Json::array());
  EXPECT_EQ(change.actions[1].path,
            "/api/2.0/permissions/instance-pools/${ref:instance_pool:probe:id}");
}

TEST(InstancePool, IdleInstancesAreSwitchedByEditsThatRepeatTheRest) {
  const model::Object pool = there("instance_pool", "p1",
                                   {{"instance_pool_name", "p"},
                                    {"node_type_id", "m"},
                                    {"min_idle_instances", 4},
                                    {"max_capacity", 10},
                                    {"custom_tags", {{"a", "b"}}},
                                    {"enable_elastic_disk", true},
                                    {"state", "ACTIVE"}});
  const engine::Kind& pools = kind("instance_pool");
  const auto pause = pools.pause(pool);
  ASSERT_EQ(pause.size(), 1u);
  EXPECT_EQ(pause[0].body, (Json{{"instance_pool_id", "p1"},
                                 {"instance_pool_name", "p"},
                                 {"node_type_id", "m"},
                                 {"min_idle_instances", 0},
                                 {"max_capacity", 10},
                                 {"custom_tags", {{"a", "b"}}}}));
  model::Object inert = pool;
  pools.make_inert(inert.document);
  EXPECT_FALSE(pools.runs_by_itself(inert.document));
  EXPECT_TRUE(pools.pause(inert).empty());
  const auto start = pools.resume(inert, pool.document);
  ASSERT_EQ(start.size(), 1u);
  EXPECT_EQ(start[0].body["min_idle_instances"], 4);
}

TEST(InstancePool, WhatCreationFixesIsAReplacement) {
  const model::Object pool =
      there("instance_pool", "p1",
            {{"instance_pool_name", "p"}, {"node_type_id", "m"}, {"max_capacity", 3}});
  const model::Change change =
      probe::plan(kind("instance_pool"),
                  {{"instance_pool_name", "p"}, {"node_type_id", "n"}, {"max_capacity", 5}}, &pool);
  ASSERT_EQ(change.differences.size(), 2u);
  for (const model::Difference& difference : change.differences)
    EXPECT_EQ(difference.replaces, difference.path == "node_type_id") << difference.path;
  ASSERT_THAT(names(change), ElementsAre("update"));
  EXPECT_EQ(change.actions[0].body["node_type_id"], "m") << "edit wants the present one repeated";
  EXPECT_EQ(change.actions[0].body["max_capacity"], 5);
  EXPECT_EQ(change.actions[0].body["instance_pool_id"], "p1");
}

// Cluster policies.

TEST(ClusterPolicy, OfAFamilyIsFamilyAndOverrides) {
  auto platform = listing("/api/2.0/policies/clusters/list",
                          {{"policies",
                            {{{"policy_id", "1"},
                              {"name", "family"},
                              {"definition", "{\"a\":1}"},
                              {"policy_family_id", "personal-vm"},
                              {"policy_family_definition_overrides", "{}"}},
                             {{"policy_id", "2"},
                              {"name", "own"},
                              {"definition", "{\"a\":1}"},
                              {"policy_family_id", ""},
                              {"policy_family_definition_overrides", ""}}}}});
  const probe::Found found = probe::discover(kind("cluster_policy"), platform);
  ASSERT_EQ(found.objects.size(), 2u);
  const Json family =
      action(probe::plan(kind("cluster_policy"), found.by_id("1")->document), "create")->body;
  EXPECT_FALSE(family.contains("definition"));
  EXPECT_EQ(family["policy_family_id"], "personal-vm");
  EXPECT_EQ(family["policy_family_definition_overrides"], "{}");
  const Json own =
      action(probe::plan(kind("cluster_policy"), found.by_id("2")->document), "create")->body;
  EXPECT_EQ(own["definition"], "{\"a\":1}");
  EXPECT_FALSE(own.contains("policy_family_id"));
}

TEST(ClusterPolicy, SecretsInRulesAreTakenOut) {
  auto platform = listing(
      "/api/2.0/policies/clusters/list",
      {{"policies",
        {{{"policy_id", "1"},
          {"name", "leaky"},
          {"definition",
           R"({"spark_conf.fs.azure.account.key.x":{"type":"fixed","value":"canary"},"node_type_id":{"type":"fixed","value":"password"}})"}}}}});
  const probe::Found found = probe::discover(kind("cluster_policy"), platform);
  ASSERT_EQ(found.objects.size(), 1u);
  EXPECT_THAT(dump_json(found.objects[0].document), Not(HasSubstr("canary")));
  EXPECT_THAT(dump_json(found.objects[0].document), HasSubstr("password"));
  EXPECT_TRUE(
      found.has_finding("credential-in-clear", "definition.spark_conf.fs.azure.account.key.x"));
  const model::Change change = probe::plan(kind("cluster_policy"), found.objects[0].document);
  EXPECT_EQ(change.code, "credential-in-clear");
}

TEST(ClusterPolicy, OfThePlatformIsAdoptedOrBlockedNeverMade) {
  const Json document = {
      {"name", "Personal Compute"}, {"policy_family_id", "personal-vm"}, {"is_default", true}};
  const model::Change missing = probe::plan(kind("cluster_policy"), document);
  EXPECT_EQ(missing.verb, model::Verb::blocked);
  EXPECT_EQ(missing.code, "platform-policy-missing");
  const model::Object actual = there("cluster_policy", "t", document);
  EXPECT_EQ(probe::plan(kind("cluster_policy"), document, &actual).verb, model::Verb::unchanged);
}

// Instance profiles.

TEST(InstanceProfile, IsRegisteredWithoutStartingAnInstance) {
  const engine::Kind& profiles = kind("instance_profile");
  model::Change change;
  change.key = change.target_key = "arn:aws:iam::1:instance-profile/x";
  const Json desired = {{"instance_profile_arn", change.key},
                        {"iam_role_arn", "arn:aws:iam::1:role/x"}};
  const Json aws = {{"cloud", "aws"}};
  const engine::PlanContext context{profiles, desired, desired, nullptr, aws, aws, "s"};
  profiles.classify(context, change);
  EXPECT_EQ(change.verb, model::Verb::create);
  profiles.plan_actions(context, change);
  EXPECT_EQ(action(change, "create")->body["skip_validation"], true);
  EXPECT_EQ(action(change, "create")->path, "/api/2.0/instance-profiles/add");
}

TEST(InstanceProfile, HasNoCounterpartOnOtherClouds) {
  const model::Change change = probe::plan(
      kind("instance_profile"), {{"instance_profile_arn", "arn:aws:iam::1:instance-profile/x"}});
  EXPECT_EQ(change.verb, model::Verb::excluded);
  EXPECT_EQ(change.code, "no-counterpart");
}

TEST(InstanceProfile, IsOnlyAskedForWhereItExists) {
  auto azure = listing("/api/2.0/instance-profiles/list", {}, "azure");
  EXPECT_TRUE(probe::discover(kind("instance_profile"), azure).status);
  EXPECT_TRUE(azure.calls().empty());
  auto aws = listing("/api/2.0/instance-profiles/list",
                     {{"instance_profiles", {{{"instance_profile_arn", "arn:x"}}}}});
  const probe::Found found = probe::discover(kind("instance_profile"), aws);
  ASSERT_EQ(found.objects.size(), 1u);
  EXPECT_EQ(found.objects[0].key, "arn:x");
}

// Global init scripts.

Result<Json> init_scripts(const engine::Call& call) {
  if (call.path == "/api/2.0/global-init-scripts")
    return Json{{"scripts",
                 {{{"script_id", "B"}, {"name", "second"}, {"position", 1}},
                  {{"script_id", "A"}, {"name", "first"}, {"position", 0}},
                  {{"script_id", "C"}, {"name", "gone"}, {"position", 2}}}}};
  const auto one = [](const char* id, const char* name, int position, const char* text) {
    return Json{{"script_id", id},
                {"name", name},
                {"position", position},
                {"enabled", true},
                {"script", base64_encode(text)}};
  };
  if (call.path.ends_with("/A")) return one("A", "first", 0, "echo 1\n");
  if (call.path.ends_with("/B")) return one("B", "second", 1, "echo second\n");
  return fail("not-found", "deleted meanwhile", call.path);
}

TEST(GlobalInitScript, BytesGoToTheContentStoreAndOrderIsKept) {
  probe::FakePlatform platform(init_scripts);
  const engine::Kind& scripts = kind("global_init_script");
  const probe::Found found = probe::discover(scripts, platform);
  ASSERT_TRUE(found.status);
  EXPECT_EQ(found.listed, 3);
  ASSERT_EQ(found.objects.size(), 2u);
  EXPECT_THAT(found.out_of_scope, ElementsAre("vanished during discovery"));
  const model::Object& first = *found.by_id("A");
  const model::Object& second = *found.by_id("B");
  EXPECT_EQ(found.contents.at(first.content), "echo 1\n");
  EXPECT_FALSE(first.document.contains("script"));
  EXPECT_TRUE(scripts.implied_needs(first.document).empty());
  EXPECT_EQ(scripts.implied_needs(second.document),
            (std::vector<std::pair<std::string, std::string>>{{"global_init_script", "first"}}));
}

TEST(GlobalInitScript, ArrivesDisabledAndIsSwitchedAtTheCutover) {
  const engine::Kind& scripts = kind("global_init_script");
  const Json source = {{"name", "agent"}, {"position", 0}, {"enabled", true}};
  const model::Change change = probe::plan(scripts, source);
  EXPECT_EQ(action(change, "create")->body["enabled"], false);
  EXPECT_TRUE(action(change, "create")->body["script"].contains("$content"));
  model::Object object = there("global_init_script", "S", source);
  object.content = "abc";
  scripts.make_inert(object.document);
  EXPECT_TRUE(scripts.pause(object).empty());
  const auto start = scripts.resume(object, source);
  ASSERT_EQ(start.size(), 1u);
  EXPECT_EQ(start[0].method, "PATCH");
  EXPECT_EQ(start[0].path, "/api/2.0/global-init-scripts/S");
  EXPECT_EQ(start[0].body["enabled"], true);
  EXPECT_EQ(start[0].body["script"]["$content"]["sha256"], "abc");
  object.document["enabled"] = true;
  EXPECT_EQ(scripts.pause(object)[0].body["enabled"], false);
  EXPECT_TRUE(scripts.resume(object, {{"name", "agent"}, {"enabled", false}}).empty());
}

// SQL warehouses.

TEST(SqlWarehouse, IsStoppedRightAfterItsCreation) {
  const model::Change change =
      probe::plan(kind("sql_warehouse"),
                  {{"name", "w"},
                   {"cluster_size", "Small"},
                   {"jdbc_url", "jdbc:x"},
                   {"$permissions", {{{"user_name", "a@b"}, {"permission_level", "IS_OWNER"}}}}});
  EXPECT_THAT(names(change), ElementsAre("create", "stop", "set permissions"));
  const Json& body = action(change, "create")->body;
  EXPECT_EQ(body["enable_serverless_compute"], false);
  EXPECT_EQ(body["warehouse_type"], "CLASSIC");
  EXPECT_FALSE(body.contains("jdbc_url"));
  EXPECT_EQ(body["tags"]["custom_tags"],
            Json::array({{{"key", "lakeshift:source"}, {"value", "old/sql_warehouse/1"}}}));
  EXPECT_EQ(action(change, "stop")->path,
            "/api/2.0/sql/warehouses/${ref:sql_warehouse:probe:id}/stop");
}

TEST(SqlWarehouse, ServerlessIsSaidOutright) {
  const model::Change change =
      probe::plan(kind("sql_warehouse"),
                  {{"name", "w"}, {"enable_serverless_compute", true}, {"warehouse_type", "PRO"}});
  EXPECT_EQ(action(change, "create")->body["enable_serverless_compute"], true);
  EXPECT_EQ(action(change, "create")->body["warehouse_type"], "PRO");
}

TEST(SqlWarehouse, AnEditKeepsTheStampAndDoesNotStop) {
  const Json stamp = {{"key", "lakeshift:source"}, {"value", "old/sql_warehouse/1"}};
  const model::Object actual = there(
      "sql_warehouse", "w1",
      {{"name", "w"}, {"auto_stop_mins", 10}, {"tags", {{"custom_tags", Json::array({stamp})}}}});
  const Json desired = {{"name", "w"}, {"auto_stop_mins", 20}};
  const model::Change change = probe::plan(kind("sql_warehouse"), desired, &actual);
  ASSERT_THAT(names(change), ElementsAre("update"));
  EXPECT_EQ(change.actions[0].path, "/api/2.0/sql/warehouses/w1/edit");
  EXPECT_EQ(change.actions[0].body["tags"]["custom_tags"], Json::array({stamp}));
  const model::Object equal = there(
      "sql_warehouse", "w1",
      {{"name", "w"}, {"auto_stop_mins", 20}, {"tags", {{"custom_tags", Json::array({stamp})}}}});
  EXPECT_EQ(probe::plan(kind("sql_warehouse"), desired, &equal).verb, model::Verb::unchanged);
}

TEST(SqlWarehouse, DeletedOnesAreCountedOut) {
  auto platform =
      listing("/api/2.0/sql/warehouses", {{"warehouses",
                                           {{{"id", "1"}, {"name", "w"}, {"state", "RUNNING"}},
                                            {{"id", "2"}, {"name", "x"}, {"state", "DELETED"}}}}});
  const probe::Found found = probe::discover(kind("sql_warehouse"), platform);
  EXPECT_EQ(found.objects.size(), 1u);
  EXPECT_THAT(found.out_of_scope, ElementsAre("deleted"));
}

}  // namespace
}  // namespace lakeshift
