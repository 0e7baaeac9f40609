// Google Cloud: attribute names and enumerations as in databricks-sdk 0.162 (GcpAttributes,
// InstancePoolGcpAttributes); label limits from the Compute Engine documentation ("Requirements for
// labels").
#include "knowledge/clouds/cloud.h"

namespace lakeshift::clouds::gcp {
namespace {

constexpr std::string_view kSchemes[] = {"gs://"};
constexpr std::string_view kConf[] = {"spark.hadoop.fs.gs.", "fs.gs.", "spark.hadoop.google.cloud.",
                                      "google.cloud.", "spark.hadoop.fs.AbstractFileSystem.gs."};
constexpr std::string_view kEnvironment[] = {"GOOGLE_", "GCP_", "CLOUDSDK_"};
constexpr std::string_view kRegistries[] = {"gcr.io", "-docker.pkg.dev"};
constexpr std::string_view kLibraries[] = {"google.cloud", "google.auth", "gcsfs",
                                           "com.google.cloud"};
constexpr Attribute kAttributes[] = {
    {Term::availability, "availability", "gcp_availability"},
    {Term::first_on_demand, "first_on_demand", ""},
    {Term::zone, "zone_id", "zone_id"},
    {Term::identity, "google_service_account", ""},
    {Term::local_disk_count, "local_ssd_count", "local_ssd_count"},
    {Term::boot_disk_size, "boot_disk_size", ""},
    {Term::confidential, "confidential_compute_type", ""},
    {Term::legacy_spot, "use_preemptible_executors", ""},
};

std::span<const NodeType> node_types() { return node_types_of("gcp"); }

}  // namespace

extern const Cloud kDefinition;
constexpr Cloud kDefinition = {
    .name = "gcp",
    .title = "Google Cloud",
    .host_suffix = ".gcp.databricks.com",
    .attributes = "gcp_attributes",
    .on_demand = "ON_DEMAND_GCP",
    .spot = "PREEMPTIBLE_GCP",
    .spot_with_fallback = "PREEMPTIBLE_WITH_FALLBACK_GCP",
    .storage_schemes = kSchemes,
    .conf_prefixes = kConf,
    .environment_prefixes = kEnvironment,
    .registry_suffixes = kRegistries,
    .arm_names = R"((t2a|c4a|n4a|a4x)-.*)",
    .ssd_names = "",
    .generates_application_ids = true,
    .has_instance_profiles = false,
    .has_key_vault_scopes = false,
    .node_types = node_types,
    .attribute_table = kAttributes,
    .default_availability = Availability::on_demand,
    .default_pool_availability = Availability::on_demand,
    .pools_fall_back = true,
    .spot_price = SpotPrice::none,
    .any_zone = "auto",
    .needs_volumes = false,
    .elastic_disk = false,
    .remote_disks = true,
    .pool_disk_type = "",
    .ssd = "",
    .hdd = "",
    .disk_size_least_ssd = 1,
    .disk_size_least_hdd = 1,
    .disk_size_most = 65536,
    .init_script_member = "gcs",
    .log_member = "",
    .storage_needs_region = false,
    .tags = {63,
             63,
             64,
             R"([^\p{Ll}\p{Lo}\p{N}_\-])",
             R"([^\p{Ll}\p{Lo}\p{N}_\-])",
             {},
             true,
             "Compute Engine label requirements"},
    .libraries = kLibraries,
};

}  // namespace lakeshift::clouds::gcp
