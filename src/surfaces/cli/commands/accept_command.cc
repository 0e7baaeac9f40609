#include "core/base/json.h"
#include "core/base/strings.h"
#include "core/state/inventory_store.h"
#include "stages/acceptance.h"
#include "surfaces/cli/sides.h"
#include "surfaces/report/event_text.h"
#include "surfaces/report/table.h"

namespace lakeshift::cli::accept_command {
namespace {

class Accept final : public Invocation {
 public:
  void declare(Options& options) override {
    options.text("--cluster", options_.cluster_id, "id of a cluster of the target to start");
    options.text("--node-type", options_.node_type, "node type of the runs' own cluster");
    options.text("--runtime", options_.runtime, "runtime of the runs' own cluster");
    options.text("--warehouse", options_.warehouse_id, "id of a warehouse to start");
    options.text("--job", options_.job_id, "id of a job to run once (it may have effects)");
    options.text("--package", options_.package, "Python package to install");
    options.text("--folder", options_.folder, "folder for what the run makes");
    options.text("--table", options_.table, "table to create and drop");
    options.list("--database", options_.databases,
                 "host:port that the target must reach; repeatable");
    options.list("--bucket", options_.buckets, "storage URL that the target must list; repeatable");
    options.number("--timeout", options_.timeout_seconds, "seconds that one step may take", 1,
                   86400);
  }

  Result<Ending> run(Session& session) override {
    LS_ASSIGN(Migration migration, open_migration(session, state::WorkDir::Access::change));
    LS_ASSIGN(const model::Plan plan, load_plan(migration));
    LS_ASSIGN(auto target, connect_side(session, migration, plan.target));
    LS_ASSIGN(const model::Inventory inventory, state::load_inventory(*migration.dir, plan.target));
    LS_ASSIGN(const stages::AcceptanceReport report,
              stages::accept_target(*target, inventory.reference, options_, session.run));
    Json json = report.to_json();
    json["passed"] = report.passed();
    LS_TRY(migration.dir->save_artefact("accept", json));
    print(session, report);
    const Exit exit = session.interrupted() ? Exit::interrupted
                      : report.passed()     ? Exit::done
                                            : Exit::blocked;
    return Ending{exit, std::move(json)};
  }

 private:
  static void print(Session& session, const stages::AcceptanceReport& report) {
    std::vector<std::vector<report::Cell>> rows;
    for (const stages::AcceptanceStep& step : report.steps) {
      report::Tone tone = report::Tone::good;
      if (step.outcome == stages::StepOutcome::failed) tone = report::Tone::bad;
      if (step.outcome == stages::StepOutcome::skipped) tone = report::Tone::dim;
      std::string seen = step.outcome == stages::StepOutcome::passed ? step.evidence : step.reason;
      if (step.outcome == stages::StepOutcome::failed && !step.remedy.empty())
        seen += "; try: " + step.remedy;
      rows.push_back({{std::string(stages::to_text(step.outcome)), tone},
                      {printable(step.name)},
                      {printable(seen), report::Tone::dim},
                      {printable(step.clean_up), report::Tone::dim}});
    }
    session.out.print(report::format_table(
        {{"outcome"}, {"step"}, {"what was seen"}, {"cleaned up"}}, rows, session.out.style()));
    session.out.print(report.passed() ? "accept: the target works\n"
                                      : "accept: the gate is closed\n");
  }

  stages::AcceptanceOptions options_;
};

}  // namespace

extern const Command kDefinition{
    .name = "accept",
    .order = 70,
    .summary = "try the target for real: start a cluster, run a notebook, create and drop a table",
    .details =
        "A gate of its own between apply and cutover. Each step removes what it made. Exit code 3 "
        "when a step failed.",
    .examples =
        "lakeshift accept\nlakeshift accept --warehouse 1234abcd --database db.internal:5432 "
        "--bucket s3://raw/",
    .selects = false,
    .remote = true,
    .make = make_invocation<Accept>,
};

}  // namespace lakeshift::cli::accept_command
