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
Status remember_selection(Migration& migration, const stages::Selection& selection);
Result<stages::Selection> planned_selection(Migration& migration);

Result<model::Plan> load_plan(const Migration& migration);

// Whether the workloads were switched to the target.
Result<bool> is_cut_over(Migration& migration);

// {"create": 3, …} over all kinds.
Json counts_json(const model::Accounting& accounting);
Json findings_json(const std::vector<model::Finding>& findings);
bool any_blocking(const std::vector<model::Finding>& findings);
// Prints findings by code, blocking ones first, at most `most` codes.
void print_findings(Session& session, const std::vector<model::Finding>& findings,
                    std::size_t most);

}  // namespace lakeshift::cli
