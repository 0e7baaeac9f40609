// acceptance: proves that the target works, by using it: a gate of its own, after apply and before
// cutover.
#pragma once

#include <string>
#include <vector>

#include "core/engine/platform.h"
#include "core/model/object.h"
#include "stages/config.h"

namespace lakeshift::stages {

enum class StepOutcome { passed, failed, skipped };
std::string_view to_text(StepOutcome outcome);

struct AcceptanceStep {
  std::string name;  // "start a cluster"
  StepOutcome outcome = StepOutcome::skipped;
  std::string code, reason, remedy;  // why it failed or was skipped
  std::string evidence;              // what was seen ("state RUNNING after 12 s")
  std::string clean_up;              // what was removed again, or why it could not be
  long long took_ms = 0;
};

struct AcceptanceReport {
  std::vector<AcceptanceStep> steps;  // always all, in order
  bool passed() const;                // nothing failed and something passed
  Json to_json() const;
};

// Every step runs whatever the others did, unless it needs what a failed one made (then skipped,
// naming it). What a step made it removes, also when it fails or the run is stopped. Error
// "interrupted" only when stopped before the first step.
Result<AcceptanceReport> accept_target(engine::Platform& target, const Json& reference,
                                       const AcceptanceOptions& options, world::Run& run);

}  // namespace lakeshift::stages
