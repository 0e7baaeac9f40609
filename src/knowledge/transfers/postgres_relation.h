// A table of the target as the change apply needs it, and the statements that repeat a change
// there.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "knowledge/databases/pgoutput.h"
#include "knowledge/databases/postgres_session.h"

namespace lakeshift::transfers {

struct TargetColumn {
  std::string name;
  std::string type;      // as SQL writes it, with its schema where that is not pg_catalog
  unsigned type_id = 0;  // in the target's pg_type
  int modifier = -1;
  bool not_null = false;
  bool generated = false;        // computed by the target: never written
  bool identity_always = false;  // insert overrides it, update cannot set it
  bool in_key = false;           // of the primary key, else of a unique index without nulls
  std::string equal_schema;      // where the type's "=" lives; "" when it has none
  bool is_enum = false;
};

struct TargetRelation {
  std::string schema, name;
  char kind = 'r';  // pg_class.relkind
  std::vector<TargetColumn> columns;
  std::int64_t pages = 0;      // of its main fork, when this was read
  bool other_unique = false;   // rows must differ by more than the key
  bool loud_triggers = false;  // or rules, which fire for a replica too
  const TargetColumn* find(std::string_view column) const;
};

// Error "target-table-missing".
Result<TargetRelation> read_relation(databases::PostgresSession& session, const std::string& schema,
                                     const std::string& name);

// What a change stream says of a table; owns its text.
struct SourceColumn {
  std::string name;
  unsigned type_id = 0;
  int modifier = -1;
  bool is_key = false;
};
struct SourceRelation {
  std::string schema, name;
  databases::pgoutput::Identity identity = databases::pgoutput::Identity::primary_key;
  std::vector<SourceColumn> columns;
};

// A parameter of a statement: a value of the old or the new row.
struct Parameter {
  bool from_old = false;
  std::size_t column = 0;  // of the source relation
};
struct ChangeStatement {
  std::string sql;
  std::vector<Parameter> parameters;
};

// Repeats the source's changes of one table, column by column by name. Rows are found by the
// replica identity; under identity full by a key of the target, and without one by all columns,
// one row of equal ones. Pure. Errors: "column-missing" (the target lacks one), "no-row-identity".
class StatementWriter {
 public:
  StatementWriter(const SourceRelation& source, const TargetRelation& target)
      : source_(source), target_(target) {}

  // Differences that make a faithful apply impossible; empty when there are none. Types are
  // compared where both are built in.
  std::vector<std::string> differences() const;

  Result<ChangeStatement> insert() const;
  // `unchanged[i]`: the value of column i is to be left alone. An empty sql: nothing to set.
  Result<ChangeStatement> update(databases::pgoutput::Old old,
                                 const std::vector<bool>& unchanged) const;
  // An update that gives an always-generated identity another value, which SQL cannot say: the row
  // is put anew, unchanged values taken from the old one, in one statement.
  Result<ChangeStatement> replace(databases::pgoutput::Old old,
                                  const std::vector<bool>& unchanged) const;
  Result<ChangeStatement> remove(databases::pgoutput::Old old) const;
  // The same of many rows at once: each parameter is the array of the rows' values, in the order of
  // the statement of one row. No sql: it cannot be said so without a doubt (types whose arrays are
  // something else, a table of partitions, rows that no key of the target tells apart).
  Result<ChangeStatement> insert_all() const;
  Result<ChangeStatement> update_all(databases::pgoutput::Old old,
                                     const std::vector<bool>& unchanged) const;
  Result<ChangeStatement> remove_all(databases::pgoutput::Old old) const;
  // Of the source's columns: those that find a row, when they hold a key of the target; else none.
  std::vector<std::size_t> unique_columns() const;
  // Columns whose change needs replace() instead of update().
  std::vector<std::size_t> always_columns() const;

 private:
  Result<std::string> row_condition(databases::pgoutput::Old old,
                                    std::vector<Parameter>& parameters) const;
  std::string whole_row_condition(std::vector<Parameter>& parameters) const;
  std::string equals(const TargetColumn& column, std::size_t parameter, bool exact) const;
  std::string table() const;
  // ROWS FROM (unnest($1::int4[]), …) k (c1, …); empty when a parameter has no array.
  std::string arrays(const std::vector<Parameter>& parameters) const;
  const TargetColumn& target_of(const Parameter& parameter) const;
  std::string key_condition(const std::vector<Parameter>& parameters, std::size_t first) const;

  const SourceRelation& source_;
  const TargetRelation& target_;
};

}  // namespace lakeshift::transfers
