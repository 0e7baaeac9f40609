#include "surfaces/cli/artefacts.h"

#include <set>

#include "core/base/json.h"
#include "core/state/inventory_store.h"

namespace lakeshift::cli {
namespace {

std::string csv_cell(const Json& value) {
  std::string text = value.is_null()         ? ""
                     : value.is_structured() ? dump_json(value)
                                             : scalar_text(value);
  if (!text.empty() && std::string_view("=+-@\t\r").find(text.front()) != std::string_view::npos &&
      !value.is_number())
    text.insert(0, 1, '\'');
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

}  // namespace

std::string csv_of(const Json& rows) {
  std::set<std::string> names;
  if (rows.is_array())
    for (const Json& row : rows)
      if (row.is_object())
        for (const auto& [name, value] : row.items()) names.insert(name);
  std::vector<std::string> columns;
  for (const char* first : {"kind", "key", "name", "old_id", "new_id", "old_url", "new_url"})
    if (names.erase(first) > 0) columns.emplace_back(first);
  columns.insert(columns.end(), names.begin(), names.end());
  std::string text;
  for (std::size_t i = 0; i < columns.size(); ++i) text += (i ? "," : "") + columns[i];
  text += "\r\n";
  if (!rows.is_array()) return text;
  for (const Json& row : rows) {
    for (std::size_t i = 0; i < columns.size(); ++i)
      text += (i ? "," : "") + csv_cell(member(row, columns[i]));
    text += "\r\n";
  }
  return text;
}

Status save_verification(const Migration& migration, const model::Plan& plan,
                         const stages::VerifyResult& result) {
  Json judgements = Json::array();
  for (const model::Judgement& judgement : result.judgements)
    judgements.push_back(model::to_json(judgement));
  Json counts = Json::object();
  for (const auto& [kind, verdicts] : result.counts)
    for (const auto& [verdict, count] : verdicts)
      counts[kind][std::string(model::to_text(verdict))] = count;
  return migration.dir->save_artefact(artefact_of(migration, "verify", stages::route_of(plan)),
                                      {{"equal", result.equal()},
                                       {"judgements", judgements},
                                       {"counts", counts},
                                       {"findings", findings_json(result.findings)}});
}

Status save_mapping_documents(const Migration& migration, const model::Plan& plan,
                              const model::Inventory& source, const model::Inventory& target) {
  LS_ASSIGN(const auto ledger, migration.journal->rows());
  const Json document = stages::mapping_document(plan, ledger, source, target);
  const Json& rows = member(document, "objects");
  const std::string name = artefact_of(migration, "mapping", stages::route_of(plan));
  LS_TRY(migration.dir->save_artefact(name, document));
  return migration.dir->world().files.write_atomically(migration.dir->path(name + ".csv"),
                                                       csv_of(rows));
}

Status save_mapping_from_ledger(const Migration& migration, const model::Plan& plan) {
  LS_ASSIGN(const model::Inventory source, state::load_inventory(*migration.dir, plan.source));
  LS_ASSIGN(const model::Inventory target, state::load_inventory(*migration.dir, plan.target));
  return save_mapping_documents(migration, plan, source, target);
}

}  // namespace lakeshift::cli
