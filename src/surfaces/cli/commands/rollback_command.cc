#include "surfaces/cli/switching.h"

namespace lakeshift::cli::rollback_command {
extern const Command kDefinition{
    .name = "rollback",
    .order = 90,
    .summary = "switch the workloads back: the recorded inverse of the cutover",
    .details =
        "Possible until 'lakeshift complete'. Restores on both sides exactly what ran before.",
    .examples = "lakeshift rollback --dry-run\nlakeshift rollback",
    .selects = true,
    .remote = true,
    .make = make_invocation<SwitchInvocation<stages::rollback, false>>,
};

}  // namespace lakeshift::cli::rollback_command
