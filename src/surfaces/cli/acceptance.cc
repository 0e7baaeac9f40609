#include "surfaces/cli/acceptance.h"

#include <algorithm>

#include "core/base/json.h"
#include "core/base/strings.h"
#include "surfaces/report/event_text.h"
#include "surfaces/report/table.h"

namespace lakeshift::cli {
namespace {

using stages::StepOutcome;

void print(Session& session, const stages::AcceptanceReport& report) {
  std::vector<std::vector<report::Cell>> rows;
  for (const stages::AcceptanceStep& step : report.steps) {
    report::Tone tone = report::Tone::good;
    if (step.outcome == StepOutcome::failed) tone = report::Tone::bad;
    if (step.outcome == StepOutcome::skipped) tone = report::Tone::dim;
    std::string seen = step.outcome == StepOutcome::passed ? step.evidence : step.reason;
    if (step.outcome == StepOutcome::failed && !step.remedy.empty())
      seen += "; try: " + step.remedy;
    rows.push_back({{std::string(stages::to_text(step.outcome)), tone},
                    {printable(step.name)},
                    {printable(seen), report::Tone::dim},
                    {printable(step.clean_up), report::Tone::dim}});
  }
  session.out.print(report::format_table({{"outcome"}, {"step"}, {"what was seen"}, {"cleaned up"}},
                                         rows, session.out.style()));
  session.out.print(report.passed() ? "accept: the target works\n"
                                    : "accept: the gate is closed\n");
}

}  // namespace

std::string acceptance_artefact(const Migration& migration, const std::string& target) {
  const auto& routes = migration.config.routes;
  const bool several = std::any_of(routes.begin(), routes.end(), [&](const stages::Route& route) {
    return route.to != routes.front().to;
  });
  return several ? "accept-" + target : "accept";
}

Result<stages::AcceptanceReport> run_acceptance(Session& session, Migration& migration,
                                                engine::Platform& target, const Json& reference,
                                                const stages::AcceptanceOptions& options) {
  LS_ASSIGN(stages::AcceptanceReport report,
            stages::accept_target(target, reference, options, session.run));
  Json json = report.to_json();
  json["passed"] = report.passed();
  LS_TRY(migration.dir->save_artefact(acceptance_artefact(migration, target.side()), json));
  print(session, report);
  return report;
}

Status check_acceptance(Session& session, Migration& migration, engine::Platform& target,
                        const Json& reference, bool dry_run) {
  if (dry_run) {
    session.out.print("would try the target first: 'lakeshift accept'\n");
    return {};
  }
  LS_ASSIGN(const stages::AcceptanceReport report,
            run_acceptance(session, migration, target, reference, migration.config.accept));
  if (report.passed()) return {};
  for (const stages::AcceptanceStep& step : report.steps)
    if (step.outcome == StepOutcome::failed || step.code == "interrupted")
      return fail(
          "gate-closed",
          "'" + step.name + "' " + std::string(stages::to_text(step.outcome)) + ": " + step.reason,
          step.name, step.remedy.empty() ? "see 'lakeshift accept'" : step.remedy);
  return fail("gate-closed", "no step of the acceptance run passed", "accept",
              "name what it may use under 'accept:' in lakeshift.yaml");
}

}  // namespace lakeshift::cli
