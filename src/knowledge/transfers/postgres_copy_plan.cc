#include "knowledge/transfers/postgres_copy_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/base/strings.h"

namespace lakeshift::transfers {

using databases::PostgresRows;
using databases::PostgresSession;
using databases::quote_name;

namespace {

constexpr std::int64_t kPageBytes = 8192;  // block_size of every packaged server
constexpr std::int64_t kMostParts = 1024;

// Binary forms of built-in types are the same from 10 to 18; arrays, rows and registered names of
// others carry object ids, which differ between servers. Enums travel as their label, domains as
// what they are over.
constexpr const char* kColumns = R"(
SELECT a.attname, {generated}, pg_catalog.format_type(a.atttypid, NULL),
  coalesce(pg_catalog.format_type(nullif(t.typbasetype, 0), NULL), pg_catalog.format_type(a.atttypid, NULL)),
  CASE b.typtype WHEN 'b' THEN b.oid < 16384 AND b.typname !~ '^_?(reg|aclitem|pg_)'
    WHEN 'r' THEN b.oid < 16384 WHEN 'm' THEN b.oid < 16384 WHEN 'e' THEN true ELSE false END
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace s ON s.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_catalog.pg_type b ON b.oid = coalesce(nullif(t.typbasetype, 0), t.oid)
WHERE s.nspname = $1 AND c.relname = $2 AND c.relkind IN ('r', 'p') ORDER BY a.attnum)";

struct Column {
  std::string name;
  bool generated = false;
  std::string type, base;
  bool binary = false;
};

Result<std::vector<Column>> columns_of(PostgresSession& session, const TableName& table,
                                       const char* missing) {
  const std::string sql = replace_all(
      kColumns, "{generated}", session.version() >= 120000 ? "a.attgenerated <> ''" : "false");
  LS_ASSIGN(const PostgresRows rows, session.query(sql, {table.first, table.second}));
  if (rows.size() == 0)
    return fail(missing, "there is no such table", table_text(table),
                "copy the schema first, or leave the table out");
  std::vector<Column> columns;
  for (int row = 0; row < rows.size(); ++row)
    if (rows.cell(row, 0))
      columns.push_back({rows.text(row, 0), rows.truth(row, 1), rows.text(row, 2),
                         rows.text(row, 3), rows.truth(row, 4)});
  return columns;
}

Status choose_columns(CopyTable& plan, const std::vector<Column>& source,
                      const std::vector<Column>& target) {
  for (const Column& column : source) {
    const auto other = std::find_if(target.begin(), target.end(),
                                    [&](const Column& c) { return c.name == column.name; });
    if (other == target.end())
      return fail("target-column-missing", "the target lacks column " + column.name,
                  table_text(plan.name), "add it there as the source has it");
    if (column.generated || other->generated) continue;
    plan.columns += (plan.columns.empty() ? "" : ", ") + quote_name(column.name);
    plan.names.push_back(column.name);
    if (!plan.binary || (column.binary && other->binary && column.base == other->base)) continue;
    plan.binary = false;
    plan.text_reason = fmt::format("column {}: the binary form of {} cannot be read as {}",
                                   column.name, column.type, other->type);
  }
  return {};
}

// Ranges [a, b) of the key; the first takes what is below, the last what is above.
std::vector<std::string> key_ranges(const std::string& key, std::int64_t low, std::int64_t high,
                                    std::int64_t parts) {
  std::vector<std::string> ranges;
  const auto width = static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low);
  const std::uint64_t step = width / static_cast<std::uint64_t>(parts) + 1;
  std::string from;
  for (std::int64_t part = 1; part <= parts; ++part) {
    const auto edge = static_cast<std::int64_t>(static_cast<std::uint64_t>(low) +
                                                step * static_cast<std::uint64_t>(part));
    const std::string to = part == parts ? "" : fmt::format("{} < {}", key, edge);
    ranges.push_back(from + (from.empty() || to.empty() ? "" : " AND ") + to);
    from = fmt::format("{} >= {}", key, edge);
  }
  return ranges;
}

Result<std::vector<std::string>> split(PostgresSession& snapshot, const CopyTable& plan,
                                       std::int64_t parts) {
  std::vector<std::string> whole = {""};
  if (parts <= 1) return whole;
  if (snapshot.version() >= 140000) {
    // Pages that are added later hold no row of the snapshot, but the last range is open anyway.
    std::vector<std::string> ranges;
    const std::int64_t pages = (plan.bytes / kPageBytes + parts - 1) / parts;
    for (std::int64_t part = 0; part < parts; ++part) {
      std::string range = fmt::format("ctid >= '({},0)'::pg_catalog.tid", part * pages);
      if (part + 1 < parts)
        range += fmt::format(" AND ctid < '({},0)'::pg_catalog.tid", (part + 1) * pages);
      ranges.push_back(std::move(range));
    }
    return ranges;
  }
  LS_ASSIGN(
      const PostgresRows key,
      snapshot.query("SELECT a.attname FROM pg_catalog.pg_index i JOIN pg_catalog.pg_attribute a "
                     "ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0] WHERE i.indisprimary "
                     "AND i.indnatts = 1 AND a.atttypid IN (20, 21, 23) AND i.indrelid = "
                     "pg_catalog.to_regclass($1)",
                     {quote_name(plan.name.first, plan.name.second)}));
  if (key.size() == 0) return whole;
  const std::string column = quote_name(key.text(0, 0));
  LS_ASSIGN(const PostgresRows edges,
            snapshot.query(fmt::format("SELECT min({0}), max({0}) FROM ONLY {1}", column,
                                       quote_name(plan.name.first, plan.name.second))));
  if (!edges.cell(0, 0)) return whole;
  return key_ranges(column, edges.integer(0, 0), edges.integer(0, 1), parts);
}

}  // namespace

Result<CopyTable> plan_copy(PostgresSession& snapshot, PostgresSession& target,
                            const TableName& table, std::int64_t part_bytes) {
  CopyTable plan;
  plan.name = table;
  LS_ASSIGN(const std::vector<Column> source, columns_of(snapshot, table, "table-missing"));
  LS_ASSIGN(const std::vector<Column> there, columns_of(target, table, "target-table-missing"));
  LS_TRY(choose_columns(plan, source, there));
  LS_ASSIGN(const std::string bytes,
            snapshot.value("SELECT pg_catalog.pg_relation_size(pg_catalog.to_regclass($1))",
                           {quote_name(table.first, table.second)}));
  plan.bytes = std::strtoll(bytes.c_str(), nullptr, 10);
  const std::int64_t parts =
      std::clamp<std::int64_t>((plan.bytes + part_bytes - 1) / part_bytes, 1, kMostParts);
  LS_ASSIGN(plan.parts, split(snapshot, plan, parts));
  return plan;
}

std::string copy_out_sql(const CopyTable& table, std::size_t part) {
  const std::string name = quote_name(table.name.first, table.name.second);
  const std::string format = table.binary ? "binary" : "text";
  const std::string& condition = table.parts[part];
  if (condition.empty() && !table.columns.empty())
    return fmt::format("COPY {} ({}) TO STDOUT (FORMAT {})", name, table.columns, format);
  return fmt::format("COPY (SELECT {} FROM ONLY {} WHERE {}) TO STDOUT (FORMAT {})", table.columns,
                     name, condition.empty() ? "true" : condition, format);
}

std::string copy_in_sql(const CopyTable& table) {
  const std::string columns = table.columns.empty() ? "" : fmt::format(" ({})", table.columns);
  return fmt::format("COPY {}{} FROM STDIN (FORMAT {}{})",
                     quote_name(table.name.first, table.name.second), columns,
                     table.binary ? "binary" : "text", table.frozen ? ", FREEZE" : "");
}

}  // namespace lakeshift::transfers
