// One table per cloud: how the same things are spelled there.
#pragma once

#include <span>
#include <string_view>

#include "core/base/json_fwd.h"

namespace lakeshift::clouds {

struct NodeType {
  std::string_view id;
  std::string_view category;   // general_purpose, compute_optimized, memory_optimized, storage_optimized, gpu, …
  int vcpus;
  int memory_mib;
  double gpu_count;
  std::string_view gpu_name;
  double local_disk_gib;
  int local_disk_count;
  std::string_view arch;       // x86_64, arm64
  std::string_view cpu_vendor;
  bool current_generation;
  double dbu_per_hour;         // 0 = not known
  double usd_per_hour;         // list price of the VM in the reference region; 0 = not known
};

struct Cloud {
  std::string_view name;              // "azure"
  std::string_view title;             // "Azure"
  std::string_view host_suffix;       // ".azuredatabricks.net"
  std::string_view attributes;        // "azure_attributes": the member of a compute document that is this cloud's
  std::string_view on_demand, spot, spot_with_fallback;  // availability words
  std::span<const std::string_view> storage_schemes;     // "abfss://", "wasbs://", …
  std::span<const std::string_view> conf_prefixes;       // configuration keys that only work on this cloud
  std::span<const std::string_view> environment_prefixes;
  std::span<const std::string_view> registry_suffixes;   // container registries
  bool generates_application_ids;     // service principals get a new application id
  bool has_instance_profiles;
  bool has_key_vault_scopes;
  std::span<const NodeType> (*node_types)();
};

std::span<const Cloud* const> all_clouds();
const Cloud* find_cloud(std::string_view name);
const Cloud* cloud_of_host(std::string_view host);

}  // namespace lakeshift::clouds
