#include "twin/compute_spec.h"

#include "twin/policy.h"
#include "twin/service.h"

namespace lakeshift::twin {

Status settle_spec(Context& context, Json& spec) {
  if (context.loading) return {};
  LS_TRY(apply_policy(context, spec));
  return apply_rules(context, {"cluster", spec});
}

}  // namespace lakeshift::twin
