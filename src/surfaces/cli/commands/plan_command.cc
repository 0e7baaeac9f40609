#include "surfaces/cli/sides.h"
#include "surfaces/report/plan_text.h"

namespace lakeshift::cli::plan_command {
namespace {

class Plan final : public Invocation {
 public:
  void declare(Options& options) override {
    options.text("--route", route_, "FROM:TO, when the configuration has several routes");
    options.flag("--refresh", refresh_, "read both sides again first");
    options.flag("--all", all_, "show unchanged and excluded objects too");
    options.flag("--full", full_, "show every member of created objects and every call");
    options.flag("--summary", summary_, "show the summary and blocking findings only");
    options.flag("--show", show_, "show the saved plan, make no new one");
    options.flag("--detailed-exitcode", detailed_,
                 "0: nothing to do, 5: there are changes, 3: objects are blocked");
  }

  Result<Ending> run(Session& session) override {
    const auto access = show_ ? state::WorkDir::Access::read : state::WorkDir::Access::change;
    LS_ASSIGN(Migration migration, open_migration(session, access));
    LS_ASSIGN(const model::Plan plan, show_ ? load_plan(migration) : make(session, migration));
    const model::Accounting accounting = model::account(plan);
    if (summary_) {
      session.out.print(report::plan_summary(accounting) + "\n");
    } else {
      session.out.print(report::plan_text(plan, session.out.style(), {all_, full_}));
    }
    print_findings(session, plan.findings, summary_ ? 5 : 20);
    std::size_t calls = 0;
    for (const model::Change& change : plan.changes) calls += change.actions.size();
    const auto totals = report::totals_of(accounting);
    if (calls > 0) session.out.print("next: lakeshift rehearse, then lakeshift apply\n");
    return Ending{exit_for(totals, calls),
                  {{"summary", counts_json(accounting)},
                   {"planned_calls", calls},
                   {"source", plan.source},
                   {"target", plan.target}}};
  }

 private:
  Result<model::Plan> make(Session& session, Migration& migration) {
    LS_ASSIGN(const stages::Route route, choose_route(migration, route_));
    LS_ASSIGN(stages::Selection only, selection_of(session, migration));
    LS_ASSIGN(const model::Inventory source,
              current_inventory(session, migration, route.from, refresh_));
    LS_ASSIGN(const model::Inventory target,
              current_inventory(session, migration, route.to, refresh_));
    LS_ASSIGN(model::Plan plan, plan_of(session, migration, route, source, target, only));
    LS_TRY(save_plan(migration, plan, only));
    return plan;
  }

  Exit exit_for(const std::map<model::Verb, long long>& totals, std::size_t calls) const {
    if (!detailed_) return Exit::done;
    const auto blocked = totals.find(model::Verb::blocked);
    if (blocked != totals.end() && blocked->second > 0) return Exit::blocked;
    return calls > 0 ? Exit::changes : Exit::done;
  }

  std::string route_;
  bool refresh_ = false, all_ = false, full_ = false, summary_ = false, show_ = false,
       detailed_ = false;
};

}  // namespace

extern const Command kDefinition{
    .name = "plan",
    .order = 30,
    .summary = "decide what becomes of every object, and write down every call",
    .details =
        "+ create   ~ update   = adopt   ! a person must look (manual, blocked)   - excluded\n"
        "The saved plan is what apply carries out, exactly. The same inventories give the same "
        "plan, byte for byte.",
    .examples =
        "lakeshift plan\nlakeshift plan --select job --select 'cluster/etl-*' --exclude "
        "'job/tmp-*'\n"
        "lakeshift plan --wave finance\n"
        "lakeshift plan --detailed-exitcode --json | tail -1",
    .selects = true,
    .remote = true,
    .make = make_invocation<Plan>,
};

}  // namespace lakeshift::cli::plan_command
