// Whether a compute specification obeys a cluster policy, as the platform would judge when it is
// created.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/json_fwd.h"
#include "core/base/result.h"

namespace lakeshift::clouds {

struct PolicyViolation {
  std::string path;     // of the rule
  std::string message;  // both values
};

// `definition`: the policy's rules as JSON text; `spec`: a cluster's or job cluster's document.
// `cluster_type` is "all-purpose", "job" or "dlt" (a virtual attribute of rules). Values that are
// placeholders of a plan are not judged. An absent value breaks only rules that require one.
// Errors: "bad-json". Source of the semantics: "Compute policy reference", read 2026-11.
Result<std::vector<PolicyViolation>> check_against_policy(
    std::string_view definition, const Json& spec, std::string_view cluster_type = "all-purpose");

}  // namespace lakeshift::clouds
