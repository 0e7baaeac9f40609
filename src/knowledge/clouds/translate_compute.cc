// Clusters (of their own and inside jobs) and instance pools: node types, runtime, and the order in
// which the parts of a block are translated.
#include <fmt/format.h>

#include <algorithm>

#include "core/base/strings.h"
#include "knowledge/clouds/node_match.h"
#include "knowledge/clouds/translation.h"

namespace lakeshift::clouds {
namespace {

using model::Severity;

bool present(const Json& block, std::string_view name) {
  const Json& value = member(block, name);
  return value.is_string() && !value.get_ref<const std::string&>().empty();
}

bool wants_photon(const Json& block) {
  return text_at(block, "runtime_engine") == "PHOTON" ||
         contains(text_at(block, "spark_version"), "-photon-");
}

std::string not_offered(const Mapper::State& state, std::string_view id) {
  std::string near = closest(id, state.target_nodes.ids());
  return near.empty() ? std::string() : "; did you mean '" + near + "'?";
}

std::vector<NodeType> photon_only(const NodeCatalogue& catalogue) {
  std::vector<NodeType> capable;
  for (const NodeType& type : catalogue.candidates())
    if (catalogue.runs_photon(type.id)) capable.push_back(type);
  return capable;
}

}  // namespace

NodeChoice Translation::node_type(const std::string& path, const std::string& id, bool photon) {
  const NodeType* wanted = state_.source_nodes.find(id);
  NodeChoice choice;
  if (id == "auto") return {id, nullptr, "the platform chooses"};
  auto chosen = state_.user().node_types.find(id);
  if (chosen != state_.user().node_types.end()) {
    choice = {chosen->second, state_.target_nodes.find(chosen->second), "mapping.yaml, node_types"};
    if (!state_.target_nodes.offers(choice.id)) {
      block("node-type-not-offered", path,
            "mapping.yaml maps node type '" + id + "' to '" + choice.id +
                "', which the target does not offer",
            "choose one of the target's list-node-types" + not_offered(state_, choice.id));
      return {};
    }
  } else if (!state_.crosses_clouds() && state_.target_nodes.offers(id)) {
    return {id, state_.target_nodes.find(id), "the target offers the same node type"};
  } else if (wanted == nullptr) {
    block("node-type-unknown", path,
          "node type '" + id + "' is neither in the source's list-node-types nor in the table",
          "add to mapping.yaml: " + mapping_line("node_types", id, "<node type of the target>"));
    return {};
  } else {
    std::vector<NodeType> capable;
    if (photon) capable = photon_only(state_.target_nodes);
    auto matches = match_node_type(*wanted, photon ? capable : state_.target_nodes.candidates(),
                                   state_.user().allow_arm, 2);
    if (matches.empty() || matches[0].distance > kNoEqual) {
      std::string best =
          matches.empty() ? "<node type of the target>" : std::string(matches[0].type->id);
      block("node-type-unmapped", path,
            "node type '" + id + "' has no equal in the target" +
                (matches.empty()
                     ? ": it offers none of architecture " + std::string(architecture_of(*wanted)) +
                           (has_gpu(*wanted) ? " with GPUs" : "")
                     : fmt::format(" (distance over {:.2f}, half a node); the closest is {}",
                                   kNoEqual, matches[0].explanation)),
            "if that will do, add to mapping.yaml: " + mapping_line("node_types", id, best));
      return {};
    }
    // The match points into this function's list; the catalogue's row lives on.
    choice.id = matches[0].type->id;
    choice.type = state_.target_nodes.find(choice.id);
    choice.explanation = matches[0].explanation;
    if (matches.size() > 1)
      choice.explanation +=
          fmt::format("; next {} (distance {:.2f}, {:.3f} USD/h)", matches[1].type->id,
                      matches[1].distance, cost_per_hour(*matches[1].type));
  }
  decide(path, "node-type", id, choice.id, choice.explanation);
  warn_about_node(path, wanted, choice);
  return choice;
}

void Translation::warn_about_node(const std::string& path, const NodeType* wanted,
                                  const NodeChoice& choice) {
  if (choice.type == nullptr || !warned_nodes_.insert(choice.id).second) return;
  if (!choice.type->current_generation)
    find("node-type-previous-generation", Severity::info, path,
         "node type '" + choice.id +
             "' is of a previous generation, which the cloud may stop offering",
         "consider its successor in mapping.yaml, node_types", choice.id);
  if (wanted == nullptr) return;
  if (architecture_of(*choice.type) != architecture_of(*wanted))
    find("node-type-architecture", Severity::warning, path,
         "'" + choice.id + "' is " + std::string(architecture_of(*choice.type)) + ", '" +
             std::string(wanted->id) + "' is " + std::string(architecture_of(*wanted)),
         "check native libraries, wheels and images; or set allow_arm: false", choice.explanation);
  if (has_gpu(*wanted) && choice.type->gpu_name != wanted->gpu_name)
    find("node-type-gpu-model", Severity::info, path,
         fmt::format("GPU model {} stands for {}", choice.type->gpu_name, wanted->gpu_name),
         "check that the workload's kernels and memory fit", choice.explanation);
}

std::string Translation::runtime(const std::string& path, const std::string& key,
                                 const NodeType* node) {
  if (auto found = state_.user().runtimes.find(key); found != state_.user().runtimes.end()) {
    if (state_.runtimes.known() && !state_.runtimes.offers(found->second))
      block("runtime-not-offered", path,
            "mapping.yaml maps runtime '" + key + "' to '" + found->second +
                "', which the target does not offer",
            "choose one of the target's spark-versions; the closest is '" +
                closest(found->second, state_.runtimes.keys()) + "'");
    decide(path, "runtime", key, found->second, "mapping.yaml, runtimes");
    return found->second;
  }
  if (key.starts_with("custom:") && !state_.runtimes.offers(key)) {
    block("runtime-unmapped", path,
          "runtime '" + key + "' is a custom image of the source workspace",
          "add to mapping.yaml: " + mapping_line("runtimes", key, "<runtime of the target>"));
    return key;
  }
  bool arm = node != nullptr && node->arch == "arm64";
  std::optional<bool> gpu;
  if (node != nullptr) gpu = has_gpu(*node);
  RuntimeChoice choice = state_.runtimes.choose(key, arm, gpu);
  if (choice.key.empty()) {
    block("runtime-unmapped", path,
          "the target offers neither runtime '" + key +
              "' nor a newer long term version of the same flavour",
          "add to mapping.yaml: " + mapping_line("runtimes", key, "<runtime of the target>"));
    return key;
  }
  if (choice.key == key) return key;
  decide(path, "runtime", key, choice.key, choice.explanation);
  if (choice.substituted)
    find("runtime-substituted", Severity::warning, path,
         choice.explanation + ": '" + choice.key + "'",
         "test the workload on it, or choose another in mapping.yaml, runtimes", key);
  return choice.key;
}

void Translation::alternates(const std::string& prefix, Json& block, std::string_view name,
                             const std::string& main) {
  const Json& found = member(member(block, name), "alternate_node_type_ids");
  if (!found.is_array()) return;
  std::string path = prefix + std::string(name) + ".alternate_node_type_ids";
  Json mapped = Json::array();
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (!found[i].is_string()) continue;
    std::size_t blocked = out_.blockers.size();
    NodeChoice choice = node_type(path + "[" + std::to_string(i) + "]", found[i].get<std::string>(),
                                  wants_photon(block));
    if (choice.id.empty() && out_.blockers.size() > blocked) {
      // A missing alternative costs capacity, not the cluster: it is left out.
      out_.blockers.resize(blocked);
      find("alternate-node-type-dropped", Severity::warning, path,
           "alternative node type " + found[i].dump() + " has no equal",
           "name one in mapping.yaml, node_types", found[i].get<std::string>());
    }
    bool known = choice.id == main ||
                 std::find(mapped.begin(), mapped.end(), Json(choice.id)) != mapped.end();
    if (!choice.id.empty() && !known) mapped.push_back(choice.id);
  }
  block[std::string(name)]["alternate_node_type_ids"] = std::move(mapped);
}

void Translation::finish(const std::string& prefix, std::initializer_list<std::string_view> names) {
  for (std::string_view name : names) done_.push_back(prefix + std::string(name));
}

// The pool decides what machines a cluster gets; sending its choice again is refused.
void Translation::drop_what_pools_decide(const std::string& prefix, Json& block) {
  for (std::string_view name :
       {"node_type_id", "driver_node_type_id", "worker_node_type_flexibility",
        "driver_node_type_flexibility", "enable_elastic_disk"}) {
    bool drivers_own = name.starts_with("driver") && present(block, "driver_node_type_id") &&
                       !present(block, "driver_instance_pool_id") &&
                       text_at(block, "driver_node_type_id") != text_at(block, "node_type_id");
    const Json before = member(block, name);
    if (before.is_null()) continue;
    block.erase(std::string(name));
    decide(prefix + std::string(name), "pool", before, Json(),
           drivers_own ? "the driver comes from the cluster's instance pool too"
                       : "the instance pool decides it");
  }
}

void Translation::compute(const std::string& prefix, Json& block) {
  bool photon = wants_photon(block);
  std::vector<const NodeType*> nodes;
  bool pooled = present(block, "instance_pool_id");
  if (pooled) {
    drop_what_pools_decide(prefix, block);
  } else {
    for (const char* name : {"node_type_id", "driver_node_type_id"}) {
      if (!present(block, name)) continue;
      std::string before = text_at(block, name);
      NodeChoice choice = node_type(prefix + name, before, photon);
      if (!choice.id.empty()) block[name] = choice.id;
      if (choice.type != nullptr) nodes.push_back(choice.type);
      warn_about_disk(prefix + name, state_.source_nodes.find(before), choice.type, block);
    }
    alternates(prefix, block, "worker_node_type_flexibility", text_at(block, "node_type_id"));
    alternates(prefix, block, "driver_node_type_flexibility",
               text_at(block, "driver_node_type_id"));
  }
  if (present(block, "spark_version"))
    block["spark_version"] = runtime(prefix + "spark_version", text_at(block, "spark_version"),
                                     nodes.empty() ? nullptr : nodes[0]);
  if (text_at(block, "data_security_mode") == "LEGACY_PASSTHROUGH" && state_.crosses_clouds())
    this->block("passthrough-not-portable", prefix + "data_security_mode",
                "credential passthrough (LEGACY_PASSTHROUGH) does not exist on " +
                    std::string(state_.to().title),
                "choose another access mode, for example in mapping.yaml: fields: [{kind: " +
                    std::string(kind_.name) + ", object: \"" + object_.key + "\", path: " + prefix +
                    "data_security_mode, value: SINGLE_USER}]");
  attributes(prefix, block, false, nodes);
  log_destination(prefix, block);
  init_scripts(prefix, block);
  shared_parts(prefix, block);
  finish(prefix,
         {"node_type_id", "driver_node_type_id", "worker_node_type_flexibility",
          "driver_node_type_flexibility", "spark_version", "cluster_log_conf", "init_scripts"});
}

// What clusters and pools have in common.
void Translation::shared_parts(const std::string& prefix, Json& block) {
  if (auto found = block.find("spark_conf"); found != block.end() && found->is_object())
    conf(prefix + "spark_conf", *found);
  if (auto found = block.find("spark_env_vars"); found != block.end() && found->is_object())
    environment(prefix + "spark_env_vars", *found);
  if (auto found = block.find("custom_tags"); found != block.end() && found->is_object())
    tags(prefix + "custom_tags", *found);
  auto docker = block.find("docker_image");
  if (docker != block.end() && present(*docker, "url"))
    (*docker)["url"] = image(prefix + "docker_image.url", text_at(*docker, "url"),
                             member(*docker, "basic_auth").is_object());
  if (docker != block.end())
    for (const char* name : {"username", "password"})
      if (std::string login = text_at(member(*docker, "basic_auth"), name); !login.empty())
        note_login(prefix + "docker_image.basic_auth." + name, name, login);
  for (auto entry = block.begin(); entry != block.end();) {
    const std::string name = entry.key();
    bool remote_disk = name == "remote_disk_throughput" || name == "total_initial_remote_disk_size";
    if (!remote_disk || state_.to().remote_disks || entry.value().is_null()) {
      ++entry;
      continue;
    }
    decide(prefix + name, "disks", entry.value(), Json(),
           "remote disks do not exist on " + std::string(state_.to().title));
    find("remote-disk-dropped", Severity::warning, prefix + name,
         "'" + name + "' does not exist in the target",
         "check the disk sizes of this cluster in the target", entry.value().dump());
    entry = block.erase(entry);
  }
  finish(prefix, {"spark_conf", "spark_env_vars", "custom_tags", "docker_image"});
}

void Translation::note_login(const std::string& path, std::string_view name,
                             const std::string& value) {
  text(path, value);  // for what it finds
  if (name == "password" && !is_secret_reference(value))
    find("credential-in-clear", Severity::warning, path, "the registry's password is in clear",
         "put it into a secret scope, refer to it as {{secrets/<scope>/<key>}}, and renew it",
         std::string(kRedacted));
}

// Disks that the workload counts on, and that the target's node type does not have.
void Translation::warn_about_disk(const std::string& path, const NodeType* before,
                                  const NodeType* after, const Json& block) {
  if (before == nullptr || after == nullptr || before->local_disk_gib <= 0 ||
      after->local_disk_gib > 0)
    return;
  const Json& settings = member(block, "spark_conf");
  bool uses = text_at(settings, "spark.databricks.io.cache.enabled") == "true" ||
              !text_at(settings, "spark.local.dir").empty() ||
              !text_at(settings, "spark.databricks.io.cache.maxDiskUsage").empty();
  if (uses)
    find("local-disk-missing", Severity::warning, path,
         fmt::format("the workload uses local disk (cache or spark.local.dir), and '{}' has none "
                     "('{}' has {:.0f} GiB)",
                     after->id, before->id, before->local_disk_gib),
         "choose a node type with local disk in mapping.yaml, node_types", std::string(after->id));
}

void Translation::pool(const std::string& prefix, Json& block) {
  std::vector<const NodeType*> nodes;
  if (present(block, "node_type_id")) {
    std::string before = text_at(block, "node_type_id");
    NodeChoice choice = node_type(prefix + "node_type_id", before, false);
    if (!choice.id.empty()) block["node_type_id"] = choice.id;
    if (choice.type != nullptr) nodes.push_back(choice.type);
  }
  alternates(prefix, block, "node_type_flexibility", text_at(block, "node_type_id"));
  auto versions = block.find("preloaded_spark_versions");
  if (versions != block.end() && versions->is_array())
    for (std::size_t i = 0; i < versions->size(); ++i)
      if ((*versions)[i].is_string())
        (*versions)[i] =
            runtime(prefix + "preloaded_spark_versions[" + std::to_string(i) + "]",
                    (*versions)[i].get<std::string>(), nodes.empty() ? nullptr : nodes[0]);
  auto images = block.find("preloaded_docker_images");
  if (images != block.end() && images->is_array())
    for (std::size_t i = 0; i < images->size(); ++i)
      if (present((*images)[i], "url"))
        (*images)[i]["url"] =
            image(prefix + "preloaded_docker_images[" + std::to_string(i) + "].url",
                  text_at((*images)[i], "url"), member((*images)[i], "basic_auth").is_object());
  attributes(prefix, block, true, nodes);
  pool_disks(prefix, block, nodes);
  shared_parts(prefix, block);
  finish(prefix, {"node_type_id", "node_type_flexibility", "preloaded_spark_versions",
                  "preloaded_docker_images", "disk_spec"});
}

}  // namespace lakeshift::clouds
