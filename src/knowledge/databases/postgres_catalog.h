// What a PostgreSQL database holds: everything that a move must know.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/base/json.h"
#include "knowledge/databases/postgres_session.h"

namespace lakeshift::databases {

struct PostgresColumn {
  int number = 0;          // attnum
  std::string name, type;  // type as format_type writes it, with its modifier
  std::string type_schema, type_name;
  unsigned type_oid = 0;
  char type_kind = 'b';  // typtype: b base, c composite, d domain, e enum, r range, m multirange
  bool not_null = false;
  char identity = 0;       // 'a' always, 'd' by default
  char generated = 0;      // 's' stored, 'v' virtual
  std::string collation;   // when it is not the type's own
  std::string expression;  // default or generation expression
  bool binary = true;      // the type, or what its array or domain is made of, has a binary form
};

struct PostgresTable {
  unsigned oid = 0;
  std::string schema, name, owner, extension;
  char kind = 'r';  // relkind: r table, p partitioned, f foreign, m materialised view, v view
  char persistence = 'p';       // p permanent, u unlogged
  char replica_identity = 'd';  // d key, n nothing, f full, i index
  std::string identity_index;   // of 'i'
  bool is_partition = false;
  std::vector<std::string> parents;  // quoted names: partitioned table, or inheritance
  std::string partition_key, partition_bound;
  // Columns that tell rows apart: the primary key, else an immediate unique index of NOT NULL
  // columns; empty: there is none.
  std::vector<std::string> key;
  std::string key_index;
  bool key_is_primary = false;
  bool row_security = false, forces_row_security = false;
  std::string tablespace;
  std::int64_t rows = -1;  // the planner's estimate; -1: never analysed
  std::int64_t pages = 0;  // relpages is an estimate, this is the file's size in blocks
  std::int64_t bytes = 0, index_bytes = 0, toast_bytes = 0;
  std::vector<PostgresColumn> columns;
  std::string quoted() const { return quote_name(schema, name); }
  std::string label() const { return schema + "." + name; }
  bool holds_rows() const { return kind == 'r'; }
  // What a row of UPDATE or DELETE in the change stream can be found by.
  bool has_identity() const;
};

struct PostgresSequence {
  std::string schema, name, owner, extension;
  std::string owner_table, owner_column;  // quoted; empty: it stands alone
  bool identity = false;
  bool unlogged = false;
  std::string type;
  std::int64_t start = 1, increment = 1, least = 1, most = 0, cache = 1;
  bool cycles = false;
  std::int64_t last_value = 0;
  bool is_called = false;
  std::string quoted() const { return quote_name(schema, name); }
};

// Everything else, one entry per thing. `kind` is one of postgres_kinds(); facts are the columns of
// its query (postgres_catalog_queries.cc).
struct PostgresThing {
  std::string kind, schema, name, owner;
  std::string extension;  // member of it: it comes with the extension
  Json facts;
  std::string label() const { return schema.empty() ? name : schema + "." + name; }
};

struct PostgresCatalog {
  int version = 0;
  Json server;  // one row: encoding, collation, our rights, size, …
  std::map<std::string, std::string> settings;  // pg_settings
  std::vector<PostgresTable> tables;            // by schema, name
  std::vector<PostgresSequence> sequences;      // by schema, name
  std::vector<PostgresThing> things;            // by kind, schema, name
  std::vector<const PostgresThing*> of(std::string_view kind) const;
  const PostgresTable* table(std::string_view schema, std::string_view name) const;
  // Kinds that could not be read, with the server's reason: findings of a preflight, never silence.
  std::map<std::string, Error> unreadable;
};

// Reads it in one read-only transaction, of the exported snapshot when one is given. A kind that we
// may not read is in `unreadable`; errors are those of the connection, of tables and columns.
Result<PostgresCatalog> read_catalog(PostgresSession& session, const std::string& snapshot = {});

Json to_json(const PostgresCatalog& catalog);

// Versions change the catalogues: "[[120000?attgenerated!!'']]" is the first part from that version
// on, else the second. For statements of ours.
std::string for_version(std::string_view sql, int version);

struct CatalogQuery {
  std::string_view kind;
  int since;             // server version, 0: all
  std::string_view sql;  // columns schema, name, owner, extension where it has them; others: facts
};
std::span<const CatalogQuery> catalog_queries();

}  // namespace lakeshift::databases
