// Which errors of a list say that the workspace does not offer the thing at all.
#pragma once

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "core/model/object.h"

namespace lakeshift::platforms {

// True for codes that are facts about the workspace (tier, region, age), not failures of the call.
inline bool means_not_offered(std::string_view code) {
  constexpr std::array<std::string_view, 5> kCodes = {
      "feature-disabled", "endpoint-not-found", "not-on-this-tier", "not-found", "not-implemented"};
  return std::find(kCodes.begin(), kCodes.end(), code) != kCodes.end();
}

// The tier that a workspace's lists tell of: policies need the premium plan ("Create and manage
// compute policies", requirements). Empty: nothing tells.
inline std::string_view tier_told_by(const std::vector<model::KindCount>& counts) {
  for (const model::KindCount& count : counts)
    if (count.kind == "cluster_policy")
      return count.unavailable.starts_with("feature-disabled") ? "standard" : "";
  return "";
}

}  // namespace lakeshift::platforms
