#include "core/base/json.h"
#include "core/base/strings.h"
#include "core/state/inventory_store.h"
#include "knowledge/kinds/registry.h"
#include "stages/apply.h"
#include "stages/cutover.h"
#include "stages/journey.h"
#include "stages/verify.h"
#include "surfaces/cli/rehearsal.h"
#include "surfaces/report/plan_text.h"

namespace lakeshift::cli::rehearse_command {
namespace {

constexpr std::size_t kMostShown = 30;

class Rehearse final : public Invocation {
 public:
  void declare(Options& options) override {
    options.text("--route", route_, "FROM:TO; default: that of the plan that was made last");
  }

  Result<Ending> run(Session& session) override {
    LS_ASSIGN(Migration migration, open_migration(session, state::WorkDir::Access::change));
    LS_ASSIGN(const model::Plan plan, load_plan(migration, route_));
    LS_ASSIGN(const bool is_applied, stages::is_applied(plan, *migration.journal));
    if (is_applied) return nothing_left(session);
    LS_ASSIGN(const stages::Route route, choose_route(migration, stages::route_of(plan)));
    LS_ASSIGN(model::Inventory source, state::load_inventory(*migration.dir, plan.source));
    LS_ASSIGN(model::Inventory target, state::load_inventory(*migration.dir, plan.target));
    LS_ASSIGN(stages::Selection only, planned_selection(migration, stages::route_of(plan)));
    LS_ASSIGN(const auto planning, Planning::make(session, migration, route, std::move(source),
                                                  std::move(target), std::move(only)));
    LS_ASSIGN(const auto room, RehearsalRoom::open(session, migration, planning->input().target));
    LS_ASSIGN(const auto expected, stages::expected_differences());
    state::WorkDir* dir = migration.dir.get();
    // No real value goes into a rehearsal.
    const engine::Supplies supplies{
        [dir](const std::string& digest) { return dir->get_content(digest); },
        [](const Json&) -> Result<std::string> { return std::string("rehearsed"); }};
    const stages::RehearsalInput input{
        plan,
        planning->input(),
        kinds::all_kinds(),
        room->platform(),
        room->journal(),
        supplies,
        expected,
        [dir](std::string_view bytes) { return dir->put_content(bytes); }};
    LS_ASSIGN(const stages::RehearsalReport report, stages::rehearse(input, room->run()));
    Json json = report.to_json();
    json["passed"] = report.passed();
    LS_TRY(migration.dir->save_artefact(artefact_of(migration, "rehearse", stages::route_of(plan)),
                                        json));
    print(session, report);
    json["summary"] = counts_json(report.accounting);
    return Ending{report.passed() ? Exit::done : Exit::blocked, std::move(json)};
  }

 private:
  // The target holds what the plan would make: rehearsing it again would only find that.
  static Ending nothing_left(Session& session) {
    session.out.print(
        "rehearse: the plan was applied, nothing of it is left to rehearse\n"
        "next: lakeshift verify; or lakeshift plan, for what changed since\n");
    return Ending{Exit::done, {{"passed", true}, {"applied", true}, {"calls", 0}}};
  }

  static void print(Session& session, const stages::RehearsalReport& report) {
    const report::Style& style = session.out.style();
    std::string text;
    for (std::size_t i = 0; i < std::min(kMostShown, report.refusals.size()); ++i)
      text += refusal_text(report.refusals[i], style);
    for (std::size_t i = 0; i < std::min(kMostShown, report.unequal.size()); ++i) {
      const model::Judgement& judgement = report.unequal[i];
      text += report::paint(style, report::Tone::bad, model::to_text(judgement.verdict)) + " " +
              judgement.source.kind + " '" + printable(judgement.key) + "'" +
              (judgement.reason.empty() ? "" : ": " + printable(judgement.reason)) + "\n";
      for (const model::Difference& difference : judgement.differences)
        text += report::difference_text(difference, style) + "\n";
    }
    for (std::size_t i = 0; i < std::min(kMostShown, report.not_converged.size()); ++i)
      text += report::paint(style, report::Tone::bad, "not converged") + " " +
              printable(report.not_converged[i]) + ": a second plan would change it again\n";
    session.out.print(text);
    print_findings(session, report.findings, 10);
    session.out.print(
        report::paint(style, report.passed() ? report::Tone::good : report::Tone::bad, "rehearse") +
        ": " + report::grouped(report.calls) + " calls on the twin, " +
        report::grouped(static_cast<long long>(report.refusals.size())) + " refused, " +
        report::grouped(static_cast<long long>(report.unequal.size())) + " not equal, " +
        report::grouped(static_cast<long long>(report.not_converged.size())) + " not converged\n" +
        (report.passed()
             ? "next: lakeshift apply\n"
             : "next: remove the causes (mapping file, exclusions), then lakeshift plan\n"));
  }

  static std::string refusal_text(const stages::Refusal& refusal, const report::Style& style) {
    return report::paint(style, report::Tone::bad, "refused") + " " + refusal.kind + " '" +
           printable(refusal.key) + "', " + printable(refusal.call) + ": " +
           printable(refusal.message) + " (" + refusal.code + ")\n" +
           (refusal.remedy.empty() ? ""
                                   : "  " + report::paint(style, report::Tone::strong, "try:") +
                                         " " + printable(refusal.remedy) + "\n");
  }

  std::string route_;
};

}  // namespace

extern const Command kDefinition{
    .name = "rehearse",
    .order = 40,
    .summary = "run the plan against a twin of the target, to know what the cloud would refuse",
    .details =
        "The twin is in this process, loaded with the target's present objects and reference data. "
        "Nothing real is called.\n"
        "Exit code 3 when something would be refused, would come out different, or would not "
        "converge.\n"
        "A plan that was applied has nothing left to rehearse: make a new one first.",
    .examples = "lakeshift rehearse\nlakeshift rehearse --json | tail -1",
    .selects = false,
    .remote = false,
    .make = make_invocation<Rehearse>,
};

}  // namespace lakeshift::cli::rehearse_command
