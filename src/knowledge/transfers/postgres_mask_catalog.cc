#include "knowledge/transfers/postgres_mask_catalog.h"

#include <algorithm>
#include <array>
#include <limits>

#include "core/base/strings.h"

namespace lakeshift::transfers {

using databases::PostgresRows;
using formats::MaskKind;
using formats::MaskShape;

namespace {

// Domains down to what they are over, with the length that one of them sets.
constexpr const char* kBase = R"(
WITH RECURSIVE base(oid, root, mod) AS (
  SELECT oid, oid, -1 FROM pg_catalog.pg_type WHERE typtype <> 'd'
  UNION ALL SELECT t.oid, b.root, CASE WHEN b.mod <> -1 THEN b.mod ELSE t.typtypmod END
  FROM pg_catalog.pg_type t JOIN base b ON b.oid = t.typbasetype WHERE t.typtype = 'd') )";

constexpr const char* kMaskedColumns = R"(
SELECT n.nspname, c.relname, a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod),
  bt.typname, bt.typtype, bt.typcategory, coalesce(et.typname, ''), coalesce(et.typtype, ''),
  CASE WHEN a.atttypmod <> -1 THEN a.atttypmod WHEN b.mod <> -1 THEN b.mod ELSE coalesce(eb.mod, -1) END,
  a.attnotnull, {generated}, a.attidentity <> '' OR coalesce(pg_catalog.pg_get_expr(d.adbin, d.adrelid), '') ~ '^nextval\(',
  EXISTS (SELECT FROM pg_catalog.pg_index i WHERE i.indrelid = c.oid AND i.indisunique
    AND a.attnum = ANY (i.indkey::int2[])),
  EXISTS (SELECT FROM pg_catalog.pg_partitioned_table p WHERE a.attnum = ANY (p.partattrs::int2[])
    AND p.partrelid IN (WITH RECURSIVE up(oid) AS (SELECT c.oid UNION ALL SELECT i.inhparent
      FROM pg_catalog.pg_inherits i JOIN up ON up.oid = i.inhrelid) SELECT oid FROM up)),
  CASE WHEN bt.typtype = 'c' THEN bt.typrelid ELSE 0 END
FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace JOIN base b ON b.oid = a.atttypid
JOIN pg_catalog.pg_type bt ON bt.oid = b.root
LEFT JOIN base eb ON bt.typcategory = 'A' AND eb.oid = bt.typelem
LEFT JOIN pg_catalog.pg_type et ON et.oid = eb.root
LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
WHERE c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped AND n.nspname !~ '^pg_'
  AND n.nspname NOT IN ('information_schema', 'lakeshift')
ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C", a.attnum)";

constexpr const char* kFields = R"(
SELECT a.attrelid, a.attname, bt.typname, bt.typtype,
  CASE WHEN a.atttypmod <> -1 THEN a.atttypmod ELSE b.mod END
FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
JOIN base b ON b.oid = a.atttypid JOIN pg_catalog.pg_type bt ON bt.oid = b.root
WHERE c.relkind IN ('c', 'r') AND a.attnum > 0 ORDER BY a.attrelid, a.attnum)";

// Foreign keys column by column; and what is inherited.
constexpr const char* kJoined = R"(
SELECT n.nspname, c.relname, a.attname, fn.nspname, f.relname, fa.attname, 'reference'
FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_class c ON c.oid = k.conrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace JOIN pg_catalog.pg_class f ON f.oid = k.confrelid
JOIN pg_catalog.pg_namespace fn ON fn.oid = f.relnamespace
CROSS JOIN LATERAL ROWS FROM (pg_catalog.unnest(k.conkey), pg_catalog.unnest(k.confkey)) AS pair(here, there)
JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = pair.here
JOIN pg_catalog.pg_attribute fa ON fa.attrelid = f.oid AND fa.attnum = pair.there
WHERE k.contype = 'f'
UNION ALL
SELECT n.nspname, c.relname, a.attname, pn.nspname, p.relname, a.attname, 'parent'
FROM pg_catalog.pg_inherits i JOIN pg_catalog.pg_class c ON c.oid = i.inhrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace JOIN pg_catalog.pg_class p ON p.oid = i.inhparent
JOIN pg_catalog.pg_namespace pn ON pn.oid = p.relnamespace
JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_catalog.pg_attribute pa ON pa.attrelid = p.oid AND pa.attname = a.attname AND pa.attnum > 0
WHERE c.relkind IN ('r', 'p') ORDER BY 1, 2, 3, 4, 5, 6)";

struct Known {
  std::string_view name;
  MaskType type;
  std::int64_t most = 0;
};
constexpr Known kTypes[] = {{"text", MaskType::text},
                            {"varchar", MaskType::text},
                            {"bpchar", MaskType::text},
                            {"citext", MaskType::text},
                            {"name", MaskType::text, 63},
                            {"int2", MaskType::whole, 32'767},
                            {"int4", MaskType::whole, 2'147'483'647},
                            {"int8", MaskType::whole, std::numeric_limits<std::int64_t>::max()},
                            {"numeric", MaskType::decimal},
                            {"float4", MaskType::floating},
                            {"float8", MaskType::floating},
                            {"date", MaskType::date},
                            {"timestamp", MaskType::date},
                            {"timestamptz", MaskType::date},
                            {"time", MaskType::date},
                            {"timetz", MaskType::date},
                            {"uuid", MaskType::uuid},
                            {"inet", MaskType::ip},
                            {"cidr", MaskType::ip},
                            {"macaddr", MaskType::ip},
                            {"macaddr8", MaskType::ip},
                            {"json", MaskType::json},
                            {"jsonb", MaskType::json},
                            {"bytea", MaskType::bytes},
                            {"bool", MaskType::choice}};

MaskType type_of(const std::string& name, const std::string& kind, std::int64_t modifier,
                 MaskShape& shape) {
  if (kind == "e") return MaskType::choice;
  for (const Known& known : kTypes) {
    if (known.name != name) continue;
    shape.limit = known.most;
    if ((name == "varchar" || name == "bpchar") && modifier > 4) shape.limit = modifier - 4;
    shape.padded = name == "bpchar";
    if (known.type == MaskType::floating) shape.form = MaskShape::Form::floating;
    return known.type;
  }
  return MaskType::other;
}

void read_type(const PostgresRows& rows, int row, MaskColumn& column) {
  const std::int64_t modifier = rows.integer(row, 9);
  const std::string element = rows.text(row, 7);
  // int2vector and its like are arrays by their category only.
  if (rows.text(row, 6) == "A" && !element.empty() && rows.text(row, 4).starts_with('_')) {
    MaskShape part;
    column.type = type_of(element, rows.text(row, 8), modifier, part);
    column.shape.form = MaskShape::Form::array;
    column.shape.limit = part.limit;
    column.shape.parts = {part};
    return;
  }
  column.type = type_of(rows.text(row, 4), rows.text(row, 5), modifier, column.shape);
}

Result<std::map<std::int64_t, std::vector<MaskField>>> read_fields(
    databases::PostgresSession& session) {
  LS_ASSIGN(const PostgresRows rows, session.query(std::string(kBase) + kFields));
  std::map<std::int64_t, std::vector<MaskField>> fields;
  for (int row = 0; row < rows.size(); ++row) {
    MaskField field;
    field.name = rows.text(row, 1);
    field.type = type_of(rows.text(row, 2), rows.text(row, 3), rows.integer(row, 4), field.shape);
    fields[rows.integer(row, 0)].push_back(std::move(field));
  }
  return fields;
}

Status read_joined(databases::PostgresSession& session, MaskCatalog& catalog) {
  using Place = std::array<std::string, 3>;
  std::map<Place, std::size_t> places;
  for (std::size_t i = 0; i < catalog.columns.size(); ++i) {
    const MaskColumn& column = catalog.columns[i];
    places[{column.schema, column.table, column.name}] = i;
  }
  LS_ASSIGN(const PostgresRows rows, session.query(kJoined));
  for (int row = 0; row < rows.size(); ++row) {
    const auto one = places.find({rows.text(row, 0), rows.text(row, 1), rows.text(row, 2)});
    const auto other = places.find({rows.text(row, 3), rows.text(row, 4), rows.text(row, 5)});
    if (one == places.end() || other == places.end()) continue;
    catalog.joined.emplace_back(one->second, other->second);
    if (rows.text(row, 6) != "parent") continue;
    auto& parents = catalog.parents[{rows.text(row, 0), rows.text(row, 1)}];
    const TableName parent{rows.text(row, 3), rows.text(row, 4)};
    if (std::find(parents.begin(), parents.end(), parent) == parents.end())
      parents.push_back(parent);
  }
  return {};
}

}  // namespace

std::string_view to_text(MaskType type) {
  constexpr std::string_view kNames[] = {"text", "number", "number", "number", "date", "uuid",
                                         "ip",   "json",   "bytes",  "choice", "other"};
  return kNames[static_cast<std::size_t>(type)];
}

MaskKind default_mask(MaskType type) {
  constexpr MaskKind kKinds[] = {MaskKind::text,   MaskKind::number, MaskKind::number,
                                 MaskKind::number, MaskKind::date,   MaskKind::uuid,
                                 MaskKind::ip,     MaskKind::json,   MaskKind::bytes,
                                 MaskKind::keep,   MaskKind::null};
  return kKinds[static_cast<std::size_t>(type)];
}

bool takes(MaskType type, MaskKind kind) {
  if (kind == MaskKind::keep || kind == MaskKind::null) return true;
  if (type == MaskType::text) return kind != MaskKind::bytes;
  if (type == MaskType::bytes && kind == MaskKind::hash) return true;
  return type != MaskType::choice && type != MaskType::other && kind == default_mask(type);
}

Result<MaskCatalog> read_mask_catalog(databases::PostgresSession& session) {
  MaskCatalog catalog;
  LS_ASSIGN(catalog.encoding, session.value("SELECT pg_catalog.getdatabaseencoding()"));
  LS_ASSIGN(const auto fields, read_fields(session));
  const std::string sql =
      replace_all(std::string(kBase) + kMaskedColumns, "{generated}",
                  session.version() >= 120000 ? "a.attgenerated <> ''" : "false");
  LS_ASSIGN(const PostgresRows rows, session.query(sql));
  for (int row = 0; row < rows.size(); ++row) {
    MaskColumn column;
    column.schema = rows.text(row, 0);
    column.table = rows.text(row, 1);
    column.name = rows.text(row, 2);
    column.type_text = rows.text(row, 3);
    read_type(rows, row, column);
    column.not_null = rows.truth(row, 10);
    column.generated = rows.truth(row, 11);
    column.sequenced = rows.truth(row, 12);
    column.unique = rows.truth(row, 13);
    column.partition_key = rows.truth(row, 14);
    if (const auto own = fields.find(rows.integer(row, 15)); own != fields.end()) {
      column.fields = own->second;
      column.shape.form = MaskShape::Form::composite;
    }
    catalog.columns.push_back(std::move(column));
  }
  LS_TRY(read_joined(session, catalog));
  return catalog;
}

}  // namespace lakeshift::transfers
