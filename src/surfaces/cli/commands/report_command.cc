#include "core/base/json.h"
#include "surfaces/cli/documents.h"
#include "surfaces/report/report_html.h"

namespace lakeshift::cli::report_command {
namespace {

class Report final : public Invocation {
 public:
  void declare(Options& options) override {
    options.text("--route", route_, "FROM:TO; default: that of the plan that was made last");
    options.text("-o,--output", output_,
                 "where the HTML page is written; default: report.html in the work directory");
  }

  Result<Ending> run(Session& session) override {
    LS_ASSIGN(Migration migration, open_migration(session, state::WorkDir::Access::read));
    LS_ASSIGN(const auto documents, load_documents(session, migration, route_));
    const Json data = report::report_data(documents->input);
    if (session.out.json() && output_.empty()) return Ending{Exit::done, data};
    const std::string path = output_.empty() ? session.options.dir + "/report.html" : output_;
    LS_TRY(session.run.world.files.write_atomically(path, report::report_html(data)));
    session.out.print("wrote " + path + "\n");
    return Ending{Exit::done, {{"path", path}}};
  }

 private:
  std::string route_, output_;
};

}  // namespace

extern const Command kDefinition{
    .name = "report",
    .order = 120,
    .summary = "write everything as one HTML page that opens from disk; --json for programs",
    .details =
        "The page needs no network and holds no secret. With --json the same document is printed "
        "as the result line.",
    .examples =
        "lakeshift report\nlakeshift report --output migration.html\nlakeshift report --json > "
        "report.json",
    .selects = false,
    .remote = false,
    .make = make_invocation<Report>,
};

}  // namespace lakeshift::cli::report_command
