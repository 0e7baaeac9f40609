// Connected sides: credentials, fresh inventories, and everything a plan is made from.
#pragma once

#include "core/engine/platform.h"
#include "knowledge/clouds/mapper.h"
#include "stages/plan.h"
#include "surfaces/cli/migration.h"

namespace lakeshift::cli {

// Connects by profile, host and environment. Loopback hosts start without rate limits.
Result<std::unique_ptr<engine::Platform>> connect_side(Session& session, const Migration& migration,
                                                       const std::string& side);

// Reads a side now and saves its inventory, its findings and its content.
struct ReadSide {
  model::Inventory inventory;
  std::vector<model::Finding> findings;
  long long calls = 0;
};
Result<ReadSide> read_side(Session& session, Migration& migration, engine::Platform& platform);

// The saved inventory; read again first when a former command changed that side ("stale") or
// `refresh` asks for it.
Result<model::Inventory> current_inventory(Session& session, Migration& migration,
                                           const std::string& side, bool refresh);
Status mark_stale(Migration& migration, const std::string& side, bool stale);

// Everything make_plan needs, kept alive. Not movable: `input` points into it.
class Planning {
 public:
  static Result<std::unique_ptr<Planning>> make(Session& session, Migration& migration,
                                                const stages::Route& route, model::Inventory source,
                                                model::Inventory target, stages::Selection only);
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

// Makes the plan of these inventories. A wave gets what its objects need: `only.needed` is filled.
Result<model::Plan> plan_of(Session& session, Migration& migration, const stages::Route& route,
                            const model::Inventory& source, const model::Inventory& target,
                            stages::Selection& only);

// What of the saved plan a wave or selection moves, by the inventory that was saved last; null when
// everything is selected.
Result<std::optional<std::set<std::string>>> selected_part(Session& session, Migration& migration,
                                                           const model::Plan& plan);

}  // namespace lakeshift::cli
