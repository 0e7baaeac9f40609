#include "surfaces/cli/migration.h"

#include <algorithm>

#include "core/base/json.h"
#include "core/base/strings.h"
#include "knowledge/kinds/registry.h"
#include "surfaces/report/error_text.h"
#include "surfaces/report/style.h"

namespace lakeshift::cli {
namespace {
constexpr const char* kSelectionNote = "plan-selection";
}  // namespace
Result<Migration> open_migration(Session& session, state::WorkDir::Access access) {
  Migration migration;
  LS_ASSIGN(migration.dir, state::WorkDir::open(session.run.world, session.options.dir, access));
  LS_ASSIGN(migration.config, stages::load_config(session.run.world, session.options.dir));
  LS_ASSIGN(migration.journal, state::Journal::open(*migration.dir));
  session.run.parallel =
      session.options.parallel > 0 ? session.options.parallel : migration.config.parallel;
  return migration;
}

Result<stages::Route> choose_route(const Migration& migration, const std::string& wanted) {
  std::vector<std::string> names;
  for (const stages::Route& route : migration.config.routes)
    names.push_back(route.from + ":" + route.to);
  std::string name = wanted;
  if (name.empty() && names.size() == 1) name = names.front();
  if (name.empty()) {
    if (auto plan = migration.dir->load_artefact("plan"))
      name = text_at(*plan, "source") + ":" + text_at(*plan, "target");
  }
  const auto found = std::find(names.begin(), names.end(), name);
  if (found != names.end())
    return migration.config.routes[static_cast<std::size_t>(found - names.begin())];
  const std::string near = closest(name, names);
  return fail(
      "usage",
      name.empty() ? "the configuration has several routes" : "there is no route '" + name + "'",
      "lakeshift.yaml",
      near.empty() ? "use --route with one of: " + join(names, ", ")
                   : "did you mean '" + near + "'?");
}

Result<stages::Selection> selection_of(const Session& session, const Migration& migration) {
  stages::Selection selection{session.options.select, session.options.exclude};
  if (!session.options.wave.empty()) {
    LS_ASSIGN(const auto patterns,
              stages::patterns_of_wave(migration.config, session.options.wave));
    selection.include.insert(selection.include.end(), patterns.begin(), patterns.end());
    selection.with_needs = true;
  }
  LS_TRY(stages::check_selection(selection, kinds::all_kinds()));
  return selection;
}

Status remember_selection(Migration& migration, const stages::Selection& selection) {
  return migration.journal->put_note(kSelectionNote, {{"include", selection.include},
                                                      {"exclude", selection.exclude},
                                                      {"needed", selection.needed},
                                                      {"with_needs", selection.with_needs}});
}

Result<stages::Selection> planned_selection(Migration& migration) {
  stages::Selection selection;
  LS_ASSIGN(const auto note, migration.journal->note(kSelectionNote));
  if (!note) return selection;
  for (const auto& [name, list] :
       {std::pair("include", &selection.include), std::pair("exclude", &selection.exclude)})
    for (const Json& pattern : member(*note, name))
      if (pattern.is_string()) list->push_back(pattern.get<std::string>());
  selection.with_needs = bool_at(*note, "with_needs");
  if (const Json& needed = member(*note, "needed"); needed.is_array())
    for (const Json& pair : needed)
      if (pair.is_array() && pair.size() == 2)
        selection.needed.emplace(scalar_text(pair[0]), scalar_text(pair[1]));
  return selection;
}

Result<model::Plan> load_plan(const Migration& migration) {
  LS_ASSIGN(const Json json, migration.dir->load_artefact("plan"));
  return model::plan_from_json(json);
}

Result<bool> is_cut_over(Migration& migration) {
  LS_ASSIGN(const auto note, migration.journal->note("cutover"));
  if (!note) return false;
  const std::string phase = text_at(*note, "phase", "source");
  return phase == "target" || phase == "completed";
}

Json counts_json(const model::Accounting& accounting) {
  Json json = Json::object();
  for (const model::Verb verb : model::kAllVerbs) json[std::string(model::to_text(verb))] = 0;
  long long found = 0;
  for (const auto& [kind, verbs] : accounting)
    for (const auto& [verb, count] : verbs) {
      const std::string name(model::to_text(verb));
      json[name] = int_at(json, name) + count;
      found += count;
    }
  json["found"] = found;
  return json;
}

Json findings_json(const std::vector<model::Finding>& findings) {
  Json list = Json::array();
  for (const model::Finding& finding : findings) list.push_back(model::to_json(finding));
  return list;
}

bool any_blocking(const std::vector<model::Finding>& findings) {
  return std::any_of(findings.begin(), findings.end(), [](const model::Finding& finding) {
    return finding.severity == model::Severity::blocking;
  });
}

void print_findings(Session& session, const std::vector<model::Finding>& findings,
                    std::size_t most) {
  session.out.print(report::findings_text(findings, session.out.style(), most));
}

}  // namespace lakeshift::cli
