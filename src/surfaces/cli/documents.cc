#include "surfaces/cli/documents.h"

#include <algorithm>
#include <set>

#include "core/base/json.h"
#include "core/state/inventory_store.h"
#include "knowledge/kinds/registry.h"

namespace lakeshift::cli {
namespace {

std::string csv_cell(const Json& value) {
  std::string text = value.is_null() ? "" : value.is_structured() ? dump_json(value) : scalar_text(value);
  if (!text.empty() && std::string_view("=+-@\t\r").find(text.front()) != std::string_view::npos && !value.is_number())
    text.insert(0, 1, '\'');
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

// An artefact that may not be there yet: null then. Any other trouble is an error.
Result<Json> optional_artefact(const Migration& migration, const std::string& name) {
  auto json = migration.dir->load_artefact(name);
  if (json) return std::move(*json);
  if (json.error().code == "not-found") return Json(nullptr);
  return fail(std::move(json).error());
}

Result<std::optional<model::Inventory>> optional_inventory(const Migration& migration, const std::string& side) {
  if (side.empty()) return std::optional<model::Inventory>();
  auto inventory = state::load_inventory(*migration.dir, side);
  if (inventory) return std::optional<model::Inventory>(std::move(*inventory));
  if (inventory.error().code == "not-found") return std::optional<model::Inventory>();
  return fail(std::move(inventory).error());
}

void add_findings(const Json& artefact, std::vector<model::Finding>& findings) {
  const Json& list = member(artefact, "findings");
  if (!list.is_array()) return;
  for (const Json& item : list) findings.push_back(model::finding_from_json(item));
}

}  // namespace

std::string csv_of(const Json& rows) {
  std::set<std::string> names;
  if (rows.is_array())
    for (const Json& row : rows)
      if (row.is_object())
        for (const auto& [name, value] : row.items()) names.insert(name);
  std::vector<std::string> columns;
  for (const char* first : {"kind", "key", "name", "source_id", "target_id", "source_url", "target_url"})
    if (names.erase(first) > 0) columns.emplace_back(first);
  columns.insert(columns.end(), names.begin(), names.end());
  std::string text;
  for (std::size_t i = 0; i < columns.size(); ++i) text += (i ? "," : "") + columns[i];
  text += "\r\n";
  if (!rows.is_array()) return text;
  for (const Json& row : rows) {
    for (std::size_t i = 0; i < columns.size(); ++i) text += (i ? "," : "") + csv_cell(member(row, columns[i]));
    text += "\r\n";
  }
  return text;
}

Status save_verification(const Migration& migration, const stages::VerifyResult& result) {
  Json judgements = Json::array();
  for (const model::Judgement& judgement : result.judgements) judgements.push_back(model::to_json(judgement));
  Json counts = Json::object();
  for (const auto& [kind, verdicts] : result.counts)
    for (const auto& [verdict, count] : verdicts) counts[kind][std::string(model::to_text(verdict))] = count;
  return migration.dir->save_artefact("verify", {{"equal", result.equal()},
                                                 {"judgements", judgements},
                                                 {"counts", counts},
                                                 {"findings", findings_json(result.findings)}});
}

Status save_mapping_documents(const Migration& migration, const model::Plan& plan, const model::Inventory& source,
                              const model::Inventory& target) {
  LS_ASSIGN(const auto ledger, migration.journal->rows());
  const Json document = stages::mapping_document(plan, ledger, source, target);
  const Json& rows = document.is_array() ? document : member(document, "rows");
  LS_TRY(migration.dir->save_artefact("mapping", {{"rows", rows}}));
  return migration.dir->world().files.write_atomically(migration.dir->path("mapping.csv"), csv_of(rows));
}

Status save_mapping_from_ledger(const Migration& migration, const model::Plan& plan) {
  LS_ASSIGN(const model::Inventory source, state::load_inventory(*migration.dir, plan.source));
  LS_ASSIGN(const model::Inventory target, state::load_inventory(*migration.dir, plan.target));
  return save_mapping_documents(migration, plan, source, target);
}

Result<bool> is_cut_over(Migration& migration) {
  LS_ASSIGN(const auto note, migration.journal->note("cutover"));
  if (!note) return false;
  const std::string phase = text_at(*note, "phase", "source");
  return phase == "target" || phase == "completed";
}

Result<std::unique_ptr<Documents>> load_documents(Session& session, Migration& migration) {
  auto documents = std::make_unique<Documents>();
  report::ReportInput& input = documents->input;
  input.version = version_text();
  input.generated = world::to_iso8601(session.run.world.clock.now());
  input.kinds = kinds::all_kinds();
  LS_ASSIGN(const Json plan, optional_artefact(migration, "plan"));
  if (plan.is_object()) {
    LS_ASSIGN(documents->plan, model::plan_from_json(plan));
    input.plan = &*documents->plan;
  }
  input.source_side = input.plan ? input.plan->source : migration.config.routes.empty() ? "" : migration.config.routes[0].from;
  input.target_side = input.plan ? input.plan->target : migration.config.routes.empty() ? "" : migration.config.routes[0].to;
  LS_ASSIGN(documents->source, optional_inventory(migration, input.source_side));
  LS_ASSIGN(documents->target, optional_inventory(migration, input.target_side));
  if (documents->source) input.source = &*documents->source;
  if (documents->target) input.target = &*documents->target;
  LS_ASSIGN(const Json verified, optional_artefact(migration, "verify"));
  input.verified = verified.is_object();
  const Json& judgements = member(verified, "judgements");
  if (judgements.is_array())
    for (const Json& item : judgements) input.judgements.push_back(model::judgement_from_json(item));
  for (const std::string& side : {input.source_side, input.target_side}) {
    LS_ASSIGN(const Json found, optional_artefact(migration, "findings-" + side));
    add_findings(found, input.findings);
  }
  add_findings(verified, input.findings);
  LS_ASSIGN(input.ledger, migration.journal->rows());
  for (const char* run : {"apply", "cutover", "rollback", "complete"}) {
    LS_ASSIGN(auto entries, migration.journal->entries(run));
    std::move(entries.begin(), entries.end(), std::back_inserter(input.journal));
  }
  LS_ASSIGN(const Json mapping, optional_artefact(migration, "mapping"));
  input.mapping = member(mapping, "rows");
  LS_ASSIGN(input.rehearsal, optional_artefact(migration, "rehearsal"));
  LS_ASSIGN(input.acceptance, optional_artefact(migration, "acceptance"));
  LS_ASSIGN(const Json cut, optional_artefact(migration, "cutover"));
  input.backfill = member(cut, "backfill");
  LS_ASSIGN(const auto note, migration.journal->note("cutover"));
  if (note) input.cutover = *note;
  return documents;
}

}  // namespace lakeshift::cli
