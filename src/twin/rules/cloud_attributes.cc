// Attribute blocks, identities and disks belong to one cloud each.
#include "core/base/strings.h"
#include "twin/service.h"

namespace lakeshift::twin::rules::cloud_attributes {
namespace {

constexpr std::string_view kClouds[] = {"aws", "azure", "gcp"};

// clusters/create: "Attributes related to clusters running on Amazon Web Services" and its two
// siblings; the platform answers a foreign block with INVALID_PARAMETER_VALUE
// (databrickslabs/migrate issue 250 shows it for pools).
Status no_foreign_block(const Context& context, const Subject& subject) {
  for (const std::string_view cloud : kClouds) {
    const std::string block = std::string(cloud) + "_attributes";
    if (cloud != context.cloud() && member(subject.document, block).is_object())
      return invalid(block + " cannot be used on " + context.cloud());
  }
  return {};
}

bool has_disk_block(const Json& block) { return int_at(block, "ebs_volume_count") > 0; }

// AwsAttributes.ebs_volume_type: "If no EBS volumes are specified, … nodes with no instance store
// must have at least one EBS volume, or cluster creation fails"; sizes: ebs_volume_size 100-4096
// GiB SSD, 500-4096 GiB HDD, count up to 10.
Status check_volumes(const Context& context, const Json& spec, const Json& block) {
  const long long count = int_at(block, "ebs_volume_count");
  const long long size = int_at(block, "ebs_volume_size");
  const std::string type = text_at(block, "ebs_volume_type");
  if (count < 0 || count > 10)
    return invalid("ebs_volume_count must be between 0 and 10, not " + std::to_string(count));
  if (count > 0) {
    const long long least = type == "THROUGHPUT_OPTIMIZED_HDD" ? 500 : 100;
    if (type.empty()) return invalid("ebs_volume_count needs ebs_volume_type");
    if (size < least || size > 4096)
      return invalid("ebs_volume_size of " + type + " must be between " + std::to_string(least) +
                     " and 4096 GiB, not " + std::to_string(size));
  }
  const NodeType* node = context.reference.node_type(text_at(spec, "node_type_id"));
  if (node == nullptr || node->has_local_disk || has_disk_block(block) ||
      bool_at(spec, "enable_elastic_disk"))
    return {};
  return invalid("Node type " + node->id +
                 " has no local disk: at least one EBS volume must be attached "
                 "(aws_attributes.ebs_volume_count)");
}

Status check_profile(const Context& context, const Json& block) {
  const std::string arn = text_at(block, "instance_profile_arn");
  if (arn.empty() || context.store.get("instance_profile", arn) != nullptr) return {};
  return invalid("Instance profile " + arn + " is not registered in this workspace");
}

// AwsAttributes.zone_id: zone of the workspace's region, or "auto".
Status check_zone(const Context& context, const Json& block) {
  const std::string zone = text_at(block, "zone_id");
  if (zone.empty() || zone == "auto" || (context.on("gcp") && zone == "HA") ||
      context.reference.has_zone(zone))
    return {};
  return invalid("Zone " + zone + " does not exist in this workspace's region; see list-zones");
}

Status aws_cluster(const Context& context, const Subject& subject) {
  const Json& block = member(subject.document, "aws_attributes");
  LS_TRY(check_profile(context, block));
  LS_TRY(check_zone(context, block));
  if (!text_at(subject.document, "instance_pool_id").empty()) return {};
  return check_volumes(context, subject.document, block);
}

Status aws_pool(const Context& context, const Subject& subject) {
  const Json& block = member(subject.document, "aws_attributes");
  LS_TRY(check_profile(context, block));
  LS_TRY(check_zone(context, block));
  const Json& disks = member(subject.document, "disk_spec");
  if (member(member(disks, "disk_type"), "azure_disk_volume_type").is_string())
    return invalid("disk_spec.disk_type.azure_disk_volume_type cannot be used on aws");
  const NodeType* node = context.reference.node_type(text_at(subject.document, "node_type_id"));
  if (subject.before != nullptr || node == nullptr || node->has_local_disk ||
      int_at(disks, "disk_count") > 0 || bool_at(subject.document, "enable_elastic_disk"))
    return {};
  return invalid("Node type " + node->id +
                 " has no local disk: disk_spec must attach at least one EBS volume");
}

Status azure_cluster(const Context&, const Subject& subject) {
  const Json& block = member(subject.document, "azure_attributes");
  const Json& price = member(block, "spot_bid_max_price");
  // AzureAttributes.spot_bid_max_price: "the value must be -1 or greater than 0".
  if (price.is_number() && price.get<double>() != -1.0 && price.get<double>() <= 0.0)
    return invalid("spot_bid_max_price must be -1 or greater than 0");
  return {};
}

Status azure_pool(const Context&, const Subject& subject) {
  const Json& type = member(member(subject.document, "disk_spec"), "disk_type");
  if (member(type, "ebs_volume_type").is_string())
    return invalid("disk_spec.disk_type.ebs_volume_type cannot be used on azure");
  return {};
}

Status gcp_cluster(const Context& context, const Subject& subject) {
  return check_zone(context, member(subject.document, "gcp_attributes"));
}

// Edit takes names, sizes and tags only; everything else of a pool stays, instance-pools/edit.
Status pool_stays(const Context&, const Subject& subject) {
  if (subject.before == nullptr) return {};
  for (const char* field :
       {"aws_attributes", "azure_attributes", "gcp_attributes", "disk_spec", "enable_elastic_disk",
        "preloaded_spark_versions", "preloaded_docker_images"}) {
    if (member(subject.document, field) != member(*subject.before, field))
      return invalid(std::string(field) + " of a pool cannot be changed");
  }
  return {};
}

// Warehouses: instance_profile_arn is "Deprecated. Instance profile used to pass IAM role to the
// cluster" of AWS.
Status warehouse(const Context& context, const Subject& subject) {
  const std::string arn = text_at(subject.document, "instance_profile_arn");
  if (arn.empty()) return {};
  if (!context.on("aws"))
    return invalid("instance_profile_arn cannot be used on " + context.cloud());
  return check_profile(context, subject.document);
}

// Storage schemes a cloud's compute can read init scripts and logs from: InitScriptInfo and
// ClusterLogConf of the SDK.
Status storage_blocks(const Context& context, const Subject& subject) {
  const Json& scripts = member(subject.document, "init_scripts");
  for (const Json& script : scripts.is_array() ? scripts : Json::array()) {
    for (const auto& [cloud, block] :
         {std::pair{"aws", "s3"}, std::pair{"azure", "abfss"}, std::pair{"gcp", "gcs"}}) {
      if (context.cloud() != cloud && script.contains(block))
        return invalid(std::string("init_scripts.") + block + " cannot be used on " +
                       context.cloud());
    }
  }
  if (!context.on("aws") && member(subject.document, "cluster_log_conf").contains("s3"))
    return invalid("cluster_log_conf.s3 cannot be used on " + context.cloud());
  return {};
}

constexpr Rule kRules[] = {{"aws azure gcp", "cluster", no_foreign_block},
                           {"aws azure gcp", "instance_pool", no_foreign_block},
                           {"aws azure gcp", "cluster", storage_blocks},
                           {"aws", "cluster", aws_cluster},
                           {"azure", "cluster", azure_cluster},
                           {"gcp", "cluster", gcp_cluster},
                           {"aws", "instance_pool", aws_pool},
                           {"azure", "instance_pool", azure_pool},
                           {"aws azure gcp", "instance_pool", pool_stays},
                           {"aws azure gcp", "sql_warehouse", warehouse}};

}  // namespace

extern const RuleSet kDefinition;
const RuleSet kDefinition = {"cloud_attributes", kRules};

}  // namespace lakeshift::twin::rules::cloud_attributes
