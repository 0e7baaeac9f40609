// What cutover, rollback and complete share: fresh inventories, connected sides, the report of what
// was called.
#pragma once

#include "stages/cutover.h"
#include "surfaces/cli/sides.h"

namespace lakeshift::cli {

struct SwitchOptions {
  bool dry_run = false;
  int drain_seconds = 600;
  int watch_seconds = 0;
  void declare(Options& options);
};

using SwitchStage = Result<stages::CutoverReport> (*)(const stages::CutoverInput&, world::Run&);

// Reads both sides, runs the stage, saves what it did, prints it. `verb` as in the command line.
Result<Ending> switch_workloads(Session& session, const std::string& verb,
                                const SwitchOptions& options, SwitchStage stage);

}  // namespace lakeshift::cli
