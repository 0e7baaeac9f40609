#include <gmock/gmock.h>

#include "knowledge/kinds/registry.h"
#include "knowledge/kinds/secret_texts.h"
#include "tests/unit/knowledge/kinds/kind_probe.h"

namespace lakeshift {
namespace {

using probe::action;
using probe::names;
using testing::ElementsAre;
using testing::UnorderedElementsAre;

const engine::Kind& cluster() { return *engine::find_kind(kinds::all_kinds(), "cluster"); }

Json wanted_cluster() {
  return {
      {"cluster_name", "etl"},
      {"spark_version", "15.4.x-scala2.12"},
      {"node_type_id", "Standard_D4ds_v5"},
      {"num_workers", 2},
      {"cluster_id", "0101-000000-aaaaaaaa"},
      {"state", "RUNNING"},
      {"$owner", {{"user_name", "ann@new.example"}}},
      {"$pinned", true},
      {"$libraries", {{{"pypi", {{"package", "pandas"}}}}, {{"whl", "/Workspace/Shared/a.whl"}}}},
      {"$permissions", {{{"group_name", "users"}, {"permission_level", "CAN_RESTART"}}}}};
}

model::Object in_target(Json document) {
  document["cluster_id"] = "t-1";
  model::Object object;
  object.id = {"new", "cluster", "t-1"};
  object.document = std::move(document);
  return object;
}

TEST(Cluster, IsCreatedThenTerminatedPinnedSharedAndHandedOver) {
  const model::Change change = probe::plan(cluster(), wanted_cluster());
  EXPECT_THAT(names(change), ElementsAre("create", "install libraries", "terminate", "pin",
                                         "set permissions", "change owner"));
  const Json& body = action(change, "create")->body;
  EXPECT_EQ(body["custom_tags"]["lakeshift:source"], "old/cluster/1");
  EXPECT_FALSE(body.contains("cluster_id"));
  EXPECT_FALSE(body.contains("state"));
  EXPECT_FALSE(body.contains("$owner"));
  EXPECT_EQ(action(change, "create")->binds, "cluster_id");
  EXPECT_EQ(action(change, "create")->effect, model::Effect::create);
  const Json own = engine::reference_to(change.id);
  for (const char* later : {"install libraries", "terminate", "pin", "change owner"})
    EXPECT_EQ(action(change, later)->body["cluster_id"], own) << later;
  EXPECT_EQ(action(change, "change owner")->body["owner_username"], "ann@new.example");
  EXPECT_EQ(action(change, "install libraries")->body["libraries"].size(), 2u);
}

TEST(Cluster, EverySettableFieldIsSentAndNothingGenerated) {
  Json document = probe::full_document(cluster().fields, probe::sent_at_creation);
  document.update(probe::full_document(cluster().fields, probe::generated));
  const model::Change change = probe::plan(cluster(), document);
  Json body = action(change, "create")->body;
  body["custom_tags"].erase("lakeshift:source");
  probe::expect_complete(cluster(), document, body);
  EXPECT_TRUE(body.contains("workload_type"));
  EXPECT_FALSE(body.contains("spark_context_id"));
}

TEST(Cluster, OwnedByTheCallerNeedsNoHandOver) {
  Json document = wanted_cluster();
  document["$owner"] = {{"user_name", "mover@new.example"}};
  EXPECT_EQ(action(probe::plan(cluster(), document), "change owner"), nullptr);
}

TEST(Cluster, AServicePrincipalCanOwn) {
  Json document = wanted_cluster();
  document["$owner"] = {
      {"service_principal_name", engine::reference_to("service_principal:x", "applicationId")}};
  const model::Change change = probe::plan(cluster(), document);
  EXPECT_EQ(action(change, "change owner")->body["owner_username"],
            engine::reference_to("service_principal:x", "applicationId"));
}

TEST(Cluster, EqualInTargetNeedsNoCall) {
  const model::Object actual = in_target(wanted_cluster());
  EXPECT_EQ(probe::plan(cluster(), wanted_cluster(), &actual).verb, model::Verb::unchanged);
}

TEST(Cluster, LibrariesOfATerminatedClusterNeedAStart) {
  Json there = wanted_cluster();
  there["state"] = "TERMINATED";
  there["$libraries"] = {{{"pypi", {{"package", "numpy"}}}}, {{"whl", "/Workspace/Shared/a.whl"}}};
  const model::Object actual = in_target(there);
  const model::Change change = probe::plan(cluster(), wanted_cluster(), &actual);
  EXPECT_THAT(names(change),
              ElementsAre("start", "install libraries", "uninstall libraries", "terminate"));
  EXPECT_EQ(action(change, "install libraries")->body["libraries"],
            Json::array({{{"pypi", {{"package", "pandas"}}}}}));
  EXPECT_EQ(action(change, "uninstall libraries")->body["libraries"],
            Json::array({{{"pypi", {{"package", "numpy"}}}}}));
  EXPECT_EQ(action(change, "start")->body["cluster_id"], "t-1");
}

TEST(Cluster, OneChangedFieldIsOneEdit) {
  Json there = wanted_cluster();
  there["num_workers"] = 7;
  there["custom_tags"] = {{"lakeshift:source", "old/cluster/1"}};
  const model::Object actual = in_target(there);
  const model::Change change = probe::plan(cluster(), wanted_cluster(), &actual);
  EXPECT_THAT(names(change), ElementsAre("update"));
  EXPECT_EQ(change.actions[0].path, "/api/2.1/clusters/edit");
  EXPECT_EQ(change.actions[0].body["cluster_id"], "t-1");
  EXPECT_EQ(change.actions[0].body["num_workers"], 2);
  EXPECT_EQ(change.actions[0].body["custom_tags"]["lakeshift:source"], "old/cluster/1");
}

TEST(Cluster, OwnerAndPinAreChangedByCallsOfTheirOwn) {
  Json there = wanted_cluster();
  there["$owner"] = {{"user_name", "bob@new.example"}};
  there["$pinned"] = false;
  const model::Object actual = in_target(there);
  EXPECT_THAT(names(probe::plan(cluster(), wanted_cluster(), &actual)),
              ElementsAre("pin", "terminate", "change owner"));
}

TEST(Cluster, AnUnknownOwnerLeavesTheOneInTheTarget) {
  Json desired = wanted_cluster();
  desired.erase("$owner");
  const model::Object actual = in_target(wanted_cluster());
  const model::Change change = probe::plan(cluster(), desired, &actual);
  EXPECT_EQ(change.verb, model::Verb::unchanged);
}

Result<Json> workspace_with_clusters(const engine::Call& call) {
  if (call.path == "/api/2.0/libraries/all-cluster-statuses")
    return Json{
        {"statuses",
         {{{"cluster_id", "c1"},
           {"library_statuses",
            {{{"library", {{"pypi", {{"package", "pandas"}}}}}, {"status", "INSTALLED"}},
             {{"library", {{"jar", "dbfs:/everywhere.jar"}}},
              {"is_library_for_all_clusters", true}},
             {{"library", {{"whl", "dbfs:/gone.whl"}}}, {"status", "UNINSTALL_ON_RESTART"}}}}}}}};
  if (call.path == "/api/2.1/clusters/list" && call.query.contains("filter_by.is_pinned"))
    return Json{{"clusters", {{{"cluster_id", "c1"}}}}};
  if (call.path == "/api/2.1/clusters/list")
    return Json{
        {"clusters",
         {{{"cluster_id", "c1"},
           {"cluster_name", "etl"},
           {"cluster_source", "UI"},
           {"creator_user_name", "ann@old.example"},
           {"instance_pool_id", "p1"},
           {"node_type_id", "Standard_D4ds_v5"},
           {"driver_node_type_id", "Standard_D4ds_v5"},
           {"enable_elastic_disk", true},
           {"aws_attributes", {{"zone_id", "auto"}, {"instance_profile_arn", "arn:x"}}},
           {"azure_attributes", {{"availability", "SPOT_AZURE"}}},
           {"autoscale", {{"min_workers", 1}, {"max_workers", 4}}},
           {"num_workers", 3},
           {"spark_conf",
            {{"fs.azure.account.key.a.dfs.core.windows.net", "c2VjcmV0LWNhbmFyeQ=="},
             {"spark.x.password", "{{secrets/s/k}}"}}},
           {"docker_image",
            {{"url", "r.example/i"}, {"basic_auth", {{"username", "u"}, {"password", "canary"}}}}}},
          {{"cluster_id", "c2"}, {"cluster_name", "job-1-run-2"}, {"cluster_source", "JOB"}},
          {{"cluster_id", "c3"}, {"cluster_name", "dlt"}, {"cluster_source", "PIPELINE"}},
          {{"cluster_id", "c4"}, {"cluster_name", "orphan"}, {"cluster_source", "API"}}}}};
  if (call.path.starts_with("/api/2.0/permissions/clusters/"))
    return Json{
        {"access_control_list",
         {{{"user_name", "ann@old.example"},
           {"all_permissions", {{{"permission_level", "CAN_MANAGE"}, {"inherited", false}}}}}}}};
  return fail("not-found", "no such call", call.path);
}

TEST(Cluster, DiscoveryKeepsTheEstateAndCountsTheRest) {
  probe::FakePlatform platform(workspace_with_clusters);
  const probe::Found found = probe::discover(cluster(), platform);
  ASSERT_TRUE(found.status) << found.status.error().to_text();
  EXPECT_EQ(found.listed, 4);
  ASSERT_EQ(found.objects.size(), 2u);
  EXPECT_THAT(
      found.out_of_scope,
      UnorderedElementsAre("made by a job run", "made and owned by the platform (PIPELINE)"));
  const Json& document = found.by_id("c1")->document;
  EXPECT_EQ(document["$pinned"], true);
  EXPECT_EQ(document["$owner"], (Json{{"user_name", "ann@old.example"}}));
  EXPECT_EQ(document["$libraries"], Json::array({{{"pypi", {{"package", "pandas"}}}}}));
  EXPECT_EQ(document["$permissions"].size(), 1u);
  EXPECT_EQ(found.by_id("c4")->document["$pinned"], false);
  EXPECT_TRUE(found.has_finding("cluster-owner-unknown", "creator_user_name"));
}

TEST(Cluster, DiscoveryDropsWhatThePoolAndAutoscalingDecide) {
  probe::FakePlatform platform(workspace_with_clusters);
  const probe::Found found = probe::discover(cluster(), platform);
  const Json& document = found.by_id("c1")->document;
  for (const char* name : {"node_type_id", "driver_node_type_id", "enable_elastic_disk",
                           "azure_attributes", "num_workers"})
    EXPECT_FALSE(document.contains(name)) << name;
  EXPECT_EQ(document["aws_attributes"], (Json{{"instance_profile_arn", "arn:x"}}));
}

TEST(Cluster, SecretsInClearNeverReachTheInventoryAndBlockTheCopy) {
  probe::FakePlatform platform(workspace_with_clusters);
  const probe::Found found = probe::discover(cluster(), platform);
  const Json& document = found.by_id("c1")->document;
  EXPECT_THAT(dump_json(document), testing::Not(testing::HasSubstr("canary")));
  EXPECT_THAT(dump_json(document), testing::Not(testing::HasSubstr("c2VjcmV0")));
  EXPECT_EQ(document["spark_conf"]["spark.x.password"], "{{secrets/s/k}}");
  EXPECT_TRUE(found.has_finding("credential-in-clear", "docker_image.basic_auth.password"));
  EXPECT_TRUE(found.has_finding("credential-in-clear",
                                "spark_conf.fs.azure.account.key.a.dfs.core.windows.net"));
  const model::Change change = probe::plan(cluster(), document);
  EXPECT_EQ(change.verb, model::Verb::blocked);
  EXPECT_EQ(change.code, "credential-in-clear");
  EXPECT_THAT(change.reason, testing::HasSubstr("docker_image.basic_auth.password"));
}

TEST(SecretTexts, KeysThatNameCredentials) {
  for (const char* key :
       {"spark.hadoop.fs.azure.account.key.x.dfs.core.windows.net",
        "fs.azure.account.oauth2.client.secret.x", "spark.hadoop.fs.s3a.secret.key",
        "AWS_SECRET_ACCESS_KEY", "spark.hadoop.javax.jdo.option.ConnectionPassword", "DB_PASSWORD",
        "DATADOG_API_KEY"})
    EXPECT_TRUE(kinds::names_a_credential(key)) << key;
  for (const char* key : {"spark.sql.shuffle.partitions", "fs.azure.account.oauth.provider.type.x",
                          "spark.ssl.keyStorePath", "fs.azure.account.oauth2.client.id.x",
                          "spark.databricks.delta.preview.enabled", "PASSWORD_FILE"})
    EXPECT_FALSE(kinds::names_a_credential(key)) << key;
}

}  // namespace
}  // namespace lakeshift
