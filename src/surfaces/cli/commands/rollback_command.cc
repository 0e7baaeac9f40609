#include "surfaces/cli/switching.h"

namespace lakeshift::cli::rollback_command {
namespace {

class Rollback final : public Invocation {
 public:
  void declare(Options& options) override { options_.declare(options); }
  Result<Ending> run(Session& session) override {
    return switch_workloads(session, "rollback", options_, stages::rollback);
  }

 private:
  SwitchOptions options_;
};

}  // namespace

extern const Command kDefinition{
    .name = "rollback",
    .order = 90,
    .summary = "switch the workloads back: the recorded inverse of the cutover",
    .details =
        "Possible until 'lakeshift complete'. Restores on both sides exactly what ran before.",
    .examples = "lakeshift rollback --dry-run\nlakeshift rollback",
    .selects = true,
    .remote = true,
    .make = make_invocation<Rollback>,
};

}  // namespace lakeshift::cli::rollback_command
