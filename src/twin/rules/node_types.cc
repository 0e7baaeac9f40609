// Node types, runtimes, zones and pools that a specification names must exist in the workspace's
// cloud.
#include "core/base/strings.h"
#include "twin/service.h"

namespace lakeshift::twin::rules::node_types {
namespace {

// clusters/create: node_type_id "A list of available node types can be retrieved by using the List
// node types API"; the refusal's words are those of the platform as users quote them in
// terraform-provider-databricks issues.
Status known(const Context& context, const Json& spec, const char* field) {
  const std::string id = text_at(spec, field);
  if (id.empty() || id == "auto") return {};
  if (context.reference.node_type(id) != nullptr) return {};
  const std::string other = context.reference.cloud_of_node_type(id);
  const std::string hint = other.empty() ? "" : "; it is a node type of " + other;
  return invalid("Node type " + id + " is not supported (" + field + ") on " + context.cloud() +
                 hint);
}

// Runtimes for GPU and ARM machines are builds of their own, docs "Databricks Runtime release
// notes".
Status fits_runtime(const Context& context, const Json& spec) {
  const std::string runtime = text_at(spec, "spark_version");
  const NodeType* node = context.reference.node_type(text_at(spec, "node_type_id"));
  if (node == nullptr || runtime.empty() || !context.reference.has_runtime(runtime)) return {};
  if (contains(runtime, "-gpu-") && !node->has_gpu)
    return invalid("Runtime " + runtime + " needs a node type with GPU; " + node->id + " has none");
  if (contains(runtime, "-aarch64-") && !node->is_arm)
    return invalid("Runtime " + runtime + " is built for ARM; " + node->id + " is not");
  return {};
}

Status cluster(const Context& context, const Subject& subject) {
  const Json& spec = subject.document;
  LS_TRY(known(context, spec, "node_type_id"));
  LS_TRY(known(context, spec, "driver_node_type_id"));
  for (const char* flexibility : {"worker_node_type_flexibility", "driver_node_type_flexibility"}) {
    const Json& others = member(member(spec, flexibility), "alternate_node_type_ids");
    for (const Json& other : others.is_array() ? others : Json::array())
      LS_TRY(known(context, Json{{"alternate_node_type_ids", other}}, "alternate_node_type_ids"));
  }
  const std::string runtime = text_at(spec, "spark_version");
  if (runtime.empty()) return invalid("Missing required field: spark_version");
  const bool symbolic = runtime.starts_with("auto:") || runtime.starts_with("custom:") ||
                        runtime.starts_with("apache-spark-");
  if (!symbolic && !context.reference.has_runtime(runtime))
    return invalid("Spark version " + runtime +
                   " does not exist in this workspace; see spark-versions");
  return fits_runtime(context, spec);
}

Status pool(const Context& context, const Subject& subject) {
  if (subject.before != nullptr) return {};
  LS_TRY(known(context, subject.document, "node_type_id"));
  const Json& preloaded = member(subject.document, "preloaded_spark_versions");
  if (preloaded.is_array() && preloaded.size() > 1)
    return invalid("preloaded_spark_versions has at most one element");
  for (const Json& version : preloaded.is_array() ? preloaded : Json::array()) {
    if (!context.reference.has_runtime(scalar_text(version)))
      return invalid("Spark version " + scalar_text(version) +
                     " does not exist in this workspace; see spark-versions");
  }
  return {};
}

// A pool carries the machines: fields that would say them again are refused, clusters/create
// "instance_pool_id".
Status pool_of_cluster(const Context& context, const Subject& subject) {
  const Json& spec = subject.document;
  for (const char* field : {"instance_pool_id", "driver_instance_pool_id"}) {
    const std::string id = text_at(spec, field);
    if (!id.empty() && context.store.get("instance_pool", id) == nullptr)
      return invalid(std::string("Can't find an instance pool with id: ") + id + " (" + field +
                     ")");
  }
  if (text_at(spec, "instance_pool_id").empty()) {
    const bool needs_type =
        text_at(spec, "node_type_id").empty() && !bool_at(spec, "is_single_node");
    return needs_type ? invalid("Missing required field: node_type_id") : Status{};
  }
  for (const char* field : {"node_type_id", "driver_node_type_id"}) {
    if (spec.contains(field))
      return invalid(std::string(field) + " cannot be given together with instance_pool_id");
  }
  return {};
}

constexpr Rule kRules[] = {{"aws azure gcp", "cluster", pool_of_cluster},
                           {"aws azure gcp", "cluster", cluster},
                           {"aws azure gcp", "instance_pool", pool}};

}  // namespace

extern const RuleSet kDefinition;
const RuleSet kDefinition = {"node_types", kRules};

}  // namespace lakeshift::twin::rules::node_types
