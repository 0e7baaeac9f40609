#include "core/base/json.h"
#include "surfaces/cli/applying.h"
#include "surfaces/cli/artefacts.h"
#include "surfaces/report/error_text.h"
#include "surfaces/report/plan_text.h"

namespace lakeshift::cli::apply_command {
namespace {

constexpr std::size_t kMostErrors = 20;

class Apply final : public Invocation {
 public:
  void declare(Options& options) override {
    options.flag("--no-drift-check", no_drift_check_,
                 "do not read the target before the first change");
    options.flag("--abandon", abandon_,
                 "give an interrupted apply of another plan up, then apply this one");
  }

  Result<Ending> run(Session& session) override {
    LS_ASSIGN(Migration migration, open_migration(session, state::WorkDir::Access::change));
    LS_ASSIGN(const model::Plan plan, load_plan(migration));
    LS_ASSIGN(const auto part, selected_part(session, migration, plan));
    LS_ASSIGN(auto target, connect_side(session, migration, plan.target));
    std::optional<model::Inventory> current;
    LS_ASSIGN(const bool begun, already_begun(migration, plan));
    // Its own interrupted run is resumed, never forgotten: that would create things twice.
    if (abandon_ && !begun) LS_TRY(stages::abandon_run(*migration.journal));
    if (!no_drift_check_ && !begun) {
      LS_ASSIGN(ReadSide read, read_side(session, migration, *target));
      current = std::move(read.inventory);
    }
    auto applied = carry_out_plan(session, migration, plan, *target, part ? &*part : nullptr,
                                  current ? &*current : nullptr);
    if (!applied) return fail(std::move(applied).error());
    LS_TRY(save_mapping_from_ledger(migration, plan));
    print(session, plan, *applied);
    if (applied->walk.shut_out) session.out.fail(*applied->walk.shut_out);
    return Ending{exit_for(session, *applied), result_json(*applied)};
  }

 private:
  // A run that was begun is continued: the target then differs from what the plan saw by what that
  // run did.
  static Result<bool> already_begun(Migration& migration, const model::Plan& plan) {
    LS_ASSIGN(const auto open, stages::open_run(*migration.journal));
    return open && *open == stages::digest_of(plan);
  }

  static Exit exit_for(const Session& session, const stages::ApplyResult& applied) {
    if (session.interrupted() && !applied.complete()) return Exit::interrupted;
    return applied.complete() ? Exit::done : Exit::partly;
  }

  static Json result_json(const stages::ApplyResult& applied) {
    Json errors = Json::object();
    for (const auto& [change, error] : applied.walk.errors)
      errors[change] = report::error_json(error);
    return {{"summary", counts_json(applied.accounting)},
            {"complete", applied.complete()},
            {"calls", applied.walk.calls},
            {"resumed", applied.walk.resumed},
            {"stopped", applied.walk.stopped},
            {"errors", errors}};
  }

  static void print(Session& session, const model::Plan& plan, const stages::ApplyResult& applied) {
    std::size_t shown = 0;
    for (const auto& [id, error] : applied.walk.errors) {
      const auto outcome = applied.walk.outcomes.find(id);
      if (outcome == applied.walk.outcomes.end() || outcome->second != model::Verb::failed)
        continue;
      if (error.code == "interrupted") continue;  // it was not tried
      if (++shown > kMostErrors) break;
      Error named = error;
      const model::Change* change = plan.find(id);
      if (change)
        named.about = change->source.kind + " '" + change->key + "'" +
                      (error.about.empty() ? "" : ": " + error.about);
      session.out.print(report::error_text(named, session.out.style()));
    }
    session.out.print(report::paint(session.out.style(),
                                    applied.complete() ? report::Tone::good : report::Tone::bad,
                                    report::apply_summary(applied.accounting)) +
                      ", " + report::grouped(applied.walk.calls) + " calls" +
                      (applied.walk.resumed > 0
                           ? ", " + report::grouped(applied.walk.resumed) + " done before"
                           : "") +
                      "\n");
    if (applied.complete())
      session.out.print("next: lakeshift verify\n");
    else
      session.out.print(std::string(applied.walk.stopped ? "stopped; " : "") +
                        "nothing is lost: run 'lakeshift apply' again to go on\n");
  }

  bool no_drift_check_ = false;
  bool abandon_ = false;
};

}  // namespace

extern const Command kDefinition{
    .name = "apply",
    .order = 50,
    .summary = "carry out the saved plan, exactly; stop and resume at any time",
    .details =
        "Every call is written to the journal before and after it is made. A failure stops only "
        "what depends on it. Run it\n"
        "again after a failure, a Ctrl-C or a power cut: it goes on where it was and makes nothing "
        "twice. Everything\n"
        "arrives inert: paused, stopped, muted. Exit code 4: something failed or is left, run "
        "again.",
    .examples =
        "lakeshift apply\nlakeshift apply --wave finance\n"
        "lakeshift apply --parallel 16 --json > apply.jsonl",
    .selects = false,
    .remote = true,
    .waves = true,
    .make = make_invocation<Apply>,
};

}  // namespace lakeshift::cli::apply_command
