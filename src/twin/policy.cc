#include "twin/policy.h"

#include <algorithm>
#include <regex>

#include "core/base/strings.h"

namespace lakeshift::twin {
namespace {

constexpr std::string_view kRuleTypes[] = {"fixed", "forbidden", "allowlist", "blocklist",
                                           "regex", "range",     "unlimited"};

// The families every workspace has, by their stable ids (docs "Policy families"); definitions are
// the vendor's shape, reduced to their rules.
constexpr PolicyFamily kFamilies[] = {
    {"personal-vm", "Personal Compute",
     "Use with small-to-medium data or libraries like pandas and scikit-learn.",
     R"({"cluster_type":{"type":"fixed","value":"all-purpose"},"num_workers":{"type":"fixed","value":0,"hidden":true},)"
     R"("spark_conf.spark.databricks.cluster.profile":{"type":"fixed","value":"singleNode","hidden":true},)"
     R"("data_security_mode":{"type":"fixed","value":"SINGLE_USER","hidden":true},)"
     R"("autotermination_minutes":{"type":"unlimited","defaultValue":4320,"isOptional":true}})"},
    {"power-user", "Power User Compute",
     "Use for working with larger datasets or customized compute.",
     R"({"cluster_type":{"type":"fixed","value":"all-purpose"},"autoscale.min_workers":{"type":"range","minValue":1,"defaultValue":1,"isOptional":true},)"
     R"("autoscale.max_workers":{"type":"range","maxValue":100,"defaultValue":3,"isOptional":true},)"
     R"("autotermination_minutes":{"type":"unlimited","defaultValue":4320,"isOptional":true}})"},
    {"job-cluster", "Job Compute", "Use for running production workloads as jobs.",
     R"({"cluster_type":{"type":"fixed","value":"job"},"spark_version":{"type":"unlimited","defaultValue":"auto:latest-lts","isOptional":true}})"},
    {"shared-compute", "Shared Compute", "Use for sharing compute within a group.",
     R"({"cluster_type":{"type":"fixed","value":"all-purpose"},"data_security_mode":{"type":"fixed","value":"USER_ISOLATION","hidden":true},)"
     R"("autotermination_minutes":{"type":"unlimited","defaultValue":4320,"isOptional":true}})"}};

// Members of attribute maps may hold dots themselves: spark_conf.spark.sql.shuffle is the member
// "spark.sql.shuffle".
constexpr std::string_view kMaps[] = {"spark_conf.", "spark_env_vars.", "custom_tags."};

// Values at a policy path: "init_scripts.*.workspace.destination" meets every element, ".0." one of
// them.
void collect(const Json& node, std::string_view path, std::vector<const Json*>& found) {
  if (path.empty()) {
    found.push_back(&node);
    return;
  }
  for (const std::string_view map : kMaps) {
    if (path.starts_with(map)) {
      const Json& inner = member(node, map.substr(0, map.size() - 1));
      const Json& value = member(inner, path.substr(map.size()));
      if (!value.is_null()) found.push_back(&value);
      return;
    }
  }
  const std::size_t dot = path.find('.');
  const std::string_view head = path.substr(0, dot);
  const std::string_view rest =
      dot == std::string_view::npos ? std::string_view() : path.substr(dot + 1);
  if (node.is_array()) {
    for (std::size_t i = 0; i < node.size(); ++i) {
      if (head == "*" || head == std::to_string(i)) collect(node[i], rest, found);
    }
    return;
  }
  const Json& next = member(node, head);
  if (!next.is_null()) collect(next, rest, found);
}

void set_policy_value(Json& spec, const std::string& path, const Json& value) {
  for (const std::string_view map : kMaps) {
    if (!path.starts_with(map)) continue;
    Json& inner = spec[std::string(map.substr(0, map.size() - 1))];
    if (!inner.is_object()) inner = Json::object();
    inner[path.substr(map.size())] = value.is_string() ? value : Json(scalar_text(value));
    return;
  }
  if (!contains(path, "*")) set_path(spec, path, value);
}

bool same_scalar(const Json& a, const Json& b) {
  return a == b || scalar_text(a) == scalar_text(b);
}

bool in_list(const Json& list, const Json& value) {
  return list.is_array() && std::any_of(list.begin(), list.end(),
                                        [&](const Json& item) { return same_scalar(item, value); });
}

// A text that says why the value breaks the rule; empty when it complies.
std::string breach(const Json& rule, const Json& value) {
  const std::string type = text_at(rule, "type");
  const std::string shown = scalar_text(value);
  if (type == "fixed" && !same_scalar(member(rule, "value"), value))
    return "the value must be " + scalar_text(member(rule, "value")) + " (is \"" + shown + "\")";
  if (type == "forbidden") return "the value is not allowed (is \"" + shown + "\")";
  if (type == "allowlist" && !in_list(member(rule, "values"), value))
    return "the value must be one of " + dump_json(member(rule, "values")) + " (is \"" + shown +
           "\")";
  if (type == "blocklist" && in_list(member(rule, "values"), value))
    return "the value must not be one of " + dump_json(member(rule, "values")) + " (is \"" + shown +
           "\")";
  if (type == "range" && value.is_number()) {
    const double number = value.get<double>();
    const Json& least = member(rule, "minValue");
    const Json& most = member(rule, "maxValue");
    if ((least.is_number() && number < least.get<double>()) ||
        (most.is_number() && number > most.get<double>()))
      return "the value must be within the range of the policy (is \"" + shown + "\")";
  }
  if (type == "regex") {
    try {
      if (!std::regex_match(shown, std::regex(text_at(rule, "pattern"))))
        return "the value must match " + text_at(rule, "pattern") + " (is \"" + shown + "\")";
    } catch (const std::regex_error&) {
      return "the pattern cannot be read";
    }
  }
  return "";
}

Status check_rule(const std::string& path, const Json& rule) {
  const auto wrong = [&path](const std::string& why) {
    return invalid("Validation failed for " + path + ": " + why);
  };
  if (!rule.is_object()) return wrong("a rule must be an object");
  const std::string type = text_at(rule, "type");
  if (std::find(std::begin(kRuleTypes), std::end(kRuleTypes), type) == std::end(kRuleTypes))
    return wrong("unknown policy type '" + type + "'");
  if (type == "fixed" && member(rule, "value").is_null())
    return wrong("a fixed rule needs a value");
  if ((type == "allowlist" || type == "blocklist") &&
      (!member(rule, "values").is_array() || member(rule, "values").empty()))
    return wrong("a rule of type " + type + " needs values");
  if (type == "range" && member(rule, "minValue").is_null() && member(rule, "maxValue").is_null())
    return wrong("a range needs minValue or maxValue");
  if (type != "regex") return {};
  try {
    static_cast<void>(std::regex(text_at(rule, "pattern")));
  } catch (const std::regex_error&) {
    return wrong("the pattern cannot be read");
  }
  return text_at(rule, "pattern").empty() ? wrong("a regex rule needs a pattern") : Status{};
}

}  // namespace

std::span<const PolicyFamily> policy_families() { return kFamilies; }

Result<Json> read_definition(std::string_view text) {
  auto definition = parse_json(text, "definition");
  if (!definition || !definition->is_object())
    return invalid("The policy definition is not a JSON object");
  for (const auto& [path, rule] : definition->items()) LS_TRY(check_rule(path, rule));
  return definition;
}

Result<Json> effective_definition(const Context&, const Json& policy) {
  const std::string family_id = text_at(policy, "policy_family_id");
  if (family_id.empty()) return read_definition(text_at(policy, "definition", "{}"));
  for (const PolicyFamily& family : kFamilies) {
    if (family.id != family_id) continue;
    LS_ASSIGN(Json definition, read_definition(family.definition));
    if (const std::string overrides = text_at(policy, "policy_family_definition_overrides");
        !overrides.empty()) {
      LS_ASSIGN(const Json changes, read_definition(overrides));
      overlay(definition, changes);
    }
    return definition;
  }
  return invalid("policy family '" + family_id + "' does not exist");
}

Json policy_violations(const Json& definition, const Json& spec) {
  Json violations = Json::object();
  for (const auto& [path, rule] : definition.items()) {
    if (path == "cluster_type" || path == "dbus_per_hour") continue;  // virtual attributes
    std::vector<const Json*> values;
    collect(spec, path, values);
    const std::string type = text_at(rule, "type");
    // A rule makes its attribute required unless it says isOptional; a pool answers for the machine
    // itself.
    const bool from_pool = spec.contains("instance_pool_id") &&
                           (contains(path, "node_type_id") || contains(path, "_attributes.") ||
                            contains(path, "elastic_disk"));
    if (values.empty() && type != "forbidden" && !bool_at(rule, "isOptional") && !from_pool)
      violations[path] = "the value is missing";
    for (const Json* value : values) {
      if (const std::string why = breach(rule, *value); !why.empty()) violations[path] = why;
    }
  }
  return violations;
}

Status apply_policy(Context& context, Json& spec) {
  const std::string policy_id = text_at(spec, "policy_id");
  if (policy_id.empty()) return {};
  const Row* row = context.store.get("cluster_policy", policy_id);
  if (row == nullptr) return invalid("Cluster policy " + policy_id + " does not exist");
  LS_ASSIGN(const Json definition, effective_definition(context, row->document));
  const bool take_defaults = bool_at(spec, "apply_policy_default_values");
  for (const auto& [path, rule] : definition.items()) {
    if (path == "cluster_type" || path == "dbus_per_hour") continue;
    std::vector<const Json*> values;
    collect(spec, path, values);
    if (!values.empty()) continue;
    const Json& fixed = member(rule, "value");
    const Json& normal = member(rule, "defaultValue");
    if (text_at(rule, "type") == "fixed" && !bool_at(rule, "isOptional"))
      set_policy_value(spec, path, fixed);
    if (take_defaults && !normal.is_null()) set_policy_value(spec, path, normal);
  }
  const Json violations = policy_violations(definition, spec);
  if (violations.empty()) return {};
  const auto first = violations.begin();
  return invalid("Cluster validation error: Validation failed for " + first.key() + ", " +
                 first.value().get<std::string>());
}

}  // namespace lakeshift::twin
