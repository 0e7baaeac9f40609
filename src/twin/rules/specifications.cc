// Rules of cluster specifications and policies that hold on every cloud, and what the standard tier
// lacks.
#include "core/base/strings.h"
#include "twin/principals.h"
#include "twin/service.h"

namespace lakeshift::twin::rules::specifications {
namespace {

// clusters/create: sizes, termination ("between 10 and 10000 minutes"), access modes.
Status cluster(const Context& context, const Subject& subject) {
  const Json& spec = subject.document;
  const Json& autoscale = member(spec, "autoscale");
  if (spec.contains("num_workers") && autoscale.is_object() && int_at(spec, "num_workers") > 0)
    return invalid("num_workers and autoscale exclude each other");
  if (int_at(spec, "num_workers") < 0) return invalid("num_workers must not be negative");
  if (autoscale.is_object() && int_at(autoscale, "min_workers") > int_at(autoscale, "max_workers"))
    return invalid("autoscale.min_workers " + scalar_text(member(autoscale, "min_workers")) +
                   " is greater than max_workers " + scalar_text(member(autoscale, "max_workers")));
  const Json& minutes = member(spec, "autotermination_minutes");
  if (minutes.is_number()) {
    const long long value = minutes.get<long long>();
    if (value != 0 && (value < 10 || value > 10'000))
      return invalid("autotermination_minutes must be 0 or between 10 and 10000, not " +
                     std::to_string(value));
  }
  const std::string user = text_at(spec, "single_user_name");
  if (!user.empty() && !find_principal(context.store, user))
    return invalid("single_user_name: user or group '" + user + "' does not exist");
  const Json& scripts = member(spec, "init_scripts");
  if (scripts.is_array() && scripts.size() > 10)
    return invalid("a cluster has at most 10 init scripts");
  const Json& keys = member(spec, "ssh_public_keys");
  if (keys.is_array() && keys.size() > 10)
    return invalid("a cluster has at most 10 ssh_public_keys");
  if (text_at(spec, "cluster_name").size() > 100)
    return invalid("a cluster name has at most 100 characters");
  return {};
}

// A definition that fixes the attributes of another cloud can never be satisfied; the platform
// refuses their paths.
Status policy(const Context& context, const Subject& subject) {
  for (const auto& [path, rule] : subject.document.items()) {
    for (const std::string_view cloud : {"aws", "azure", "gcp"}) {
      if (cloud != context.cloud() && path.starts_with(std::string(cloud) + "_attributes."))
        return invalid("Unknown attribute path " + path + " on " + context.cloud());
    }
    if (path != "node_type_id" && path != "driver_node_type_id") continue;
    Json values = member(rule, "values").is_array() ? member(rule, "values") : Json::array();
    if (!member(rule, "value").is_null()) values.push_back(member(rule, "value"));
    if (!member(rule, "defaultValue").is_null()) values.push_back(member(rule, "defaultValue"));
    if (text_at(rule, "type") == "blocklist" || text_at(rule, "type") == "forbidden") continue;
    for (const Json& value : values) {
      const std::string id = scalar_text(value);
      if (id != "auto" && context.reference.node_type(id) == nullptr)
        return invalid("Node type " + id + " of rule " + path + " is not supported on " +
                       context.cloud());
    }
  }
  return {};
}

// docs.databricks.com "Pricing: platform tiers": cluster policies and access control are premium
// features.
Status standard_tier(const Context& context, const Subject&) {
  if (context.options.tier != "standard") return {};
  return refuse("FEATURE_DISABLED", "Cluster policies are not available on the standard tier");
}

constexpr Rule kRules[] = {{"aws azure gcp", "cluster_policy", standard_tier},
                           {"aws azure gcp", "cluster", cluster},
                           {"aws azure gcp", "cluster_policy", policy}};

}  // namespace

extern const RuleSet kDefinition;
const RuleSet kDefinition = {"specifications", kRules};

}  // namespace lakeshift::twin::rules::specifications
