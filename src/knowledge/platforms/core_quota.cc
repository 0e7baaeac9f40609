#include "knowledge/platforms/core_quota.h"

#include <algorithm>
#include <map>

namespace lakeshift::platforms {
namespace {

struct NodeCores {
  long long each = 0;
  long long quota = 0;
};
using CoresByType = std::map<std::string, NodeCores, std::less<>>;

CoresByType told_quotas(const Json& node_types) {
  CoresByType types;
  if (!node_types.is_array()) return types;
  for (const Json& type : node_types) {
    const Json& cores = member(type, "num_cores");
    const long long quota = int_at(member(type, "node_info"), "total_core_quota");
    if (!cores.is_number() || quota <= 0) continue;
    types[text_at(type, "node_type_id")] = {static_cast<long long>(cores.get<double>()), quota};
  }
  return types;
}

// How many nodes of each type run at once, at most. A pool is held to what it always keeps.
std::map<std::string, long long> nodes_of(const Json& specification) {
  std::map<std::string, long long> nodes;
  const std::string type = text_at(specification, "node_type_id");
  if (type.empty()) return nodes;
  if (specification.contains("instance_pool_name")) {
    nodes[type] = int_at(specification, "min_idle_instances");
    return nodes;
  }
  nodes[type] = std::max(int_at(specification, "num_workers"),
                         int_at(member(specification, "autoscale"), "max_workers"));
  ++nodes[text_at(specification, "driver_node_type_id", type)];
  return nodes;
}

void look(const Json& part, const Json::json_pointer& place, const CoresByType& types,
          std::vector<CoreDemand>& found) {
  if (part.is_object())
    for (const auto& [name, count] : nodes_of(part)) {
      const auto type = types.find(name);
      if (type == types.end()) continue;
      const long long cores = count * type->second.each;
      if (cores > type->second.quota)
        found.push_back({place.to_string(), name, cores, type->second.quota});
    }
  if (part.is_structured())
    for (const auto& [key, value] : part.items())
      if (value.is_structured())
        look(value, part.is_array() ? place / std::stoul(key) : place / key, types, found);
}

}  // namespace

std::vector<CoreDemand> beyond_core_quota(const Json& document, const Json& node_types) {
  std::vector<CoreDemand> found;
  if (const CoresByType types = told_quotas(node_types); !types.empty())
    look(document, Json::json_pointer(), types, found);
  return found;
}

}  // namespace lakeshift::platforms
