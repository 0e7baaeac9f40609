// acceptance: proves that the target works, by using it: a gate of its own, after apply and before
// cutover.
#pragma once

#include <string>
#include <vector>

#include "core/engine/platform.h"
#include "core/model/object.h"

namespace lakeshift::stages {

// What to use. Empty members mean: not named, that step is skipped with its reason.
struct AcceptanceOptions {
  std::string cluster_id;  // a cluster to start; empty: the steps on a cluster use `node_type` and
                           // `runtime`
  std::string
      node_type;  // for the runs' own cluster; empty: the smallest of the target's reference data
  std::string runtime;  // empty: the newest long term support version of the reference data
  std::string warehouse_id;
  std::string job_id;  // a job to run once; empty: skipped, a job may have effects
  std::string package = "simplejson==3.19.2";
  std::string folder = "/Shared/lakeshift-acceptance";
  std::string table = "default.lakeshift_acceptance";
  std::vector<std::string> databases;  // "host:port", reached from a run on the cluster
  std::vector<std::string> buckets;    // storage URLs, listed from a run on the cluster
  int timeout_seconds = 1800;          // of one step
  int poll_seconds = 5;
};

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
