#include "surfaces/cli/documents.h"

#include <algorithm>

#include "core/base/json.h"
#include "core/state/inventory_store.h"
#include "knowledge/kinds/registry.h"
#include "stages/apply.h"
#include "stages/cutover.h"
#include "surfaces/cli/acceptance.h"

namespace lakeshift::cli {
namespace {

// An artefact that may not be there yet: null then. Any other trouble is an error.
Result<Json> optional_artefact(const Migration& migration, const std::string& name) {
  auto json = migration.dir->load_artefact(name);
  if (json) return std::move(*json);
  if (json.error().code == "not-found") return Json(nullptr);
  return fail(std::move(json).error());
}

Result<std::optional<model::Inventory>> optional_inventory(const Migration& migration,
                                                           const std::string& side) {
  if (side.empty()) return std::optional<model::Inventory>();
  auto inventory = state::load_inventory(*migration.dir, side);
  if (inventory) return std::optional<model::Inventory>(std::move(*inventory));
  if (inventory.error().code == "not-found") return std::optional<model::Inventory>();
  return fail(std::move(inventory).error());
}

// The saved plan of the route, or the one made last; none yet is no error.
Result<std::optional<model::Plan>> optional_plan(const Migration& migration,
                                                 const std::string& route) {
  auto plan = load_plan(migration, route);
  if (plan) return std::optional<model::Plan>(std::move(*plan));
  if (plan.error().code == "not-found" || plan.error().code == "no-plan")
    return std::optional<model::Plan>();
  return fail(std::move(plan).error());
}

// Where the workloads of every route run.
Result<Json> routes_json(Migration& migration) {
  Json routes = Json::array();
  for (const stages::Route& route : migration.config.routes) {
    LS_ASSIGN(const stages::CutoverState now,
              stages::cutover_state(*migration.journal, route.name()));
    routes.push_back({{"source", route.from}, {"target", route.to}, {"phase", now.phase}});
  }
  return routes;
}

void add_findings(const Json& artefact, std::vector<model::Finding>& findings) {
  const Json& list = member(artefact, "findings");
  if (!list.is_array()) return;
  for (const Json& item : list) findings.push_back(model::finding_from_json(item));
}

}  // namespace

Result<std::unique_ptr<Documents>> load_documents(Session& session, Migration& migration,
                                                  const std::string& wanted) {
  auto documents = std::make_unique<Documents>();
  report::ReportInput& input = documents->input;
  input.version = version_text();
  input.generated = world::to_iso8601(session.run.world.clock.now());
  input.kinds = kinds::all_kinds();
  std::optional<stages::Route> chosen;
  if (!wanted.empty()) {
    LS_ASSIGN(chosen, choose_route(migration, wanted));
  } else if (!migration.config.routes.empty()) {
    chosen = migration.config.routes[0];
  }
  LS_ASSIGN(documents->plan, optional_plan(migration, wanted.empty() ? "" : chosen->name()));
  if (documents->plan) {
    LS_TRY(stages::check_ledger(*documents->plan, *migration.journal));
    input.plan = &*documents->plan;
  }
  input.source_side = input.plan ? input.plan->source : chosen ? chosen->from : "";
  input.target_side = input.plan ? input.plan->target : chosen ? chosen->to : "";
  const std::string route = input.source_side + ":" + input.target_side;
  LS_ASSIGN(documents->source, optional_inventory(migration, input.source_side));
  LS_ASSIGN(documents->target, optional_inventory(migration, input.target_side));
  if (documents->source) input.source = &*documents->source;
  if (documents->target) input.target = &*documents->target;
  LS_ASSIGN(const Json verified,
            optional_artefact(migration, artefact_of(migration, "verify", route)));
  input.verified = verified.is_object();
  const Json& judgements = member(verified, "judgements");
  if (judgements.is_array())
    for (const Json& item : judgements)
      input.judgements.push_back(model::judgement_from_json(item));
  for (const std::string& side : {input.source_side, input.target_side}) {
    LS_ASSIGN(const Json found, optional_artefact(migration, "findings-" + side));
    add_findings(found, input.findings);
  }
  add_findings(verified, input.findings);
  LS_ASSIGN(input.ledger, migration.journal->rows());
  for (const char* run : {"apply", "cutover", "rollback"}) {
    const bool of_route = std::string_view(run) != "apply";
    LS_ASSIGN(auto entries,
              migration.journal->entries(of_route ? stages::switch_run(run, route) : run));
    for (state::JournalEntry& entry : entries) entry.run = run;
    std::move(entries.begin(), entries.end(), std::back_inserter(input.journal));
  }
  LS_ASSIGN(const Json mapping,
            optional_artefact(migration, artefact_of(migration, "mapping", route)));
  input.mapping = member(mapping, "objects");
  LS_ASSIGN(input.rehearsal,
            optional_artefact(migration, artefact_of(migration, "rehearse", route)));
  LS_ASSIGN(input.acceptance,
            optional_artefact(migration, acceptance_artefact(migration, input.target_side)));
  LS_ASSIGN(const Json cut, optional_artefact(migration, artefact_of(migration, "cutover", route)));
  input.backfill = member(cut, "backfill");
  input.first_runs = member(cut, "first_runs");
  LS_ASSIGN(const stages::CutoverState now, stages::cutover_state(*migration.journal, route));
  input.cutover = now.to_json();
  LS_ASSIGN(input.routes, routes_json(migration));
  return documents;
}

}  // namespace lakeshift::cli
