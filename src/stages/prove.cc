#include "stages/prove.h"

#include "core/base/strings.h"
#include "knowledge/engines/engine.h"
#include "sql/catalog.h"
#include "sql/dialect.h"
#include "sql/parser.h"
#include "stages/prove_one.h"

namespace lakeshift::stages {
namespace {

bool makes_a_table(const sql::Statement& statement) {
  return statement.root != nullptr && statement.root->kind == sql::Kind::statement &&
         statement.root->text() == "create_table";
}

// A procedure is proved by the CALLs of it; one that is never called is told as any other
// statement.
bool is_called(const sql::Statement& statement, std::string_view source) {
  if (!statement.root || statement.root->kind != sql::Kind::statement ||
      statement.root->text() != "create_procedure")
    return false;
  const std::string name = sql::last_part(sql::plain_name(statement.root->get(sql::Role::name)));
  const auto calls = [&](const auto& self, const sql::Node* node) -> bool {
    if (node->kind == sql::Kind::statement && node->text() == "call") {
      const sql::Node* call = node->get(sql::Role::expression);
      if (call && call->get(sql::Role::name) &&
          sql::last_part(sql::plain_name(call->get(sql::Role::name))) == name)
        return true;
    }
    for (const sql::Node* kid : node->children())
      if (self(self, kid)) return true;
    return false;
  };
  sql::StatementReader reader(source, *sql::find_dialect("redshift"));
  for (sql::Statement one; reader.next(one);)
    if (one.root && calls(calls, one.root)) return true;
  return false;
}

// The tables that the statement names; others cannot matter.
std::vector<ProveTable> tables_of(const SourceForm& form, const std::vector<ProveTable>& known) {
  std::vector<ProveTable> tables;
  for (const ProveTable& table : known)
    if (form.tables.contains(table.name)) tables.push_back(table);
  return tables;
}

// Fills in what can be said without engines; true when they are needed.
bool prepare(const sql::Statement& statement, const ProveRequest& request,
             const std::vector<ProveTable>& known, const TranslatedStatement& translated,
             SourceForm& form, Proof& proof) {
  proof.target = translated.text;
  if (translated.refused) {
    proof.verdict = Verdict::refused;
    proof.code = translated.code;
    proof.reason = translated.reason;
    return false;
  }
  form = to_source_form(statement, request.source);
  proof.shims.assign(form.shims.begin(), form.shims.end());
  if (!form.obstacle.empty()) {
    proof.reason = "the stand-in for the source does not have " + form.obstacle;
    return false;
  }
  for (const ProveTable& table : tables_of(form, known))
    for (const ProveColumn& column : table.columns)
      if (column.domain == Domain::other) {
        proof.reason =
            "no rows can be made for " + table.name + "." + column.name + " of type " + column.type;
        return false;
      }
  return true;
}

}  // namespace

Result<std::vector<Proof>> prove(world::Run& run, const ProveRequest& request,
                                 const std::function<void(const Proof&)>& each) {
  const std::vector<ProveTable> known = read_tables(request.source);
  std::unique_ptr<engines::Session> source, target;
  std::vector<Proof> proofs;
  sql::StatementReader reader(request.source, *sql::find_dialect("redshift"));
  std::size_t index = 0, used = 0;
  for (sql::Statement statement; reader.next(statement);) {
    if (statement.empty) continue;
    Proof proof;
    proof.index = index++;
    proof.line = sql::locate(request.source, statement.first_token).line;
    proof.source = std::string(
        trim(std::string_view(request.source)
                 .substr(statement.first_token, statement.end - statement.first_token)));
    const bool makes = makes_a_table(statement) || is_called(statement, request.source);
    if (request.candidate && makes) continue;
    if (used >= request.translations.size())
      return fail("prove-mismatch",
                  "there are fewer translated statements than statements in the source", "prove",
                  "write one statement for each, in the same order");
    const TranslatedStatement& translated = request.translations[used++];
    if (makes) continue;
    SourceForm form;
    if (statement.failed()) {
      proof.verdict = translated.refused ? Verdict::refused : Verdict::rule;
      proof.code = statement.finding.code;
      proof.reason = statement.finding.message;
    } else if (prepare(statement, request, known, translated, form, proof)) {
      if (!source) {
        // Spark goes on starting meanwhile.
        LS_ASSIGN(target, engines::find_engine("spark")->start(run.world));
        LS_ASSIGN(source, engines::find_engine("postgres")->start(run.world));
      }
      LS_TRY(
          prove_one(run, *source, *target, form, tables_of(form, known), request.mutants, proof));
    }
    each(proof);
    proofs.push_back(std::move(proof));
  }
  if (used < request.translations.size())
    return fail("prove-mismatch",
                "there are more translated statements than statements in the source", "prove",
                "write one statement for each, in the same order");
  return proofs;
}

std::vector<TranslatedStatement> read_candidate(std::string_view text) {
  std::vector<TranslatedStatement> all;
  sql::StatementReader reader(text, *sql::find_dialect("databricks"));
  for (sql::Statement statement; reader.next(statement);) {
    if (statement.empty || makes_a_table(statement)) continue;
    std::string_view body =
        trim(text.substr(statement.first_token, statement.end - statement.first_token));
    if (body.ends_with(';')) body.remove_suffix(1);
    const std::string head = to_lower(body.substr(0, 40));
    if (head.starts_with("create table") || head.starts_with("create or replace table")) continue;
    TranslatedStatement one;
    one.text = std::string(trim(body));
    all.push_back(std::move(one));
  }
  return all;
}

}  // namespace lakeshift::stages
