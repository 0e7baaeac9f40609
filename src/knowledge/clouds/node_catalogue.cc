#include "knowledge/clouds/node_catalogue.h"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "core/base/json.h"
#include "core/base/strings.h"

namespace lakeshift::clouds {
namespace {

// Categories as list-node-types words them; remarks such as "(HDD)" follow them.
std::string_view category_of(std::string_view text) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kCategories = {{
      {"general purpose", "general_purpose"},
      {"compute optimized", "compute_optimized"},
      {"memory optimized", "memory_optimized"},
      {"storage optimized", "storage_optimized"},
      {"gpu", "gpu"},
  }};
  std::string lower = replace_all(to_lower(text), "_", " ");
  for (const auto& [words, category] : kCategories)
    if (lower.starts_with(words)) return category;
  return "general_purpose";
}

bool has_number(const Json& object, const char* key) {
  return object.is_object() && object.contains(key) && member(object, key).is_number();
}

double number_at(const Json& object, const char* key) {
  return has_number(object, key) ? member(object, key).get<double>() : 0.0;
}

std::string_view architecture_of_row(const Cloud& cloud, const Json& row) {
  bool named = RE2::FullMatch(text_at(row, "node_type_id"), RE2(std::string(cloud.arm_names)));
  return named || bool_at(row, "is_graviton") ? "arm64" : "x86_64";
}

// Local disks as the platform describes the machine; sizes are per disk.
void read_disks(const Json& machine, NodeType& type) {
  if (!has_number(machine, "local_disks") && !has_number(machine, "local_nvme_disks")) return;
  double plain = number_at(machine, "local_disks"), nvme = number_at(machine, "local_nvme_disks");
  type.local_disk_count = static_cast<int>(plain + nvme);
  type.local_disk_gib = plain * number_at(machine, "local_disk_size_gb") +
                        nvme * number_at(machine, "local_nvme_disk_size_gb");
}

}  // namespace

const Json& reference_list(const Json& reference, std::string_view name, std::string_view inner) {
  const Json& found = member(reference, name);
  return found.is_object() ? member(found, inner) : found;
}

NodeCatalogue::NodeCatalogue(const Cloud& cloud, const Json& reference) {
  for (const NodeType& type : cloud.node_types()) types_.push_back(type);
  const Json& rows = reference_list(reference, "node_types", "node_types");
  listed_ = rows.is_array() && !rows.empty();
  if (listed_)
    for (const Json& row : rows) add_listed(cloud, row);
  add_fleets(cloud);
  if (!cloud.ssd_names.empty()) {
    const RE2 takes_ssd{std::string(cloud.ssd_names)};
    for (NodeType& type : types_)
      type.ssd_volumes =
          RE2::FullMatch(re2::StringPiece(type.id.data(), type.id.size()), takes_ssd);
  }
  auto by_id = [](const NodeType& a, const NodeType& b) { return a.id < b.id; };
  std::sort(types_.begin(), types_.end(), by_id);
  for (const NodeType& type : types_)
    if (offers(type.id) && !retired_.contains(std::string(type.id)) && type.usd_per_hour > 0 &&
        !type.arch.empty())
      candidates_.push_back(type);
}

void NodeCatalogue::add_listed(const Cloud& cloud, const Json& row) {
  std::string id = text_at(row, "node_type_id");
  if (id.empty()) return;
  offered_.insert(id);
  if (bool_at(row, "is_deprecated") || bool_at(row, "is_hidden")) retired_.insert(id);
  // The worker's ability counts: a cluster needs both, and no type is known that has only one.
  if (row.contains("photon_worker_capable") && !bool_at(row, "photon_worker_capable"))
    without_photon_.insert(id);

  auto found = std::find_if(types_.begin(), types_.end(),
                            [&](const NodeType& type) { return type.id == id; });
  if (found == types_.end()) {
    NodeType fresh{};
    fresh.id = keep(id);
    fresh.category = category_of(text_at(row, "category"));
    fresh.arch = architecture_of_row(cloud, row);
    fresh.current_generation = !bool_at(row, "is_deprecated");
    found = types_.insert(types_.end(), fresh);
  }
  NodeType& type = *found;
  if (number_at(row, "num_cores") >= 1)
    type.vcpus = static_cast<int>(std::lround(number_at(row, "num_cores")));
  if (number_at(row, "memory_mb") > 0)
    type.memory_mib = static_cast<int>(number_at(row, "memory_mb"));
  if (has_number(row, "num_gpus")) type.gpu_count = number_at(row, "num_gpus");
  if (type.arch.empty()) type.arch = architecture_of_row(cloud, row);
  read_disks(member(row, "node_instance_type"), type);
}

// A fleet type is any current machine of one family and size; its specification is that of the
// eldest member.
void NodeCatalogue::add_fleets(const Cloud& cloud) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kFleets = {{
      {"m-fleet.", "m5."},
      {"md-fleet.", "m5d."},
      {"r-fleet.", "r5."},
      {"rd-fleet.", "r5d."},
      {"c-fleet.", "c5."},
      {"i-fleet.", "i3."},
      {"rg-fleet.", "r6g."},
  }};
  std::vector<NodeType> fleets;
  for (const NodeType& type : cloud.node_types())
    for (const auto& [fleet, family] : kFleets)
      if (type.id.starts_with(family)) {
        NodeType copy = type;
        copy.id = keep(std::string(fleet) + std::string(type.id.substr(family.size())));
        copy.usd_per_hour = 0;  // no price of its own: never chosen by itself
        fleets.push_back(copy);
      }
  for (NodeType& fleet : fleets)
    if (std::none_of(types_.begin(), types_.end(),
                     [&](const NodeType& type) { return type.id == fleet.id; }))
      types_.push_back(fleet);
}

const NodeType* NodeCatalogue::find(std::string_view id) const {
  auto found = std::lower_bound(
      types_.begin(), types_.end(), id,
      [](const NodeType& type, std::string_view wanted) { return type.id < wanted; });
  return found != types_.end() && found->id == id ? &*found : nullptr;
}

bool NodeCatalogue::offers(std::string_view id) const {
  if (listed_) return offered_.contains(std::string(id));
  return std::any_of(types_.begin(), types_.end(),
                     [&](const NodeType& type) { return type.id == id; });
}

std::vector<std::string> NodeCatalogue::ids() const {
  std::vector<std::string> all;
  for (const NodeType& type : types_)
    if (offers(type.id)) all.emplace_back(type.id);
  return all;
}

}  // namespace lakeshift::clouds
