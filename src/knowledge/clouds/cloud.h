// One table per cloud: how the same things are spelled there.
#pragma once

#include <span>
#include <string_view>

#include "core/base/json_fwd.h"

namespace lakeshift::clouds {

struct NodeType {
  std::string_view id;
  std::string_view
      category;  // general_purpose, compute_optimized, memory_optimized, storage_optimized, gpu, …
  int vcpus;
  int memory_mib;
  double gpu_count;
  std::string_view gpu_name;
  double local_disk_gib;
  int local_disk_count;
  std::string_view arch;  // x86_64, arm64; empty: not known
  std::string_view cpu_vendor;
  bool current_generation;
  double dbu_per_hour;      // 0 = not known
  double usd_per_hour;      // list price of the VM in the reference region; 0 = not known
  int gpu_memory_mib = 0;   // over all GPUs; 0 = not known
  bool ssd_volumes = true;  // network disks of its cloud's `ssd` type can be attached
};

// What a member of a cloud's attribute block says, in words that all clouds share. A term without a
// counterpart in the target is dropped with a finding, or blocks when the object could not do its
// work without it (identity).
enum class Term : unsigned char {
  availability,
  first_on_demand,
  spot_price,  // highest price for spare capacity, in the cloud's own unit (SpotPrice)
  zone,
  identity,  // instance profile, service account
  volume_type,
  volume_count,
  volume_size,
  volume_iops,
  volume_throughput,
  local_disk_count,  // local disks the user chooses (elsewhere they come with the node type)
  boot_disk_size,
  log_agent,  // the cloud's own monitoring agent
  capacity_reservation,
  confidential,
  legacy_spot,  // boolean forerunner of availability
};

struct Attribute {
  Term term;
  std::string_view member;       // in a cluster's block; "" = clusters have no such member
  std::string_view pool_member;  // in an instance pool's block; "" = pools have no such member
};

enum class Availability : unsigned char { on_demand, spot, spot_with_fallback };
enum class SpotPrice : unsigned char { none, percent_of_on_demand, usd_per_hour };

// What the cloud accepts in tags.
struct TagRules {
  std::size_t key_length, value_length, count;
  std::string_view refused_in_keys,
      refused_in_values;  // RE2 character classes; "" = nothing is refused
  std::span<const std::string_view>
      reserved;     // beginnings of keys that the cloud keeps for itself, lower case
  bool lower_case;  // keys and values must be lower case
  std::string_view source;
};

struct Cloud {
  std::string_view name;         // "azure"
  std::string_view title;        // "Azure"
  std::string_view host_suffix;  // ".azuredatabricks.net"
  std::string_view
      attributes;  // "azure_attributes": the member of a compute document that is this cloud's
  std::string_view on_demand, spot, spot_with_fallback;  // availability words
  std::span<const std::string_view> storage_schemes;     // "abfss://", "wasbs://", …
  std::span<const std::string_view>
      conf_prefixes;  // configuration keys that only work on this cloud
  std::span<const std::string_view> environment_prefixes;
  std::span<const std::string_view> registry_suffixes;  // container registries
  std::string_view arm_names;  // RE2 pattern: node types with ARM processors, where the platform's
                               // list is silent
  std::string_view ssd_names;  // RE2 pattern: node types that SSD volumes can be attached to;
                               // "" = to all
  bool generates_application_ids;  // service principals get a new application id
  bool has_instance_profiles;
  bool has_key_vault_scopes;
  std::span<const NodeType> (*node_types)();

  std::span<const Attribute> attribute_table;
  Availability default_availability;  // what an absent availability means for clusters
  Availability default_pool_availability;
  bool pools_fall_back;  // pools know spot_with_fallback
  SpotPrice spot_price;
  std::string_view any_zone;  // "auto"; "" = zones cannot be chosen
  bool needs_volumes;         // node types without local disk need a volume, or creation fails
  bool elastic_disk;          // enable_elastic_disk means something
  bool remote_disks;          // remote_disk_throughput and its like exist
  std::string_view
      pool_disk_type;         // member of disk_spec.disk_type; "" = pools have no disk_spec type
  std::string_view ssd, hdd;  // its words
  int disk_size_least_ssd, disk_size_least_hdd, disk_size_most;  // GiB
  std::string_view
      init_script_member;       // "abfss": where an init script in this cloud's storage is put
  std::string_view log_member;  // "s3": the same for cluster logs; "" = not possible
  bool storage_needs_region;    // those members want a region
  TagRules tags;
  std::span<const std::string_view> libraries;  // modules of code that only serve this cloud
};

std::span<const Cloud* const> all_clouds();
const Cloud* find_cloud(std::string_view name);
// By the longest host suffix; null for hosts of none (private installations).
const Cloud* cloud_of_host(std::string_view host);
// The cloud whose storage an URL names; null for URLs of none.
const Cloud* cloud_of_storage(std::string_view uri);

const Attribute* find_attribute(const Cloud& cloud, Term term);
const Attribute* find_attribute(const Cloud& cloud, std::string_view member, bool pool);
std::string_view availability_word(const Cloud& cloud, Availability availability);
// False when `word` is none of the cloud's.
bool parse_availability(const Cloud& cloud, std::string_view word, Availability& availability);

// Rows of data/databricks_node_types.csv for one cloud, sorted by id.
std::span<const NodeType> node_types_of(std::string_view cloud);

}  // namespace lakeshift::clouds
