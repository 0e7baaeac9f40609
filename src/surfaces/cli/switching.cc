#include "surfaces/cli/switching.h"

#include <algorithm>

#include "core/base/json.h"
#include "core/base/strings.h"
#include "knowledge/kinds/registry.h"
#include "stages/discover.h"
#include "stages/journey_catch_up.h"
#include "surfaces/cli/acceptance.h"
#include "surfaces/cli/applying.h"
#include "surfaces/cli/artefacts.h"
#include "surfaces/report/event_text.h"

namespace lakeshift::cli {
namespace {

Json calls_json(const std::vector<model::Action>& calls) {
  Json list = Json::array();
  for (const model::Action& call : calls)
    list.push_back(
        {{"name", call.name}, {"method", call.method}, {"path", call.path}, {"note", call.note}});
  return list;
}

Json report_json(const std::string& route, const stages::CutoverReport& report) {
  return {{"route", route},
          {"phase", report.phase},
          {"calls", calls_json(report.calls)},
          {"lines", report.lines},
          {"caught_up", report.caught_up},
          {"backfill", report.backfill},
          {"first_runs", report.first_runs},
          {"pause_ms", report.pause_ms}};
}

void print_report(Session& session, const std::string& verb, const stages::CutoverReport& report,
                  bool dry_run) {
  const report::Style& style = session.out.style();
  std::string text;
  // Progress has told them already; what a dry run says is its result.
  if (session.options.quiet || dry_run)
    for (const std::string& line : report.lines) text += printable(line) + "\n";
  if (dry_run)
    for (const std::string& line : report.caught_up)
      text += "changed since apply, would be brought over: " + printable(line) + "\n";
  if (dry_run)
    for (const model::Action& call : report.calls)
      text +=
          "  would " + printable(call.name) +
          report::paint(style, report::Tone::dim, "  " + call.method + " " + printable(call.path)) +
          "\n";
  text += report::paint(style, report::Tone::good, verb) + ": " +
          (dry_run ? "dry run, nothing was called; " : "") +
          report::grouped(static_cast<long long>(report.calls.size())) +
          (dry_run ? " calls would be made" : " calls") + ", phase '" + report.phase + "'";
  if (report.pause_ms > 0)
    text += ", paused for " + report::span_text(world::Millis(report.pause_ms));
  text += '\n';
  if (report.backfill.is_array() && !report.backfill.empty()) {
    text +=
        report::paint(style, report::Tone::strong, "runs missed in the window, to be made up:") +
        "\n";
    for (const Json& row : report.backfill)
      text += "  " + printable(text_at(row, "job")) +
              (row.contains("due") ? " due " + printable(scalar_text(member(row, "due")))
                                   : ": " + printable(text_at(row, "why"))) +
              "\n";
  }
  session.out.print(text);
}

}  // namespace

// The switch stands; who watched the first runs is told by the exit code when one of them failed.
bool is_first_run_failed(const stages::CutoverReport& report) {
  return std::any_of(report.first_runs.begin(), report.first_runs.end(),
                     [](const Json& run) { return text_at(run, "outcome") == "failed"; });
}

void SwitchOptions::declare(Options& options) {
  options.text("--route", route, "FROM:TO, when the configuration has several routes");
  options.flag("--dry-run", dry_run, "show the calls, make none");
  options.number("--watch-seconds", watch_seconds,
                 "how long the first runs in the target are watched", 0, 86400);
  options.number("--drain-seconds", drain_seconds, "how long running work may finish", 0, 86400);
}

void SwitchOptions::declare_cutover(Options& options) {
  declare(options);
  options.flag("--no-catch-up", no_catch_up,
               "switch what was applied: refuse when the source changed since");
  options.flag("--freeze", freeze,
               "take the access of everybody but administrators to the source until rollback");
  options.flag("--accept", accept, "gate: try the target first, as 'lakeshift accept' does");
}

namespace {

Result<model::Inventory> read_whole(Session& session, Migration& migration,
                                    engine::Platform& platform) {
  LS_ASSIGN(ReadSide found, read_side(session, migration, platform));
  LS_TRY(stages::check_whole({found.inventory, found.findings, found.calls}));
  return std::move(found.inventory);
}

// The stages of a catch-up with this work directory's logins and artefacts.
stages::CatchUpWork catch_up_work(Session& session, Migration& migration, const model::Plan& saved,
                                  engine::Platform& source, engine::Platform& target,
                                  const stages::Selection& only) {
  stages::CatchUpWork work{*migration.journal, kinds::all_kinds(), only};
  work.read_source = [&] { return read_whole(session, migration, source); };
  work.read_target = [&] { return read_whole(session, migration, target); };
  const auto planned = std::make_shared<stages::Selection>();
  work.plan = [&session, &migration, planned, route = stages::route_of(saved)](
                  const model::Inventory& from, const model::Inventory& to) -> Result<model::Plan> {
    LS_ASSIGN(*planned, planned_selection(migration, route));
    LS_ASSIGN(const stages::Route chosen, choose_route(migration, route));
    return plan_of(session, migration, chosen, from, to, *planned);
  };
  work.keep = [&migration, planned](const model::Plan& plan) -> Status {
    return save_plan(migration, plan, *planned);
  };
  work.apply = [&session, &migration, &target](const model::Plan& plan,
                                               const std::set<std::string>& part) {
    return carry_out_plan(session, migration, plan, target, &part, nullptr);
  };
  return work;
}

// Reading a side calls it fresh, but the cutover goes on changing it.
Status mark_both_stale(Migration& migration, const model::Plan& plan) {
  LS_TRY(mark_stale(migration, plan.source, true));
  return mark_stale(migration, plan.target, true);
}

// The gates and further work that only a cutover has.
Status prepare_cutover(Session& session, Migration& migration, const SwitchOptions& options,
                       stages::CatchUp& catch_up, stages::CutoverInput& input) {
  if (!options.no_catch_up) {
    LS_ASSIGN(const stages::CutoverState now,
              stages::cutover_state(*migration.journal, stages::route_of(catch_up.plan())));
    // One that was interrupted knows its workloads, and looks when the source stands still.
    if (now.phase == "source" || now.phase == "target" || now.phase == "completed")
      LS_TRY(catch_up.look_ahead());
    input.ahead = catch_up.ahead();
    input.catch_up = [&migration, &catch_up]() -> Result<std::vector<std::string>> {
      auto lines = catch_up.bring();
      LS_TRY(mark_both_stale(migration, catch_up.plan()));
      return lines;
    };
  }
  input.gates.push_back({"verify equal", [&catch_up] { return catch_up.check_equal(); }});
  const auto& gates = migration.config.gates;
  if (options.accept || std::find(gates.begin(), gates.end(), "accept") != gates.end())
    input.gates.push_back({"accept", [&session, &migration, &input] {
                             return check_acceptance(session, migration, input.target_platform,
                                                     input.target.reference, input.dry_run);
                           }});
  if (options.freeze) {
    LS_ASSIGN(input.freeze, stages::freezes_of(kinds::all_kinds(), input.source));
  }
  return {};
}

// Several routes are never switched by guess: which one is the user's word.
Result<model::Plan> plan_to_switch(Migration& migration, const std::string& wanted) {
  const std::vector<std::string> routes = route_names(migration);
  if (!wanted.empty()) {
    LS_ASSIGN(const stages::Route route, choose_route(migration, wanted));
    return load_plan(migration, route.name());
  }
  if (routes.size() < 2) return load_plan(migration);
  std::string list;
  for (const std::string& route : routes) {
    LS_ASSIGN(const stages::CutoverState now, stages::cutover_state(*migration.journal, route));
    list += (list.empty() ? "" : ", ") + route + " (" + now.phase + ")";
  }
  return fail("usage", "the configuration has several routes, each is switched on its own",
              "lakeshift.yaml", "use --route with one of: " + list);
}

}  // namespace

Result<Ending> switch_workloads(Session& session, const std::string& verb,
                                const SwitchOptions& options, SwitchStage stage) {
  LS_ASSIGN(Migration migration, open_migration(session, state::WorkDir::Access::change));
  LS_ASSIGN(model::Plan saved, plan_to_switch(migration, options.route));
  LS_TRY(stages::check_ledger(saved, *migration.journal));
  LS_ASSIGN(const stages::Selection only, selection_of(session, migration));
  LS_ASSIGN(auto source_platform, connect_side(session, migration, saved.source));
  LS_ASSIGN(auto target_platform, connect_side(session, migration, saved.target));
  LS_ASSIGN(model::Inventory source, read_whole(session, migration, *source_platform));
  LS_ASSIGN(model::Inventory target, read_whole(session, migration, *target_platform));
  if (!options.dry_run) LS_TRY(mark_both_stale(migration, saved));
  // What the stage began with; the catch-up has its own, which it renews.
  const model::Plan plan = saved;
  const model::Inventory from = source, to = target;
  stages::CatchUp catch_up(
      catch_up_work(session, migration, plan, *source_platform, *target_platform, only),
      std::move(saved), std::move(source), std::move(target));
  stages::CutoverInput input{plan,
                             from,
                             to,
                             kinds::all_kinds(),
                             *source_platform,
                             *target_platform,
                             *migration.journal,
                             only,
                             options.dry_run,
                             options.drain_seconds};
  input.watch_seconds = options.watch_seconds;
  input.supplies.content = [&](const std::string& digest) {
    return migration.dir->get_content(digest);
  };
  if (stage == stages::cutover)
    LS_TRY(prepare_cutover(session, migration, options, catch_up, input));
  LS_ASSIGN(const stages::CutoverReport report, stage(input, session.run));
  const Json json = report_json(stages::route_of(plan), report);
  if (!options.dry_run) {
    LS_TRY(
        migration.dir->save_artefact(artefact_of(migration, verb, stages::route_of(plan)), json));
    LS_TRY(
        save_mapping_documents(migration, catch_up.plan(), catch_up.source(), catch_up.target()));
  }
  print_report(session, verb, report, options.dry_run);
  if (session.interrupted()) return Ending{Exit::interrupted, json};
  return Ending{is_first_run_failed(report) ? Exit::blocked : Exit::done, json};
}

}  // namespace lakeshift::cli
