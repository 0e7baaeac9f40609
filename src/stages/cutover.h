// cutover, rollback, complete: switches the workloads over and back, recording every previous state.
#pragma once

#include "core/engine/walk.h"
#include "core/state/work_dir.h"
#include "stages/config.h"

namespace lakeshift::stages {

// The state machine, kept in the journal's notes; survives kill -9 at any instant.
//   source -> pausing -> paused -> catching-up -> starting -> target -> (rolling-back -> source) | completed
struct CutoverState {
  std::string phase = "source";
  Json previous;       // per object: what ran before, on both sides
  Json to_json() const;
};

struct CutoverInput {
  const model::Plan& plan;
  const model::Inventory& source;
  const model::Inventory& target;
  engine::KindSet kinds;
  engine::Platform& source_platform;
  engine::Platform& target_platform;
  state::Journal& journal;
  Selection only;             // wave or tag: by kind/name pattern
  bool dry_run = false;
  int drain_seconds = 600;    // how long running work may finish; then error "still-running" names it
};

struct CutoverReport {
  std::string phase;
  std::vector<model::Action> calls;     // made, or with dry_run: would be made
  std::vector<std::string> lines;       // for people, in order
  Json backfill;                        // runs missed in the window: [{job, due}]
  long long pause_ms = 0;               // from the first pause to the last start
};

// Gates (each named in the error "gate-closed"): apply complete, verify equal, no drift since, caller may write.
Result<CutoverReport> cutover(const CutoverInput& input, world::Run& run);
Result<CutoverReport> rollback(const CutoverInput& input, world::Run& run);
// The one-way door: forgets how to go back.
Result<CutoverReport> complete(const CutoverInput& input, world::Run& run);

// Mapping documents for end users: old and new ids, names, URLs, JDBC and HTTP paths.
Json mapping_document(const model::Plan& plan, const std::vector<state::LedgerRow>& ledger,
                      const model::Inventory& source, const model::Inventory& target);

}  // namespace lakeshift::stages
