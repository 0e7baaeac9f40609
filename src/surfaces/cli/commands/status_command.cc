#include "core/base/json.h"
#include "surfaces/cli/documents.h"
#include "surfaces/report/status_text.h"

namespace lakeshift::cli::status_command {
namespace {

class Show final : public Invocation {
 public:
  void declare(Options& options) override {
    options.text("--route", route_, "FROM:TO; default: that of the plan that was made last");
  }
  Result<Ending> run(Session& session) override {
    LS_ASSIGN(Migration migration, open_migration(session, state::WorkDir::Access::read));
    LS_ASSIGN(const auto documents, load_documents(session, migration, route_));
    const Json data = report::report_data(documents->input);
    session.out.print(report::status_text(data, session.out.style()));
    Json result = Json::object();
    for (const char* name :
         {"source", "target", "journey", "workloads", "accounting", "next", "cutover", "routes"})
      result[name] = member(data, name);
    result["planned_calls"] = int_at(member(data, "evidence"), "calls_planned");
    return Ending{Exit::done, result};
  }

 private:
  std::string route_;
};

}  // namespace

extern const Command kDefinition{
    .name = "status",
    .order = 110,
    .summary = "where the migration stands, what is open, what to do next; offline",
    .details = "Reads only the work directory: works while another command runs.",
    .examples = "lakeshift status\nlakeshift status --json",
    .selects = false,
    .remote = false,
    .make = make_invocation<Show>,
};

}  // namespace lakeshift::cli::status_command
