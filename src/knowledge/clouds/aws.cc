// AWS: attribute names and enumerations as in databricks-sdk 0.162 (AwsAttributes,
// InstancePoolAwsAttributes, DiskTypeEbsVolumeType; EBS size ranges from its docstrings); tag
// limits from the EC2 user guide and the workspace's own limit of 45 custom tags per cluster.
#include "knowledge/clouds/cloud.h"

namespace lakeshift::clouds::aws {
namespace {

constexpr std::string_view kSchemes[] = {"s3://", "s3a://", "s3n://"};
constexpr std::string_view kConf[] = {"spark.hadoop.fs.s3a.",
                                      "fs.s3a.",
                                      "spark.hadoop.fs.s3.",
                                      "fs.s3.",
                                      "spark.hadoop.fs.s3n.",
                                      "fs.s3n.",
                                      "spark.databricks.hive.metastore.glueCatalog.",
                                      "spark.hadoop.hive.metastore.glue.",
                                      "hive.metastore.glue.",
                                      "spark.hadoop.aws.",
                                      "spark.databricks.isv.aws."};
constexpr std::string_view kEnvironment[] = {"AWS_"};
constexpr std::string_view kRegistries[] = {".amazonaws.com", ".amazonaws.com.cn",
                                            "public.ecr.aws"};
constexpr std::string_view kReservedTags[] = {"aws:"};
constexpr std::string_view kLibraries[] = {
    "boto3",       "botocore", "aioboto3",      "s3fs",
    "awswrangler", "awsglue",  "com.amazonaws", "software.amazon.awssdk"};
constexpr Attribute kAttributes[] = {
    {Term::availability, "availability", "availability"},
    {Term::first_on_demand, "first_on_demand", ""},
    {Term::spot_price, "spot_bid_price_percent", "spot_bid_price_percent"},
    {Term::zone, "zone_id", "zone_id"},
    {Term::identity, "instance_profile_arn", "instance_profile_arn"},
    {Term::volume_type, "ebs_volume_type", ""},
    {Term::volume_count, "ebs_volume_count", ""},
    {Term::volume_size, "ebs_volume_size", ""},
    {Term::volume_iops, "ebs_volume_iops", ""},
    {Term::volume_throughput, "ebs_volume_throughput", ""},
};

std::span<const NodeType> node_types() { return node_types_of("aws"); }

}  // namespace

extern const Cloud kDefinition;
constexpr Cloud kDefinition = {
    .name = "aws",
    .title = "AWS",
    .host_suffix = ".cloud.databricks.com",
    .attributes = "aws_attributes",
    .on_demand = "ON_DEMAND",
    .spot = "SPOT",
    .spot_with_fallback = "SPOT_WITH_FALLBACK",
    .storage_schemes = kSchemes,
    .conf_prefixes = kConf,
    .environment_prefixes = kEnvironment,
    .registry_suffixes = kRegistries,
    .arm_names = R"((a1|[a-z]+[0-9]+g[a-z]*|rg-fleet)\..*)",
    .ssd_names = "",
    .generates_application_ids = true,
    .has_instance_profiles = true,
    .has_key_vault_scopes = false,
    .node_types = node_types,
    .attribute_table = kAttributes,
    // Terraform provider, databricks_cluster: "Backend default value is SPOT_WITH_FALLBACK".
    .default_availability = Availability::spot_with_fallback,
    .default_pool_availability = Availability::spot,
    .pools_fall_back = false,
    .spot_price = SpotPrice::percent_of_on_demand,
    .any_zone = "auto",
    .needs_volumes = true,
    .elastic_disk = true,
    .remote_disks = false,
    .pool_disk_type = "ebs_volume_type",
    .ssd = "GENERAL_PURPOSE_SSD",
    .hdd = "THROUGHPUT_OPTIMIZED_HDD",
    .disk_size_least_ssd = 100,
    .disk_size_least_hdd = 500,
    .disk_size_most = 4096,
    .init_script_member = "s3",
    .log_member = "s3",
    .storage_needs_region = true,
    .tags = {127, 255, 45, R"([^\p{L}\p{N} +\-=._:/@])", R"([^\p{L}\p{N} +\-=._:/@])",
             kReservedTags, false, "EC2 tag restrictions; workspace limit of 45 tags"},
    .libraries = kLibraries,
};

}  // namespace lakeshift::clouds::aws
