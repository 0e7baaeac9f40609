// Redshift's SQL as Databricks' SQL, one statement at a time. What cannot be said with the same
// meaning is refused with a coded finding, never guessed: docs/sql.md lists the codes.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sql/catalog.h"
#include "sql/finding.h"
#include "sql/parser.h"

namespace lakeshift::sql {

// A procedure as CREATE PROCEDURE of Databricks; or nothing for the procedure, and for each CALL a
// script (BEGIN … END) that open-source Spark executes too.
enum class ProcedureForm : std::uint8_t { databricks, script };

struct TranslateOptions {
  ProcedureForm procedures = ProcedureForm::databricks;
  // Redshift ignores trailing blanks when it compares strings. True: VARCHAR columns are trimmed in
  // comparisons; false: the caller knows that their values have none.
  bool exact_blanks = true;
  std::string catalog{};  // Unity Catalog's catalog in front of names of two parts; empty: none
  // What schemas are called in Unity Catalog: "schema" or "database.schema" -> "catalog.schema" (or
  // "schema"), in lower case; the longer name wins, and wins over `catalog`.
  std::map<std::string, std::string, std::less<>> schemas{};
  bool pretty = true;
};

// A rule that changed the statement, and whether the types it went by were known.
struct AppliedRule {
  std::string name{};
  bool typed = true;  // otherwise assumed; `Translation::assumptions` says what
};

enum class Outcome : std::uint8_t { empty, translated, refused };
std::string_view spell_outcome(Outcome outcome);

struct Translation {
  Outcome outcome = Outcome::empty;
  // Empty unless translated; several statements have ";\n" between them. It ends with a line end
  // only behind a line comment, so that a ';' appended to it is none.
  std::string output{};
  std::string trailing{};            // comments behind the ';', on its line
  std::vector<Finding> findings{};   // an error refuses the statement
  std::vector<AppliedRule> rules{};  // in order of first use, each once
  std::vector<std::string> assumptions{};
};

class Translator {
 public:
  // The catalog outlives the translator, which adds to it what statements create.
  Translator(Catalog& catalog, TranslateOptions options = {});
  ~Translator();
  Translator(const Translator&) = delete;
  Translator& operator=(const Translator&) = delete;

  Translation translate(const Statement& statement, std::string_view source);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Learns every CREATE of a text, so that statements before it are typed too.
void learn_all(std::string_view source, Catalog& catalog);

}  // namespace lakeshift::sql
