// The rows of the design's table of compute fields (5.11), in every direction they speak of.
#include "mapper_fixture.h"

namespace lakeshift::clouds::testing {
namespace {

struct AttributeRow {
  const char* what;
  const char* from;
  const char* to;
  const char* source;  // the source cloud's block
  const char* target;  // what the target's block must be
};

std::string block_of(std::string_view cloud) { return std::string(find_cloud(cloud)->attributes); }

class Attributes : public ::testing::TestWithParam<AttributeRow> {};

TEST_P(Attributes, AreTranslated) {
  const AttributeRow& row = GetParam();
  // A node type with local disk on every cloud: volumes have a test of their own.
  const char* node = std::string(row.from) == "azure" ? "Standard_L8s_v2"
                     : std::string(row.from) == "aws" ? "i3.2xlarge"
                                                      : "n2-standard-8";
  Json document = {{"node_type_id", node}, {block_of(row.from), json(row.source)}};
  UserMapping user;
  user.node_types = {
      {"n2-standard-8", std::string(row.to) == "aws" ? "m5d.2xlarge" : "Standard_D8ds_v4"},
      {"Standard_L8s_v2", std::string(row.to) == "aws" ? "i3.2xlarge" : "n2-standard-8"},
      {"i3.2xlarge", std::string(row.to) == "azure" ? "Standard_L8s_v2" : "n2-standard-8"}};
  MappedDocument mapped = map(cluster_kind(), row.from, row.to, document.dump(), user);
  EXPECT_TRUE(mapped.blockers.empty()) << records(mapped);
  EXPECT_FALSE(mapped.document.contains(block_of(row.from)));
  EXPECT_EQ(mapped.document[block_of(row.to)], json(row.target)) << records(mapped);
}

INSTANTIATE_TEST_SUITE_P(
    Clusters, Attributes,
    ::testing::Values(
        AttributeRow{"on demand", "azure", "aws",
                     R"({"availability": "ON_DEMAND_AZURE", "first_on_demand": 1})",
                     R"({"availability": "ON_DEMAND", "first_on_demand": 1, "zone_id": "auto"})"},
        AttributeRow{
            "spot", "azure", "aws",
            R"({"availability": "SPOT_AZURE", "first_on_demand": 2, "spot_bid_max_price": -1})",
            R"({"availability": "SPOT", "first_on_demand": 2, "spot_bid_price_percent": 100, "zone_id": "auto"})"},
        AttributeRow{"fallback", "azure", "aws", R"({"availability": "SPOT_WITH_FALLBACK_AZURE"})",
                     R"({"availability": "SPOT_WITH_FALLBACK", "zone_id": "auto"})"},
        AttributeRow{"nothing said on Azure is on demand, on AWS it would be spot", "azure", "aws",
                     "{}", R"({"availability": "ON_DEMAND", "zone_id": "auto"})"},
        AttributeRow{"nothing said on AWS is spot with fallback", "aws", "azure", "{}",
                     R"({"availability": "SPOT_WITH_FALLBACK_AZURE"})"},
        AttributeRow{
            "back", "aws", "azure",
            R"({"availability": "SPOT", "first_on_demand": 2, "spot_bid_price_percent": 100, "zone_id": "us-east-1a"})",
            R"({"availability": "SPOT_AZURE", "first_on_demand": 2, "spot_bid_max_price": -1})"},
        AttributeRow{
            "aws to gcp", "aws", "gcp",
            R"({"availability": "SPOT_WITH_FALLBACK", "zone_id": "us-east-1a", "spot_bid_price_percent": 100})",
            R"({"availability": "PREEMPTIBLE_WITH_FALLBACK_GCP", "zone_id": "auto"})"},
        AttributeRow{"gcp to aws", "gcp", "aws",
                     R"({"availability": "PREEMPTIBLE_GCP", "zone_id": "HA"})",
                     R"({"availability": "SPOT", "zone_id": "auto"})"},
        AttributeRow{"gcp to azure", "gcp", "azure",
                     R"({"availability": "ON_DEMAND_GCP", "zone_id": "auto"})",
                     R"({"availability": "ON_DEMAND_AZURE"})"},
        AttributeRow{"old preemptible flag", "gcp", "azure",
                     R"({"use_preemptible_executors": true})", R"({"availability": "SPOT_AZURE"})"},
        AttributeRow{"azure to gcp", "azure", "gcp",
                     R"({"availability": "SPOT_WITH_FALLBACK_AZURE", "spot_bid_max_price": -1})",
                     R"({"availability": "PREEMPTIBLE_WITH_FALLBACK_GCP", "zone_id": "auto"})"}),
    [](const auto& test) {
      return std::string(test.param.from) + "_" + test.param.to + "_" + std::to_string(test.index);
    });

TEST(MapCompute, SpotPriceCapNeedsADecision) {
  auto mapped = map(
      cluster_kind(), "azure", "aws",
      R"({"node_type_id": "Standard_L8s_v2", "azure_attributes": {"availability": "SPOT_AZURE", "spot_bid_max_price": 0.5}})");
  EXPECT_EQ(mapped.document["aws_attributes"]["spot_bid_price_percent"], 100);
  EXPECT_TRUE(has_finding(mapped, "spot-price-cap"));
  mapped = map(
      cluster_kind(), "aws", "azure",
      R"({"node_type_id": "i3.2xlarge", "aws_attributes": {"availability": "SPOT", "spot_bid_price_percent": 60}})",
      {.node_types = {{"i3.2xlarge", "Standard_L8s_v2"}}});
  EXPECT_EQ(mapped.document["azure_attributes"]["spot_bid_max_price"], -1);
  EXPECT_TRUE(has_finding(mapped, "spot-price-cap"));
}

TEST(MapCompute, NodeTypesWithoutDiskGetOneVolumeOnAws) {
  auto mapped = map(cluster_kind(), "azure", "aws",
                    R"({"node_type_id": "Standard_DS3_v2", "driver_node_type_id": "Standard_E8s_v3",
    "spark_version": "15.4.x-scala2.12", "azure_attributes": {"availability": "ON_DEMAND_AZURE"}, "enable_elastic_disk": true})");
  EXPECT_EQ(mapped.document["node_type_id"], "m5.xlarge");
  EXPECT_EQ(mapped.document["driver_node_type_id"], "r5.2xlarge");
  EXPECT_EQ(mapped.document["aws_attributes"]["ebs_volume_count"], 1);
  EXPECT_EQ(mapped.document["aws_attributes"]["ebs_volume_size"], 100);
  EXPECT_EQ(mapped.document["aws_attributes"]["ebs_volume_type"], "GENERAL_PURPOSE_SSD");
  EXPECT_FALSE(mapped.document.contains("enable_elastic_disk"));
  ASSERT_NE(decision(mapped, "node_type_id"), nullptr);
  EXPECT_TRUE(contains(decision(mapped, "node_type_id")->explanation, "distance 0.00"));
  EXPECT_TRUE(contains(decision(mapped, "node_type_id")->explanation, "next "));
  ASSERT_NE(decision(mapped, "aws_attributes.ebs_volume_count"), nullptr);
  EXPECT_TRUE(has_finding(mapped, "node-type-previous-generation"));
}

TEST(MapCompute, DriverWithoutDiskNeedsTheVolumeToo) {
  auto mapped =
      map(cluster_kind(), "azure", "aws",
          R"({"node_type_id": "Standard_L8s_v2", "driver_node_type_id": "Standard_DS3_v2"})");
  EXPECT_EQ(mapped.document["aws_attributes"]["ebs_volume_count"], 1);
  mapped = map(cluster_kind(), "azure", "aws", R"({"node_type_id": "Standard_L8s_v2"})");
  EXPECT_FALSE(mapped.document["aws_attributes"].contains("ebs_volume_count"));
}

TEST(MapCompute, VolumesGoAwayFromAws) {
  const char* document =
      R"({"node_type_id": "m5d.xlarge", "aws_attributes": {"availability": "ON_DEMAND", "ebs_volume_type": "GENERAL_PURPOSE_SSD",
    "ebs_volume_count": 3, "ebs_volume_size": 500, "ebs_volume_iops": 3000, "ebs_volume_throughput": 125}})";
  auto with_disk = map(cluster_kind(), "aws", "azure", document,
                       {.node_types = {{"m5d.xlarge", "Standard_D4ds_v4"}}});
  EXPECT_EQ(with_disk.document["azure_attributes"], json(R"({"availability": "ON_DEMAND_AZURE"})"));
  EXPECT_FALSE(has_finding(with_disk, "disk-dropped"));
  EXPECT_NE(decision(with_disk, "aws_attributes.ebs_volume_count"), nullptr);
  auto without = map(cluster_kind(), "aws", "azure", document,
                     {.node_types = {{"m5d.xlarge", "Standard_D4s_v5"}}});
  EXPECT_TRUE(has_finding(without, "disk-dropped"));
}

TEST(MapCompute, LocalDisksOfGcpBecomeVolumesOnAws) {
  auto mapped = map(
      cluster_kind(), "gcp", "aws",
      R"({"node_type_id": "n2-standard-4", "gcp_attributes": {"availability": "ON_DEMAND_GCP", "local_ssd_count": 2, "boot_disk_size": 100}})",
      {.node_types = {{"n2-standard-4", "m5.xlarge"}}});
  EXPECT_EQ(mapped.document["aws_attributes"]["ebs_volume_count"], 2);
  EXPECT_EQ(mapped.document["aws_attributes"]["ebs_volume_size"], 375);
  EXPECT_TRUE(has_finding(mapped, "attribute-dropped"));  // boot disk
}

TEST(MapCompute, WhatOnlyOneCloudHasIsReported) {
  auto mapped = map(
      cluster_kind(), "azure", "aws",
      R"({"node_type_id": "Standard_L8s_v2", "remote_disk_throughput": 500, "total_initial_remote_disk_size": 200,
    "azure_attributes": {"log_analytics_info": {"log_analytics_workspace_id": "w", "log_analytics_primary_key": "TOPSECRET"},
    "capacity_reservation_group": "/subscriptions/x", "surprise": 7}})");
  for (const char* code : {"monitoring-gap", "capacity-reservation-dropped", "attribute-dropped",
                           "remote-disk-dropped"})
    EXPECT_TRUE(has_finding(mapped, code)) << code;
  EXPECT_FALSE(contains(records(mapped), "TOPSECRET"));
  EXPECT_FALSE(mapped.document.contains("remote_disk_throughput"));
  mapped = map(
      cluster_kind(), "gcp", "azure",
      R"({"node_type_id": "n2-standard-4", "gcp_attributes": {"confidential_compute_type": "SEV_SNP"}})",
      {.node_types = {{"n2-standard-4", "Standard_D4s_v3"}}});
  EXPECT_TRUE(has_finding(mapped, "confidential-compute-dropped"));
}

TEST(MapCompute, IdentityBlocksUntilTheUserDecides) {
  const char* arn = "arn:aws:iam::111111111111:instance-profile/etl";
  const std::string document =
      std::string(
          R"({"node_type_id": "i3.2xlarge", "aws_attributes": {"availability": "SPOT", "instance_profile_arn": ")") +
      arn + R"("}})";
  UserMapping nodes{.node_types = {{"i3.2xlarge", "Standard_L8s_v2"}}};
  auto mapped = map(cluster_kind(), "aws", "azure", document, nodes);
  const Blocker* blocked = blocker(mapped, "cloud-identity-unmapped");
  ASSERT_NE(blocked, nullptr);
  EXPECT_TRUE(contains(blocked->remedy, std::string("instance_profiles: {\"") + arn))
      << blocked->remedy;
  EXPECT_EQ(blocked->path, "aws_attributes.instance_profile_arn");
  UserMapping dropped = nodes;
  dropped.instance_profiles[arn] = "";
  mapped = map(cluster_kind(), "aws", "azure", document, dropped);
  EXPECT_TRUE(mapped.blockers.empty()) << records(mapped);
  EXPECT_EQ(mapped.document["azure_attributes"], json(R"({"availability": "SPOT_AZURE"})"));
}

TEST(MapCompute, ServiceAccountBecomesAnInstanceProfile) {
  UserMapping user{.node_types = {{"n2-standard-4", "m5d.xlarge"}}};
  user.instance_profiles["etl@project.iam.gserviceaccount.com"] =
      "arn:aws:iam::2:instance-profile/etl";
  auto mapped = map(
      cluster_kind(), "gcp", "aws",
      R"({"node_type_id": "n2-standard-4", "gcp_attributes": {"google_service_account": "etl@project.iam.gserviceaccount.com"}})",
      user);
  EXPECT_EQ(mapped.document["aws_attributes"]["instance_profile_arn"],
            "arn:aws:iam::2:instance-profile/etl");
}

TEST(MapCompute, SameCloudKeepsAllButAccountsAndZones) {
  UserMapping user;
  user.accounts["111111111111"] = "222222222222";
  auto mapped = map(
      cluster_kind(), "aws", "aws",
      R"({"node_type_id": "m5.xlarge", "spark_version": "15.4.x-scala2.12", "enable_elastic_disk": true,
    "aws_attributes": {"availability": "SPOT", "zone_id": "us-east-1a", "instance_profile_arn": "arn:aws:iam::111111111111:instance-profile/etl", "ebs_volume_count": 2}})",
      user);
  EXPECT_TRUE(mapped.blockers.empty());
  EXPECT_EQ(
      mapped.document,
      json(
          R"({"node_type_id": "m5.xlarge", "spark_version": "15.4.x-scala2.12", "enable_elastic_disk": true,
    "aws_attributes": {"availability": "SPOT", "zone_id": "auto", "instance_profile_arn": "arn:aws:iam::222222222222:instance-profile/etl", "ebs_volume_count": 2}})"));
  user.zones["us-east-1a"] = "eu-west-1b";
  mapped =
      map(cluster_kind(), "aws", "aws", R"({"aws_attributes": {"zone_id": "us-east-1a"}})", user);
  EXPECT_EQ(mapped.document["aws_attributes"]["zone_id"], "eu-west-1b");
}

TEST(MapCompute, PoolDecidesTheMachines) {
  for (const char* to : {"aws", "azure"}) {
    auto mapped = map(
        cluster_kind(), "azure", to,
        R"({"instance_pool_id": "pool-1", "node_type_id": "Standard_DS3_v2", "driver_node_type_id": "Standard_DS3_v2",
      "enable_elastic_disk": true, "azure_attributes": {"availability": "ON_DEMAND_AZURE", "first_on_demand": 1}})");
    EXPECT_EQ(mapped.document, json(R"({"instance_pool_id": "pool-1"})")) << to;
    EXPECT_TRUE(mapped.blockers.empty());
  }
}

TEST(MapCompute, ClusterOfAPoolKeepsItsIdentity) {
  auto mapped =
      map(cluster_kind(), "aws", "aws", R"({"instance_pool_id": "p", "node_type_id": "m5.xlarge",
    "aws_attributes": {"zone_id": "auto", "instance_profile_arn": "arn:aws:iam::1:instance-profile/x"}})");
  EXPECT_EQ(
      mapped.document,
      json(
          R"({"instance_pool_id": "p", "aws_attributes": {"instance_profile_arn": "arn:aws:iam::1:instance-profile/x"}})"));
}

TEST(MapCompute, PolicyMaySupplyTheAvailability) {
  auto mapped = map(cluster_kind(), "azure", "aws",
                    R"({"policy_id": "p", "spark_version": "15.4.x-scala2.12"})");
  EXPECT_FALSE(mapped.document["aws_attributes"].contains("availability"));
}

TEST(MapCompute, AlternativesAreMappedWithoutRepetition) {
  auto mapped = map(cluster_kind(), "azure", "aws", R"({"node_type_id": "Standard_DS3_v2",
    "worker_node_type_flexibility": {"alternate_node_type_ids": ["Standard_D4s_v3", "Standard_E8s_v3", "Standard_E8_v3", "Standard_NC24ads_A100_v4"]}})");
  EXPECT_EQ(mapped.document["worker_node_type_flexibility"]["alternate_node_type_ids"],
            json(R"(["r5.2xlarge"])"));
  EXPECT_TRUE(mapped.blockers.empty());
  EXPECT_TRUE(has_finding(mapped, "alternate-node-type-dropped"));
}

TEST(MapCompute, NoEqualIsBlockedWithTheClosest) {
  auto mapped =
      map(cluster_kind(), "azure", "aws", R"({"node_type_id": "Standard_NC24ads_A100_v4"})");
  const Blocker* blocked = blocker(mapped, "node-type-unmapped");
  ASSERT_NE(blocked, nullptr);
  EXPECT_TRUE(contains(blocked->reason, "half a node")) << blocked->reason;
  EXPECT_TRUE(contains(blocked->remedy, "node_types: {\"Standard_NC24ads_A100_v4\": \""))
      << blocked->remedy;
  EXPECT_EQ(mapped.document["node_type_id"], "Standard_NC24ads_A100_v4");
}

TEST(MapCompute, UserMappingIsCheckedAgainstTheTarget) {
  UserMapping user{.node_types = {{"Standard_DS3_v2", "m5.xlage"}}};
  auto mapped = map(cluster_kind(), "azure", "aws", R"({"node_type_id": "Standard_DS3_v2"})", user);
  const Blocker* blocked = blocker(mapped, "node-type-not-offered");
  ASSERT_NE(blocked, nullptr);
  EXPECT_TRUE(contains(blocked->remedy, "did you mean 'm5.xlarge'?")) << blocked->remedy;
  user.node_types["Standard_DS3_v2"] = "m6g.xlarge";
  mapped = map(cluster_kind(), "azure", "aws", R"({"node_type_id": "Standard_DS3_v2"})", user);
  EXPECT_TRUE(has_finding(mapped, "node-type-architecture"));
}

TEST(MapCompute, UnknownNodeTypeIsBlocked) {
  auto mapped = map(cluster_kind(), "azure", "aws", R"({"node_type_id": "Standard_Z99"})");
  ASSERT_NE(blocker(mapped, "node-type-unknown"), nullptr);
}

TEST(MapCompute, RuntimeMustExist) {
  auto at = [](const char* key, UserMapping user = {}) {
    return map(cluster_kind(), "azure", "aws", Json{{"spark_version", key}}.dump(),
               std::move(user));
  };
  EXPECT_EQ(at("15.4.x-scala2.12").document["spark_version"], "15.4.x-scala2.12");
  auto older = at("12.2.x-scala2.12");
  EXPECT_EQ(older.document["spark_version"],
            "13.3.x-scala2.12");  // nearest newer long term version
  EXPECT_TRUE(has_finding(older, "runtime-substituted"));
  EXPECT_EQ(at("14.0.x-scala2.12").document["spark_version"], "14.3.x-scala2.12");
  EXPECT_EQ(at("14.3.x-gpu-ml-scala2.12").document["spark_version"], "15.4.x-gpu-ml-scala2.12");
  EXPECT_NE(blocker(at("17.1.x-scala2.12"), "runtime-unmapped"), nullptr);
  EXPECT_NE(blocker(at("custom:snapshot__1"), "runtime-unmapped"), nullptr);
  EXPECT_EQ(at("auto:latest-lts").document["spark_version"], "auto:latest-lts");
  EXPECT_EQ(at("12.2.x-scala2.12", {.runtimes = {{"12.2.x-scala2.12", "16.0.x-scala2.12"}}})
                .document["spark_version"],
            "16.0.x-scala2.12");
  EXPECT_NE(
      blocker(at("12.2.x-scala2.12", {.runtimes = {{"12.2.x-scala2.12", "16.9.x-scala2.12"}}}),
              "runtime-not-offered"),
      nullptr);
}

TEST(MapCompute, RuntimeFollowsTheArchitecture) {
  auto mapped = map(cluster_kind(), "azure", "aws",
                    R"({"node_type_id": "Standard_D4ps_v6", "spark_version": "13.3.x-scala2.12"})");
  EXPECT_EQ(mapped.document["spark_version"], "13.3.x-aarch64-scala2.12");
  mapped = map(cluster_kind(), "aws", "azure",
               R"({"node_type_id": "m5.xlarge", "spark_version": "13.3.x-aarch64-scala2.12"})");
  EXPECT_EQ(mapped.document["spark_version"], "13.3.x-scala2.12");
}

TEST(MapCompute, PhotonNeedsACapableNode) {
  MappingContext with_list = context("azure", "aws");
  with_list.target_reference["node_types"] = json(R"([
    {"node_type_id": "m5.xlarge", "num_cores": 4, "memory_mb": 16384, "photon_worker_capable": false},
    {"node_type_id": "m6i.xlarge", "num_cores": 4, "memory_mb": 16384, "photon_worker_capable": true}])");
  model::Object object;
  object.document = json(R"({"node_type_id": "Standard_DS3_v2", "runtime_engine": "PHOTON"})");
  Mapper mapper(with_list);
  EXPECT_EQ(mapper.map(cluster_kind(), object).document["node_type_id"], "m6i.xlarge");
  object.document.erase("runtime_engine");
  EXPECT_EQ(mapper.map(cluster_kind(), object).document["node_type_id"], "m5.xlarge");
}

TEST(MapCompute, LocalDiskThatTheWorkloadUses) {
  auto mapped = map(
      cluster_kind(), "azure", "aws",
      R"({"node_type_id": "Standard_DS3_v2", "spark_conf": {"spark.databricks.io.cache.enabled": "true"}})");
  EXPECT_TRUE(has_finding(mapped, "local-disk-missing"));
  mapped = map(cluster_kind(), "azure", "aws", R"({"node_type_id": "Standard_DS3_v2"})");
  EXPECT_FALSE(has_finding(mapped, "local-disk-missing"));
}

TEST(MapCompute, PassthroughIsNotPortable) {
  const char* document = R"({"data_security_mode": "LEGACY_PASSTHROUGH"})";
  EXPECT_NE(blocker(map(cluster_kind(), "azure", "aws", document), "passthrough-not-portable"),
            nullptr);
  EXPECT_TRUE(map(cluster_kind(), "azure", "azure", document).blockers.empty());
  UserMapping user;
  user.fields.push_back({"cluster", "th*", "data_security_mode", "\"SINGLE_USER\""});
  auto mapped = map(cluster_kind(), "azure", "aws", document, user);
  EXPECT_TRUE(mapped.blockers.empty());
  EXPECT_EQ(mapped.document["data_security_mode"], "SINGLE_USER");
}

TEST(MapCompute, TagsAreSpeltAsTheTargetAccepts) {
  auto mapped = map(cluster_kind(), "azure", "gcp",
                    R"({"custom_tags": {"Cost Center": "R&D", "cost.center": "x", "ok": "fine"}})");
  EXPECT_EQ(mapped.document["custom_tags"],
            json(R"({"cost_center": "r_d", "cost_center_2": "x", "ok": "fine"})"));
  EXPECT_TRUE(has_finding(mapped, "tag-respelled"));
  mapped = map(cluster_kind(), "azure", "aws",
               R"({"custom_tags": {"team": "a#b", "größe": "ü", "x": "y"}})");
  EXPECT_EQ(mapped.document["custom_tags"], json(R"({"team": "a_b", "größe": "ü", "x": "y"})"));
  mapped = map(cluster_kind(), "aws", "azure",
               R"({"custom_tags": {"a/b": "c/d", "s": "t", "Azure cost": "1"}})");
  EXPECT_EQ(mapped.document["custom_tags"],
            json(R"({"a_b": "c/d", "s": "t", "x-Azure cost": "1"})"));
}

TEST(MapCompute, NestedBlocksAreTranslatedOnce) {
  auto mapped = map(
      job_kind(), "azure", "aws",
      R"({"tasks": [{"new_cluster": {"node_type_id": "Standard_DS3_v2", "spark_version": "15.4.x-scala2.12",
     "azure_attributes": {"availability": "SPOT_AZURE"}, "num_workers": 2}}]})");
  const Json& cluster = mapped.document["tasks"][0]["new_cluster"];
  EXPECT_EQ(cluster["node_type_id"], "m5.xlarge");
  EXPECT_EQ(cluster["aws_attributes"]["availability"], "SPOT");
  EXPECT_EQ(cluster["num_workers"], 2);
  ASSERT_NE(decision(mapped, "tasks[0].new_cluster.node_type_id"), nullptr);
}

struct PoolRow {
  const char* from;
  const char* to;
  const char* source;
  const char* target;
  const char* finding;
};
class Pools : public ::testing::TestWithParam<PoolRow> {};

TEST_P(Pools, AreTranslated) {
  const PoolRow& row = GetParam();
  auto mapped =
      map(pool_kind(), row.from, row.to, row.source,
          {.node_types = {{"m5.xlarge", "Standard_D4s_v3"}, {"n2-standard-4", "m5.xlarge"}}});
  EXPECT_TRUE(mapped.blockers.empty()) << records(mapped);
  EXPECT_EQ(mapped.document, json(row.target)) << records(mapped);
  EXPECT_TRUE(*row.finding == 0 || has_finding(mapped, row.finding)) << row.finding;
}

INSTANTIATE_TEST_SUITE_P(
    Rows, Pools,
    ::testing::Values(
        PoolRow{
            "azure", "aws",
            R"({"node_type_id": "Standard_DS3_v2", "azure_attributes": {"availability": "SPOT_AZURE", "spot_bid_max_price": -1}, "enable_elastic_disk": true,
                  "preloaded_spark_versions": ["12.2.x-scala2.12"]})",
            R"({"node_type_id": "m5.xlarge", "aws_attributes": {"availability": "SPOT", "spot_bid_price_percent": 100, "zone_id": "auto"},
                  "disk_spec": {"disk_type": {"ebs_volume_type": "GENERAL_PURPOSE_SSD"}, "disk_count": 1, "disk_size": 100}, "preloaded_spark_versions": ["13.3.x-scala2.12"]})",
            "runtime-substituted"},
        PoolRow{
            "azure", "aws",
            R"({"node_type_id": "Standard_DS3_v2", "azure_attributes": {"availability": "ON_DEMAND_AZURE"},
                  "disk_spec": {"disk_type": {"azure_disk_volume_type": "STANDARD_LRS"}, "disk_count": 2, "disk_size": 64}})",
            R"({"node_type_id": "m5.xlarge", "aws_attributes": {"availability": "ON_DEMAND", "zone_id": "auto"},
                  "disk_spec": {"disk_type": {"ebs_volume_type": "THROUGHPUT_OPTIMIZED_HDD"}, "disk_count": 2, "disk_size": 500}})",
            "disk-size-clamped"},
        PoolRow{
            "aws", "azure",
            R"({"node_type_id": "m5.xlarge", "aws_attributes": {"availability": "ON_DEMAND", "zone_id": "us-east-1a"},
                  "disk_spec": {"disk_type": {"ebs_volume_type": "GENERAL_PURPOSE_SSD"}, "disk_count": 3, "disk_size": 100}})",
            R"({"node_type_id": "Standard_D4s_v3", "azure_attributes": {"availability": "ON_DEMAND_AZURE"},
                  "disk_spec": {"disk_type": {"azure_disk_volume_type": "PREMIUM_LRS"}, "disk_count": 3, "disk_size": 100}})",
            ""},
        PoolRow{
            "gcp", "aws",
            R"({"node_type_id": "n2-standard-4", "gcp_attributes": {"gcp_availability": "PREEMPTIBLE_WITH_FALLBACK_GCP"}})",
            R"({"node_type_id": "m5.xlarge", "aws_attributes": {"availability": "ON_DEMAND", "zone_id": "auto"},
                  "disk_spec": {"disk_type": {"ebs_volume_type": "GENERAL_PURPOSE_SSD"}, "disk_count": 1, "disk_size": 100}})",
            "pool-availability-narrowed"},
        // Absent is spot for pools of AWS, on demand elsewhere.
        PoolRow{
            "aws", "azure", R"({"node_type_id": "m5.xlarge"})",
            R"({"node_type_id": "Standard_D4s_v3", "azure_attributes": {"availability": "SPOT_AZURE"}})",
            ""}),
    [](const auto& test) {
      return std::string(test.param.from) + "_" + test.param.to + "_" + std::to_string(test.index);
    });

// Azure to AWS and back: what does not return is the node type's generation, as the table of
// expected differences says.
TEST(MapCompute, RoundTripReturnsTheFirstDocument) {
  const Json first = json(
      R"({"cluster_name": "c", "node_type_id": "Standard_D4s_v3", "spark_version": "15.4.x-scala2.12", "num_workers": 3,
    "azure_attributes": {"availability": "SPOT_WITH_FALLBACK_AZURE", "first_on_demand": 1, "spot_bid_max_price": -1},
    "spark_conf": {"spark.sql.shuffle.partitions": "64", "my.lake": "abfss://raw@lake.dfs.core.windows.net/x"},
    "custom_tags": {"team": "data"}})");
  UserMapping there, back;
  there.storage["abfss://raw@lake.dfs.core.windows.net/"] = "s3://raw/";
  back.storage["s3://raw/"] = "abfss://raw@lake.dfs.core.windows.net/";
  auto away = map(cluster_kind(), "azure", "aws", first.dump(), there);
  EXPECT_TRUE(away.blockers.empty()) << records(away);
  auto home = map(cluster_kind(), "aws", "azure", away.document.dump(), back);
  EXPECT_TRUE(home.blockers.empty()) << records(home);
  EXPECT_EQ(home.document, first);
}

}  // namespace
}  // namespace lakeshift::clouds::testing
