#include "knowledge/clouds/policy_check.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <optional>

#include "core/base/json.h"
#include "core/base/strings.h"

namespace lakeshift::clouds {
namespace {

// Attributes that no document has as such.
std::optional<Json> virtual_value(const Json& spec, std::string_view path,
                                  std::string_view cluster_type) {
  if (path == "cluster_type") return Json(cluster_type);
  if (!path.starts_with("cluster_log_conf.")) return std::nullopt;
  const Json& logs = member(spec, "cluster_log_conf");
  if (!logs.is_object() || logs.empty()) return Json();
  std::string_view asked = path.substr(17);
  auto place = logs.begin();
  if (asked == "path") return member(*place, "destination");
  if (asked == "region") return member(*place, "region");
  std::string type = place.key();
  std::transform(type.begin(), type.end(), type.begin(),
                 [](char c) { return static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c); });
  return asked == "type" ? Json(type) : Json();
}

// All values a path names: '*' is any element of a list or map; keys of maps may hold dots.
void collect_values(const Json& value, std::string_view path, std::vector<Json>& found) {
  if (path.empty()) {
    if (!value.is_null()) found.push_back(value);
    return;
  }
  if (value.is_object()) {
    if (auto whole = value.find(std::string(path)); whole != value.end())
      return collect_values(*whole, "", found);
    std::size_t dot = path.find('.');
    std::string_view first = path.substr(0, dot),
                     rest = dot == std::string_view::npos ? "" : path.substr(dot + 1);
    if (first == "*") {
      for (const auto& [name, inner] : value.items()) collect_values(inner, rest, found);
    } else if (auto inner = value.find(std::string(first)); inner != value.end()) {
      collect_values(*inner, rest, found);
    }
    return;
  }
  if (!value.is_array()) return;
  std::size_t dot = path.find('.');
  std::string_view first = path.substr(0, dot),
                   rest = dot == std::string_view::npos ? "" : path.substr(dot + 1);
  for (std::size_t i = 0; i < value.size(); ++i)
    if (first == "*" || first == std::to_string(i)) collect_values(value[i], rest, found);
}

bool is_placeholder(const Json& value) {
  return value.is_object() ||
         (value.is_string() && contains(value.get_ref<const std::string&>(), "${ref:"));
}

// Numbers may be written as texts on either side; booleans too.
bool same_value(const Json& a, const Json& b) { return a == b || scalar_text(a) == scalar_text(b); }

bool listed(const Json& values, const Json& value) {
  return values.is_array() && std::any_of(values.begin(), values.end(), [&](const Json& each) {
           return same_value(each, value);
         });
}

std::optional<double> number_of(const Json& value) {
  if (value.is_number()) return value.get<double>();
  if (!value.is_string()) return std::nullopt;
  auto parsed = parse_json(value.get_ref<const std::string&>(), "number");
  return parsed && parsed->is_number() ? std::optional(parsed->get<double>()) : std::nullopt;
}

std::string judge_range(const Json& rule, const Json& value) {
  auto number = number_of(value);
  if (!number) return "is " + value.dump() + ", a number is wanted";
  auto least = number_of(member(rule, "minValue")), most = number_of(member(rule, "maxValue"));
  if (least && *number < *least)
    return fmt::format("is {}, at least {} is wanted", value.dump(),
                       member(rule, "minValue").dump());
  if (most && *number > *most)
    return fmt::format("is {}, at most {} is wanted", value.dump(),
                       member(rule, "maxValue").dump());
  return {};
}

std::string judge(const Json& rule, const std::string& type, const Json& value) {
  if (is_placeholder(value)) return {};
  if (type == "fixed" && !same_value(member(rule, "value"), value))
    return "is " + value.dump() + ", the policy fixes " + member(rule, "value").dump();
  if (type == "allowlist" && !listed(member(rule, "values"), value))
    return "is " + value.dump() + ", the policy allows " + member(rule, "values").dump();
  if (type == "blocklist" && listed(member(rule, "values"), value))
    return "is " + value.dump() + ", which the policy refuses";
  if (type == "range") return judge_range(rule, value);
  if (type != "regex") return {};
  RE2::Options quiet;
  quiet.set_log_errors(false);
  const RE2 pattern(text_at(rule, "pattern"), quiet);
  if (pattern.ok() && !RE2::FullMatch(scalar_text(value), pattern))
    return "is " + value.dump() + ", the policy wants a match of " + member(rule, "pattern").dump();
  return {};
}

// Node types and disks come from the pool; a rule on them does not bind clusters of a pool.
bool comes_from_pool(const Json& spec, std::string_view path) {
  return !text_at(spec, "instance_pool_id").empty() &&
         (path == "node_type_id" || path == "driver_node_type_id" ||
          contains(path, "_attributes."));
}

// Limiting and unlimited rules make their attribute required unless they say isOptional; a fixed
// value is filled in.
bool requires_value(const Json& rule, const std::string& type, const Json& spec) {
  if (type == "fixed" || type == "forbidden" || bool_at(rule, "isOptional")) return false;
  return !(rule.contains("defaultValue") && bool_at(spec, "apply_policy_default_values"));
}

}  // namespace

Result<std::vector<PolicyViolation>> check_against_policy(std::string_view definition,
                                                          const Json& spec,
                                                          std::string_view cluster_type) {
  LS_ASSIGN(const Json rules, parse_json(definition, "policy definition"));
  std::vector<PolicyViolation> violations;
  if (!rules.is_object()) return violations;
  for (const auto& [path, rule] : rules.items()) {
    if (!rule.is_object() || path == "dbus_per_hour") continue;
    std::vector<Json> values;
    if (auto value = virtual_value(spec, path, cluster_type)) {
      if (!value->is_null()) values.push_back(*value);
    } else {
      collect_values(spec, path, values);
    }
    std::string type = text_at(rule, "type");
    if (type == "forbidden" && !values.empty())
      violations.push_back({path, "'" + path + "' is set, and the policy forbids it"});
    if (values.empty() && requires_value(rule, type, spec) && !contains(path, "*") &&
        !comes_from_pool(spec, path))
      violations.push_back({path, "'" + path + "' is not set, and the policy requires it"});
    for (const Json& value : values)
      if (std::string broken = judge(rule, type, value); !broken.empty())
        violations.push_back({path, "'" + path + "' " + broken});
  }
  return violations;
}

}  // namespace lakeshift::clouds
