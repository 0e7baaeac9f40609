#include <cstdio>

#include "core/base/json.h"
#include "stages/translate_sql.h"
#include "surfaces/cli/command.h"
#include "surfaces/cli/session.h"

namespace lakeshift::cli::translate_command {
namespace {

std::string read_standard_input() {
  std::string text;
  char block[65536];
  for (std::size_t got = 0; (got = std::fread(block, 1, sizeof block, stdin)) > 0;)
    text.append(block, got);
  return text;
}

class Translate final : public Invocation {
 public:
  void declare(Options& options) override {
    options.choice("what", what_, "what is translated", {"sql"});
    options.text("input", input_, "- for statements on the standard input");
    options.choice("--to", to_, "the dialect to write", {"databricks"});
    options.text("--catalog", options_.catalog, "Unity Catalog's catalog, put before schema.table");
    options.text("--catalog-file", catalog_file_,
                 "types of columns: lines table<TAB>column<TAB>type");
    options.choice("--procedures", procedures_,
                   "databricks: CREATE PROCEDURE; script: each CALL as a script that open-source "
                   "Spark runs",
                   {"databricks", "script"});
    options.list("--assume", assume_,
                 "no-trailing-blanks: VARCHAR values have none, so comparisons need no rtrim");
  }

  Result<Ending> run(Session& session) override {
    if (input_ != "-")
      return fail(
          "usage",
          "the input " + (input_.empty() ? std::string("is missing") : "'" + input_ + "' is not -"),
          {}, "give the statements on the standard input: lakeshift translate sql - < file.sql");
    for (const std::string& one : assume_) {
      if (one != "no-trailing-blanks")
        return fail("usage", "there is nothing called '" + one + "' to assume", {},
                    "write --assume no-trailing-blanks");
      options_.exact_blanks = false;
    }
    if (procedures_ == "script") options_.procedures = sql::ProcedureForm::script;
    sql::Catalog catalog;
    if (!catalog_file_.empty()) {
      LS_ASSIGN(const std::string text, session.run.world.files.read(catalog_file_));
      for (const sql::Finding& finding : catalog.read(text))
        return fail("bad-catalog", stages::finding_line(finding, text), catalog_file_,
                    finding.remedy);
    }
    return translate(session, catalog);
  }

 private:
  Result<Ending> translate(Session& session, sql::Catalog& catalog) const {
    const std::string source = read_standard_input();
    Ending ending;
    ending.own_lines = true;
    stages::translate_text(source, catalog, options_, [&](const stages::SqlStatement& one) {
      const bool refused = one.translation.outcome == sql::Outcome::refused;
      if (refused) ending.exit = Exit::blocked;
      if (session.out.json()) {
        session.out.print_raw(dump_json(stages::describe(one, source)) + "\n");
        return;
      }
      if (!one.translation.output.empty()) session.out.print_raw(one.translation.output + ";\n");
      for (const sql::Finding& finding : one.translation.findings)
        session.out.say(stages::finding_line(finding, source) + "\n");
      for (const std::string& assumption : one.translation.assumptions)
        session.out.say(std::to_string(one.place.line) + ":" + std::to_string(one.place.column) +
                        ": assumed: " + assumption + "\n");
    });
    return ending;
  }

  std::string what_, input_, to_ = "databricks", procedures_ = "databricks", catalog_file_;
  std::vector<std::string> assume_;
  sql::TranslateOptions options_;
};

}  // namespace

extern const Command kDefinition{
    .name = "translate",
    .order = 25,
    .summary = "translate Redshift SQL to Databricks SQL",
    .details =
        "Reads statements on the standard input and writes their translation on the standard "
        "output, nothing\n"
        "else. What cannot be said with the same meaning is refused: its finding is on the "
        "standard error and\n"
        "the exit code is 3. With --json one object a statement: index, status, output, findings, "
        "rules,\n"
        "assumptions. Types come from CREATE TABLE statements in the same text and from "
        "--catalog-file.",
    .examples =
        "lakeshift translate sql - < report.sql\nlakeshift translate sql - --json --catalog-file "
        "types.tsv < report.sql",
    .selects = false,
    .remote = false,
    .make = make_invocation<Translate>,
};

}  // namespace lakeshift::cli::translate_command
