// The committed node type table, parsed once.
#include <algorithm>
#include <charconv>
#include <map>
#include <vector>

#include "core/base/embedded.h"
#include "knowledge/clouds/cloud.h"

namespace lakeshift::clouds {
namespace {

using Row = std::vector<std::string_view>;

Row cut_row(std::string_view line) {
  Row cells;
  while (true) {
    std::size_t comma = line.find(',');
    cells.push_back(line.substr(0, comma));
    if (comma == std::string_view::npos) return cells;
    line.remove_prefix(comma + 1);
  }
}

double to_number(std::string_view cell) {
  double value = 0;
  std::from_chars(cell.data(), cell.data() + cell.size(), value);
  return value;
}

struct NodeTable {
  std::map<std::string_view, std::vector<NodeType>> by_cloud;

  NodeTable() {
    std::string_view text = embedded_file("data/databricks_node_types.csv");
    Row names;
    while (!text.empty()) {
      std::string_view line = text.substr(0, text.find('\n'));
      text.remove_prefix(std::min(text.size(), line.size() + 1));
      if (line.empty()) continue;
      Row cells = cut_row(line);
      if (names.empty())
        names = cells;
      else
        add(names, cells);
    }
    for (auto& [cloud, types] : by_cloud)
      std::sort(types.begin(), types.end(),
                [](const NodeType& a, const NodeType& b) { return a.id < b.id; });
  }

  void add(const Row& names, const Row& cells) {
    auto cell = [&](std::string_view name) -> std::string_view {
      for (std::size_t i = 0; i < names.size() && i < cells.size(); ++i)
        if (names[i] == name) return cells[i];
      return {};
    };
    NodeType type{.id = cell("node_type_id"),
                  .category = cell("category"),
                  .vcpus = static_cast<int>(to_number(cell("vcpus"))),
                  .memory_mib = static_cast<int>(to_number(cell("memory_mib"))),
                  .gpu_count = to_number(cell("gpu_count")),
                  .gpu_name = cell("gpu_name"),
                  .local_disk_gib = to_number(cell("local_disk_total_gib")),
                  .local_disk_count = static_cast<int>(to_number(cell("local_disk_count"))),
                  .arch = cell("arch"),
                  .cpu_vendor = cell("cpu_vendor"),
                  .current_generation = cell("current_generation") != "0",
                  .dbu_per_hour = to_number(cell("dbu_per_hour")),
                  .usd_per_hour = to_number(cell("list_price_usd_per_hour")),
                  .gpu_memory_mib = static_cast<int>(to_number(cell("gpu_memory_total_mib")))};
    by_cloud[cell("cloud")].push_back(type);
  }
};

}  // namespace

std::span<const NodeType> node_types_of(std::string_view cloud) {
  static const NodeTable table;
  auto found = table.by_cloud.find(cloud);
  if (found == table.by_cloud.end()) return {};
  return found->second;
}

}  // namespace lakeshift::clouds
