// What commands share: the open work directory with its configuration, connected sides, fresh inventories.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/engine/platform.h"
#include "core/state/journal.h"
#include "core/state/work_dir.h"
#include "knowledge/clouds/mapper.h"
#include "stages/config.h"
#include "stages/plan.h"
#include "surfaces/cli/command.h"
#include "surfaces/cli/session.h"

namespace lakeshift::cli {

struct Migration {
  std::unique_ptr<state::WorkDir> dir;
  std::unique_ptr<state::Journal> journal;
  stages::Config config;
};

// Opens <dir>; sets session.run.parallel. Errors: those of WorkDir::open, Journal::open and load_config.
Result<Migration> open_migration(Session& session, state::WorkDir::Access access);

// The route named "from:to", or the only one, or the one of the saved plan. Error "usage" lists the routes.
Result<stages::Route> choose_route(const Migration& migration, const std::string& wanted);

// Connects by profile, host and environment. Loopback hosts start without rate limits.
Result<std::unique_ptr<engine::Platform>> connect_side(Session& session, const Migration& migration, const std::string& side);

// Reads a side now and saves its inventory, its findings and its content.
struct ReadSide {
  model::Inventory inventory;
  std::vector<model::Finding> findings;
  long long calls = 0;
};
Result<ReadSide> read_side(Session& session, Migration& migration, engine::Platform& platform);

// The saved inventory; read again first when a former command changed that side ("stale") or `refresh` asks for it.
Result<model::Inventory> current_inventory(Session& session, Migration& migration, const std::string& side, bool refresh);
Status mark_stale(Migration& migration, const std::string& side, bool stale);

// --select and --exclude of this run.
Result<stages::Selection> selection_of(const Session& session);

Result<model::Plan> load_plan(const Migration& migration);

// Everything make_plan needs, kept alive. Not movable: `input` points into it.
class Planning {
 public:
  static Result<std::unique_ptr<Planning>> make(Session& session, Migration& migration, const stages::Route& route,
                                                model::Inventory source, model::Inventory target);
  Planning(const Planning&) = delete;
  Planning& operator=(const Planning&) = delete;
  const stages::PlanInput& input() const { return *input_; }

 private:
  Planning(stages::Route route, model::Inventory source, model::Inventory target)
      : route_(std::move(route)), source_(std::move(source)), target_(std::move(target)) {}
  stages::Route route_;
  model::Inventory source_, target_;
  stages::Selection only_;
  std::vector<state::LedgerRow> ledger_;
  std::unique_ptr<clouds::Mapper> mapper_;
  std::unique_ptr<stages::PlanInput> input_;
};

// {"create": 3, …} over all kinds.
Json counts_json(const model::Accounting& accounting);
Json findings_json(const std::vector<model::Finding>& findings);
bool any_blocking(const std::vector<model::Finding>& findings);
// Prints findings, blocking ones first, at most `most`.
void print_findings(Session& session, const std::vector<model::Finding>& findings, std::size_t most);

}  // namespace lakeshift::cli
