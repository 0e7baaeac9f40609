#include <fmt/format.h>
#include <unistd.h>

#include "core/base/json.h"
#include "core/base/strings.h"
#include "core/world/process.h"
#include "stages/prove.h"
#include "surfaces/cli/command.h"
#include "surfaces/cli/session.h"

namespace lakeshift::cli::prove_command {
namespace {

constexpr world::Millis kTranslation{120000};

// What `lakeshift translate sql -` makes of the text, one record a statement.
Result<std::vector<stages::TranslatedStatement>> translate(const std::string& source) {
  LS_ASSIGN(const world::Ended ended, world::run_process({"/proc/self/exe", "translate", "sql", "-",
                                                          "--json", "--procedures", "script"},
                                                         source, kTranslation));
  std::vector<stages::TranslatedStatement> all;
  for (const std::string& line : split(ended.out, '\n')) {
    if (line.empty()) continue;
    LS_ASSIGN(const Json record, parse_json(line, "the translator's answer"));
    if (!record.contains("index")) continue;
    stages::TranslatedStatement one;
    one.text = std::string(trim(text_at(record, "output")));
    while (one.text.ends_with(';')) one.text.pop_back();
    one.refused = text_at(record, "status") == "refused";
    for (const Json& finding : member(record, "findings"))
      if (one.code.empty()) {
        one.code = text_at(finding, "code");
        one.reason = text_at(finding, "message");
      }
    all.push_back(std::move(one));
  }
  if (all.empty() && ended.exit_code != 0)
    return fail("prove-translation", ended.err, "lakeshift translate sql",
                "give a translation with --candidate");
  return all;
}

class Prove final : public Invocation {
 public:
  void declare(Options& options) override {
    options.text("file", file_, "Redshift statements; their CREATE TABLEs tell the types");
    options.text("--candidate", candidate_,
                 "a translation somebody else wrote, statement by statement (see below)");
    options.choice("--engines", engines_, "where to run: local starts PostgreSQL and Spark",
                   {"local"});
    options.number("--mutants", mutants_, "mutants a statement that measure the rows", 0, 200);
  }

  Result<Ending> run(Session& session) override {
    if (file_.empty())
      return fail("usage", "no file is named", "prove", "lakeshift prove FILE.sql");
    stages::ProveRequest request;
    LS_ASSIGN(request.source, session.run.world.files.read(file_));
    request.mutants = static_cast<std::size_t>(mutants_);
    if (candidate_.empty()) {
      LS_ASSIGN(request.translations, translate(request.source));
    } else {
      LS_ASSIGN(const std::string text, session.run.world.files.read(candidate_));
      request.translations = stages::read_candidate(text);
      request.candidate = true;
    }
    Json statements = Json::array();
    LS_ASSIGN(const auto proofs, stages::prove(session.run, request, [&](const auto& proof) {
                session.out.print(stages::describe(proof));
                statements.push_back(stages::to_json(proof));
              }));
    std::size_t counts[4] = {};
    std::size_t mutants = 0, killed = 0;
    for (const stages::Proof& proof : proofs) {
      ++counts[static_cast<std::size_t>(proof.verdict)];
      mutants += proof.mutants;
      killed += proof.killed;
    }
    session.out.print(fmt::format(
        "{} statements: {} proved, {} differ, {} by documented rule only, {} refused; {} of {} "
        "mutants told apart\n",
        proofs.size(), counts[0], counts[1], counts[2], counts[3], killed, mutants));
    Json result = {{"statements", std::move(statements)},
                   {"proved", counts[0]},
                   {"differs", counts[1]},
                   {"rule", counts[2]},
                   {"refused", counts[3]},
                   {"mutants", mutants},
                   {"killed", killed}};
    return Ending{counts[1] + counts[3] > 0 ? Exit::blocked : Exit::done, std::move(result)};
  }

 private:
  std::string file_, candidate_, engines_ = "local";
  int mutants_ = 12;
};

}  // namespace

extern const Command kDefinition = {
    "prove",
    126,
    "prove that translated SQL answers as the source does",
    "Runs each statement of a file of Redshift SQL on a local PostgreSQL that stands in for\n"
    "Redshift, and its translation on a local Spark with Delta, on rows made of the statement's\n"
    "own constants and boundaries; compares what comes out, and what tables hold afterwards.\n"
    "Mutants of the translation measure how much the rows would notice. A difference is shrunk to\n"
    "a few rows and printed as SQL.\n\n"
    "A candidate has one statement for each of the file's, in the same order; none for CREATE "
    "TABLE\n"
    "and for procedures that the file calls. Exit code 3: something differs, or is refused.",
    "  lakeshift prove report.sql\n"
    "  lakeshift prove report.sql --candidate converted.sql --json\n",
    false,
    false,
    false,
    make_invocation<Prove>,
};

}  // namespace lakeshift::cli::prove_command
