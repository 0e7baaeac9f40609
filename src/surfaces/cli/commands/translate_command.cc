#include <cstdio>

#include "core/base/json.h"
#include "core/base/strings.h"
#include "knowledge/clouds/mapper.h"
#include "stages/translate_sql.h"
#include "surfaces/cli/command.h"
#include "surfaces/cli/folder_translation.h"
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
    options.text("input", input_, "a folder, or - for statements on the standard input");
    options.choice("--to", to_, "the dialect to write", {"databricks"});
    options.text("--catalog", options_.catalog, "Unity Catalog's catalog, put before schema.table");
    options.text("--catalog-file", catalog_file_,
                 "types of columns: lines table<TAB>column<TAB>type");
    options.choice("--procedures", procedures_,
                   "databricks: CREATE PROCEDURE; script: each CALL as a script that open-source "
                   "Spark runs",
                   {"databricks", "script"});
    options.text("--mapping", mapping_, "mapping file; its section schemas says what becomes what");
    options.text("--out", folder_.out, "where the translated files of a folder go");
    options.text("--cache", folder_.cache,
                 "what was translated before; default: in the work directory, else in --out");
    options.list("--extension", extensions_, "files to read beside *.sql: ddl; repeatable");
    options.number("--jobs", jobs_, "threads; default: the machine's processors", 1, 256);
    options.flag("--check", folder_.check, "say what would change, write nothing; exit code 5");
    options.flag("--overwrite", folder_.overwrite,
                 "replace files in --out that somebody changed or that lakeshift did not write");
    options.list("--assume", assume_,
                 "no-trailing-blanks: VARCHAR values have none, so comparisons need no rtrim");
  }

  Result<Ending> run(Session& session) override {
    if (input_.empty())
      return fail(
          "usage", "the input is missing", {},
          "give a folder, or - for the standard input: lakeshift translate sql - < file.sql");
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
        return fail("bad-catalog", stages::finding_line(finding, sql::Lines(text)), catalog_file_,
                    finding.remedy);
    }
    if (!mapping_.empty()) {
      LS_ASSIGN(const std::string text, session.run.world.files.read(mapping_));
      LS_ASSIGN(const clouds::UserMapping mapping, clouds::mapping_from_yaml(text, mapping_));
      for (const auto& [from, to] : mapping.schemas) options_.schemas[to_lower(from)] = to;
    }
    return input_ == "-" ? translate(session, catalog) : translate_tree(session, catalog);
  }

 private:
  Result<Ending> translate_tree(Session& session, const sql::Catalog& catalog) {
    if (folder_.out.empty())
      return fail("usage", "the output is missing", input_, "say where the files go: --out FOLDER");
    folder_.root = input_;
    folder_.translation = options_;
    for (const std::string& one : extensions_)
      folder_.extensions.push_back(to_lower(one.starts_with('.') ? one.substr(1) : one));
    if (folder_.cache.empty()) {
      const std::string work = session.options.dir + "/.lakeshift";
      folder_.cache =
          session.run.world.files.is_directory(work) ? work + "/sql" : folder_.out + "/.lakeshift";
    }
    return translate_folder(session, catalog, folder_, jobs_);
  }

  Result<Ending> translate(Session& session, sql::Catalog& catalog) const {
    const std::string source = read_standard_input();
    Ending ending;
    ending.own_lines = true;
    stages::translate_text(
        source, catalog, options_, [&](const stages::SqlStatement& one, const sql::Lines& lines) {
          const bool refused = one.translation.outcome == sql::Outcome::refused;
          if (refused) ending.exit = Exit::blocked;
          if (session.out.json()) {
            session.out.print_raw(dump_json(stages::describe(one, lines)) + "\n");
            return;
          }
          if (!one.translation.output.empty()) {
            const std::string& behind = one.translation.trailing;
            session.out.print_raw(one.translation.output + ";" + (behind.empty() ? "" : " ") +
                                  behind + "\n");
          }
          for (const sql::Finding& finding : one.translation.findings)
            session.out.say(stages::finding_line(finding, lines) + "\n");
          for (const std::string& assumption : one.translation.assumptions)
            session.out.say(std::to_string(one.place.line) + ":" +
                            std::to_string(one.place.column) + ": assumed: " + assumption + "\n");
        });
    return ending;
  }

  std::string what_, input_, to_ = "databricks", procedures_ = "databricks", catalog_file_,
                             mapping_;
  std::vector<std::string> assume_, extensions_;
  stages::FolderOptions folder_;
  int jobs_ = 0;
  sql::TranslateOptions options_;
};

}  // namespace

extern const Command kDefinition{
    .name = "translate",
    .order = 124,
    .summary = "translate Redshift SQL to Databricks SQL",
    .details =
        "With - reads statements on the standard input and writes their translation on the "
        "standard output, nothing\n"
        "else; with --json one object a statement: index, status, output, findings, rules, "
        "assumptions.\n"
        "With a folder translates every *.sql file below it into --out, in parallel, and remembers "
        "what it did: another\n"
        "run translates only what changed. Beside the files: translation.html and .json with each "
        "statement once, and\n"
        "order.txt. A file in --out that somebody changed is kept.\n"
        "What cannot be said with the same meaning is refused, and the exit code is 3; 4 when a "
        "file could not be read or\n"
        "written (run again); 5 when --check finds something to do. Types come from CREATE TABLE "
        "statements in the same\n"
        "text or folder and from --catalog-file.",
    .examples =
        "lakeshift translate sql - < report.sql\nlakeshift translate sql - --json --catalog-file "
        "types.tsv < report.sql\nlakeshift translate sql etl --out etl-databricks --mapping "
        "mapping.yaml\nlakeshift translate sql etl --out etl-databricks --check",
    .selects = false,
    .remote = false,
    .make = make_invocation<Translate>,
};

}  // namespace lakeshift::cli::translate_command
