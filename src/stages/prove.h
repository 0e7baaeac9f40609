// Proves translations: the source's statement on an engine that stands in for Redshift, the
// translation on one that stands in for Databricks, on rows made to tell them apart. What is proved
// is equality on those rows; how much that says is measured by mutants of the translation.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/base/json_fwd.h"
#include "core/base/result.h"
#include "core/world/world.h"

namespace lakeshift::stages {

enum class Verdict { proved, differs, rule, refused };
std::string_view spell(Verdict verdict);

struct Counterexample {
  std::string why;             // "the rows differ"
  std::string set_up;          // SQL that makes the tables and rows, in Redshift's words
  std::string source, target;  // what each answered
  std::size_t rows = 0;
};

struct Proof {
  std::size_t index = 0;  // of the statement in its file, from 0
  std::uint32_t line = 0;
  std::string source, target;
  Verdict verdict = Verdict::rule;
  std::string code;                // of a refusal
  std::string reason;              // of a refusal, or why it was not executed
  std::vector<std::string> shims;  // functions of the compatibility layer that it rests on
  std::vector<std::string> notes;  // data sets that could not be used, and why
  std::size_t data_sets = 0, rows = 0;
  std::size_t mutants = 0, killed = 0;
  std::vector<std::string> survivors;
  std::optional<Counterexample> counterexample;
};

// One statement of the translator's, or of a candidate's.
struct TranslatedStatement {
  bool refused = false;
  std::string text, code, reason;
};

struct ProveRequest {
  std::string source;                             // the file's text
  std::vector<TranslatedStatement> translations;  // one a statement of the source, in order
  bool candidate = false;  // translations are those of statements that are no CREATE TABLE
  std::size_t mutants = 12;
};

// Starts the engines named local, proves every statement but CREATE TABLE (these tell the types),
// stops them. Calls `each` with every proof as it comes. Errors: those of engines;
// "prove-mismatch" when the candidate has another number of statements.
Result<std::vector<Proof>> prove(world::Run& run, const ProveRequest& request,
                                 const std::function<void(const Proof&)>& each);

Json to_json(const Proof& proof);
// A proof as lines for people.
std::string describe(const Proof& proof);

// Statements of a candidate file, without those that make tables.
std::vector<TranslatedStatement> read_candidate(std::string_view text);

}  // namespace lakeshift::stages
