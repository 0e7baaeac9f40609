#include "knowledge/databases/postgres_catalog.h"

#include <algorithm>
#include <charconv>
#include <tuple>

namespace lakeshift::databases {
namespace {

constexpr std::string_view kServer =
    "SELECT current_setting('server_version_num')::int AS version, version() AS product, "
    "current_database() AS database, pg_get_userbyid(d.datdba) AS owner, "
    "pg_encoding_to_char(d.encoding) AS encoding, d.datcollate AS collate, d.datctype AS ctype, "
    "[[150000?d.datlocprovider!!'c']] AS provider, [[170000?d.datlocale!![[150000?d.daticulocale!!"
    "NULL]]]] AS locale, [[150000?d.datcollversion!!(SELECT pg_collation_actual_version(c.oid) "
    "FROM "
    "pg_collation c WHERE c.collname = d.datcollate AND c.collprovider = 'c' LIMIT 1)]] AS "
    "collation_version, [[150000?pg_database_collation_actual_version(d.oid)!!NULL]] AS "
    "actual_collation_version, pg_database_size(d.oid) AS bytes, d.datconnlimit AS "
    "connection_limit, "
    "pg_is_in_recovery() AS in_recovery, (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS "
    "clock_ms, r.rolname AS role, r.rolsuper AS super, r.rolreplication AS replication, "
    "r.rolcreaterole AS create_role, r.rolcreatedb AS create_db, r.rolbypassrls AS bypass_rls, "
    "(SELECT array_to_json(array_agg(g.rolname ORDER BY g.rolname)) FROM pg_roles g WHERE "
    "pg_has_role(r.oid, g.oid, 'member') AND g.oid <> r.oid) AS member_of, "
    "has_database_privilege(d.datname, 'create') AS may_create FROM pg_database d, pg_roles r "
    "WHERE "
    "d.datname = current_database() AND r.rolname = current_user";

constexpr std::string_view kTables =
    "SELECT c.oid::bigint, n.nspname, c.relname, pg_get_userbyid(c.relowner), (SELECT x.extname "
    "FROM "
    "pg_depend d JOIN pg_extension x ON x.oid = d.refobjid WHERE d.classid = "
    "'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.refclassid = "
    "'pg_catalog.pg_extension'::regclass AND d.deptype = 'e'), c.relkind, c.relpersistence, "
    "c.relreplident, (SELECT i.relname FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid "
    "WHERE "
    "x.indrelid = c.oid AND x.indisreplident), c.relispartition, (SELECT "
    "array_to_json(array_agg(h.inhparent::regclass::text ORDER BY h.inhseqno)) FROM pg_inherits h "
    "WHERE h.inhrelid = c.oid), pg_get_partkeydef(c.oid), pg_get_expr(c.relpartbound, c.oid), "
    "(SELECT array_to_json(array_agg(a.attname ORDER BY k.place)) FROM unnest(u.indkey::int2[]) "
    "WITH "
    "ORDINALITY k(number, place) JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.number "
    "WHERE k.place <= u.indnkeyatts), u.index_name, coalesce(u.indisprimary, false), "
    "c.relrowsecurity, c.relforcerowsecurity, (SELECT s.spcname FROM pg_tablespace s WHERE s.oid = "
    "c.reltablespace), CASE WHEN c.reltuples < 0 OR (c.reltuples = 0 AND c.relpages = 0) THEN -1 "
    "ELSE "
    "c.reltuples::bigint END, CASE WHEN c.relkind IN ('r', 'm') THEN pg_relation_size(c.oid) / "
    "current_setting('block_size')::bigint ELSE 0 END, CASE WHEN c.relkind IN ('r', 'm') THEN "
    "pg_table_size(c.oid) ELSE 0 END, CASE WHEN c.relkind IN ('r', 'm') THEN "
    "pg_indexes_size(c.oid) "
    "ELSE 0 END, CASE WHEN c.reltoastrelid <> 0 THEN pg_relation_size(c.reltoastrelid) ELSE 0 END "
    "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN LATERAL (SELECT "
    "x.indkey, x.indnkeyatts, x.indisprimary, i.relname AS index_name FROM pg_index x JOIN "
    "pg_class i "
    "ON i.oid = x.indexrelid WHERE x.indrelid = c.oid AND x.indisunique AND x.indimmediate AND "
    "x.indisvalid AND x.indpred IS NULL AND x.indexprs IS NULL AND NOT EXISTS (SELECT 1 FROM "
    "unnest(x.indkey::int2[]) WITH ORDINALITY k(number, place) JOIN pg_attribute a ON a.attrelid = "
    "c.oid AND a.attnum = k.number WHERE k.place <= x.indnkeyatts AND NOT a.attnotnull) ORDER BY "
    "x.indisprimary DESC, x.indnkeyatts, i.relname LIMIT 1) u ON true WHERE c.relkind IN ('r', "
    "'p', "
    "'f', 'm', 'v') AND c.relpersistence <> 't' AND n.nspname !~ '^pg_' AND n.nspname <> "
    "'information_schema' ORDER BY n.nspname::text COLLATE \"C\", c.relname::text COLLATE \"C\"";

constexpr std::string_view kColumns =
    "SELECT a.attrelid::bigint, a.attnum, a.attname, format_type(a.atttypid, a.atttypmod), "
    "tn.nspname, t.typname, a.atttypid::bigint, t.typtype, a.attnotnull, a.attidentity, "
    "[[120000?a.attgenerated!!'']], CASE WHEN a.attcollation <> t.typcollation THEN (SELECT "
    "quote_ident(ln.nspname) || '.' || quote_ident(l.collname) FROM pg_collation l JOIN "
    "pg_namespace "
    "ln ON ln.oid = l.collnamespace WHERE l.oid = a.attcollation) END, pg_get_expr(f.adbin, "
    "f.adrelid), (b.typname !~ '^_?reg' AND b.typsend <> 0 AND b.typreceive <> 0 AND (e.oid IS "
    "NULL OR (e.typsend <> 0 AND "
    "e.typreceive <> 0))) FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN "
    "pg_namespace n ON n.oid = c.relnamespace JOIN pg_type t ON t.oid = a.atttypid JOIN "
    "pg_namespace "
    "tn ON tn.oid = t.typnamespace JOIN pg_type b ON b.oid = CASE WHEN t.typtype = 'd' THEN "
    "t.typbasetype ELSE t.oid END LEFT JOIN pg_type e ON e.oid = b.typelem AND b.typlen = -1 LEFT "
    "JOIN pg_attrdef f ON f.adrelid = a.attrelid AND f.adnum = a.attnum WHERE a.attnum > 0 AND NOT "
    "a.attisdropped AND c.relkind IN ('r', 'p', 'f', 'm', 'v') AND c.relpersistence <> 't' AND "
    "n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' ORDER BY a.attrelid, a.attnum";

constexpr std::string_view kSequences =
    "SELECT n.nspname, c.relname, pg_get_userbyid(c.relowner), (SELECT x.extname FROM pg_depend d "
    "JOIN pg_extension x ON x.oid = d.refobjid WHERE d.classid = 'pg_catalog.pg_class'::regclass "
    "AND "
    "d.objid = c.oid AND d.refclassid = 'pg_catalog.pg_extension'::regclass AND d.deptype = 'e'), "
    "o.refobjid::regclass::text, quote_ident(a.attname), coalesce(o.deptype = 'i', false), "
    "c.relpersistence = 'u', format_type(s.seqtypid, NULL), s.seqstart, s.seqincrement, s.seqmin, "
    "s.seqmax, s.seqcache, s.seqcycle FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid "
    "JOIN "
    "pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_depend o ON o.classid = "
    "'pg_catalog.pg_class'::regclass AND o.objid = c.oid AND o.refclassid = "
    "'pg_catalog.pg_class'::regclass AND o.refobjsubid > 0 AND o.deptype IN ('a', 'i') LEFT JOIN "
    "pg_attribute a ON a.attrelid = o.refobjid AND a.attnum = o.refobjsubid WHERE c.relpersistence "
    "<> 't' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' ORDER BY n.nspname "
    "::text COLLATE \"C\", c.relname::text COLLATE \"C\"";

char letter(const PostgresRows& rows, int row, int column) {
  const std::string_view text = rows.cell(row, column).value_or("");
  return text.empty() ? '\0' : text.front();
}

Result<std::vector<std::string>> names_of(const PostgresRows& rows, int row, int column) {
  std::vector<std::string> names;
  const auto text = rows.cell(row, column);
  if (!text) return names;
  LS_ASSIGN(const Json list, parse_json(*text, "the server's catalogue"));
  for (const Json& name : list) names.push_back(scalar_text(name));
  return names;
}

// A cell by its type: numbers, booleans and JSON as such, the rest as text.
Json cell_json(const PostgresRows& rows, int row, int column) {
  constexpr unsigned kBool = 16, kInt8 = 20, kInt2 = 21, kInt4 = 23, kJson = 114;
  const auto text = rows.cell(row, column);
  if (!text) return nullptr;
  switch (rows.type(column)) {
    case kBool:
      return *text == "t";
    case kInt8:
    case kInt2:
    case kInt4:
      return rows.integer(row, column);
    case kJson:
      if (auto parsed = parse_json(*text, "the server's catalogue")) return *std::move(parsed);
      return std::string(*text);
    default:
      return std::string(*text);
  }
}

Status read_tables(PostgresSession& session, PostgresCatalog& catalog) {
  LS_ASSIGN(const PostgresRows rows, session.query(for_version(kTables, catalog.version)));
  for (int r = 0; r < rows.size(); ++r) {
    PostgresTable table;
    table.oid = static_cast<unsigned>(rows.integer(r, 0));
    table.schema = rows.text(r, 1);
    table.name = rows.text(r, 2);
    table.owner = rows.text(r, 3);
    table.extension = rows.text(r, 4);
    table.kind = letter(rows, r, 5);
    table.persistence = letter(rows, r, 6);
    table.replica_identity = letter(rows, r, 7);
    table.identity_index = rows.text(r, 8);
    table.is_partition = rows.truth(r, 9);
    LS_ASSIGN(table.parents, names_of(rows, r, 10));
    table.partition_key = rows.text(r, 11);
    table.partition_bound = rows.text(r, 12);
    LS_ASSIGN(table.key, names_of(rows, r, 13));
    table.key_index = rows.text(r, 14);
    table.key_is_primary = rows.truth(r, 15);
    table.row_security = rows.truth(r, 16);
    table.forces_row_security = rows.truth(r, 17);
    table.tablespace = rows.text(r, 18);
    table.rows = rows.integer(r, 19);
    table.pages = rows.integer(r, 20);
    table.bytes = rows.integer(r, 21);
    table.index_bytes = rows.integer(r, 22);
    table.toast_bytes = rows.integer(r, 23);
    catalog.tables.push_back(std::move(table));
  }
  return {};
}

Status read_columns(PostgresSession& session, PostgresCatalog& catalog) {
  std::map<unsigned, PostgresTable*> by_oid;
  for (PostgresTable& table : catalog.tables) by_oid[table.oid] = &table;
  LS_ASSIGN(const PostgresRows rows, session.query(for_version(kColumns, catalog.version)));
  for (int r = 0; r < rows.size(); ++r) {
    const auto found = by_oid.find(static_cast<unsigned>(rows.integer(r, 0)));
    if (found == by_oid.end()) continue;
    PostgresColumn column;
    column.number = static_cast<int>(rows.integer(r, 1));
    column.name = rows.text(r, 2);
    column.type = rows.text(r, 3);
    column.type_schema = rows.text(r, 4);
    column.type_name = rows.text(r, 5);
    column.type_oid = static_cast<unsigned>(rows.integer(r, 6));
    column.type_kind = letter(rows, r, 7);
    column.not_null = rows.truth(r, 8);
    column.identity = letter(rows, r, 9);
    column.generated = letter(rows, r, 10);
    column.collation = rows.text(r, 11);
    column.expression = rows.text(r, 12);
    column.binary = rows.truth(r, 13);
    found->second->columns.push_back(std::move(column));
  }
  return {};
}

Status read_sequences(PostgresSession& session, PostgresCatalog& catalog) {
  LS_ASSIGN(const PostgresRows rows, session.query(for_version(kSequences, catalog.version)));
  for (int r = 0; r < rows.size(); ++r) {
    PostgresSequence sequence;
    sequence.schema = rows.text(r, 0);
    sequence.name = rows.text(r, 1);
    sequence.owner = rows.text(r, 2);
    sequence.extension = rows.text(r, 3);
    sequence.owner_table = rows.text(r, 4);
    sequence.owner_column = rows.text(r, 5);
    sequence.identity = rows.truth(r, 6);
    sequence.unlogged = rows.truth(r, 7);
    sequence.type = rows.text(r, 8);
    sequence.start = rows.integer(r, 9);
    sequence.increment = rows.integer(r, 10);
    sequence.least = rows.integer(r, 11);
    sequence.most = rows.integer(r, 12);
    sequence.cache = rows.integer(r, 13);
    sequence.cycles = rows.truth(r, 14);
    catalog.sequences.push_back(std::move(sequence));
  }
  return {};
}

// Values are in the sequences themselves, many in one statement.
Status read_sequence_values(PostgresSession& session, PostgresCatalog& catalog) {
  constexpr std::size_t kAtOnce = 200;
  for (std::size_t from = 0; from < catalog.sequences.size(); from += kAtOnce) {
    const std::size_t to = std::min(from + kAtOnce, catalog.sequences.size());
    std::string sql;
    for (std::size_t i = from; i < to; ++i)
      sql += (sql.empty() ? "SELECT " : " UNION ALL SELECT ") + std::to_string(i) +
             "::bigint, last_value, is_called FROM " + catalog.sequences[i].quoted();
    LS_ASSIGN(const PostgresRows rows, session.query(sql));
    for (int r = 0; r < rows.size(); ++r) {
      PostgresSequence& sequence = catalog.sequences[static_cast<std::size_t>(rows.integer(r, 0))];
      sequence.last_value = rows.integer(r, 1);
      sequence.is_called = rows.truth(r, 2);
    }
  }
  return {};
}

// Runs in a savepoint: what we may not read costs that kind only.
Result<PostgresRows> try_query(PostgresSession& session, const std::string& sql) {
  LS_TRY(session.exec("SAVEPOINT one"));
  auto rows = session.query(sql);
  if (rows || !session.alive()) return rows;
  LS_TRY(session.exec("ROLLBACK TO SAVEPOINT one"));
  return rows;
}

Status read_things(PostgresSession& session, const CatalogQuery& query, PostgresCatalog& catalog) {
  auto rows = try_query(session, for_version(query.sql, catalog.version));
  if (!rows) {
    if (lost_connection(rows.error()) || rows.error().code == "cancelled")
      return fail(rows.error());
    catalog.unreadable.insert_or_assign(std::string(query.kind), rows.error());
    return {};
  }
  for (int r = 0; r < rows->size(); ++r) {
    PostgresThing thing;
    thing.kind = query.kind;
    thing.facts = Json::object();
    for (int c = 0; c < rows->columns(); ++c) {
      const std::string name = rows->column(c);
      if (name == "schema")
        thing.schema = rows->text(r, c);
      else if (name == "name")
        thing.name = rows->text(r, c);
      else if (name == "owner")
        thing.owner = rows->text(r, c);
      else if (name == "extension")
        thing.extension = rows->text(r, c);
      else if (rows->cell(r, c))
        thing.facts[name] = cell_json(*rows, r, c);
    }
    catalog.things.push_back(std::move(thing));
  }
  return {};
}

Result<PostgresCatalog> read_all(PostgresSession& session) {
  PostgresCatalog catalog;
  catalog.version = session.version();
  LS_ASSIGN(const PostgresRows server, session.query(for_version(kServer, catalog.version)));
  catalog.server = Json::object();
  for (int c = 0; c < server.columns(); ++c)
    catalog.server[server.column(c)] = cell_json(server, 0, c);
  LS_ASSIGN(const PostgresRows settings,
            session.query("SELECT name, setting FROM pg_settings WHERE setting IS NOT NULL"));
  for (int r = 0; r < settings.size(); ++r)
    catalog.settings[settings.text(r, 0)] = settings.text(r, 1);
  LS_TRY(read_tables(session, catalog));
  LS_TRY(read_columns(session, catalog));
  LS_TRY(read_sequences(session, catalog));
  LS_TRY(read_sequence_values(session, catalog));
  for (const CatalogQuery& query : catalog_queries())
    if (catalog.version >= query.since) LS_TRY(read_things(session, query, catalog));
  std::stable_sort(catalog.things.begin(), catalog.things.end(), [](const auto& a, const auto& b) {
    return std::tie(a.kind, a.schema, a.name) < std::tie(b.kind, b.schema, b.name);
  });
  return catalog;
}

Json to_json(const PostgresColumn& column) {
  Json json = {{"name", column.name}, {"type", column.type}};
  if (column.not_null) json["not_null"] = true;
  if (column.identity != 0) json["identity"] = std::string(1, column.identity);
  if (column.generated != 0) json["generated"] = std::string(1, column.generated);
  if (!column.collation.empty()) json["collation"] = column.collation;
  if (!column.expression.empty()) json["expression"] = column.expression;
  if (!column.binary) json["binary"] = false;
  return json;
}

Json to_json(const PostgresTable& table) {
  Json json = {{"schema", table.schema},
               {"name", table.name},
               {"owner", table.owner},
               {"kind", std::string(1, table.kind)},
               {"persistence", std::string(1, table.persistence)},
               {"replica_identity", std::string(1, table.replica_identity)},
               {"key", table.key},
               {"rows", table.rows},
               {"bytes", table.bytes},
               {"index_bytes", table.index_bytes},
               {"parents", table.parents}};
  if (!table.extension.empty()) json["extension"] = table.extension;
  if (!table.partition_bound.empty()) json["partition_bound"] = table.partition_bound;
  if (!table.partition_key.empty()) json["partition_key"] = table.partition_key;
  json["columns"] = Json::array();
  for (const PostgresColumn& column : table.columns) json["columns"].push_back(to_json(column));
  return json;
}

}  // namespace

bool PostgresTable::has_identity() const {
  switch (replica_identity) {
    case 'f':
      return true;
    case 'n':
      return false;
    case 'i':
      return !identity_index.empty();
    default:
      return key_is_primary;
  }
}

std::vector<const PostgresThing*> PostgresCatalog::of(std::string_view kind) const {
  std::vector<const PostgresThing*> found;
  for (const PostgresThing& thing : things)
    if (thing.kind == kind) found.push_back(&thing);
  return found;
}

const PostgresTable* PostgresCatalog::table(std::string_view schema, std::string_view name) const {
  for (const PostgresTable& table : tables)
    if (table.schema == schema && table.name == name) return &table;
  return nullptr;
}

std::string for_version(std::string_view sql, int version) {
  std::string text(sql);
  // Innermost first: an else part may hold another choice.
  for (std::size_t open = text.rfind("[["); open != std::string::npos; open = text.rfind("[[")) {
    const std::size_t question = text.find('?', open), other = text.find("!!", open),
                      close = text.find("]]", open);
    int since = 0;
    std::from_chars(text.data() + open + 2, text.data() + question, since);
    const std::string chosen = version >= since ? text.substr(question + 1, other - question - 1)
                                                : text.substr(other + 2, close - other - 2);
    text.replace(open, close + 2 - open, chosen);
  }
  return text;
}

Result<PostgresCatalog> read_catalog(PostgresSession& session, const std::string& snapshot) {
  LS_TRY(session.exec("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"));
  if (!snapshot.empty()) {
    auto set = session.exec("SET TRANSACTION SNAPSHOT " + quote_literal(snapshot));
    if (!set) {
      [[maybe_unused]] const Status ended = session.exec("ROLLBACK");
      return fail(set.error());
    }
  }
  auto catalog = read_all(session);
  if (session.alive()) LS_TRY(session.exec("ROLLBACK"));
  return catalog;
}

Json to_json(const PostgresCatalog& catalog) {
  Json json = {{"version", catalog.version}, {"server", catalog.server}};
  json["settings"] = catalog.settings;
  json["tables"] = Json::array();
  for (const PostgresTable& table : catalog.tables) json["tables"].push_back(to_json(table));
  json["sequences"] = Json::array();
  for (const PostgresSequence& sequence : catalog.sequences)
    json["sequences"].push_back({{"schema", sequence.schema},
                                 {"name", sequence.name},
                                 {"owner_table", sequence.owner_table},
                                 {"owner_column", sequence.owner_column},
                                 {"last_value", sequence.last_value},
                                 {"is_called", sequence.is_called}});
  for (const PostgresThing& thing : catalog.things) {
    Json entry = thing.facts;
    entry["name"] = thing.name;
    if (!thing.schema.empty()) entry["schema"] = thing.schema;
    if (!thing.owner.empty()) entry["owner"] = thing.owner;
    if (!thing.extension.empty()) entry["extension"] = thing.extension;
    json[thing.kind].push_back(std::move(entry));
  }
  for (const auto& [kind, error] : catalog.unreadable) json["unreadable"][kind] = error.to_text();
  return json;
}

}  // namespace lakeshift::databases
