#include "core/base/strings.h"
#include "surfaces/cli/command.h"
#include "surfaces/cli/session.h"
#include "twin/twin.h"

namespace lakeshift::cli::twin_command {
namespace {

// "status:500:12" -> the 12th mutating call answers 500; "cut:7:after" -> the 7th is cut off after
// its effect.
Result<twin::Fault> fault_from(const std::string& text) {
  static const std::vector<std::string> kNames = {"status",    "cut",  "html",
                                                  "truncated", "kill", "expired"};
  twin::Fault fault;
  if (text.empty()) return fault;
  using Kind = twin::Fault::Kind;
  static constexpr Kind kKinds[] = {Kind::status,    Kind::cut_connection, Kind::html,
                                    Kind::truncated, Kind::kill_process,   Kind::expired_token};
  const std::vector<std::string> parts = split(text, ':');
  for (std::size_t i = 0; i < kNames.size(); ++i)
    if (kNames[i] == parts[0]) fault.kind = kKinds[i];
  if (fault.kind == Kind::none)
    return fail("usage", "unknown fault '" + parts[0] + "'", "--fault",
                "known faults: " + join(kNames, ", "));
  std::size_t numbers = 0;
  for (std::size_t i = 1; i < parts.size(); ++i) {
    if (parts[i] == "after")
      fault.after_effect = true;
    else if (parts[i] == "any")
      fault.mutating_only = false;
    else if (!parts[i].empty() && parts[i].size() < 9 &&
             parts[i].find_first_not_of("0123456789") == std::string::npos) {
      const int number = std::stoi(parts[i]);
      if (fault.kind == Kind::status && numbers == 0)
        fault.status = number;
      else if (fault.at_call == 0)
        fault.at_call = number;
      else
        fault.times = number;
      ++numbers;
    } else {
      return fail("usage", "'" + parts[i] + "' is neither a number, 'after' nor 'any'", "--fault");
    }
  }
  if (fault.at_call == 0)
    return fail("usage", "the number of the call is missing", "--fault",
                "for example --fault status:500:12");
  return fault;
}

class Serve final : public Invocation {
 public:
  void declare(Options& options) override {
    options.choice("--cloud", options_.cloud, "the cloud it plays", {"aws", "azure", "gcp"});
    options.text("--load", load_, "folder with workspace/ and *.json to start from");
    options.number("--port", port_, "port on 127.0.0.1; 0 chooses one", 0, 65535);
    options.text("--state", options_.state_path, "SQLite file; in memory when not given");
    options.text("--token", options_.token,
                 "the bearer token it accepts (also: LAKESHIFT_TWIN_TOKEN)");
    options.text("--workspace-id", options_.workspace_id, "the workspace's id");
    options.choice("--tier", options_.tier, "the workspace's tier",
                   {"premium", "enterprise", "standard"});
    options.choice("--limits", options_.limits, "rate limits", {"off", "documented", "tight"});
    options.number("--latency-ms", options_.latency_ms, "delay of every answer", 0, 60000);
    options.number("--page-size", options_.page_size, "greatest page; 0: the API's own", 0, 100000);
    options.number("--staleness-ms", options_.staleness_ms, "lists lag behind writes by this", 0,
                   600000);
    options.number("--run-lasts-ms", run_lasts_ms_, "how long a run of a job takes", 0, 3600000);
    options.text("--request-log", options_.request_log, "file for one JSON line per call");
    options.text("--fault", fault_, "hurt a call: KIND:N[:after][:any][:TIMES], status:CODE:N");
    options.flag("--lenient", lenient_, "accept unknown fields");
    options.text("--python", options_.python,
                 "interpreter that runs commands on its clusters; without it they fail");
    options.flag("--no-secret-values", options_.secrets_by_notebooks_only,
                 "refuse secrets/get outside of a notebook");
  }

  Result<Ending> run(Session& session) override {
    if (const auto token = session.run.world.environment.variable("LAKESHIFT_TWIN_TOKEN"))
      options_.token = *token;
    options_.strict = !lenient_;
    options_.run_lasts_ms = run_lasts_ms_;
    LS_ASSIGN(options_.fault, fault_from(fault_));
    LS_ASSIGN(auto served, twin::Twin::create(session.run.world, options_));
    if (!load_.empty()) LS_TRY(served->load(load_));
    LS_TRY(
        twin::serve(*served, port_, session.run.stop, [&](int port) { announce(session, port); }));
    return Ending{Exit::done, {{"cloud", options_.cloud}}};
  }

 private:
  void announce(Session& session, int port) const {
    const std::string host = "http://127.0.0.1:" + std::to_string(port);
    session.out.emit({.type = world::Event::Type::notice,
                      .stage = "twin",
                      .subject = options_.cloud,
                      .name = host,
                      .text = "twin of " + options_.cloud + " listens on " + host +
                              " (limits: " + options_.limits + "); Ctrl-C ends it"});
  }

  twin::TwinOptions options_;
  int run_lasts_ms_ = 2000;  // nobody waits for a minute
  std::string load_, fault_;
  int port_ = 0;
  bool lenient_ = false;
};

}  // namespace

extern const Command kDefinition{
    .name = "twin",
    .order = 140,
    .summary = "serve a simulated workspace on loopback, to try things on",
    .details =
        "Plays a workspace of one cloud: its routes, fields, limits and refusals. The official SDK "
        "and this program speak to\n"
        "it like to a real one. --load takes what 'databricks workspace export-dir' writes below "
        "workspace/, and the JSON\n"
        "of jobs, clusters, … as the API returns it.",
    .examples =
        "lakeshift twin --cloud azure --load examples/company/estate --port 8443\n"
        "lakeshift twin --cloud aws --state new.sqlite --limits documented",
    .selects = false,
    .remote = false,
    .make = make_invocation<Serve>,
};

}  // namespace lakeshift::cli::twin_command
