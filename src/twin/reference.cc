#include "twin/reference.h"

#include <algorithm>
#include <charconv>

#include "core/base/embedded.h"
#include "core/base/strings.h"

namespace lakeshift::twin {
namespace {

// Runtimes with support left or extended, docs.databricks.com "Databricks Runtime release notes"
// (read 2026-11).
struct RuntimeLine {
  std::string_view version;
  std::string_view spark;
  std::string_view scala;
  bool lts;
};
constexpr RuntimeLine kRuntimes[] = {
    {"9.1", "3.1.2", "2.12", true},   {"10.4", "3.2.1", "2.12", true},
    {"11.3", "3.3.0", "2.12", true},  {"12.2", "3.3.2", "2.12", true},
    {"13.3", "3.4.1", "2.12", true},  {"14.3", "3.5.0", "2.12", true},
    {"15.4", "3.5.0", "2.12", true},  {"16.4", "3.5.2", "2.12", true},
    {"16.4", "3.5.2", "2.13", true},  {"17.0", "4.0.0", "2.13", false},
    {"17.1", "4.0.0", "2.13", false}, {"17.2", "4.0.0", "2.13", false},
    {"17.3", "4.0.0", "2.13", true}};

struct CloudZones {
  std::string_view cloud;
  std::string_view zones;
};
constexpr CloudZones kZones[] = {
    {"aws", "us-east-1a us-east-1b us-east-1c us-east-1d us-east-1e us-east-1f"},
    {"gcp", "us-east1-b us-east1-c us-east1-d"},
    {"azure", ""}};

long long number(const std::string& text) {
  double value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return static_cast<long long>(value);
}

Json node_document(const std::map<std::string, std::string>& row, const std::string& cloud,
                   long long order) {
  const auto field = [&row](const char* name) {
    const auto found = row.find(name);
    return found == row.end() ? std::string() : found->second;
  };
  const std::string id = field("node_type_id");
  const bool arm = field("arch") == "arm64" || field("cpu_vendor") == "ARM";
  const bool gpu = number(field("gpu_count")) > 0;
  const long long disks = number(field("local_disk_count"));
  Json instance = {
      {"instance_type_id", id}, {"local_disks", disks}, {"is_encrypted_in_transit", false}};
  if (disks > 0) instance["local_disk_size_gb"] = number(field("local_disk_total_gib")) / disks;
  Json document = {
      {"node_type_id", id},
      {"instance_type_id", id},
      {"description", id},
      {"memory_mb", number(field("memory_mib"))},
      {"num_cores", static_cast<double>(number(field("vcpus")))},
      {"num_gpus", number(field("gpu_count"))},
      {"category", field("category")},
      {"is_deprecated", false},
      {"is_hidden", false},
      {"is_graviton", arm && cloud == "aws"},
      {"is_io_cache_enabled", disks > 0},
      {"is_encrypted_in_transit", false},
      {"support_ebs_volumes", cloud == "aws"},
      {"support_cluster_tags", true},
      {"support_port_forwarding", !gpu},
      {"photon_driver_capable", !gpu},
      {"photon_worker_capable", !gpu},
      {"display_order", order},
      {"node_instance_type", std::move(instance)},
      {"node_info",
       {{"status", Json::array()}, {"available_core_quota", 1000}, {"total_core_quota", 1000}}}};
  return document;
}

NodeType node_of(Json document) {
  NodeType node;
  node.id = text_at(document, "node_type_id");
  node.has_local_disk = int_at(member(document, "node_instance_type"), "local_disks") > 0 ||
                        int_at(member(document, "node_instance_type"), "local_nvme_disks") > 0;
  node.is_arm =
      bool_at(document, "is_graviton") || contains(text_at(document, "description"), "ARM");
  node.has_gpu = int_at(document, "num_gpus") > 0;
  node.document = std::move(document);
  return node;
}

void add_runtimes(std::map<std::string, std::string, std::less<>>& runtimes,
                  std::string_view cloud) {
  for (const RuntimeLine& line : kRuntimes) {
    const std::string base = std::string(line.version) + ".x-";
    const std::string scala = "scala" + std::string(line.scala);
    const std::string tail = " (includes Apache Spark " + std::string(line.spark) + ", Scala " +
                             std::string(line.scala) + ")";
    const std::string title = std::string(line.version) + (line.lts ? " LTS" : "");
    runtimes[base + scala] = title + tail;
    runtimes[base + "photon-" + scala] = title + " Photon" + tail;
    runtimes[base + "cpu-ml-" + scala] = title + " ML" + tail;
    runtimes[base + "gpu-ml-" + scala] = title + " ML GPU" + tail;
    if (cloud != "gcp") {  // ARM nodes: docs "Supported instance types"
      runtimes[base + "aarch64-" + scala] = title + " aarch64" + tail;
      runtimes[base + "aarch64-photon-" + scala] = title + " aarch64 Photon" + tail;
    }
  }
}

}  // namespace

Result<Reference> Reference::of_cloud(std::string_view cloud) {
  Reference reference;
  const std::vector<std::string> lines =
      split(embedded_file("data/databricks_node_types.csv"), '\n');
  if (lines.size() < 2)
    return fail("bad-reference", "the table of node types is empty",
                "data/databricks_node_types.csv");
  const std::vector<std::string> header = split(trim(lines[0]), ',');
  for (std::size_t i = 1; i < lines.size(); ++i) {
    const std::vector<std::string> cells = split(trim(lines[i]), ',');
    if (cells.size() != header.size()) continue;
    std::map<std::string, std::string> row;
    for (std::size_t c = 0; c < header.size(); ++c) row[header[c]] = cells[c];
    if (row["cloud"] != cloud) {
      reference.foreign_[row["node_type_id"]] = row["cloud"];
      continue;
    }
    Json document = node_document(row, row["cloud"], static_cast<long long>(i));
    NodeType node = node_of(std::move(document));
    node.is_arm = row["arch"] == "arm64" || row["cpu_vendor"] == "ARM";
    std::string id = node.id;
    reference.node_types_[std::move(id)] = std::move(node);
  }
  add_runtimes(reference.runtimes_, cloud);
  for (const CloudZones& zones : kZones) {
    if (zones.cloud == cloud && !zones.zones.empty()) reference.zones_ = split(zones.zones, ' ');
  }
  return reference;
}

Status Reference::replace(const Json& lists) {
  const Json& nodes = member(lists, "node_types");
  if (nodes.is_array() && !nodes.empty()) {
    const auto known = std::move(node_types_);
    node_types_.clear();
    for (const Json& document : nodes) {
      NodeType node = node_of(document);
      // The list itself names the processor on AWS only (is_graviton).
      if (const auto same = known.find(node.id); same != known.end())
        node.is_arm = node.is_arm || same->second.is_arm;
      std::string id = node.id;
      node_types_[std::move(id)] = std::move(node);
    }
  }
  const Json& versions = member(lists, "versions");
  if (versions.is_array() && !versions.empty()) {
    runtimes_.clear();
    for (const Json& version : versions)
      runtimes_[text_at(version, "key")] = text_at(version, "name");
  }
  const Json& zones = member(lists, "zones");
  if (zones.is_array() && !zones.empty()) {
    zones_.clear();
    for (const Json& zone : zones) zones_.push_back(scalar_text(zone));
  }
  return {};
}

const NodeType* Reference::node_type(std::string_view id) const {
  const auto found = node_types_.find(id);
  return found == node_types_.end() ? nullptr : &found->second;
}

bool Reference::has_zone(std::string_view zone) const {
  return std::find(zones_.begin(), zones_.end(), zone) != zones_.end();
}

std::string Reference::cloud_of_node_type(std::string_view id) const {
  const auto found = foreign_.find(id);
  return found == foreign_.end() ? std::string() : found->second;
}

Json Reference::node_types() const {
  Json list = Json::array();
  for (const auto& [id, node] : node_types_) list.push_back(node.document);
  return {{"node_types", std::move(list)}};
}

Json Reference::runtimes() const {
  Json list = Json::array();
  for (const auto& [key, name] : runtimes_) list.push_back({{"key", key}, {"name", name}});
  return {{"versions", std::move(list)}};
}

Json Reference::zones() const {
  Json body = {{"zones", zones_}};
  if (!zones_.empty()) body["default_zone"] = zones_.front();
  return body;
}

Json Reference::to_json() const {
  Json all = node_types();
  all.update(runtimes());
  all.update(zones());
  return all;
}

}  // namespace lakeshift::twin
