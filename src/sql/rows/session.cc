#include "sql/rows/rows.h"

namespace lakeshift::sql {
namespace {

constexpr Row kStatements[] = {
    {"begin", "BEGIN [ { WORK | TRANSACTION } ] options:transaction_mode*"},
    {"start_transaction", "START TRANSACTION options:transaction_mode*"},
    {"commit", "COMMIT [ { WORK | TRANSACTION } ]"},
    {"end", "END [ { WORK | TRANSACTION } ]"},
    {"rollback", "ROLLBACK [ { WORK | TRANSACTION } ]"},
    {"abort", "ABORT [ { WORK | TRANSACTION } ]"},
    {"set_session_authorization",
     "SET { SESSION SESSION AUTHORIZATION | LOCAL SESSION AUTHORIZATION | SESSION AUTHORIZATION } "
     "{ DEFAULT | user:value }"},
    {"set_transaction", "SET TRANSACTION options:transaction_mode+"},
    {"set", "SET [ { SESSION | LOCAL } ] name:name { TO | = } { DEFAULT | value:setting, }"},
    {"set_time_zone", "SET [ { SESSION | LOCAL } ] TIME ZONE value:value"},
    {"reset", "RESET { ALL | SESSION AUTHORIZATION | name:name }"},
    {"explain", "EXPLAIN [ VERBOSE ] target:statement"},
    {"declare_cursor",
     "DECLARE name:ident [ { BINARY | INSENSITIVE | NO SCROLL | SCROLL } ] CURSOR [ { WITH | "
     "WITHOUT } HOLD ] FOR "
     "query:query"},
    {"fetch", "FETCH [ direction:fetch_direction ] [ { FROM | IN } ] cursor:ident"},
    {"move", "MOVE [ direction:fetch_direction ] [ { FROM | IN } ] cursor:ident"},
    {"close", "CLOSE { ALL | cursor:ident }"},
    {"prepare", "PREPARE name:ident [ ( args:type, ) ] AS target:statement"},
    {"execute", "EXECUTE name:ident [ ( args:expr, ) ]"},
    {"deallocate", "DEALLOCATE [ PREPARE ] { ALL | name:ident }"},
    {"lock",
     "LOCK [ TABLE ] names:table_name, [ IN { ACCESS SHARE | ROW SHARE | ROW EXCLUSIVE | SHARE ROW "
     "EXCLUSIVE | SHARE "
     "| EXCLUSIVE | ACCESS EXCLUSIVE } MODE ] [ NOWAIT ]"},
    {"call", "CALL expression:expr"},
    {"cancel", "CANCEL value:number [ message:string ]"},
    {"use", "USE name:name"},
    {"discard", "DISCARD { ALL | TEMP | TEMPORARY }"},
    {"show_all", "SHOW ALL"},
    {"show", "SHOW name:name"},
};

constexpr Row kFragments[] = {
    {"transaction_mode",
     "{ ISOLATION LEVEL { SERIALIZABLE | READ COMMITTED | READ UNCOMMITTED | REPEATABLE READ | "
     "SNAPSHOT } "
     "| READ WRITE | READ ONLY | , }"},
    {"setting", "{ value:value | ON }"},
    {"fetch_direction",
     "{ NEXT | ALL | FIRST | LAST | PRIOR | FORWARD [ { ALL | count:number } ] | BACKWARD [ { ALL "
     "| count:number } ] "
     "| ABSOLUTE count:number | RELATIVE count:number | count:number }"},
};

}  // namespace

const RowSet kSessionRows{.statements = kStatements, .fragments = kFragments};

}  // namespace lakeshift::sql
