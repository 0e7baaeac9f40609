#include "knowledge/clouds/node_match.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <tuple>

#include "core/base/strings.h"
#include "knowledge/clouds/mapper.h"

namespace lakeshift::clouds {
namespace {

// More local disk per core than this was chosen on purpose; less is the scratch disk every machine
// of its cloud has.
constexpr double kDeliberateDiskPerCore = 30.0;
// Cards of one family may differ a little in memory (24 or 22.4 GiB, 94 or 80 GiB), not by half (80
// or 40 GiB).
constexpr double kLeastGpuMemory = 0.8;

std::string gpu_family(std::string_view name) {
  std::string lower = to_lower(name);
  for (std::string_view family :
       {"a100", "a10", "h100", "h200", "l40s", "l4", "t4", "v100", "k80", "m60", "p100"})
    if (contains(lower, family)) return std::string(family);
  return lower;
}

double gpu_memory_each(const NodeType& type) {
  return type.gpu_count > 0 ? type.gpu_memory_mib / type.gpu_count : 0.0;
}

bool same_gpu(const NodeType& wanted, const NodeType& candidate) {
  if (wanted.gpu_name.empty() || gpu_family(wanted.gpu_name) != gpu_family(candidate.gpu_name))
    return false;
  double needed = gpu_memory_each(wanted), there = gpu_memory_each(candidate);
  return needed == 0 || there == 0 || there >= kLeastGpuMemory * needed;
}

double shortage_counts_double(double wanted, double there) {
  if (wanted <= 0) return 0;
  double relative = (there - wanted) / wanted;
  return relative < 0 ? -2 * relative : relative;
}

double memory_distance(const NodeType& wanted, const NodeType& candidate) {
  if (wanted.memory_mib <= 0) return 0;
  double excess = static_cast<double>(candidate.memory_mib) / wanted.memory_mib - 1;
  constexpr double kRounding = 1e-9;
  if (excess >= -0.05 - kRounding && excess <= 0.20 + kRounding) return 0;
  return shortage_counts_double(wanted.memory_mib, candidate.memory_mib);
}

bool disk_is_required(const NodeType& type) {
  return type.local_disk_gib >= kDeliberateDiskPerCore * type.vcpus && type.local_disk_gib > 0;
}

double disk_distance(const NodeType& wanted, const NodeType& candidate) {
  if (wanted.category != "storage_optimized")
    return disk_is_required(wanted) && candidate.local_disk_gib <= 0 ? 0.1 : 0.0;
  double distance = candidate.category == "storage_optimized" ? 0.0 : 0.5;
  if (candidate.local_disk_gib <= 0) return distance + 1;
  if (wanted.local_disk_gib <= 0) return distance;
  double ratio = candidate.local_disk_gib / wanted.local_disk_gib;
  if (ratio < 0.7 || ratio > 1.5) distance += std::min(1.0, std::abs(ratio - 1));
  return distance;
}

std::string percent_text(double wanted, double there) {
  return fmt::format("{:+.0f} %", wanted > 0 ? 100 * (there / wanted - 1) : 0.0);
}

std::string gpu_text(const NodeType& type) {
  return fmt::format("{:g} x {}", type.gpu_count,
                     type.gpu_name.empty() ? "unnamed GPU" : type.gpu_name);
}

std::string disk_text(const NodeType& wanted, const NodeType& candidate) {
  std::string there = candidate.local_disk_gib > 0
                          ? fmt::format("{:.0f} GiB local disk", candidate.local_disk_gib)
                          : std::string("no local disk");
  if (wanted.local_disk_gib <= 0) return there;
  return fmt::format(
      "{} for {:.0f} GiB{}", there, wanted.local_disk_gib,
      disk_is_required(wanted) ? "" : " (scratch, below 30 GiB per vCPU: not required)");
}

std::string explain(const NodeType& wanted, const NodeType& candidate, const Distance& distance) {
  std::string text = fmt::format("{} for {}: {} vCPU for {}", candidate.id, wanted.id,
                                 candidate.vcpus, wanted.vcpus);
  text += fmt::format(", {} GiB for {} GiB ({})", gib_text(candidate.memory_mib),
                      gib_text(wanted.memory_mib),
                      percent_text(wanted.memory_mib, candidate.memory_mib));
  if (has_gpu(wanted)) text += ", " + gpu_text(candidate) + " for " + gpu_text(wanted);
  text += ", " + disk_text(wanted, candidate);
  if (candidate.category != wanted.category)
    text += fmt::format(", {} for {}", candidate.category, wanted.category);
  if (architecture_of(candidate) != architecture_of(wanted))
    text += fmt::format(", {} for {}", architecture_of(candidate), architecture_of(wanted));
  text += fmt::format("; distance {:.2f}", distance.total());
  if (distance.total() > 0)
    text +=
        fmt::format(" (gpu {:.2f}, vcpu {:.2f}, memory {:.2f}, disk {:.2f}, category {:.2f})",
                    distance.gpu, distance.vcpu, distance.memory, distance.disk, distance.category);
  return text + fmt::format("; {:.3f} USD/h list price with DBU", cost_per_hour(candidate));
}

}  // namespace

bool has_gpu(const NodeType& type) { return type.gpu_count > 0 || type.category == "gpu"; }

std::string_view architecture_of(const NodeType& type) {
  return type.arch.empty() ? "x86_64" : type.arch;
}

double cost_per_hour(const NodeType& type) {
  return type.usd_per_hour + kReferenceDbuPrice * type.dbu_per_hour;
}

std::string gib_text(double mib) { return fmt::format("{:.4g}", mib / 1024); }

Distance distance_between(const NodeType& wanted, const NodeType& candidate) {
  Distance distance;
  distance.vcpu = shortage_counts_double(wanted.vcpus, candidate.vcpus);
  distance.memory = memory_distance(wanted, candidate);
  if (has_gpu(wanted)) {
    double most = std::max(wanted.gpu_count, candidate.gpu_count);
    if (!same_gpu(wanted, candidate)) distance.gpu += 10;
    if (most > 0) distance.gpu += 5 * std::abs(wanted.gpu_count - candidate.gpu_count) / most;
    distance.vcpu *= 0.2;
    distance.memory *= 0.2;
  }
  distance.disk = disk_distance(wanted, candidate);
  if (!has_gpu(wanted) && wanted.category != "storage_optimized" &&
      wanted.category != candidate.category)
    distance.category = 0.25;
  return distance;
}

std::vector<NodeMatch> match_node_type(const NodeType& wanted, std::span<const NodeType> candidates,
                                       bool allow_arm, std::size_t most) {
  struct Ranked {
    const NodeType* type;
    Distance distance;
    long long rounded;  // ties must not hang on the last bit of a sum
  };
  std::vector<Ranked> ranked;
  for (const NodeType& candidate : candidates) {
    bool arm_allowed = allow_arm && architecture_of(candidate) == "arm64";
    if (architecture_of(candidate) != architecture_of(wanted) && !arm_allowed) continue;
    if (has_gpu(candidate) != has_gpu(wanted) || candidate.usd_per_hour <= 0) continue;
    Distance distance = distance_between(wanted, candidate);
    ranked.push_back({&candidate, distance, std::llround(distance.total() * 1e6)});
  }
  auto order = [&](const Ranked& ranked_one) {
    return std::make_tuple(ranked_one.rounded, ranked_one.type->cpu_vendor != wanted.cpu_vendor,
                           std::llround(cost_per_hour(*ranked_one.type) * 1e6),
                           !ranked_one.type->ssd_volumes, ranked_one.type->id);
  };
  std::sort(ranked.begin(), ranked.end(),
            [&](const Ranked& a, const Ranked& b) { return order(a) < order(b); });
  if (ranked.size() > most) ranked.resize(most);
  std::vector<NodeMatch> matches;
  for (const Ranked& each : ranked)
    matches.push_back(
        {each.type, each.distance.total(), explain(wanted, *each.type, each.distance)});
  return matches;
}

}  // namespace lakeshift::clouds
