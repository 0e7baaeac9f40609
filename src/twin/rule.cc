#include "core/base/strings.h"
#include "twin/service.h"

namespace lakeshift::twin {

Status apply_rules(const Context& context, const Subject& subject) {
  if (context.loading) return {};
  for (const RuleSet* set : rules::all_rule_sets()) {
    for (const Rule& rule : set->rules) {
      if (rule.kind == subject.kind && contains(rule.clouds, context.cloud()))
        LS_TRY(rule.check(context, subject));
    }
  }
  return {};
}

}  // namespace lakeshift::twin
