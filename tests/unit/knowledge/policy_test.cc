#include "knowledge/clouds/policy_check.h"
#include "mapper_fixture.h"

namespace lakeshift::clouds::testing {
namespace {

struct RuleRow {
  const char* from;
  const char* to;
  const char* source;  // the definition
  const char* target;
  const char* finding;
};
class Policies : public ::testing::TestWithParam<RuleRow> {};

MappedDocument policy(std::string_view from, std::string_view to, std::string_view definition,
                      UserMapping user = {}) {
  return map(policy_kind(), from, to, Json{{"definition", definition}}.dump(), std::move(user));
}

UserMapping choices() {
  UserMapping user;
  user.node_types = {{"m5d.xlarge", "Standard_D4ds_v4"}, {"i3.xlarge", "Standard_L4s"}};
  user.storage = {{"abfss://code@acct.dfs.core.windows.net", "s3://code"},
                  {"s3://logs", "/Volumes/main/ops/logs"}};
  user.people = {{"*@old.example", "*@new.example"}};
  return user;
}

TEST_P(Policies, EveryRuleType) {
  const RuleRow& row = GetParam();
  auto mapped = policy(row.from, row.to, row.source, choices());
  EXPECT_TRUE(mapped.blockers.empty()) << records(mapped);
  EXPECT_EQ(json(mapped.document["definition"].get<std::string>()), json(row.target))
      << records(mapped);
  EXPECT_TRUE(*row.finding == 0 || has_finding(mapped, row.finding)) << records(mapped);
}

INSTANTIATE_TEST_SUITE_P(
    Rows, Policies,
    ::testing::Values(
        // node types
        RuleRow{
            "azure", "aws",
            R"({"node_type_id": {"type": "fixed", "value": "Standard_L8s_v2", "hidden": true}})",
            R"({"node_type_id": {"type": "fixed", "value": "i3.2xlarge", "hidden": true}})", ""},
        RuleRow{
            "azure", "aws",
            R"({"node_type_id": {"type": "allowlist", "values": ["Standard_L8s_v2", "Standard_D16ds_v4", "Standard_NC24ads_A100_v4"], "defaultValue": "Standard_L8s_v2"}})",
            R"({"node_type_id": {"type": "allowlist", "values": ["i3.2xlarge", "m5d.4xlarge"], "defaultValue": "i3.2xlarge"}})",
            "policy-value-dropped"},
        RuleRow{"azure", "aws",
                R"({"driver_node_type_id": {"type": "blocklist", "values": ["Standard_L8s_v2"]}})",
                R"({"driver_node_type_id": {"type": "blocklist", "values": ["i3.2xlarge"]}})",
                "policy-blocklist-approximate"},
        RuleRow{
            "azure", "aws",
            R"({"node_type_id": {"type": "regex", "pattern": "Standard_L(8|16)s_v2", "isOptional": true, "defaultValue": "Standard_L8s_v2"}})",
            R"({"node_type_id": {"type": "allowlist", "values": ["i3.4xlarge", "i3.2xlarge"], "isOptional": true, "defaultValue": "i3.2xlarge"}})",
            ""},
        RuleRow{"aws", "azure",
                R"({"node_type_id": {"type": "unlimited", "defaultValue": "m5d.xlarge"}})",
                R"({"node_type_id": {"type": "unlimited", "defaultValue": "Standard_D4ds_v4"}})",
                ""},
        RuleRow{"azure", "aws", R"({"node_type_id": {"type": "forbidden"}})",
                R"({"node_type_id": {"type": "forbidden"}})", ""},
        // types without local disk bring a volume with them
        RuleRow{"azure", "aws",
                R"({"node_type_id": {"type": "fixed", "value": "Standard_DS3_v2"}})",
                R"({"node_type_id": {"type": "fixed", "value": "m5.xlarge"},
                    "aws_attributes.ebs_volume_type": {"type": "fixed", "value": "GENERAL_PURPOSE_SSD"},
                    "aws_attributes.ebs_volume_count": {"type": "fixed", "value": 1},
                    "aws_attributes.ebs_volume_size": {"type": "fixed", "value": 100}})",
                ""},
        RuleRow{"azure", "aws",
                R"({"node_type_id": {"type": "allowlist", "values": ["Standard_DS3_v2", "auto"]}})",
                R"({"node_type_id": {"type": "allowlist", "values": ["m5.xlarge", "auto"]},
                    "aws_attributes.ebs_volume_type": {"type": "unlimited", "defaultValue": "GENERAL_PURPOSE_SSD", "isOptional": true},
                    "aws_attributes.ebs_volume_count": {"type": "unlimited", "defaultValue": 1, "isOptional": true},
                    "aws_attributes.ebs_volume_size": {"type": "unlimited", "defaultValue": 100, "isOptional": true}})",
                ""},
        // attributes
        RuleRow{
            "azure", "aws",
            R"({"azure_attributes.availability": {"type": "fixed", "value": "SPOT_WITH_FALLBACK_AZURE", "hidden": true}})",
            R"({"aws_attributes.availability": {"type": "fixed", "value": "SPOT_WITH_FALLBACK", "hidden": true}})",
            ""},
        RuleRow{
            "azure", "aws",
            R"({"azure_attributes.availability": {"type": "regex", "pattern": "SPOT_.*"}})",
            R"({"aws_attributes.availability": {"type": "allowlist", "values": ["SPOT", "SPOT_WITH_FALLBACK"]}})",
            ""},
        // A pattern that takes the same availabilities in the target's words stays.
        RuleRow{"azure", "aws",
                R"({"azure_attributes.availability": {"type": "regex", "pattern": "SPOT.*"}})",
                R"({"aws_attributes.availability": {"type": "regex", "pattern": "SPOT.*"}})", ""},
        RuleRow{
            "aws", "gcp",
            R"({"aws_attributes.availability": {"type": "blocklist", "values": ["SPOT"]}})",
            R"({"gcp_attributes.availability": {"type": "blocklist", "values": ["PREEMPTIBLE_GCP"]}})",
            ""},
        RuleRow{
            "azure", "aws",
            R"({"azure_attributes.first_on_demand": {"type": "range", "minValue": 1, "maxValue": 5, "defaultValue": 1}})",
            R"({"aws_attributes.first_on_demand": {"type": "range", "minValue": 1, "maxValue": 5, "defaultValue": 1}})",
            ""},
        RuleRow{"azure", "aws",
                R"({"azure_attributes.first_on_demand": {"type": "forbidden", "hidden": true}})",
                R"({"aws_attributes.first_on_demand": {"type": "forbidden", "hidden": true}})", ""},
        RuleRow{"azure", "aws",
                R"({"azure_attributes.spot_bid_max_price": {"type": "fixed", "value": -1}})",
                R"({"aws_attributes.spot_bid_price_percent": {"type": "fixed", "value": 100}})",
                ""},
        RuleRow{"aws", "azure",
                R"({"aws_attributes.spot_bid_price_percent": {"type": "range", "maxValue": 80}})",
                "{}", "policy-rule-dropped"},
        RuleRow{
            "aws", "azure",
            R"({"aws_attributes.zone_id": {"type": "fixed", "value": "us-east-1a"}, "aws_attributes.ebs_volume_count": {"type": "range", "minValue": 1}})",
            "{}", "policy-rule-dropped"},
        RuleRow{"gcp", "aws", R"({"gcp_attributes.zone_id": {"type": "fixed", "value": "HA"}})",
                R"({"aws_attributes.zone_id": {"type": "fixed", "value": "auto"}})", ""},
        RuleRow{"azure", "aws",
                R"({"azure_attributes.log_analytics_info.x": {"type": "unlimited"}})", "{}",
                "policy-rule-dropped"},
        RuleRow{"azure", "aws", R"({"gcp_attributes.availability": {"type": "forbidden"}})", "{}",
                ""},
        // runtime, conf, scripts, logs, people
        RuleRow{
            "azure", "aws",
            R"({"spark_version": {"type": "allowlist", "values": ["12.2.x-scala2.12", "13.3.x-scala2.12", "auto:latest-lts"]}})",
            R"({"spark_version": {"type": "allowlist", "values": ["13.3.x-scala2.12", "auto:latest-lts"]}})",
            "runtime-substituted"},
        RuleRow{"azure", "aws", R"({"spark_version": {"type": "regex", "pattern": "1[345].*"}})",
                R"({"spark_version": {"type": "regex", "pattern": "1[345].*"}})", ""},
        RuleRow{
            "azure", "aws",
            R"({"spark_conf.fs.azure.account.key.a.dfs.core.windows.net": {"type": "fixed", "value": "{{secrets/s/k}}"}, "spark_conf.my.key": {"type": "fixed", "value": "v"}})",
            R"({"spark_conf.my.key": {"type": "fixed", "value": "v"}})",
            "storage-credential-in-conf"},
        RuleRow{"azure", "aws", R"({"spark_conf.fs.azure.x": {"type": "forbidden"}})", "{}", ""},
        RuleRow{
            "azure", "aws",
            R"({"init_scripts.0.abfss.destination": {"type": "fixed", "value": "abfss://code@acct.dfs.core.windows.net/i.sh"}})",
            R"({"init_scripts.0.s3.destination": {"type": "fixed", "value": "s3://code/i.sh"}, "init_scripts.0.s3.region": {"type": "fixed", "value": "eu-west-1", "hidden": true}})",
            ""},
        RuleRow{"azure", "aws", R"({"init_scripts.*.abfss.destination": {"type": "forbidden"}})",
                R"({"init_scripts.*.s3.destination": {"type": "forbidden"}})", ""},
        RuleRow{
            "aws", "azure",
            R"({"cluster_log_conf.path": {"type": "fixed", "value": "s3://logs/x"}, "cluster_log_conf.type": {"type": "fixed", "value": "S3"}, "cluster_log_conf.region": {"type": "fixed", "value": "us-east-1"}})",
            R"({"cluster_log_conf.path": {"type": "fixed", "value": "/Volumes/main/ops/logs/x"}, "cluster_log_conf.type": {"type": "fixed", "value": "VOLUMES"}})",
            ""},
        RuleRow{"azure", "aws",
                R"({"single_user_name": {"type": "fixed", "value": "bob@old.example"}})",
                R"({"single_user_name": {"type": "fixed", "value": "bob@new.example"}})", ""},
        RuleRow{
            "azure", "aws",
            R"({"autotermination_minutes": {"type": "range", "minValue": 10, "maxValue": 60}, "num_workers": {"type": "range", "maxValue": 8}, "cluster_type": {"type": "fixed", "value": "job"}})",
            R"({"autotermination_minutes": {"type": "range", "minValue": 10, "maxValue": 60}, "num_workers": {"type": "range", "maxValue": 8}, "cluster_type": {"type": "fixed", "value": "job"}})",
            ""}),
    [](const auto& test) {
      return std::string(test.param.from) + "_" + test.param.to + "_" + std::to_string(test.index);
    });

TEST(MapPolicy, UnchangedTextIsKeptByteByByte) {
  const char* text = "{ \"num_workers\" :\n {\"type\":\"range\", \"maxValue\": 8} }";
  EXPECT_EQ(policy("azure", "aws", text).document["definition"], text);
}

TEST(MapPolicy, OverridesOfFamiliesToo) {
  auto mapped = map(
      policy_kind(), "azure", "aws",
      R"({"policy_family_definition_overrides": "{\"node_type_id\": {\"type\": \"fixed\", \"value\": \"Standard_L8s_v2\"}}"})");
  EXPECT_TRUE(contains(mapped.document["policy_family_definition_overrides"].get<std::string>(),
                       "i3.2xlarge"));
}

TEST(MapPolicy, PoolsAreNeedsById) {
  auto mapped = policy(
      "azure", "aws",
      R"({"instance_pool_id": {"type": "allowlist", "values": ["0101-p1", "0101-p2"], "defaultValue": "0101-p1"}})");
  ASSERT_EQ(mapped.needs.size(), 2u);
  EXPECT_EQ(mapped.needs[0].kind, "instance_pool");
  EXPECT_EQ(mapped.needs[0].key, "0101-p1");
  EXPECT_EQ(mapped.needs[0].path, "definition");
}

TEST(MapPolicy, WhatCannotBeSaidBlocks) {
  EXPECT_NE(
      blocker(policy("azure", "aws",
                     R"({"node_type_id": {"type": "fixed", "value": "Standard_NC24ads_A100_v4"}})"),
              "node-type-unmapped"),
      nullptr);
  EXPECT_NE(
      blocker(
          policy(
              "azure", "aws",
              R"({"node_type_id": {"type": "allowlist", "values": ["Standard_NC24ads_A100_v4"]}})"),
          "policy-allows-nothing"),
      nullptr);
  EXPECT_NE(blocker(policy("azure", "aws",
                           R"({"node_type_id": {"type": "regex", "pattern": "nothing.*"}})"),
                    "policy-allows-nothing"),
            nullptr);
  EXPECT_NE(
      blocker(policy("azure", "aws", R"({"node_type_id": {"type": "regex", "pattern": "(("}})"),
              "policy-regex-unreadable"),
      nullptr);
  EXPECT_NE(blocker(policy("azure", "aws", "no json"), "policy-not-json"), nullptr);
  EXPECT_NE(
      blocker(
          policy(
              "azure", "aws",
              R"({"init_scripts.0.abfss.destination": {"type": "fixed", "value": "abfss://x@y.dfs.core.windows.net/z"}})"),
          "storage-unmapped"),
      nullptr);
  EXPECT_NE(
      blocker(
          policy(
              "aws", "azure",
              R"({"aws_attributes.instance_profile_arn": {"type": "fixed", "value": "arn:aws:iam::1:instance-profile/x"}})"),
          "cloud-identity-unmapped"),
      nullptr);
}

TEST(MapPolicy, PasswordInClear) {
  auto mapped =
      policy("azure", "aws",
             R"({"docker_image.basic_auth.password": {"type": "fixed", "value": "CANARY1"}})");
  EXPECT_TRUE(has_finding(mapped, "credential-in-clear"));
  EXPECT_FALSE(contains(records(mapped), "CANARY1"));
}

TEST(MapPolicy, SameCloudMovesAccounts) {
  auto mapped = policy(
      "aws", "aws",
      R"({"aws_attributes.instance_profile_arn": {"type": "fixed", "value": "arn:aws:iam::111111111111:instance-profile/x"}, "node_type_id": {"type": "regex", "pattern": "m5.*"}})",
      {.accounts = {{"111111111111", "222222222222"}}});
  EXPECT_EQ(
      json(mapped.document["definition"].get<std::string>()),
      json(
          R"({"aws_attributes.instance_profile_arn": {"type": "fixed", "value": "arn:aws:iam::222222222222:instance-profile/x"}, "node_type_id": {"type": "regex", "pattern": "m5.*"}})"));
}

TEST(MapPolicy, MappedClusterObeysItsMappedPolicy) {
  auto rules = policy(
      "azure", "aws",
      R"({"node_type_id": {"type": "allowlist", "values": ["Standard_DS3_v2", "Standard_L8s_v2"]},
    "azure_attributes.availability": {"type": "fixed", "value": "SPOT_WITH_FALLBACK_AZURE"}, "azure_attributes.first_on_demand": {"type": "range", "minValue": 1}})");
  auto cluster = map(
      cluster_kind(), "azure", "aws",
      R"({"node_type_id": "Standard_DS3_v2", "azure_attributes": {"availability": "SPOT_WITH_FALLBACK_AZURE", "first_on_demand": 1}})");
  auto broken =
      check_against_policy(rules.document["definition"].get<std::string>(), cluster.document);
  ASSERT_TRUE(broken);
  EXPECT_TRUE(broken->empty()) << (*broken)[0].message;
  cluster.document["node_type_id"] = "m5.24xlarge";
  broken = check_against_policy(rules.document["definition"].get<std::string>(), cluster.document);
  ASSERT_EQ(broken->size(), 1u);
  EXPECT_EQ((*broken)[0].path, "node_type_id");
}

struct CheckRow {
  const char* rule;
  const char* spec;
  const char* broken;  // part of the message; empty: obeys
};
class PolicyChecks : public ::testing::TestWithParam<CheckRow> {};

TEST_P(PolicyChecks, Judge) {
  const CheckRow& row = GetParam();
  auto broken = check_against_policy(row.rule, json(row.spec), "job");
  ASSERT_TRUE(broken);
  if (*row.broken == 0) {
    EXPECT_TRUE(broken->empty()) << (*broken)[0].message;
  } else {
    ASSERT_EQ(broken->size(), 1u);
    EXPECT_TRUE(contains((*broken)[0].message, row.broken)) << (*broken)[0].message;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Rows, PolicyChecks,
    ::testing::Values(
        CheckRow{R"({"a": {"type": "fixed", "value": 1}})", R"({"a": 1})", ""},
        CheckRow{R"({"a": {"type": "fixed", "value": 1}})", R"({"a": 2})", "fixes 1"},
        CheckRow{R"({"a": {"type": "fixed", "value": true}})", R"({"a": "true"})", ""},
        CheckRow{R"({"a": {"type": "fixed", "value": 1}})", "{}", ""},
        CheckRow{R"({"a": {"type": "allowlist", "values": ["x"]}})", R"({"a": "y"})", "allows"},
        CheckRow{R"({"a": {"type": "allowlist", "values": ["x"]}})", "{}", "requires"},
        CheckRow{R"({"a": {"type": "allowlist", "values": ["x"], "isOptional": true}})", "{}", ""},
        CheckRow{R"({"a": {"type": "blocklist", "values": ["x"], "isOptional": true}})",
                 R"({"a": "x"})", "refuses"},
        CheckRow{R"({"a": {"type": "range", "minValue": 2, "maxValue": 4}})", R"({"a": 5})",
                 "at most 4"},
        CheckRow{R"({"a": {"type": "range", "minValue": 2, "maxValue": 4}})", R"({"a": "1"})",
                 "at least 2"},
        CheckRow{R"({"a": {"type": "range", "maxValue": 4}})", R"({"a": "many"})",
                 "a number is wanted"},
        CheckRow{R"({"a": {"type": "range", "maxValue": 4, "defaultValue": 3}})", "{}", "requires"},
        CheckRow{R"({"a": {"type": "range", "maxValue": 4, "defaultValue": 3}})",
                 R"({"apply_policy_default_values": true})", ""},
        CheckRow{R"({"a": {"type": "regex", "pattern": "x+"}})", R"({"a": "xxy"})", "match"},
        CheckRow{R"({"a": {"type": "forbidden"}})", R"({"a": 0})", "forbids"},
        CheckRow{R"({"a": {"type": "forbidden"}})", "{}", ""},
        CheckRow{R"({"spark_conf.a.b": {"type": "fixed", "value": "1"}})",
                 R"({"spark_conf": {"a.b": "2"}})", "fixes"},
        CheckRow{R"({"init_scripts.*.s3.destination": {"type": "forbidden"}})",
                 R"({"init_scripts": [{"s3": {"destination": "s3://x"}}]})", "forbids"},
        CheckRow{R"({"init_scripts.0.volumes.destination": {"type": "fixed", "value": "/a"}})",
                 R"({"init_scripts": [{"volumes": {"destination": "/b"}}]})", "fixes"},
        CheckRow{R"({"cluster_type": {"type": "fixed", "value": "all-purpose"}})", "{}", "fixes"},
        CheckRow{R"({"cluster_log_conf.type": {"type": "fixed", "value": "DBFS"}})",
                 R"({"cluster_log_conf": {"volumes": {"destination": "/Volumes/x"}}})", "fixes"},
        CheckRow{R"({"cluster_log_conf.path": {"type": "fixed", "value": "/Volumes/x"}})",
                 R"({"cluster_log_conf": {"volumes": {"destination": "/Volumes/x"}}})", ""},
        CheckRow{R"({"node_type_id": {"type": "allowlist", "values": ["x"]}})",
                 R"({"instance_pool_id": "p"})", ""},
        CheckRow{R"({"instance_pool_id": {"type": "fixed", "value": "${ref:instance_pool:a:id}"}})",
                 R"({"instance_pool_id": {"$ref": {"change": "c"}}})", ""},
        CheckRow{R"({"a.b": {"type": "unlimited", "isOptional": false}})", "{}", "requires"}),
    [](const auto& test) { return "row_" + std::to_string(test.index); });

TEST(PolicyCheck, BadDefinitionIsAnError) {
  auto broken = check_against_policy("{", Json::object());
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().code, "bad-json");
}

}  // namespace
}  // namespace lakeshift::clouds::testing
