// What tables there are and of what types their columns are: learned from CREATE statements, or
// read from a catalog file (one line a column: table TAB column TAB type). Names are compared
// without case. A catalog may stand on another one, which it sees but never changes: what it asks
// of that one is written down, so that a caller can know on what an answer rests. Not thread safe
// while it learns; a catalog that others stand on must not change meanwhile.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "sql/finding.h"
#include "sql/types/type.h"

namespace lakeshift::sql {

struct Column {
  std::string name{};  // in lower case, without quotes
  Type type{};
  bool identity = false;
  bool has_default = false;
  bool not_null = false;
};

struct Table {
  std::string name{};  // as it was written, in lower case and without quotes: schema.table
  std::vector<Column> columns{};
  std::vector<std::vector<std::string>> keys{};  // PRIMARY KEY and UNIQUE; never enforced
  bool temporary = false;
  bool view = false;

  const Column* find(std::string_view column) const;
};

class Catalog {
 public:
  Catalog() = default;
  // What is not here is looked up in `base`, which outlives this one.
  explicit Catalog(const Catalog* base) : base_(base) {}

  // From CREATE TABLE, ALTER TABLE ADD/DROP/RENAME COLUMN, DROP TABLE, CREATE FUNCTION; others
  // teach nothing. CREATE TABLE AS and views are learned by the translator, which types queries.
  void learn(const Node* statement);
  void put(Table table);
  void forget(std::string_view table);
  void learn_function(std::string_view name, Type returns);

  // One table of that name; a name without schema finds a table of any schema when there is but
  // one.
  const Table* find(std::string_view name) const;
  // The return type of a user's function, or null when there is no such function.
  const Type* find_function(std::string_view name) const;

  // The texts of the CREATE PROCEDURE statements of that name, as they were written: one for each
  // number of parameters. A procedure called by its last name only is found when it is the only
  // one.
  void learn_procedure(std::string name, std::string_view text);
  std::vector<std::string_view> find_procedures(std::string_view name) const;

  // Lines "table<TAB>column<TAB>type"; '#' begins a comment. A bad line yields a finding
  // "sql-bad-catalog" with its place, and nothing is taken from it.
  std::vector<Finding> read(std::string_view text);

  std::size_t size() const { return tables_.size(); }
  // The tables that this catalog itself holds, by name.
  const std::map<std::string, Table, std::less<>>& tables() const { return tables_; }

  // Names that were looked up in the catalog below, found there or not.
  const std::set<std::string, std::less<>>& asked_tables() const { return asked_tables_; }
  const std::set<std::string, std::less<>>& asked_functions() const { return asked_functions_; }

 private:
  const Table* find_own(std::string_view name) const;

  const Catalog* base_ = nullptr;
  std::set<std::string, std::less<>> dropped_{};  // of the catalog below
  mutable std::set<std::string, std::less<>> asked_tables_{}, asked_functions_{};
  std::map<std::string, Table, std::less<>> tables_{};
  std::map<std::string, std::set<std::string>, std::less<>> by_last_name_{};
  std::map<std::string, Type, std::less<>> functions_{};
  std::map<std::string, std::vector<std::string>, std::less<>> procedures_{};
};

// A name as the catalog keeps it: in lower case, quotes taken off, parts joined by dots.
std::string plain_name(const Node* name);
// "order" of such a name as "shop.order".
std::string last_part(std::string_view name);
// One part of a name: without quotes, in lower case.
std::string plain_ident(std::string_view text);

}  // namespace lakeshift::sql
