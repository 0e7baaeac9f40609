#include "knowledge/transfers/postgres_relation.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/base/strings.h"

namespace lakeshift::transfers {

using databases::quote_name;
using databases::pgoutput::Identity;
using databases::pgoutput::Old;

namespace {

// Objects of the system catalogue have lower numbers, equal in every version and installation.
constexpr unsigned kFirstNormalObjectId = 16384;

// "=" of these tells apart all that text output tells apart.
constexpr std::array<std::string_view, 11> kExactTypes = {"boolean",
                                                          "smallint",
                                                          "integer",
                                                          "bigint",
                                                          "oid",
                                                          "date",
                                                          "uuid",
                                                          "bytea",
                                                          "name",
                                                          "timestamp without time zone",
                                                          "timestamp with time zone"};

constexpr const char* kRelation = R"(
SELECT c.relkind, a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), a.atttypid, a.atttypmod,
  a.attnotnull, {generated}, a.attidentity = 'a',
  a.attnum = ANY (coalesce((SELECT i.indkey::int2[] FROM pg_catalog.pg_index i
     WHERE i.indrelid = c.oid AND i.indisunique AND i.indimmediate AND i.indisvalid AND i.indpred IS NULL
       AND i.indexprs IS NULL AND NOT EXISTS (SELECT FROM pg_catalog.pg_attribute k
         WHERE k.attrelid = c.oid AND k.attnum = ANY (i.indkey::int2[]) AND NOT k.attnotnull)
     ORDER BY i.indisprimary DESC, i.indexrelid LIMIT 1), ARRAY[]::int2[])),
  coalesce((SELECT n.nspname FROM pg_catalog.pg_type t
     JOIN pg_catalog.pg_opclass oc ON oc.opcdefault AND oc.opcintype = coalesce(nullif(t.typbasetype, 0), t.oid)
     JOIN pg_catalog.pg_am am ON am.oid = oc.opcmethod AND am.amname = 'btree'
     JOIN pg_catalog.pg_amop ao ON ao.amopfamily = oc.opcfamily AND ao.amopstrategy = 3
       AND ao.amoplefttype = oc.opcintype AND ao.amoprighttype = oc.opcintype
     JOIN pg_catalog.pg_operator o ON o.oid = ao.amopopr
     JOIN pg_catalog.pg_namespace n ON n.oid = o.oprnamespace
     WHERE t.oid = a.atttypid LIMIT 1), 'pg_catalog'),
  coalesce((SELECT t.typtype = 'e' FROM pg_catalog.pg_type t WHERE t.oid = a.atttypid), false)
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace s ON s.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE s.nspname = $1 AND c.relname = $2 AND c.relkind IN ('r', 'p') ORDER BY a.attnum)";

// Indexes that keep rows apart, pages, and whether something fires for a replica too.
constexpr const char* kAround = R"(
SELECT (SELECT count(*) FROM pg_catalog.pg_index i WHERE i.indrelid = c.oid AND (i.indisunique OR i.indisexclusion)),
  pg_catalog.pg_relation_size(c.oid) / pg_catalog.current_setting('block_size')::int8,
  EXISTS (SELECT FROM pg_catalog.pg_trigger g WHERE g.tgrelid = c.oid AND g.tgenabled IN ('A', 'R'))
  OR EXISTS (SELECT FROM pg_catalog.pg_rewrite r WHERE r.ev_class = c.oid AND r.ev_enabled IN ('A', 'R'))
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace s ON s.oid = c.relnamespace
WHERE s.nspname = $1 AND c.relname = $2 AND c.relkind IN ('r', 'p'))";

bool is_exact(const std::string& type) {
  return std::find(kExactTypes.begin(), kExactTypes.end(), type) != kExactTypes.end();
}
bool is_text(const std::string& type) {
  return type == "text" || type.starts_with("character varying");
}

}  // namespace

const TargetColumn* TargetRelation::find(std::string_view column) const {
  const auto found = std::find_if(columns.begin(), columns.end(),
                                  [&](const TargetColumn& c) { return c.name == column; });
  return found == columns.end() ? nullptr : &*found;
}

Result<TargetRelation> read_relation(databases::PostgresSession& session, const std::string& schema,
                                     const std::string& name) {
  const std::string sql = replace_all(
      kRelation, "{generated}", session.version() >= 120000 ? "a.attgenerated <> ''" : "false");
  LS_ASSIGN(const databases::PostgresRows rows, session.query(sql, {schema, name}));
  if (rows.size() == 0)
    return fail("target-table-missing", "the target has no such table", schema + "." + name,
                "create it there as the source has it, or leave it out of the publication");
  TargetRelation relation{schema, name, rows.text(0, 0).at(0), {}};
  for (int row = 0; row < rows.size(); ++row) {
    if (!rows.cell(row, 1)) continue;  // a table without columns
    relation.columns.push_back(
        {rows.text(row, 1), rows.text(row, 2), static_cast<unsigned>(rows.integer(row, 3)),
         static_cast<int>(rows.integer(row, 4)), rows.truth(row, 5), rows.truth(row, 6),
         rows.truth(row, 7), rows.truth(row, 8), rows.text(row, 9), rows.truth(row, 10)});
  }
  LS_ASSIGN(const databases::PostgresRows around, session.query(kAround, {schema, name}));
  if (around.size() == 0) return relation;
  const bool keyed = std::any_of(relation.columns.begin(), relation.columns.end(),
                                 [](const TargetColumn& column) { return column.in_key; });
  relation.other_unique = around.integer(0, 0) > (keyed ? 1 : 0);
  relation.pages = around.integer(0, 1);
  relation.loud_triggers = around.truth(0, 2);
  return relation;
}

std::vector<std::string> StatementWriter::differences() const {
  std::vector<std::string> found;
  for (const SourceColumn& column : source_.columns) {
    const TargetColumn* at_target = target_.find(column.name);
    if (at_target == nullptr) {
      found.push_back(fmt::format("column {} is not in the target", column.name));
    } else if (column.type_id < kFirstNormalObjectId && at_target->type_id < kFirstNormalObjectId &&
               (column.type_id != at_target->type_id || column.modifier != at_target->modifier)) {
      found.push_back(
          fmt::format("column {} has type {} (modifier {}) in the source and {} in the target",
                      column.name, column.type_id, column.modifier, at_target->type));
    }
  }
  for (const TargetColumn& column : target_.columns) {
    const bool in_source =
        std::any_of(source_.columns.begin(), source_.columns.end(),
                    [&](const SourceColumn& other) { return other.name == column.name; });
    if (!in_source && !column.generated && column.in_key)
      found.push_back(fmt::format("key column {} of the target is not in the source", column.name));
  }
  return found;
}

std::vector<std::size_t> StatementWriter::always_columns() const {
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < source_.columns.size(); ++i)
    if (const TargetColumn* column = target_.find(source_.columns[i].name);
        column != nullptr && column->identity_always)
      found.push_back(i);
  return found;
}

namespace {

tl::unexpected<Error> missing(const TargetRelation& target, const std::string& column) {
  return fail("column-missing", fmt::format("column {} is not in the target", column),
              target.schema + "." + target.name, "add the column there as the source has it");
}

// "$3", remembered as the value of a column.
std::string parameter(std::vector<Parameter>& parameters, bool from_old, std::size_t column) {
  parameters.push_back({from_old, column});
  return fmt::format("${}", parameters.size());
}

}  // namespace

Result<ChangeStatement> StatementWriter::insert() const {
  ChangeStatement statement;
  std::string names;
  std::string values;
  for (std::size_t i = 0; i < source_.columns.size(); ++i) {
    const TargetColumn* column = target_.find(source_.columns[i].name);
    if (column == nullptr) return missing(target_, source_.columns[i].name);
    if (column->generated) continue;
    const std::string comma = names.empty() ? "" : ", ";
    names += comma + quote_name(column->name);
    values += comma + parameter(statement.parameters, false, i);
  }
  const std::string table = quote_name(target_.schema, target_.name);
  statement.sql = names.empty()
                      ? fmt::format("INSERT INTO {} DEFAULT VALUES", table)
                      : fmt::format("INSERT INTO {} ({}) OVERRIDING SYSTEM VALUE VALUES ({})",
                                    table, names, values);
  return statement;
}

Result<ChangeStatement> StatementWriter::update(Old old, const std::vector<bool>& unchanged) const {
  ChangeStatement statement;
  std::string settings;
  for (std::size_t i = 0; i < source_.columns.size(); ++i) {
    const TargetColumn* column = target_.find(source_.columns[i].name);
    if (column == nullptr) return missing(target_, source_.columns[i].name);
    if (column->generated || column->identity_always || unchanged[i]) continue;
    settings += (settings.empty() ? "" : ", ") + quote_name(column->name) + " = " +
                parameter(statement.parameters, false, i);
  }
  if (settings.empty()) return ChangeStatement{};
  LS_ASSIGN(const std::string condition, row_condition(old, statement.parameters));
  statement.sql = fmt::format("UPDATE {} SET {} WHERE {}", table(), settings, condition);
  return statement;
}

Result<ChangeStatement> StatementWriter::replace(Old old,
                                                 const std::vector<bool>& unchanged) const {
  ChangeStatement statement;
  LS_ASSIGN(const std::string condition, row_condition(old, statement.parameters));
  std::string names;
  std::string values;
  for (std::size_t i = 0; i < source_.columns.size(); ++i) {
    const TargetColumn* column = target_.find(source_.columns[i].name);
    if (column == nullptr) return missing(target_, source_.columns[i].name);
    if (column->generated) continue;
    const std::string comma = names.empty() ? "" : ", ";
    names += comma + quote_name(column->name);
    values +=
        comma + (unchanged[i] ? "gone." + quote_name(column->name)
                              : parameter(statement.parameters, false, i) + "::" + column->type);
  }
  statement.sql = fmt::format(
      "WITH gone AS (DELETE FROM {} WHERE {} RETURNING *) INSERT INTO {} ({}) "
      "OVERRIDING SYSTEM VALUE SELECT {} FROM gone",
      table(), condition, quote_name(target_.schema, target_.name), names, values);
  return statement;
}

Result<ChangeStatement> StatementWriter::remove(Old old) const {
  ChangeStatement statement;
  LS_ASSIGN(const std::string condition, row_condition(old, statement.parameters));
  statement.sql = fmt::format("DELETE FROM {} WHERE {}", table(), condition);
  return statement;
}

std::string StatementWriter::table() const {
  return (target_.kind == 'r' ? "ONLY " : "") + quote_name(target_.schema, target_.name);
}

Result<std::string> StatementWriter::row_condition(Old old,
                                                   std::vector<Parameter>& parameters) const {
  const bool whole = source_.identity == Identity::full;
  if (whole && old != Old::row)
    return fail("no-row-identity", "the change does not say which row it is about",
                source_.schema + "." + source_.name, "report it with the server's version");
  std::string condition;
  std::size_t keys = 0;
  for (std::size_t i = 0; i < source_.columns.size(); ++i) {
    const TargetColumn* column = target_.find(source_.columns[i].name);
    if (column == nullptr) return missing(target_, source_.columns[i].name);
    if (whole ? !column->in_key : !source_.columns[i].is_key) continue;
    ++keys;
    parameters.push_back({old != Old::absent, i});
    condition += (condition.empty() ? "" : " AND ") + equals(*column, parameters.size(), false);
  }
  if (keys > 0) return condition;
  if (whole) return whole_row_condition(parameters);
  return fail("no-row-identity", "the table has no replica identity in the source",
              source_.schema + "." + source_.name,
              "give it a primary key, or run ALTER TABLE … REPLICA IDENTITY FULL in the source");
}

std::string StatementWriter::whole_row_condition(std::vector<Parameter>& parameters) const {
  std::string condition;
  for (std::size_t i = 0; i < source_.columns.size(); ++i) {
    const TargetColumn* column = target_.find(source_.columns[i].name);
    if (column->generated) continue;
    parameters.push_back({true, i});
    condition += (condition.empty() ? "" : " AND ") + equals(*column, parameters.size(), true);
  }
  const std::string table = quote_name(target_.schema, target_.name);
  if (condition.empty()) condition = "true";
  if (target_.kind == 'p')
    return fmt::format("(tableoid, ctid) = (SELECT tableoid, ctid FROM {} WHERE {} LIMIT 1)", table,
                       condition);
  return fmt::format("ctid = (SELECT ctid FROM ONLY {} WHERE {} LIMIT 1)", table, condition);
}

std::string StatementWriter::equals(const TargetColumn& column, std::size_t number,
                                    bool exact) const {
  const std::string name = quote_name(column.name);
  if (!exact) {
    if (column.equal_schema == "pg_catalog" || column.equal_schema.empty())
      return fmt::format("{} = ${}", name, number);
    return fmt::format("{} OPERATOR({}.=) ${}::{}", name, quote_name(column.equal_schema), number,
                       column.type);
  }
  const std::string compare = column.not_null ? "=" : "IS NOT DISTINCT FROM";
  if (is_exact(column.type))
    return fmt::format("{} {} ${}::{}", name, compare, number, column.type);
  if (is_text(column.type))
    return fmt::format("{} COLLATE \"C\" {} ${}::text", name, compare, number);
  // 1.0 and 1.00, 0 and -0, or types without "=": as their text.
  return fmt::format("{}::text COLLATE \"C\" {} ${}::{}::text", name, compare, number, column.type);
}

}  // namespace lakeshift::transfers
