#include "stages/acceptance_compute.h"

#include <charconv>
#include <tuple>

#include "core/base/strings.h"

namespace lakeshift::stages {
namespace {

bool is_plain(const Json& type) {
  const Json& instance = member(type, "node_instance_type");
  const bool has_disk =
      int_at(instance, "local_disks") > 0 || int_at(instance, "local_nvme_disks") > 0;
  return has_disk && int_at(type, "num_gpus") == 0 && !bool_at(type, "is_deprecated") &&
         !bool_at(type, "is_hidden") && !bool_at(type, "is_graviton");
}

// "15.4.x-scala2.12" -> (15, 4)
std::pair<int, int> version_of(const std::string& key) {
  const std::size_t dot = key.find('.');
  if (dot == std::string::npos) return {0, 0};
  int major = 0, minor = 0;
  std::from_chars(key.data(), key.data() + dot, major);
  std::from_chars(key.data() + dot + 1, key.data() + key.size(), minor);
  return {major, minor};
}

}  // namespace

std::string smallest_node_type(const Json& reference) {
  std::tuple<long long, double, std::string> best;
  std::string found;
  const Json& types = member(reference, "node_types");
  if (!types.is_array()) return {};
  for (const Json& type : types) {
    const std::string id = text_at(type, "node_type_id");
    if (id.empty() || !is_plain(type)) continue;
    const Json& cores = member(type, "num_cores");
    const std::tuple<long long, double, std::string> size{
        int_at(type, "memory_mb"), cores.is_number() ? cores.get<double>() : 0.0, id};
    if (found.empty() || size < best) {
      best = size;
      found = id;
    }
  }
  return found;
}

std::string newest_lts_runtime(const Json& reference) {
  std::string found;
  const Json& versions = member(reference, "spark_versions");
  if (!versions.is_array()) return {};
  for (const Json& version : versions) {
    const std::string key = text_at(version, "key");
    if (!contains(text_at(version, "name"), "LTS")) continue;
    bool special = false;
    for (const char* part : {"-ml-", "gpu", "aarch64", "photon", "-hls-"})
      special = special || contains(key, part);
    if (!special && (found.empty() || version_of(key) > version_of(found))) found = key;
  }
  return found;
}

}  // namespace lakeshift::stages
