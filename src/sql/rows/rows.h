// Sets of statement rows that dialects are composed of. parse/grammar.h has the notation.
#pragma once

#include "sql/dialect.h"

namespace lakeshift::sql {

extern const RowSet kDmlRows;               // INSERT, UPDATE, DELETE, MERGE, TRUNCATE
extern const RowSet kSessionRows;           // transactions, SET, SHOW, cursors, PREPARE, EXPLAIN
extern const RowSet kRedshiftTableRows;     // CREATE TABLE, external tables, ALTER TABLE
extern const RowSet kRedshiftObjectRows;    // views, schemas, databases, users, libraries, models
extern const RowSet kRedshiftSecurityRows;  // GRANT, REVOKE, roles, policies, datashares
extern const RowSet kRedshiftLoadRows;      // COPY, UNLOAD, VACUUM, ANALYZE
extern const RowSet kPlpgsqlRows;           // what stands only in a routine's body
extern const RowSet kPostgresRows;          // what PostgreSQL has and Redshift has not
extern const RowSet kDatabricksRows;

}  // namespace lakeshift::sql
