// PL/pgSQL: statements that stand only in a routine's body. docs.aws.amazon.com/redshift/latest/dg,
// c_PLpgSQL-statements (2026-11); the others are PostgreSQL's.
#include "sql/rows/rows.h"

namespace lakeshift::sql {
namespace {

constexpr Row kRoutine[] = {
    {"if", "IF condition:expr THEN then:block branches:elsif* [ ELSE otherwise:block ] END IF"},
    {"case", "CASE base:expr branches:case_when_value+ [ ELSE otherwise:block ] END CASE"},
    {"case_search", "CASE branches:case_when+ [ ELSE otherwise:block ] END CASE"},
    {"loop", "LOOP body:block END LOOP [ name:ident ]"},
    {"while", "WHILE condition:expr LOOP body:block END LOOP [ name:ident ]"},
    {"for_execute",
     "FOR variable:name, IN EXECUTE expression:expr [ USING args:expr, ] LOOP body:block END LOOP "
     "[ name:ident ]"},
    {"for_query", "FOR variable:name, IN query:query LOOP body:block END LOOP [ name:ident ]"},
    {"for_range",
     "FOR variable:name IN [ REVERSE ] from_pos:expr .. to:expr [ BY step:expr ] LOOP body:block "
     "END LOOP [ name:ident ]"},
    {"for_cursor", "FOR variable:name IN cursor:expr LOOP body:block END LOOP [ name:ident ]"},
    {"foreach",
     "FOREACH variable:name IN ARRAY expression:expr LOOP body:block END LOOP [ name:ident ]"},
    {"exit", "EXIT [ name:ident ] [ WHEN condition:expr ]"},
    {"continue", "CONTINUE [ name:ident ] [ WHEN condition:expr ]"},
    {"return_query", "RETURN QUERY { EXECUTE expression:expr | query:query }"},
    {"return_next", "RETURN NEXT [ value:expr ]"},
    {"return", "RETURN [ value:expr ]"},
    {"null", "NULL"},
    {"perform",
     "PERFORM items:select_items [ FROM from:from_list ] [ WHERE where:expr ] [ GROUP BY "
     "group_by:expr, ] "
     "[ HAVING having:expr ] [ ORDER BY order_by:order_item, ] [ LIMIT limit:expr ]"},
    {"execute_string",
     "EXECUTE expression:expr [ INTO [ STRICT ] into:name, ] [ USING args:expr, ] [ INTO "
     "into:name, ]"},
    {"open_execute",
     "OPEN cursor:ident [ [ NO ] SCROLL ] FOR EXECUTE expression:expr [ USING args:expr, ]"},
    {"open_query", "OPEN cursor:ident [ [ NO ] SCROLL ] FOR query:query"},
    {"open", "OPEN cursor:ident [ ( args:expr, ) ]"},
    {"fetch_into",
     "FETCH [ direction:fetch_direction ] [ { FROM | IN } ] cursor:ident INTO into:name,"},
    {"close_cursor", "CLOSE cursor:ident"},
    {"get_diagnostics", "GET [ { CURRENT | STACKED } ] DIAGNOSTICS set:diagnostic,"},
    {"raise",
     "RAISE [ { DEBUG | LOG | INFO | NOTICE | WARNING | EXCEPTION } ] "
     "[ { SQLSTATE value:string | message:string [ , args:expr, ] | name:ident } ] [ USING "
     "options:raise_option, ]"},
    {"assert", "ASSERT condition:expr [ , message:expr ]"},
};

constexpr Row kFragments[] = {
    {"elsif", "{ ELSIF | ELSEIF } condition:expr THEN then:block"},
    {"case_when_value", "WHEN value:expr, THEN then:block"},
    {"case_when", "WHEN condition:expr THEN then:block"},
    {"diagnostic", "target:name { := | = } value:ident"},
    {"raise_option", "name:any_ident { = | := } value:expr"},
    {"cursor_parameter", "name:ident type:type"},
    {"declaration",
     "{ variable:ident ALIAS FOR source:value "
     "| variable:ident [ [ NO ] SCROLL ] CURSOR [ ( args:cursor_parameter, ) ] { FOR | IS } "
     "query:query "
     "| variable:ident [ CONSTANT ] type:type [ COLLATE collation:name ] [ NOT NULL ] "
     "[ { DEFAULT | := | = } value:expr ] }"},
};

}  // namespace

const RowSet kPlpgsqlRows{.fragments = kFragments, .routine = kRoutine};

}  // namespace lakeshift::sql
