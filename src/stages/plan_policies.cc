#include "stages/plan_policies.h"

#include <set>

#include "core/base/strings.h"
#include "knowledge/clouds/policy_check.h"

namespace lakeshift::stages {
namespace {

// The text of a policy's rules: the first non-empty member that the kind says holds rules.
std::string rules_of(const Json& document, std::span<const model::Field> fields) {
  for (const model::Field& field : fields)
    if (field.meaning == model::Meaning::policy_rules)
      if (std::string rules = text_at(document, field.name); !rules.empty()) return rules;
  return {};
}

// "settings.tasks[0].new_cluster.policy_id" -> the object that holds it; the document itself for
// "policy_id".
const Json* holder_of(const Json& document, const std::string& path) {
  const std::string steps = replace_all(replace_all(path, "[", "."), "]", "");
  const Json* at = &document;
  const std::vector<std::string> names = split(steps, '.');
  for (std::size_t i = 0; i + 1 < names.size(); ++i) {
    if (at->is_array()) {
      const std::size_t index = std::stoul("0" + names[i]);
      if (index >= at->size()) return nullptr;
      at = &(*at)[index];
    } else {
      at = &member(*at, names[i]);
    }
  }
  return at->is_object() ? at : nullptr;
}

std::set<std::string> broken_rules(const std::string& rules, const Json& spec,
                                   std::string_view cluster_type) {
  std::set<std::string> paths;
  if (const auto broken = clouds::check_against_policy(rules, spec, cluster_type))
    for (const clouds::PolicyViolation& each : *broken) paths.insert(each.path);
  return paths;
}

void check_one(Planning& planning, const Draft& draft, const Draft& policy,
               const std::string& path) {
  const Json* before = holder_of(draft.source->document, path);
  const Json* after = holder_of(draft.desired, path);
  const std::string rules = rules_of(policy.desired, policy.kind->fields);
  if (before == nullptr || after == nullptr || rules.empty()) return;
  const std::string_view cluster_type = contains(path, ".") ? "job" : "all-purpose";
  const std::set<std::string> known =
      broken_rules(rules_of(policy.source->document, policy.kind->fields), *before, cluster_type);
  const auto broken = clouds::check_against_policy(rules, *after, cluster_type);
  if (!broken) return;
  for (const clouds::PolicyViolation& each : *broken) {
    const std::size_t dot = each.path.find('.');
    const bool attribute = contains(each.path.substr(0, dot), "_attributes");
    // A rule that the source broke too is no news; attribute blocks have another name there.
    if (known.contains(each.path) || (attribute && !known.empty())) continue;
    add_finding(planning, draft, "policy-violated", model::Severity::warning, path,
                "the mapped specification breaks the mapped policy " + Planning::title_of(policy) +
                    ": " + each.message,
                "change the one or the other in the mapping file ('node_types', 'fields')",
                each.path);
  }
}

}  // namespace

void check_policies(Planning& planning) {
  std::map<std::pair<std::string, std::string>, const Draft*> drafts;
  for (const Draft& draft : planning.drafts)
    drafts[{draft.source->id.kind, draft.source->id.id}] = &draft;
  for (const Draft& draft : planning.drafts) {
    if (draft.decided) continue;
    model::walk_fields(
        draft.source->document, draft.kind->fields, [&](const model::Visit& at, const Json& value) {
          if (at.field == nullptr || at.field->name != "policy_id" || !value.is_string()) return;
          const auto policy =
              drafts.find({std::string(at.field->target), value.get<std::string>()});
          if (policy != drafts.end()) check_one(planning, draft, *policy->second, at.path);
        });
  }
}

}  // namespace lakeshift::stages
