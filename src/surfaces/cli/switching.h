// What cutover, rollback and complete share: fresh inventories, connected sides, the report of what
// was called.
#pragma once

#include "stages/cutover.h"
#include "surfaces/cli/sides.h"

namespace lakeshift::cli {

struct SwitchOptions {
  std::string route;
  bool dry_run = false;
  int drain_seconds = 600;
  int watch_seconds = 0;
  bool no_catch_up = false, freeze = false, accept = false;  // of a cutover
  void declare(Options& options);
  void declare_cutover(Options& options);
};

using SwitchStage = Result<stages::CutoverReport> (*)(const stages::CutoverInput&, world::Run&);

// Reads both sides (a cutover also looks what changed since apply), runs the stage, saves what it
// did, prints it. `verb` as in the command line.
Result<Ending> switch_workloads(Session& session, const std::string& verb,
                                const SwitchOptions& options, SwitchStage stage);

// The whole of a command that is one stage.
template <SwitchStage Stage, bool kCutsOver>
class SwitchInvocation final : public Invocation {
 public:
  void declare(Options& options) override {
    kCutsOver ? options_.declare_cutover(options) : options_.declare(options);
  }
  Result<Ending> run(Session& session) override {
    return switch_workloads(session, kCutsOver ? "cutover" : "rollback", options_, Stage);
  }

 private:
  SwitchOptions options_;
};

}  // namespace lakeshift::cli
