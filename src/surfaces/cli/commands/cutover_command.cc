#include "surfaces/cli/switching.h"

namespace lakeshift::cli::cutover_command {
extern const Command kDefinition{
    .name = "cutover",
    .order = 80,
    .summary = "switch the workloads to the target: pause and drain the source, start what ran",
    .details =
        "Gates first: apply complete, verify equal, and with --accept the target's acceptance run. "
        "Then the source is paused\n"
        "and drained, what changed in it since apply is brought over and verified, and what ran is "
        "started in the target.\n"
        "Every previous state is recorded, so that rollback is its inverse.\n"
        "Killed or stopped, it goes on where it was. Runs that were missed in the window are "
        "listed for backfill.\n"
        "With --watch-seconds the first runs in the target are followed to their end: exit code 3 "
        "when one failed.",
    .examples =
        "lakeshift cutover --dry-run\nlakeshift cutover --select 'job/finance-*'\n"
        "lakeshift cutover --select 'tag:team=finance' --watch-seconds 600\n"
        "lakeshift cutover --wave finance --freeze",
    .selects = true,
    .remote = true,
    .make = make_invocation<SwitchInvocation<stages::cutover, true>>,
};

}  // namespace lakeshift::cli::cutover_command
