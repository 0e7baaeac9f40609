// The acceptance run of the target: as a command, and as a gate of the cutover.
#pragma once

#include "stages/acceptance.h"
#include "surfaces/cli/sides.h"

namespace lakeshift::cli {

// "accept", or with several targets "accept-home": what was tried is a target, not a route.
std::string acceptance_artefact(const Migration& migration, const std::string& target);

// Runs it, saves its artefact, prints every step.
Result<stages::AcceptanceReport> run_acceptance(Session& session, Migration& migration,
                                                engine::Platform& target, const Json& reference,
                                                const stages::AcceptanceOptions& options);

// The gate, with the options of the configuration: the error names the first clause that failed.
// A dry run only says that it would be asked.
Status check_acceptance(Session& session, Migration& migration, engine::Platform& target,
                        const Json& reference, bool dry_run);

}  // namespace lakeshift::cli
