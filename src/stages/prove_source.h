// A Redshift statement in words that PostgreSQL runs with the same meaning, so that it can stand in
// for Redshift. Written for the proof alone: it shares the parser with the translator, nothing
// else.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "sql/parser.h"

namespace lakeshift::stages {

struct Constants {
  std::vector<std::string> numbers, texts;
};

struct SourceForm {
  std::vector<std::string> set_up;  // run before: the procedures that a CALL needs
  std::string text;                 // empty when `obstacle` says why not
  std::string obstacle;             // what PostgreSQL cannot show
  std::set<std::string> shims;      // functions of the compatibility layer that it rests on
  std::set<std::string> tables;     // last parts of the names it reads or writes, in lower case
  std::vector<std::string> numbers, texts;  // its constants
  // By column, in lower case: the constants of the conditions that it stands in.
  std::map<std::string, Constants> near;
  std::set<std::string> sorted;     // columns below an ORDER BY, of windows too
  std::set<std::string> documents;  // columns that hold JSON
  std::string changed;              // the table that it writes to; empty: none, or any
  // Pairs of columns that it compares for equality, in lower case: keys.
  std::set<std::string> keys;
  // Output columns (from 0) that the rows are ordered by, as far as they can be told.
  std::vector<std::size_t> order;
  bool changes = false;  // INSERT, UPDATE, DELETE, MERGE, CALL
  // GROUP BY, DISTINCT, UNION …: of texts that are equal but for blanks behind, any may come out.
  bool merges = false;
  bool recurses = false;  // WITH RECURSIVE, CONNECT BY: over rows that make a circle it has no end
  bool divides = false;   // PostgreSQL's quotients of decimals have more digits than Redshift's
};

SourceForm to_source_form(const sql::Statement& statement, std::string_view source);

}  // namespace lakeshift::stages
