// Cluster policies: the text of a definition, and what it demands of a cluster specification.
// Rule types and their members: docs.databricks.com "Compute policy reference" (read 2026-11).
#pragma once

#include <span>
#include <string_view>

#include "twin/context.h"

namespace lakeshift::twin {

// Checks the JSON text of a definition. Errors: INVALID_PARAMETER_VALUE naming the path and what is
// wrong.
Result<Json> read_definition(std::string_view text);
// Fixed values are put in (and defaults, when the specification asks for them), then every rule is
// checked.
Status apply_policy(Context& context, Json& spec);
// Violations as {path: message}; empty when the specification complies.
Json policy_violations(const Json& definition, const Json& spec);
// A policy family's definition with the policy's overrides laid over it, or the policy's own
// definition.
Result<Json> effective_definition(const Context& context, const Json& policy);

struct PolicyFamily {
  std::string_view id;
  std::string_view name;
  std::string_view description;
  std::string_view definition;
};
std::span<const PolicyFamily> policy_families();

}  // namespace lakeshift::twin
