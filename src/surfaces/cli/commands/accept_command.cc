#include "core/base/json.h"
#include "core/state/inventory_store.h"
#include "surfaces/cli/acceptance.h"

namespace lakeshift::cli::accept_command {
namespace {

class Accept final : public Invocation {
 public:
  void declare(Options& options) override {
    options.text("--route", route_,
                 "FROM:TO whose target is tried; default: that of the last plan");
    options.text("--cluster", cluster_, "id of a cluster of the target to start");
    options.text("--node-type", node_type_, "node type of the runs' own cluster");
    options.text("--runtime", runtime_, "runtime of the runs' own cluster");
    options.text("--warehouse", warehouse_,
                 "id of a warehouse to create and drop the table on; else the cluster");
    options.text("--job", job_,
                 "id of a job to run once (it may have effects); else one is made and removed");
    options.text("--package", package_, "Python package to install");
    options.text("--folder", folder_, "folder for what the run makes");
    options.text("--table", table_, "table to create and drop");
    options.list("--database", databases_, "host:port that the target must reach; repeatable");
    options.list("--bucket", buckets_, "storage URL that the target must list; repeatable");
    options.number("--timeout", timeout_, "seconds that one step may take", 1, 86400);
  }

  Result<Ending> run(Session& session) override {
    LS_ASSIGN(Migration migration, open_migration(session, state::WorkDir::Access::change));
    LS_ASSIGN(const model::Plan plan, load_plan(migration, route_));
    LS_ASSIGN(auto target, connect_side(session, migration, plan.target));
    LS_ASSIGN(const model::Inventory inventory, state::load_inventory(*migration.dir, plan.target));
    LS_ASSIGN(const stages::AcceptanceReport report,
              run_acceptance(session, migration, *target, inventory.reference,
                             with_defaults(migration.config.accept)));
    Json json = report.to_json();
    json["passed"] = report.passed();
    const Exit exit = session.interrupted() ? Exit::interrupted
                      : report.passed()     ? Exit::done
                                            : Exit::blocked;
    return Ending{exit, std::move(json)};
  }

 private:
  // The configuration's, but for what this call names.
  stages::AcceptanceOptions with_defaults(stages::AcceptanceOptions options) const {
    for (const auto& [given, option] :
         {std::pair(&cluster_, &options.cluster_id), std::pair(&node_type_, &options.node_type),
          std::pair(&runtime_, &options.runtime), std::pair(&warehouse_, &options.warehouse_id),
          std::pair(&job_, &options.job_id), std::pair(&package_, &options.package),
          std::pair(&folder_, &options.folder), std::pair(&table_, &options.table)})
      if (!given->empty()) *option = *given;
    if (!databases_.empty()) options.databases = databases_;
    if (!buckets_.empty()) options.buckets = buckets_;
    if (timeout_ > 0) options.timeout_seconds = timeout_;
    return options;
  }

  std::string route_, cluster_, node_type_, runtime_, warehouse_, job_, package_, folder_, table_;
  std::vector<std::string> databases_, buckets_;
  int timeout_ = 0;
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
