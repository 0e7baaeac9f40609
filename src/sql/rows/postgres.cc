// PostgreSQL: what Redshift has not. Only what queries and procedures of migrations use; PostgreSQL
// is here to run the proof, not as a source to migrate.
#include "sql/rows/rows.h"

namespace lakeshift::sql {
namespace {

constexpr Row kStatements[] = {
    {"do", "DO { body:body [ LANGUAGE language:ident ] | LANGUAGE language:ident body:body }"},
    {"savepoint", "SAVEPOINT name:ident"},
    {"release", "RELEASE [ SAVEPOINT ] name:ident"},
    {"rollback_to", "ROLLBACK [ { WORK | TRANSACTION } ] TO [ SAVEPOINT ] name:ident"},
    {"rollback", "ROLLBACK [ { WORK | TRANSACTION } ]"},
    {"create_index",
     "CREATE [ UNIQUE ] INDEX [ CONCURRENTLY ] [ [ IF NOT EXISTS ] name:ident ] ON "
     "table:table_name [ USING type:ident ] "
     "( columns:order_item, ) [ WHERE where:expr ]"},
    {"drop_index", "DROP INDEX [ IF EXISTS ] names:name, [ { CASCADE | RESTRICT } ]"},
};

}  // namespace

const RowSet kPostgresRows{.statements = kStatements};

}  // namespace lakeshift::sql
