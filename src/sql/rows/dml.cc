#include "sql/rows/rows.h"

namespace lakeshift::sql {
namespace {

constexpr Row kStatements[] = {
    {"insert",
     "INSERT INTO target:table_name [ AS alias:ident ] [ columns:columns ] [ options:overriding ] "
     "{ DEFAULT VALUES | source:query } [ action:on_conflict ] [ RETURNING items:select_items ]"},
    {"update",
     "UPDATE target:table SET set:assignment, [ FROM from:from_list ] [ WHERE where:expr ] "
     "[ RETURNING items:select_items ]"},
    {"delete",
     "DELETE [ FROM ] target:table [ USING using:from_list ] [ WHERE where:expr ] [ RETURNING "
     "items:select_items ]"},
    {"merge",
     "MERGE INTO target:table USING source:from_item ON condition:expr "
     "{ REMOVE DUPLICATES | branches:merge_branch+ }"},
    {"truncate", "TRUNCATE [ TABLE ] target:table_name"},
};

constexpr Row kFragments[] = {
    {"merge_branch",
     "WHEN { MATCHED | NOT MATCHED [ BY { TARGET | SOURCE } ] } [ AND condition:expr ] THEN "
     "{ UPDATE SET { '*' | set:assignment, } | DELETE | DO NOTHING "
     "| INSERT { '*' | [ columns:columns ] { VALUES source:values_row | DEFAULT VALUES } } }"},
    {"overriding", "OVERRIDING { SYSTEM | USER } VALUE"},
    {"on_conflict",
     "ON CONFLICT [ { columns:columns | ON CONSTRAINT constraint:ident } ] DO { NOTHING "
     "| UPDATE SET set:assignment, [ WHERE where:expr ] }"},
};

}  // namespace

const RowSet kDmlRows{.statements = kStatements, .fragments = kFragments};

}  // namespace lakeshift::sql
