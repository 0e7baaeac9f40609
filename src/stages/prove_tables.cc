#include "stages/prove_tables.h"

#include <charconv>

#include "core/base/strings.h"
#include "sql/parser.h"

namespace lakeshift::stages {
namespace {

struct TypeRow {
  std::string_view name;
  Domain domain;
  std::string_view source, target;
};
// Redshift's names of types, what they are called in PostgreSQL and in Spark.
constexpr TypeRow kTypes[] = {
    {"smallint", Domain::integer, "smallint", "SMALLINT"},
    {"int2", Domain::integer, "smallint", "SMALLINT"},
    {"integer", Domain::integer, "int", "INT"},
    {"int", Domain::integer, "int", "INT"},
    {"int4", Domain::integer, "int", "INT"},
    {"bigint", Domain::integer, "bigint", "BIGINT"},
    {"int8", Domain::integer, "bigint", "BIGINT"},
    {"decimal", Domain::decimal, "numeric", "DECIMAL"},
    {"numeric", Domain::decimal, "numeric", "DECIMAL"},
    {"real", Domain::real, "real", "FLOAT"},
    {"float4", Domain::real, "real", "FLOAT"},
    {"double precision", Domain::real, "double precision", "DOUBLE"},
    {"float8", Domain::real, "double precision", "DOUBLE"},
    {"float", Domain::real, "double precision", "DOUBLE"},
    {"boolean", Domain::boolean, "boolean", "BOOLEAN"},
    {"bool", Domain::boolean, "boolean", "BOOLEAN"},
    {"char", Domain::text, "char", "STRING"},
    {"character", Domain::text, "char", "STRING"},
    {"nchar", Domain::text, "char", "STRING"},
    {"bpchar", Domain::text, "char", "STRING"},
    {"varchar", Domain::text, "varchar", "STRING"},
    {"character varying", Domain::text, "varchar", "STRING"},
    {"nvarchar", Domain::text, "varchar", "STRING"},
    {"text", Domain::text, "varchar", "STRING"},
    {"date", Domain::date, "date", "DATE"},
    {"timestamp", Domain::timestamp, "timestamp", "TIMESTAMP_NTZ"},
    {"timestamp without time zone", Domain::timestamp, "timestamp", "TIMESTAMP_NTZ"},
    {"timestamptz", Domain::timestamp_zone, "timestamptz", "TIMESTAMP"},
    {"timestamp with time zone", Domain::timestamp_zone, "timestamptz", "TIMESTAMP"},
};

const TypeRow* find_type(std::string_view name) {
  for (const TypeRow& row : kTypes)
    if (row.name == name) return &row;
  return nullptr;
}

int number_of(const sql::Node* node) {
  int value = 0;
  const std::string_view text = node->text();
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

// The last part of a name, in lower case unless quoted.
std::string last_part(const sql::Node* name) {
  while (name->kind == sql::Kind::name && name->count > 0) name = name->at(name->count - 1);
  return to_lower(name->text());
}

std::string schema_part(const sql::Node* name) {
  return name->kind == sql::Kind::name && name->count > 1
             ? to_lower(name->at(name->count - 2)->text())
             : std::string();
}

ProveColumn read_column(const sql::Node* node) {
  ProveColumn column;
  column.name = last_part(node->get(sql::Role::name));
  const sql::Node* type = node->get(sql::Role::type);
  column.type = to_lower(type->text());
  std::vector<int> sizes;
  for (const sql::Node* size : type->children())
    if (size->kind == sql::Kind::number) sizes.push_back(number_of(size));
  if (!sizes.empty()) column.size = sizes[0];
  if (sizes.size() > 1) column.scale = sizes[1];
  if (const TypeRow* row = find_type(column.type)) {
    column.domain = row->domain;
    column.fixed = row->source == "char";
  }
  if (column.domain == Domain::decimal && column.size == 0) column.size = 18;
  if (column.fixed && column.size == 0) column.size = 1;
  if (column.domain == Domain::text && column.size == 0) column.size = 256;
  for (const sql::Node* attribute : node->children())
    if (attribute->role == sql::Role::attributes && attribute->says("NOT NULL"))
      column.not_null = true;
  return column;
}

std::string quoted(const std::string& text) {
  return "'" + replace_all(replace_all(text, "\\", "\\\\"), "'", "''") + "'";
}

std::string spark_quoted(const std::string& text) {
  return "'" + replace_all(replace_all(text, "\\", "\\\\"), "'", "\\'") + "'";
}

std::string source_type(const ProveColumn& column) {
  const TypeRow* row = find_type(column.type);
  std::string type(row == nullptr ? column.type : row->source);
  if (column.domain == Domain::decimal)
    type += "(" + std::to_string(column.size) + "," + std::to_string(column.scale) + ")";
  if (column.domain == Domain::text) type += "(" + std::to_string(column.size) + ")";
  return type;
}

std::string target_type(const ProveColumn& column, bool enforced) {
  const TypeRow* row = find_type(column.type);
  std::string type(row == nullptr ? "STRING" : row->target);
  if (column.domain == Domain::decimal)
    type += "(" + std::to_string(column.size) + "," + std::to_string(column.scale) + ")";
  if (enforced && column.domain == Domain::text)
    type = "VARCHAR(" + std::to_string(column.size) + ")";
  return type;
}

std::string insert_into(const ProveTable& table, const std::vector<ValueRow>& rows) {
  std::string text = "INSERT INTO " + table.name + " VALUES";
  for (std::size_t r = 0; r < rows.size(); ++r) {
    text += r == 0 ? " (" : ", (";
    for (std::size_t c = 0; c < rows[r].size(); ++c)
      text += (c == 0 ? "" : ", ") + (rows[r][c] ? quoted(*rows[r][c]) : std::string("NULL"));
    text += ')';
  }
  return text;
}

std::string select_rows(const ProveTable& table, const std::vector<ValueRow>& rows) {
  std::string casts, names, values;
  for (std::size_t c = 0; c < table.columns.size(); ++c) {
    const ProveColumn& column = table.columns[c];
    const std::string name = "c" + std::to_string(c), separator = c == 0 ? "" : ", ";
    casts += separator + "CAST(" + name + " AS " + target_type(column, false) + ") AS `" +
             column.name + "`";
    names += separator + name;
  }
  for (std::size_t r = 0; r < rows.size(); ++r) {
    values += r == 0 ? "(" : ", (";
    for (std::size_t c = 0; c < rows[r].size(); ++c) {
      Value value = rows[r][c];
      if (value && table.columns[c].fixed)  // loaded without the blanks it is filled up with
        value->erase(value->find_last_not_of(' ') + 1);
      values += (c == 0 ? "" : ", ") +
                (value ? spark_quoted(*value) : std::string("CAST(NULL AS STRING)"));
    }
    values += ')';
  }
  if (rows.empty()) {
    values = "(";
    for (std::size_t c = 0; c < table.columns.size(); ++c) values += c == 0 ? "NULL" : ", NULL";
    values += ')';
  }
  // One partition, said so that Spark needs no exchange to sort or group: a third of the time.
  return "SELECT /*+ COALESCE(1) */ " + casts + " FROM VALUES " + values + " AS v(" + names + ")" +
         (rows.empty() ? " WHERE false" : "");
}

}  // namespace

std::vector<ProveTable> read_tables(std::string_view sql) {
  std::vector<ProveTable> tables;
  sql::StatementReader reader(sql, *sql::find_dialect("redshift"));
  for (sql::Statement statement; reader.next(statement);) {
    const sql::Node* root = statement.root;
    if (root == nullptr || root->kind != sql::Kind::statement || root->text() != "create_table")
      continue;
    ProveTable table;
    table.name = last_part(root->get(sql::Role::table));
    table.schema = schema_part(root->get(sql::Role::table));
    if (const sql::Node* columns = root->get(sql::Role::columns))
      for (const sql::Node* element : columns->children())
        if (const sql::Node* column = element->get(sql::Role::element);
            column != nullptr && column->get(sql::Role::type) != nullptr)
          table.columns.push_back(read_column(column));
    std::erase_if(tables, [&](const ProveTable& old) { return old.name == table.name; });
    tables.push_back(std::move(table));
  }
  return tables;
}

std::vector<std::string> make_in_source(const ProveTable& table,
                                        const std::vector<ValueRow>& rows) {
  std::string columns;
  for (const ProveColumn& column : table.columns)
    columns += (columns.empty() ? "" : ", ") + ("\"" + column.name + "\" ") + source_type(column);
  std::vector<std::string> statements = {"DROP TABLE IF EXISTS " + table.name,
                                         "CREATE TABLE " + table.name + " (" + columns + ")"};
  if (!rows.empty()) statements.push_back(insert_into(table, rows));
  return statements;
}

std::vector<std::string> make_in_target(const ProveTable& table, const std::vector<ValueRow>& rows,
                                        bool changes) {
  if (!changes)
    return {"CREATE OR REPLACE TEMP VIEW " + table.name + " AS " + select_rows(table, rows)};
  std::string columns;
  for (const ProveColumn& column : table.columns)
    columns += (columns.empty() ? "`" : ", `") + column.name + "` " + target_type(column, true);
  // Not CREATE OR REPLACE, which reads what the table held: three times as long.
  return {"DROP TEMPORARY VIEW IF EXISTS " + table.name, "DROP TABLE IF EXISTS " + table.name,
          "CREATE TABLE " + table.name + " (" + columns + ") USING delta",
          "INSERT INTO " + table.name + " " + select_rows(table, rows)};
}

std::string make_for_people(const ProveTable& table, const std::vector<ValueRow>& rows) {
  std::string columns;
  for (const ProveColumn& column : table.columns)
    columns += (columns.empty() ? "" : ", ") + column.name + " " + source_type(column);
  std::string text = "CREATE TABLE " + table.name + " (" + columns + ");\n";
  if (!rows.empty()) text += insert_into(table, rows) + ";\n";
  return text;
}

}  // namespace lakeshift::stages
