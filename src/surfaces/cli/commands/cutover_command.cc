#include "surfaces/cli/switching.h"

namespace lakeshift::cli::cutover_command {
namespace {

class Cutover final : public Invocation {
 public:
  void declare(Options& options) override { options_.declare(options); }
  Result<Ending> run(Session& session) override {
    return switch_workloads(session, "cutover", options_, stages::cutover);
  }

 private:
  SwitchOptions options_;
};

}  // namespace

extern const Command kDefinition{
    .name = "cutover",
    .order = 80,
    .summary = "switch the workloads to the target: pause and drain the source, start what ran",
    .details =
        "Gates first: apply complete, verify equal, no drift. Every previous state is recorded, so "
        "that rollback is its inverse.\n"
        "Killed or stopped, it goes on where it was. Runs that were missed in the window are "
        "listed for backfill.",
    .examples = "lakeshift cutover --dry-run\nlakeshift cutover --select 'job/finance-*'",
    .selects = true,
    .remote = true,
    .make = make_invocation<Cutover>,
};

}  // namespace lakeshift::cli::cutover_command
