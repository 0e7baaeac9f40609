#include "stages/prove.h"

#include "core/base/strings.h"
#include "knowledge/engines/engine.h"
#include "sql/catalog.h"
#include "sql/dialect.h"
#include "sql/parser.h"
#include "stages/prove_compare.h"
#include "stages/prove_data.h"
#include "stages/prove_mutate.h"
#include "stages/prove_probe.h"
#include "stages/prove_shrink.h"

namespace lakeshift::stages {
namespace {

constexpr std::size_t kMutantsOfChanges = 4;  // each makes its tables anew, which takes seconds

// The statement itself cannot be run: its words, not its rows.
bool is_of_the_words(const engines::Answer& answer) {
  return answer.failed && (answer.state.starts_with("42") || answer.state.starts_with("0A"));
}

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
  const auto last = [](std::string name) { return name.substr(name.rfind('.') + 1); };
  const std::string name = last(sql::plain_name(statement.root->get(sql::Role::name)));
  const auto calls = [&](const auto& self, const sql::Node* node) -> bool {
    if (node->kind == sql::Kind::statement && node->text() == "call") {
      const sql::Node* call = node->get(sql::Role::expression);
      if (call && call->get(sql::Role::name) &&
          last(sql::plain_name(call->get(sql::Role::name))) == name)
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

struct Trial {
  ProveData data;
  Outcome target;
};

class Prover {
 public:
  Prover(world::Run& run, engines::Session& source, engines::Session& target)
      : run_(run), source_(source), target_(target) {}

  Status prove_one(const SourceForm& form, std::vector<ProveTable> tables, std::size_t mutants,
                   Proof& proof) {
    Probe probe(source_, target_, form, std::move(tables));
    std::vector<Trial> trials;
    for (ProveData& data : make_prove_data(form, probe.tables())) {
      if (run_.stop.stop_requested()) return fail("cancelled", "stopped", "prove");
      LS_ASSIGN(const Outcome source, probe.ask_source(data.rows));
      if (is_of_the_words(source[0])) {
        proof.verdict = Verdict::rule;
        proof.reason = "the stand-in for the source cannot run it: " + source[0].message;
        return {};
      }
      LS_ASSIGN(Outcome target, probe.ask_target(data.rows, proof.target));
      const std::string why = probe.compare(source, target);
      if (!why.empty()) {
        LS_ASSIGN(const bool free, probe.depends_on_order(data.rows, source));
        if (free) {
          proof.notes.push_back("data set '" + data.name +
                                "': what the source answers depends on the order of its rows");
          continue;
        }
        LS_ASSIGN(proof.counterexample, shrink(probe, data.rows, proof.target));
        proof.verdict = Verdict::differs;
        return {};
      }
      if (source[0].failed)
        proof.notes.push_back("data set '" + data.name + "': both fail (" + source[0].message +
                              ")");
      for (const auto& rows : data.rows) proof.rows += rows.size();
      trials.push_back({std::move(data), std::move(target)});
    }
    proof.data_sets = trials.size();
    if (trials.empty()) {
      proof.verdict = Verdict::rule;
      proof.reason = "SQL does not say which rows it answers";
      return {};
    }
    proof.verdict = Verdict::proved;
    return measure(probe, form, trials, mutants, proof);
  }

 private:
  struct Living {
    Mutant mutant;
    bool ran = false;  // it could be run on one data set at least
  };

  // How many mutants of the translation the rows tell from it.
  Status measure(Probe& probe, const SourceForm& form, const std::vector<Trial>& trials,
                 std::size_t limit, Proof& proof) {
    std::vector<Living> living;
    const std::size_t most = form.changes ? std::min(limit, kMutantsOfChanges) : limit;
    const bool ordered = !form.order.empty() || proof.target.find("LIMIT") != std::string::npos;
    for (Mutant& mutant : make_mutants(proof.target, most, ordered))
      living.push_back({std::move(mutant)});
    for (const Trial& trial : trials) {
      if (living.empty() || (trial.target.size() == 1 && trial.target[0].failed)) continue;
      bool made = form.changes;
      std::vector<Living> left;
      for (Living& one : living) {
        Result<Outcome> asked = made && !form.changes
                                    ? probe.ask_target_again(one.mutant.text)
                                    : probe.ask_target(trial.data.rows, one.mutant.text);
        if (!asked) return fail(asked.error());
        made = true;
        if (is_of_the_words((*asked)[0])) continue;  // stillborn
        one.ran = true;
        if (differs(*asked, trial.target, form.order))
          ++proof.killed;
        else
          left.push_back(std::move(one));
      }
      living = std::move(left);
    }
    proof.mutants = proof.killed;
    for (const Living& one : living)
      if (one.ran) {
        ++proof.mutants;
        proof.survivors.push_back(one.mutant.change);
      }
    return {};
  }

  static bool differs(const Outcome& a, const Outcome& b, const std::vector<std::size_t>& order) {
    if (a.size() != b.size()) return true;
    for (std::size_t i = 0; i < a.size(); ++i)
      if (!compare_answers(a[i], b[i], i == 0 && a.size() == 1 ? order : std::vector<std::size_t>())
               .empty())
        return true;
    return false;
  }

  world::Run& run_;
  engines::Session& source_;
  engines::Session& target_;
};

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
      Prover prover(run, *source, *target);
      LS_TRY(prover.prove_one(form, tables_of(form, known), request.mutants, proof));
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
