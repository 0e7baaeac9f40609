// Azure: attribute names and enumerations as in databricks-sdk 0.162 (AzureAttributes,
// InstancePoolAzureAttributes, DiskTypeAzureDiskVolumeType); tag limits from Azure Resource
// Manager's "Use tags to organize your resources".
#include "knowledge/clouds/cloud.h"

namespace lakeshift::clouds::azure {
namespace {

constexpr std::string_view kSchemes[] = {"abfss://", "abfs://", "wasbs://", "wasb://", "adl://"};
constexpr std::string_view kConf[] = {"spark.hadoop.fs.azure.",
                                      "fs.azure.",
                                      "spark.hadoop.fs.adl.",
                                      "fs.adl.",
                                      "dfs.adls.",
                                      "spark.hadoop.dfs.adls.",
                                      "spark.databricks.passthrough.adls."};
constexpr std::string_view kEnvironment[] = {"AZURE_", "ARM_"};
constexpr std::string_view kRegistries[] = {".azurecr.io"};
constexpr std::string_view kReservedTags[] = {"microsoft", "azure", "windows"};
constexpr std::string_view kLibraries[] = {"azure", "com.azure",     "com.microsoft.azure", "adal",
                                           "msal",  "notebookutils", "mssparkutils"};
constexpr Attribute kAttributes[] = {
    {Term::availability, "availability", "availability"},
    {Term::first_on_demand, "first_on_demand", ""},
    {Term::spot_price, "spot_bid_max_price", "spot_bid_max_price"},
    {Term::log_agent, "log_analytics_info", ""},
    {Term::capacity_reservation, "capacity_reservation_group", ""},
};

std::span<const NodeType> node_types() { return node_types_of("azure"); }

}  // namespace

extern const Cloud kDefinition;
constexpr Cloud kDefinition = {
    .name = "azure",
    .title = "Azure",
    .host_suffix = ".azuredatabricks.net",
    .attributes = "azure_attributes",
    .on_demand = "ON_DEMAND_AZURE",
    .spot = "SPOT_AZURE",
    .spot_with_fallback = "SPOT_WITH_FALLBACK_AZURE",
    .storage_schemes = kSchemes,
    .conf_prefixes = kConf,
    .environment_prefixes = kEnvironment,
    .registry_suffixes = kRegistries,
    .arm_names = R"(Standard_[A-Z]+[0-9]+(-[0-9]+)?[a-z]*p[a-z]*_v[0-9]+)",
    // "s" among the features of a size: premium storage (Microsoft Learn, "VM sizes naming
    // conventions"); sizes of the first years have it in the family (DS3_v2, GS4).
    .ssd_names = R"(Standard_([A-Z]*S[0-9]+(-[0-9]+)?|[A-Z]+[0-9]+(-[0-9]+)?[a-z]*s[a-z]*)(_.*)?)",
    .generates_application_ids = false,
    .has_instance_profiles = false,
    .has_key_vault_scopes = true,
    .node_types = node_types,
    .attribute_table = kAttributes,
    .default_availability = Availability::on_demand,
    .default_pool_availability = Availability::on_demand,
    .pools_fall_back = false,
    .spot_price = SpotPrice::usd_per_hour,
    .any_zone = "",
    .needs_volumes = false,
    .elastic_disk = false,
    .remote_disks = true,
    .pool_disk_type = "azure_disk_volume_type",
    .ssd = "PREMIUM_LRS",
    .hdd = "STANDARD_LRS",
    .disk_size_least_ssd = 1,
    .disk_size_least_hdd = 1,
    .disk_size_most = 1023,
    .init_script_member = "abfss",
    .log_member = "",
    .storage_needs_region = false,
    .tags = {512, 256, 50, R"([<>%&\\?/\x00-\x1f])", "", kReservedTags, false,
             "Azure Resource Manager tag limits"},
    .libraries = kLibraries,
};

}  // namespace lakeshift::clouds::azure
