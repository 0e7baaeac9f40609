// Fields of a compute specification: an all-purpose cluster, a job's new_cluster, a shared job
// cluster. Also libraries and container images, which other kinds hold too. Source: databricks-sdk
// 0.156 (ClusterSpec, ClusterDetails, Library).
#pragma once

#include "knowledge/kinds/field_rows.h"

namespace lakeshift::kinds {

inline constexpr Field kAutoscale[] = {plain("min_workers"), plain("max_workers")};

inline constexpr Field kAwsAttributes[] = {
    plain("availability"),
    plain("ebs_volume_count"),
    plain("ebs_volume_iops"),
    plain("ebs_volume_size"),
    plain("ebs_volume_throughput"),
    plain("ebs_volume_type"),
    plain("first_on_demand"),
    means("instance_profile_arn", Meaning::cloud_identity, "instance_profile"),
    plain("spot_bid_price_percent"),
    plain("zone_id"),
};
inline constexpr Field kLogAnalyticsInfo[] = {
    as(Role::secret, plain("log_analytics_primary_key")),
    plain("log_analytics_workspace_id"),
};
inline constexpr Field kAzureAttributes[] = {
    plain("availability"),       plain("capacity_reservation_group"),
    plain("first_on_demand"),    part("log_analytics_info", kLogAnalyticsInfo),
    plain("spot_bid_max_price"),
};
inline constexpr Field kGcpAttributes[] = {
    plain("availability"),
    plain("boot_disk_size"),
    plain("confidential_compute_type"),
    plain("first_on_demand"),
    means("google_service_account", Meaning::cloud_identity),
    plain("local_ssd_count"),
    plain("use_preemptible_executors"),
    plain("zone_id"),
};

inline constexpr Field kStorageDestination[] = {means("destination", Meaning::storage_uri)};
inline constexpr Field kPlainDestination[] = {plain("destination")};
inline constexpr Field kWorkspaceDestination[] = {
    means("destination", Meaning::tree_path, "workspace_file|notebook"),
};
inline constexpr Field kBucketDestination[] = {
    means("destination", Meaning::storage_uri), plain("canned_acl"),
    plain("enable_encryption", "false"),        plain("encryption_type"),
    means("endpoint", Meaning::free_text),      means("kms_key", Meaning::free_text),
    means("region", Meaning::region),
};
inline constexpr Field kLogDestination[] = {
    part("dbfs", kStorageDestination),
    part("s3", kBucketDestination),
    part("volumes", kStorageDestination),
};
inline constexpr Field kInitScript[] = {
    part("abfss", kStorageDestination),       part("dbfs", kStorageDestination),
    part("file", kPlainDestination),          part("gcs", kStorageDestination),
    part("s3", kBucketDestination),           part("volumes", kStorageDestination),
    part("workspace", kWorkspaceDestination),
};

// A password is kept only when it is a {{secrets/scope/key}} reference; see secret_texts.h.
inline constexpr Field kDockerLogin[] = {plain("username"), as(Role::secret, plain("password"))};
inline constexpr Field kDockerImage[] = {
    means("url", Meaning::image),
    part("basic_auth", kDockerLogin),
};

inline constexpr Field kNodeTypes[] = {means("", Meaning::node_type)};
inline constexpr Field kNodeTypeFlexibility[] = {
    list_of("alternate_node_type_ids", kNodeTypes),
    plain("aws_context_id"),
};
inline constexpr Field kWorkloadClients[] = {plain("jobs", "true"), plain("notebooks", "true")};
inline constexpr Field kWorkloadType[] = {part("clients", kWorkloadClients)};

inline constexpr Field kPackage[] = {plain("package"), means("repo", Meaning::free_text)};
inline constexpr Field kMavenLibrary[] = {
    plain("coordinates"),
    plain("exclusions", "[]"),
    means("repo", Meaning::free_text),
};
inline constexpr Field kLibrary[] = {
    part("cran", kPackage),
    means("egg", Meaning::storage_uri),
    means("jar", Meaning::storage_uri),
    part("maven", kMavenLibrary),
    part("pypi", kPackage),
    means("requirements", Meaning::storage_uri),
    means("whl", Meaning::storage_uri),
};

inline constexpr std::array kClusterSpec = {
    part("autoscale", kAutoscale),
    plain("autotermination_minutes", "0"),
    part("aws_attributes", kAwsAttributes),
    part("azure_attributes", kAzureAttributes),
    part("cluster_log_conf", kLogDestination),
    plain("cluster_name"),
    map_of("custom_tags", kFreeValues),
    plain("data_security_mode"),
    plain("dependency_mode"),
    part("docker_image", kDockerImage),
    refers("driver_instance_pool_id", "instance_pool"),
    part("driver_node_type_flexibility", kNodeTypeFlexibility),
    means("driver_node_type_id", Meaning::node_type),
    plain("enable_elastic_disk", "false"),
    plain("enable_local_disk_encryption", "false"),
    part("gcp_attributes", kGcpAttributes),
    list_of("init_scripts", kInitScript),
    refers("instance_pool_id", "instance_pool"),
    plain("is_single_node"),
    plain("kind"),
    means("node_type_id", Meaning::node_type),
    plain("num_workers"),
    refers("policy_id", "cluster_policy"),
    plain("remote_disk_throughput"),
    plain("runtime_engine"),
    means("single_user_name", Meaning::principal, "user|service_principal|group"),
    or_absent("{}", means("spark_conf", Meaning::conf)),
    or_absent("{}", means("spark_env_vars", Meaning::environment)),
    means("spark_version", Meaning::runtime),
    plain("ssh_public_keys", "[]"),
    plain("total_initial_remote_disk_size"),
    plain("use_ml_runtime"),
    part("worker_node_type_flexibility", kNodeTypeFlexibility),
    part("workload_type", kWorkloadType),
};
// A specification that is kept as it was written (jobs), not as a running cluster shows it.
inline constexpr std::array kWrittenClusterSpec =
    joined(std::array{plain("apply_policy_default_values", "false")}, kClusterSpec);

}  // namespace lakeshift::kinds
