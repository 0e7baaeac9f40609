#include "surfaces/cli/switching.h"

namespace lakeshift::cli::complete_command {
namespace {

class Complete final : public Invocation {
 public:
  void declare(Options& options) override {
    options.text("--route", options_.route, "FROM:TO, when the configuration has several routes");
    options.flag("--dry-run", options_.dry_run, "show what would happen");
    options.flag("--yes", yes_, "I know that there is no way back");
  }
  Result<Ending> run(Session& session) override {
    if (!yes_ && !options_.dry_run)
      return fail("usage", "complete closes the way back for good", {},
                  "run 'lakeshift complete --yes' when you are sure");
    return switch_workloads(session, "complete", options_, stages::complete);
  }

 private:
  SwitchOptions options_;
  bool yes_ = false;
};

}  // namespace

extern const Command kDefinition{
    .name = "complete",
    .order = 100,
    .summary = "close the way back, for good",
    .details =
        "The one-way door: forgets how to go back. Asks for --yes, because nothing undoes it.",
    .examples = "lakeshift complete --yes",
    .selects = false,
    .remote = true,
    .make = make_invocation<Complete>,
};

}  // namespace lakeshift::cli::complete_command
