// People, paths, storage, texts, configuration, images: everything but compute blocks and policies.
#include "mapper_fixture.h"

namespace lakeshift::clouds::testing {
namespace {

UserMapping people() {
  UserMapping user;
  user.people = {{"*@old.example", "*@new.example"}, {"Ann@old.example", "anna@new.example"}};
  user.groups = {{"data", "data-eng"}};
  user.applications = {
      {"11111111-2222-3333-4444-555555555555", "99999999-2222-3333-4444-555555555555"}};
  return user;
}

MappedDocument job(std::string_view document, UserMapping user, std::string_view from = "azure",
                   std::string_view to = "aws") {
  return map(job_kind(), from, to, document, std::move(user));
}

TEST(MapIdentity, ExactBeforeDomainIgnoringCase) {
  Mapper mapper(context("azure", "aws", people()));
  EXPECT_EQ(mapper.map_person("ann@OLD.example"), "anna@new.example");
  EXPECT_EQ(mapper.map_person("bob@old.example"), "bob@new.example");
  EXPECT_EQ(mapper.map_person("Bob@Old.Example"), "Bob@new.example");
  EXPECT_EQ(mapper.map_person("carl@elsewhere.example"), "carl@elsewhere.example");
  EXPECT_EQ(mapper.map_person("x@very.old.example"), "x@very.old.example");
  EXPECT_EQ(mapper.map_person("admins"), "admins");
}

TEST(MapIdentity, HomeFoldersFollowTheirOwner) {
  Mapper mapper(context("azure", "aws", people()));
  EXPECT_EQ(mapper.map_tree_path("/Users/ann@old.example/etl/x"), "/Users/anna@new.example/etl/x");
  EXPECT_EQ(mapper.map_tree_path("/Workspace/Users/bob@old.example"),
            "/Workspace/Users/bob@new.example");
  EXPECT_EQ(mapper.map_tree_path("/Repos/bob@old.example/repo"), "/Repos/bob@new.example/repo");
  EXPECT_EQ(mapper.map_tree_path("/Shared/ann@old.example"), "/Shared/ann@old.example");
  EXPECT_EQ(mapper.map_tree_path("/Users"), "/Users");
}

TEST(MapIdentity, EveryMeaning) {
  auto mapped =
      job(R"({"owner": "bob@old.example", "team": "data", "watchers": ["ann@old.example", "x@y.z"],
     "application": "11111111-2222-3333-4444-555555555555", "tasks": [{"email": "bob@old.example", "notebook_path": "/Users/bob@old.example/n"}]})",
          people());
  EXPECT_EQ(
      mapped.document,
      json(
          R"({"owner": "bob@new.example", "team": "data-eng", "watchers": ["anna@new.example", "x@y.z"],
     "application": "99999999-2222-3333-4444-555555555555", "tasks": [{"email": "bob@new.example", "notebook_path": "/Users/bob@new.example/n"}]})"));
  EXPECT_NE(decision(mapped, "watchers[0]"), nullptr);
  EXPECT_EQ(decision(mapped, "watchers[1]"), nullptr);
}

TEST(MapIdentity, PrincipalsAreTold) {
  EXPECT_EQ(job(R"({"owner": "data"})", people()).document["owner"], "data-eng");
  EXPECT_EQ(job(R"({"owner": "11111111-2222-3333-4444-555555555555"})", people()).document["owner"],
            "99999999-2222-3333-4444-555555555555");
  EXPECT_EQ(job(R"({"owner": "00000000-2222-3333-4444-555555555555"})", people()).document["owner"],
            "00000000-2222-3333-4444-555555555555");
}

TEST(MapIdentity, HomeOfAnApplicationWaitsForItsNewId) {
  const char* document =
      R"({"tasks": [{"notebook_path": "/Users/00000000-2222-3333-4444-555555555555/n"}]})";
  const Blocker* blocked = blocker(job(document, {}), "service-principal-home");
  EXPECT_NE(blocked, nullptr);
  EXPECT_TRUE(job(document, {}, "azure", "azure").blockers.empty());
  UserMapping user;
  user.applications["00000000-2222-3333-4444-555555555555"] =
      "77777777-2222-3333-4444-555555555555";
  EXPECT_EQ(job(document, user).document["tasks"][0]["notebook_path"],
            "/Users/77777777-2222-3333-4444-555555555555/n");
}

TEST(MapIdentity, HomesOfApplicationsOnBothSidesFollowTheirIds) {
  const auto principal = [](const char* side, const char* name, const char* application) {
    model::Object object;
    object.id = {side, "service_principal", std::string("id-") + application};
    object.key = name;
    object.document = {{"displayName", name}, {"applicationId", application}};
    return object;
  };
  model::Inventory source, target;
  source.side = "old";
  target.side = "new";
  source.objects = {principal("old", "etl", "a1"), principal("old", "twice", "a2"),
                    principal("old", "twice", "a3"), principal("old", "gone", "a4")};
  target.objects = {principal("new", "etl", "b1"), principal("new", "twice", "b2"),
                    principal("new", "twice", "b3")};
  state::LedgerRow row;
  row.source = source.objects[1].id;
  row.target_side = "new";
  row.target_id = "id-b3";
  EXPECT_EQ(pair_applications(source, target, {row}),
            (std::map<std::string, std::string>{{"a1", "b1"}, {"a2", "b3"}}));
  MappingContext context;
  context.from = context.to = find_cloud("aws");
  context.applications["00000000-2222-3333-4444-555555555555"] =
      "77777777-2222-3333-4444-555555555555";
  EXPECT_EQ(
      Mapper(std::move(context)).map_tree_path("/Users/00000000-2222-3333-4444-555555555555/n"),
      "/Users/77777777-2222-3333-4444-555555555555/n");
}

TEST(MapIdentity, CloudIdentitiesInListsAreDroppedWithAWord) {
  auto mapped = job(
      R"({"roles": ["arn:aws:iam::1:instance-profile/a", "arn:aws:iam::1:instance-profile/b"]})",
      {.instance_profiles = {{"arn:aws:iam::1:instance-profile/b", "kept"}}}, "aws", "azure");
  EXPECT_EQ(mapped.document["roles"], json(R"(["kept"])"));
  EXPECT_TRUE(has_finding(mapped, "cloud-identity-dropped"));
  EXPECT_TRUE(mapped.blockers.empty());
  mapped = job(R"({"profile": "arn:aws:iam::1:instance-profile/a"})", {}, "aws", "azure");
  EXPECT_NE(blocker(mapped, "cloud-identity-unmapped"), nullptr);
  mapped = job(R"({"profile": "arn:aws:iam::1:instance-profile/a"})",
               {.instance_profiles = {{"arn:aws:iam::1:instance-profile/a", ""}}}, "aws", "azure");
  EXPECT_FALSE(mapped.document.contains("profile"));
}

TEST(MapIdentity, Regions) {
  EXPECT_EQ(job(R"({"region": "westeurope"})", {.regions = {{"westeurope", "eu-central-1"}}})
                .document["region"],
            "eu-central-1");
  EXPECT_EQ(job(R"({"region": "westeurope"})", {}).document["region"],
            "eu-west-1");  // the target's own
  EXPECT_NE(blocker(job(R"({"region": "eu-west-1"})", {}, "aws", "azure"), "region-unmapped"),
            nullptr);
  EXPECT_EQ(job(R"({"region": "eu-west-1"})", {}, "aws", "aws").document["region"], "eu-west-1");
}

UserMapping lake() {
  UserMapping user;
  user.storage = {{"abfss://raw@lake.dfs.core.windows.net/", "s3://raw-new/"},
                  {"abfss://raw@lake.dfs.core.windows.net/special", "s3://special"},
                  {"dbfs:/mnt/raw", "/Volumes/main/raw/files"},
                  {"s3://old", "s3://new"}};
  return user;
}

TEST(MapStorage, LongestPrefixAtABoundary) {
  Mapper mapper(context("azure", "aws", lake()));
  bool mapped = false;
  EXPECT_EQ(mapper.map_storage("abfss://raw@lake.dfs.core.windows.net/a/b", &mapped),
            "s3://raw-new/a/b");
  EXPECT_TRUE(mapped);
  EXPECT_EQ(mapper.map_storage("abfss://raw@lake.dfs.core.windows.net/special/x", nullptr),
            "s3://special/x");
  EXPECT_EQ(mapper.map_storage("abfss://raw@lake.dfs.core.windows.net/specialist", nullptr),
            "s3://raw-new/specialist");
  EXPECT_EQ(mapper.map_storage("abfss://raw@lake.dfs.core.windows.net", nullptr), "s3://raw-new");
  EXPECT_EQ(mapper.map_storage("abfss://raw2@lake.dfs.core.windows.net/a", &mapped),
            "abfss://raw2@lake.dfs.core.windows.net/a");
  EXPECT_FALSE(mapped);
}

TEST(MapStorage, OtherSpellingsOfTheSamePlace) {
  Mapper mapper(context("azure", "aws", lake()));
  EXPECT_EQ(mapper.map_storage("wasbs://raw@lake.blob.core.windows.net/a", nullptr),
            "s3://raw-new/a");
  EXPECT_EQ(mapper.map_storage("ABFS://raw@lake.dfs.core.windows.net/a", nullptr),
            "s3://raw-new/a");
  EXPECT_EQ(mapper.map_storage("s3a://old/x", nullptr), "s3a://new/x");
  EXPECT_EQ(mapper.map_storage("/dbfs/mnt/raw/x.csv", nullptr), "/Volumes/main/raw/files/x.csv");
  EXPECT_EQ(mapper.map_storage("/mnt/raw/x.csv", nullptr), "/Volumes/main/raw/files/x.csv");
  EXPECT_EQ(mapper.map_storage("/mnt/rawer/x.csv", nullptr), "/mnt/rawer/x.csv");
}

TEST(MapStorage, UnmappedForeignStorageBlocksWhatMustWork) {
  auto mapped = job(R"({"tasks": [{"jar": "abfss://jars@acct.dfs.core.windows.net/x.jar"}]})", {});
  const Blocker* blocked = blocker(mapped, "storage-unmapped");
  ASSERT_NE(blocked, nullptr);
  EXPECT_TRUE(
      contains(blocked->remedy, "storage: {\"abfss://jars@acct.dfs.core.windows.net\": \"s3://"))
      << blocked->remedy;
  EXPECT_EQ(blocked->path, "tasks[0].jar");
  // The same cloud's buckets may stay.
  EXPECT_TRUE(
      job(R"({"tasks": [{"jar": "s3://bucket/x.jar"}]})", {}, "aws", "aws").blockers.empty());
  EXPECT_EQ(job(R"({"tasks": [{"jar": "s3://old/x.jar"}]})", lake(), "aws", "aws")
                .document["tasks"][0]["jar"],
            "s3://new/x.jar");
}

TEST(MapStorage, PathsOfTheWorkspaceFileSystem) {
  EXPECT_TRUE(has_finding(job(R"({"tasks": [{"jar": "dbfs:/mnt/lib/x.jar"}]})", {}), "mount-path"));
  EXPECT_TRUE(
      has_finding(job(R"({"tasks": [{"jar": "dbfs:/FileStore/x.jar"}]})", {}), "dbfs-path"));
  EXPECT_TRUE(job(R"({"tasks": [{"jar": "/Volumes/a/b/c.jar"}]})", {}).findings.empty());
  auto mapped = job(
      R"({"tasks": [{"jar": "/Workspace/Users/bob@old.example/x.whl", "python_file": "dbfs:/mnt/raw/x.py"}]})",
      [] {
        UserMapping both = people();
        both.storage = lake().storage;
        return both;
      }());
  EXPECT_EQ(mapped.document["tasks"][0]["jar"], "/Workspace/Users/bob@new.example/x.whl");
  EXPECT_EQ(mapped.document["tasks"][0]["python_file"], "/Volumes/main/raw/files/x.py");
}

TEST(MapText, RewritesWhatIsCertainAndReportsTheRest) {
  UserMapping user = people();
  user.storage = lake().storage;
  user.accounts["111111111111"] = "222222222222";
  auto mapped = job(
      R"({"tasks": [{"parameters": ["--in=abfss://raw@lake.dfs.core.windows.net/a", "--out", "wasbs://x@y.blob.core.windows.net/z",
     "https://ADB-1.2.azuredatabricks.net/?o=7", "/Users/bob@old.example/x", "arn:aws:iam::111111111111:role/r", "bucket-111111111111", "/mnt/raw/f and /mnt/other/g"]}]})",
      user);
  EXPECT_EQ(
      mapped.document["tasks"][0]["parameters"],
      json(
          R"(["--in=s3://raw-new/a", "--out", "wasbs://x@y.blob.core.windows.net/z", "https://dbc-9.cloud.databricks.com/?o=7",
                   "/Users/bob@new.example/x", "arn:aws:iam::222222222222:role/r", "bucket-111111111111", "/Volumes/main/raw/files/f and /mnt/other/g"])"));
  EXPECT_TRUE(has_finding(mapped, "storage-unmapped"));
  EXPECT_TRUE(has_finding(mapped, "mount-path"));
  EXPECT_TRUE(mapped.blockers.empty());
}

TEST(MapText, SecretsAreNeeds) {
  auto mapped = job(
      R"({"tasks": [{"parameters": ["{{secrets/kv/db-password}}", "x {{ secrets/kv/other }} y"]}]})",
      {});
  ASSERT_EQ(mapped.needs.size(), 2u);
  EXPECT_EQ(mapped.needs[0].kind, "secret");
  EXPECT_EQ(mapped.needs[0].key, "kv/db-password");
  EXPECT_EQ(mapped.needs[1].key, "kv/other");
  EXPECT_FALSE(has_finding(mapped, "credential-in-clear"));
}

TEST(MapText, CredentialsInClearAreReportedRedacted) {
  auto mapped = job(
      R"({"tasks": [{"parameters": ["--key=AKIAABCDEFGHIJKLMNOP", "password='hunter22x'"]}]})", {});
  EXPECT_TRUE(has_finding(mapped, "credential-in-clear"));
  EXPECT_FALSE(contains(records(mapped), "AKIAABCDEFGHIJKLMNOP"));
  EXPECT_FALSE(contains(records(mapped), "hunter22x"));
}

struct ConfRow {
  const char* from;
  const char* to;
  const char* key;
  const char* value;
  bool kept;
  const char* finding;
};
class Conf : public ::testing::TestWithParam<ConfRow> {};

TEST_P(Conf, KeysOfOneCloudGoAway) {
  const ConfRow& row = GetParam();
  auto mapped = job(Json{{"conf", {{row.key, row.value}}}}.dump(), {}, row.from, row.to);
  EXPECT_EQ(mapped.document["conf"].contains(row.key), row.kept) << records(mapped);
  EXPECT_TRUE(*row.finding == 0 || has_finding(mapped, row.finding)) << records(mapped);
  if (*row.finding == 0) {
    EXPECT_TRUE(mapped.findings.empty()) << records(mapped);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Rows, Conf,
    ::testing::Values(
        ConfRow{"azure", "aws", "fs.azure.account.key.acct.dfs.core.windows.net",
                "{{secrets/kv/key}}", false, "storage-credential-in-conf"},
        ConfRow{"azure", "aws", "spark.hadoop.fs.azure.account.auth.type.acct.dfs.core.windows.net",
                "OAuth", false, "storage-credential-in-conf"},
        ConfRow{"azure", "aws", "fs.azure.account.oauth2.client.endpoint.acct.dfs.core.windows.net",
                "https://login", false, "storage-credential-in-conf"},
        ConfRow{"azure", "aws", "fs.azure.sas.fixed.token.acct.dfs.core.windows.net", "sv=1", false,
                "credential-in-clear"},
        ConfRow{"azure", "azure", "fs.azure.account.key.acct.dfs.core.windows.net",
                "{{secrets/kv/key}}", true, ""},
        ConfRow{"azure", "azure", "fs.azure.account.key.acct.dfs.core.windows.net", "c2VjcmV0",
                true, "credential-in-clear"},
        ConfRow{"aws", "azure", "spark.hadoop.fs.s3a.access.key", "AKIA", false,
                "credential-in-clear"},
        ConfRow{"aws", "azure", "fs.s3a.bucket.b.endpoint", "s3.eu", false, "conf-cloud-only"},
        ConfRow{"aws", "azure", "spark.databricks.hive.metastore.glueCatalog.enabled", "true",
                false, "conf-cloud-only"},
        ConfRow{"aws", "azure", "spark.hadoop.hive.metastore.glue.catalogid", "1", false,
                "conf-cloud-only"},
        ConfRow{"gcp", "aws", "spark.hadoop.fs.gs.project.id", "p", false, "conf-cloud-only"},
        ConfRow{"gcp", "aws", "google.cloud.auth.service.account.enable", "true", false,
                "storage-credential-in-conf"},
        ConfRow{"azure", "aws", "spark.hadoop.javax.jdo.option.ConnectionURL", "jdbc:mysql://h/db",
                true, "external-metastore"},
        ConfRow{"azure", "aws", "javax.jdo.option.ConnectionPassword", "pw123456", true,
                "credential-in-clear"},
        ConfRow{"azure", "aws", "spark.sql.shuffle.partitions", "8", true, ""},
        ConfRow{"azure", "aws", "my.place", "abfss://c@a.dfs.core.windows.net/x", true,
                "storage-unmapped"}),
    [](const auto& test) {
      return std::string(test.param.from) + "_" + test.param.to + "_" + std::to_string(test.index);
    });

TEST(MapConf, NoCredentialInAnyRecord) {
  auto mapped = job(
      R"({"conf": {"fs.azure.account.key.a.dfs.core.windows.net": "CANARY0123", "x.password": "CANARY4567", "spark.hadoop.fs.azure.account.oauth2.client.secret.a": "CANARY89"},
    "environment": {"AZURE_CLIENT_SECRET": "CANARYenv", "DB_PASSWORD": "CANARYenv2"}})",
      {});
  EXPECT_FALSE(contains(records(mapped), "CANARY"));
  EXPECT_FALSE(mapped.document["conf"].contains("fs.azure.account.key.a.dfs.core.windows.net"));
  EXPECT_EQ(mapped.document["environment"], json(R"({"DB_PASSWORD": "CANARYenv2"})"));
}

TEST(MapConf, UserDecides) {
  UserMapping user;
  user.conf = {{"fs.azure.a", "keep"}, {"b", "drop"}, {"c", "=new"}};
  EXPECT_EQ(job(R"({"conf": {"fs.azure.a": "1", "b": "2", "c": "3"}})", user).document["conf"],
            json(R"({"fs.azure.a": "1", "c": "new"})"));
}

TEST(MapConf, EnvironmentOfTheOtherCloudGoesAway) {
  auto mapped = job(
      R"({"environment": {"AWS_REGION": "eu-west-1", "PYSPARK_PYTHON": "/x", "LAKE": "s3://old/x"}})",
      {.storage = {{"s3://old", "abfss://c@a.dfs.core.windows.net"}}}, "aws", "azure");
  EXPECT_EQ(mapped.document["environment"],
            json(R"({"PYSPARK_PYTHON": "/x", "LAKE": "abfss://c@a.dfs.core.windows.net/x"})"));
  EXPECT_TRUE(has_finding(mapped, "environment-cloud-only"));
}

TEST(MapImage, Registries) {
  UserMapping user;
  user.registries = {{"acme.azurecr.io", "1.dkr.ecr.eu-west-1.amazonaws.com"},
                     {"acme.azurecr.io/ml", "ghcr.io/acme/ml"}};
  EXPECT_EQ(job(R"({"image": "acme.azurecr.io/etl:1"})", user).document["image"],
            "1.dkr.ecr.eu-west-1.amazonaws.com/etl:1");
  EXPECT_EQ(job(R"({"image": "acme.azurecr.io/ml/x:1"})", user).document["image"],
            "ghcr.io/acme/ml/x:1");
  EXPECT_NE(blocker(job(R"({"image": "other.azurecr.io/x"})", user), "image-unmapped"), nullptr);
  EXPECT_TRUE(job(R"({"image": "docker.io/library/x"})", user).blockers.empty());
  EXPECT_NE(blocker(job(R"({"image": "1.dkr.ecr.eu-west-1.amazonaws.com/x"})", {}, "aws", "azure"),
                    "image-unmapped"),
            nullptr);
  EXPECT_NE(blocker(job(R"({"image": "europe-docker.pkg.dev/p/x"})", {}, "gcp", "azure"),
                    "image-unmapped"),
            nullptr);
  EXPECT_EQ(job(R"({"image": "111111111111.dkr.ecr.eu-west-1.amazonaws.com/x"})",
                {.accounts = {{"111111111111", "222222222222"}}}, "aws", "aws")
                .document["image"],
            "222222222222.dkr.ecr.eu-west-1.amazonaws.com/x");
}

TEST(MapImage, ALoginOfItsOwnAnswersFromAnywhere) {
  auto mapped = map(
      cluster_kind(), "azure", "aws",
      R"({"docker_image": {"url": "a.azurecr.io/x", "basic_auth": {"username": "u", "password": "{{secrets/s/k}}"}}})");
  EXPECT_TRUE(mapped.blockers.empty());
  EXPECT_TRUE(has_finding(mapped, "image-in-source-cloud"));
  ASSERT_EQ(mapped.needs.size(), 1u);
  EXPECT_EQ(mapped.needs[0].key, "s/k");
}

struct DestinationRow {
  const char* from;
  const char* to;
  const char* member;
  const char* source;
  const char* target;
  const char* blocked;
};
class Destinations : public ::testing::TestWithParam<DestinationRow> {};

TEST_P(Destinations, FollowTheStorageMap) {
  const DestinationRow& row = GetParam();
  UserMapping user = people();
  user.storage = {{"s3://logs", "/Volumes/main/ops/logs"},
                  {"s3://code", "abfss://code@acct.dfs.core.windows.net"},
                  {"abfss://code@acct.dfs.core.windows.net", "s3://code"},
                  {"dbfs:/cluster-logs", "/Volumes/main/ops/cluster"},
                  {"gs://code", "s3://gcode"}};
  auto mapped =
      map(cluster_kind(), row.from, row.to, Json{{row.member, json(row.source)}}.dump(), user);
  if (*row.blocked != 0) {
    EXPECT_NE(blocker(mapped, row.blocked), nullptr) << records(mapped);
    return;
  }
  EXPECT_TRUE(mapped.blockers.empty()) << records(mapped);
  EXPECT_EQ(mapped.document[row.member], json(row.target)) << records(mapped);
}

INSTANTIATE_TEST_SUITE_P(
    Rows, Destinations,
    ::testing::Values(
        DestinationRow{
            "aws", "azure", "cluster_log_conf",
            R"({"s3": {"destination": "s3://logs/x", "region": "us-east-1", "kms_key": "k"}})",
            R"({"volumes": {"destination": "/Volumes/main/ops/logs/x"}})", ""},
        DestinationRow{"aws", "azure", "cluster_log_conf",
                       R"({"s3": {"destination": "s3://code/x", "region": "us-east-1"}})", "",
                       "log-destination-unmapped"},
        DestinationRow{"aws", "azure", "cluster_log_conf",
                       R"({"s3": {"destination": "s3://else/x"}})", "", "storage-unmapped"},
        DestinationRow{"azure", "aws", "cluster_log_conf",
                       R"({"dbfs": {"destination": "dbfs:/cluster-logs/a"}})",
                       R"({"volumes": {"destination": "/Volumes/main/ops/cluster/a"}})", ""},
        DestinationRow{"azure", "aws", "cluster_log_conf",
                       R"({"dbfs": {"destination": "dbfs:/elsewhere"}})",
                       R"({"dbfs": {"destination": "dbfs:/elsewhere"}})", ""},
        DestinationRow{
            "aws", "aws", "cluster_log_conf",
            R"({"s3": {"destination": "s3://keep/x", "region": "us-east-1", "enable_encryption": true}})",
            R"({"s3": {"destination": "s3://keep/x", "region": "us-east-1", "enable_encryption": true}})",
            ""},
        DestinationRow{
            "azure", "aws", "init_scripts",
            R"([{"abfss": {"destination": "abfss://code@acct.dfs.core.windows.net/i.sh"}}])",
            R"([{"s3": {"destination": "s3://code/i.sh", "region": "eu-west-1"}}])", ""},
        DestinationRow{
            "aws", "azure", "init_scripts",
            R"([{"s3": {"destination": "s3://code/i.sh", "region": "us-east-1"}}])",
            R"([{"abfss": {"destination": "abfss://code@acct.dfs.core.windows.net/i.sh"}}])", ""},
        DestinationRow{
            "gcp", "aws", "init_scripts", R"([{"gcs": {"destination": "gs://code/i.sh"}}])",
            R"([{"s3": {"destination": "s3://gcode/i.sh", "region": "eu-west-1"}}])", ""},
        DestinationRow{"azure", "aws", "init_scripts",
                       R"([{"abfss": {"destination": "abfss://x@y.dfs.core.windows.net/i.sh"}}])",
                       "", "storage-unmapped"},
        DestinationRow{
            "azure", "aws", "init_scripts",
            R"([{"workspace": {"destination": "/Users/bob@old.example/i.sh"}}, {"volumes": {"destination": "/Volumes/a/b/c.sh"}}, {"file": {"destination": "file:/x.sh"}}])",
            R"([{"workspace": {"destination": "/Users/bob@new.example/i.sh"}}, {"volumes": {"destination": "/Volumes/a/b/c.sh"}}, {"file": {"destination": "file:/x.sh"}}])",
            ""}),
    [](const auto& test) {
      return std::string(test.param.from) + "_" + test.param.to + "_" + std::to_string(test.index);
    });

TEST(MapDestinations, InitScriptsOnDbfsAreReported) {
  EXPECT_TRUE(has_finding(map(cluster_kind(), "azure", "aws",
                              R"({"init_scripts": [{"dbfs": {"destination": "dbfs:/x.sh"}}]})"),
                          "init-script-on-dbfs"));
}

TEST(MapOverrides, HaveTheLastWord) {
  UserMapping user;
  user.fields = {{"job", "*", "tasks[0].jar", "\"s3://mine/x.jar\""},
                 {"job", "*", "team", "null"},
                 {"cluster", "*", "owner", "\"no\""},
                 {"job", "*", "owner.x[3]", "1"}};
  auto mapped = job(
      R"({"team": "t", "owner": "o", "tasks": [{"jar": "abfss://c@a.dfs.core.windows.net/x.jar"}]})",
      user);
  EXPECT_TRUE(mapped.blockers.empty());
  EXPECT_EQ(mapped.document, json(R"({"owner": "o", "tasks": [{"jar": "s3://mine/x.jar"}]})"));
  EXPECT_TRUE(has_finding(mapped, "override-without-place"));
}

TEST(MapDocument, SameInputSameOutput) {
  const char* document =
      R"({"tasks": [{"parameters": ["abfss://raw@lake.dfs.core.windows.net/a"]}], "owner": "bob@old.example"})";
  EXPECT_EQ(records(job(document, people())), records(job(document, people())));
  EXPECT_TRUE(job("[]", {}).document.is_array());
  EXPECT_TRUE(job("null", {}).decisions.empty());
}

}  // namespace
}  // namespace lakeshift::clouds::testing
