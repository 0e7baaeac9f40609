#include "surfaces/cli/migration.h"

#include <algorithm>

#include "core/base/json.h"
#include "core/base/strings.h"
#include "knowledge/kinds/registry.h"
#include "stages/cutover.h"
#include "surfaces/report/error_text.h"
#include "surfaces/report/style.h"

namespace lakeshift::cli {
namespace {
const std::string kSelectionNote = "plan-selection ";  // with the route
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
  const std::vector<std::string> names = route_names(migration);
  if (names.empty())
    return fail("usage", "the configuration has no routes: it moves databases only",
                "lakeshift.yaml", "add 'connections' and 'routes', or see 'lakeshift move --help'");
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

Result<stages::Selection> planned_selection(Migration& migration, const std::string& route) {
  stages::Selection selection;
  LS_ASSIGN(const auto note, migration.journal->note(kSelectionNote + route));
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

std::string artefact_of(const Migration& migration, const std::string& name,
                        const std::string& route) {
  if (migration.config.routes.size() < 2) return name;
  return name + "-" + replace_all(route, ":", "-");
}

Status save_plan(Migration& migration, const model::Plan& plan,
                 const stages::Selection& selection) {
  const std::string route = stages::route_of(plan);
  const Json json = model::to_json(plan);
  LS_TRY(
      migration.journal->put_note(kSelectionNote + route, {{"include", selection.include},
                                                           {"exclude", selection.exclude},
                                                           {"needed", selection.needed},
                                                           {"with_needs", selection.with_needs}}));
  if (const std::string own = artefact_of(migration, "plan", route); own != "plan")
    LS_TRY(migration.dir->save_artefact(own, json));
  return migration.dir->save_artefact("plan", json);
}

Result<model::Plan> load_plan(const Migration& migration, const std::string& route) {
  for (const std::string& name : {artefact_of(migration, "plan", route), std::string("plan")}) {
    if (route.empty() && name != "plan") continue;
    auto json = migration.dir->load_artefact(name);
    if (!json && (json.error().code != "not-found" || route.empty()))
      return fail(std::move(json).error());
    if (!json) continue;
    LS_ASSIGN(model::Plan plan, model::plan_from_json(*json));
    if (route.empty() || stages::route_of(plan) == route) return plan;
  }
  return fail("no-plan", "there is no plan of the route '" + route + "'", "work directory",
              "run 'lakeshift plan --route " + route + "', then apply");
}

std::vector<std::string> route_names(const Migration& migration) {
  std::vector<std::string> names;
  for (const stages::Route& route : migration.config.routes) names.push_back(route.name());
  return names;
}

Result<bool> is_cut_over(Migration& migration, const std::string& route) {
  LS_ASSIGN(const stages::CutoverState now, stages::cutover_state(*migration.journal, route));
  return now.phase == "target" || now.phase == "completed";
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
