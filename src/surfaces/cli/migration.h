// What commands share: the open work directory with its configuration, the saved plan, the printed
// findings.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/model/plan.h"
#include "core/state/journal.h"
#include "core/state/work_dir.h"
#include "stages/config.h"
#include "surfaces/cli/command.h"
#include "surfaces/cli/session.h"

namespace lakeshift::cli {

struct Migration {
  std::unique_ptr<state::WorkDir> dir;
  std::unique_ptr<state::Journal> journal;
  stages::Config config;
};

// Opens <dir>; sets session.run.parallel. Errors: those of WorkDir::open, Journal::open and
// load_config.
Result<Migration> open_migration(Session& session, state::WorkDir::Access access);

// The route named "from:to", or the only one, or the one of the saved plan. Error "usage" lists the
// routes.
Result<stages::Route> choose_route(const Migration& migration, const std::string& wanted);

// --select, --exclude and --wave of this run; and those that the saved plan was made with.
Result<stages::Selection> selection_of(const Session& session, const Migration& migration);
Result<stages::Selection> planned_selection(Migration& migration, const std::string& route);

// Artefacts of a route: "verify", or with several routes "verify-east-home".
std::string artefact_of(const Migration& migration, const std::string& name,
                        const std::string& route);

// Becomes the saved plan, and that of its route, with what it was selected by.
Status save_plan(Migration& migration, const model::Plan& plan, const stages::Selection& selection);
// The plan that was saved last; that of the route "from:to" when one is named: error "no-plan".
Result<model::Plan> load_plan(const Migration& migration, const std::string& route = {});

// The configured routes, by name.
std::vector<std::string> route_names(const Migration& migration);
// Whether the workloads of the route were switched to its target.
Result<bool> is_cut_over(Migration& migration, const std::string& route);

// {"create": 3, …} over all kinds.
Json counts_json(const model::Accounting& accounting);
Json findings_json(const std::vector<model::Finding>& findings);
bool any_blocking(const std::vector<model::Finding>& findings);
// Prints findings by code, blocking ones first, at most `most` codes.
void print_findings(Session& session, const std::vector<model::Finding>& findings,
                    std::size_t most);

}  // namespace lakeshift::cli
