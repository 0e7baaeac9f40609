#include "surfaces/cli/switching.h"

#include "core/base/json.h"
#include "core/base/strings.h"
#include "knowledge/kinds/registry.h"
#include "stages/apply.h"
#include "stages/verify.h"
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

Json report_json(const stages::CutoverReport& report) {
  return {{"phase", report.phase},
          {"calls", calls_json(report.calls)},
          {"lines", report.lines},
          {"backfill", report.backfill},
          {"pause_ms", report.pause_ms}};
}

void print_report(Session& session, const std::string& verb, const stages::CutoverReport& report,
                  bool dry_run) {
  const report::Style& style = session.out.style();
  std::string text;
  for (const std::string& line : report.lines) text += printable(line) + "\n";
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
  text += "\n";
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

// The same judgement as the verify command's, over what was read just now: it covers drift since
// apply too.
Status check_equal(Migration& migration, const model::Plan& plan, const model::Inventory& source,
                   const model::Inventory& target) {
  LS_ASSIGN(const auto ledger, migration.journal->rows());
  LS_ASSIGN(const auto expected, stages::expected_differences());
  LS_ASSIGN(const stages::VerifyResult result,
            stages::verify({plan, source, target, kinds::all_kinds(), ledger, expected}));
  if (result.equal()) return {};
  std::string about, what = "the target does not hold what the plan promised";
  for (const model::Judgement& judgement : result.judgements) {
    if (judgement.verdict != model::Verdict::differs &&
        judgement.verdict != model::Verdict::missing)
      continue;
    about = judgement.source.kind + " '" + judgement.key + "'";
    what = std::string(model::to_text(judgement.verdict)) +
           (judgement.reason.empty() ? "" : ": " + judgement.reason);
    break;
  }
  for (const model::Finding& finding : result.findings) {
    if (!about.empty() || finding.severity != model::Severity::blocking) continue;
    about = finding.kind + (finding.key.empty() ? "" : " '" + finding.key + "'");
    what = finding.cause;
  }
  return fail("gate-closed", what, about, "see 'lakeshift verify', then plan and apply again");
}

}  // namespace

void SwitchOptions::declare(Options& options) {
  options.flag("--dry-run", dry_run, "show the calls, make none");
  options.number("--watch-seconds", watch_seconds,
                 "how long the first runs in the target are watched", 0, 86400);
  options.number("--drain-seconds", drain_seconds, "how long running work may finish", 0, 86400);
}

Result<Ending> switch_workloads(Session& session, const std::string& verb,
                                const SwitchOptions& options, SwitchStage stage) {
  LS_ASSIGN(Migration migration, open_migration(session, state::WorkDir::Access::change));
  LS_ASSIGN(const model::Plan plan, load_plan(migration));
  LS_TRY(stages::check_ledger(plan, *migration.journal));
  LS_ASSIGN(const stages::Selection only, selection_of(session));
  LS_ASSIGN(auto source_platform, connect_side(session, migration, plan.source));
  LS_ASSIGN(auto target_platform, connect_side(session, migration, plan.target));
  LS_ASSIGN(const ReadSide source, read_side(session, migration, *source_platform));
  LS_ASSIGN(const ReadSide target, read_side(session, migration, *target_platform));
  if (!options.dry_run) {
    LS_TRY(mark_stale(migration, plan.source, true));
    LS_TRY(mark_stale(migration, plan.target, true));
  }
  stages::CutoverInput input{plan,
                             source.inventory,
                             target.inventory,
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
  input.gates.push_back({"verify equal", [&] {
                           return check_equal(migration, plan, source.inventory, target.inventory);
                         }});
  LS_ASSIGN(const stages::CutoverReport report, stage(input, session.run));
  const Json json = report_json(report);
  if (!options.dry_run) {
    LS_TRY(migration.dir->save_artefact(verb, json));
    LS_TRY(save_mapping_documents(migration, plan, source.inventory, target.inventory));
  }
  print_report(session, verb, report, options.dry_run);
  return Ending{session.interrupted() ? Exit::interrupted : Exit::done, json};
}

}  // namespace lakeshift::cli
