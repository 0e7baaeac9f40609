// Redshift: tables. docs.aws.amazon.com/redshift/latest/dg, r_CREATE_TABLE_NEW,
// r_CREATE_EXTERNAL_TABLE, r_ALTER_TABLE, r_ALTER_TABLE_APPEND, r_ALTER_TABLE_external-table
// (2026-11).
#include "sql/rows/rows.h"

namespace lakeshift::sql {
namespace {

constexpr Row kStatements[] = {
    {"create_table_as",
     "CREATE [ LOCAL ] [ { TEMPORARY | TEMP } ] TABLE [ IF NOT EXISTS ] table:name [ "
     "columns:columns ] "
     "attributes:table_attribute* AS query:query [ WITH [ NO ] DATA ]"},
    {"create_table",
     "CREATE [ { LOCAL | GLOBAL } ] [ { TEMPORARY | TEMP } ] TABLE [ IF NOT EXISTS ] table:name "
     "( [ columns:table_element, ] ) attributes:table_attribute*"},
    {"create_external_table_as",
     "CREATE EXTERNAL TABLE table:name [ PARTITIONED BY partition:columns ] "
     "attributes:external_attribute* "
     "AS query:query"},
    {"create_external_table",
     "CREATE EXTERNAL TABLE [ IF NOT EXISTS ] table:name ( columns:external_column, ) "
     "attributes:external_attribute*"},
    {"drop_table", "DROP TABLE [ IF EXISTS ] names:table_name, [ { CASCADE | RESTRICT } ]"},
    {"alter_table_append",
     "ALTER TABLE table:name APPEND FROM source:name { IGNOREEXTRA | FILLTARGET }*"},
    {"alter_table", "ALTER TABLE [ IF EXISTS ] table:table_name { action:table_action [ , ] }+"},
};

constexpr Row kFragments[] = {
    {"table_attribute",
     "{ DISTSTYLE { AUTO | EVEN | KEY | ALL } | DISTKEY ( columns:value ) "
     "| [ { COMPOUND | INTERLEAVED } ] SORTKEY ( columns:value, ) | SORTKEY { AUTO | NONE } | "
     "ENCODE AUTO "
     "| BACKUP { YES | NO } | ON COMMIT { PRESERVE ROWS | DELETE ROWS | DROP } "
     "| INHERITS ( names:name, ) | WITH ( options:option, ) | WITHOUT OIDS | TABLESPACE name:ident "
     "| PARTITION BY type:ident ( columns:expr, ) }"},
    {"option", "name:name [ = value:value ]"},
    {"table_element",
     "{ constraint:table_constraint | LIKE source:name attributes:like_option* | element:column }"},
    {"like_option",
     "{ INCLUDING | EXCLUDING } { DEFAULTS | ALL | CONSTRAINTS | INDEXES | IDENTITY | STORAGE | "
     "COMMENTS }"},
    {"table_constraint",
     "[ CONSTRAINT name:ident ] { PRIMARY KEY columns:columns | UNIQUE columns:columns "
     "| FOREIGN KEY columns:columns REFERENCES references:name [ to:columns ] "
     "options:reference_option* "
     "| CHECK ( condition:expr ) } options:constraint_option*"},
    {"constraint_option",
     "{ NOT DEFERRABLE | DEFERRABLE | INITIALLY DEFERRED | INITIALLY IMMEDIATE | NOT ENFORCED | "
     "ENFORCED | NORELY | RELY }"},
    {"reference_option",
     "{ ON { DELETE | UPDATE } { CASCADE | RESTRICT | NO ACTION | SET NULL | SET DEFAULT } "
     "| MATCH { FULL | PARTIAL | SIMPLE } }"},
    {"column", "name:ident type:type attributes:column_attribute*"},
    {"column_attribute",
     "{ NOT NULL | NULL | DEFAULT default_value:expr | IDENTITY [ ( from_pos:number , step:number "
     ") ] "
     "| GENERATED { ALWAYS | BY DEFAULT } AS IDENTITY [ ( from_pos:number , step:number ) ] "
     "| ENCODE format:any_ident | DISTKEY | SORTKEY | [ CONSTRAINT name:ident ] UNIQUE "
     "| [ CONSTRAINT name:ident ] PRIMARY KEY "
     "| [ CONSTRAINT name:ident ] REFERENCES references:name [ to:columns ] "
     "options:reference_option* "
     "| [ CONSTRAINT name:ident ] CHECK ( condition:expr ) "
     "| COLLATE collation:any_ident | options:constraint_option }"},
    {"external_column", "name:any_ident type:type"},
    {"external_attribute",
     "{ PARTITIONED BY ( partition:external_column, ) | ROW FORMAT DELIMITED "
     "options:row_delimiter* "
     "| ROW FORMAT SERDE format:string [ WITH SERDEPROPERTIES ( properties:property, ) ] "
     "| STORED AS INPUTFORMAT source:string OUTPUTFORMAT target:string | STORED AS format:ident "
     "| LOCATION location:string | TABLE PROPERTIES ( properties:property, ) }"},
    {"row_delimiter",
     "{ FIELDS TERMINATED BY value:string | ESCAPED BY value:string | LINES TERMINATED BY "
     "value:string "
     "| COLLECTION ITEMS TERMINATED BY value:string | MAP KEYS TERMINATED BY value:string "
     "| NULL DEFINED AS value:string }"},
    {"property", "key:string = value:string"},
    {"table_action",
     "{ ADD constraint:table_constraint | ADD [ COLUMN ] [ IF NOT EXISTS ] element:column "
     "| ADD [ IF NOT EXISTS ] branches:add_partition+ "
     "| DROP CONSTRAINT constraint:ident [ { CASCADE | RESTRICT } ] "
     "| DROP [ IF EXISTS ] PARTITION ( partition:assignment, ) "
     "| DROP [ COLUMN ] [ IF EXISTS ] name:ident [ { CASCADE | RESTRICT } ] "
     "| OWNER TO user:ident | RENAME TO name:name | RENAME COLUMN name:ident TO to:ident "
     "| RENAME name:ident TO to:ident | SET SCHEMA schema:ident "
     "| ALTER [ COLUMN ] name:ident TYPE type:type [ USING value:expr ] "
     "| ALTER [ COLUMN ] name:ident ENCODE format:any_ident "
     "| ALTER [ COLUMN ] name:ident SET DEFAULT value:expr | ALTER [ COLUMN ] name:ident DROP "
     "DEFAULT "
     "| ALTER [ COLUMN ] name:ident { SET | DROP } NOT NULL "
     "| ALTER DISTKEY key:name | ALTER DISTSTYLE { ALL | EVEN | AUTO | KEY DISTKEY key:name } "
     "| ALTER [ { COMPOUND | INTERLEAVED } ] SORTKEY columns:columns | ALTER SORTKEY { AUTO | NONE "
     "} "
     "| ALTER ENCODE AUTO "
     "| SET LOCATION location:string | SET FILE FORMAT format:ident "
     "| SET TABLE PROPERTIES ( properties:property, ) "
     "| PARTITION ( partition:assignment, ) SET LOCATION location:string "
     "| ROW LEVEL SECURITY { ON | OFF } [ CONJUNCTION TYPE { AND | OR } ] [ FOR DATASHARES ] "
     "| MASKING { ON | OFF } FOR DATASHARES }"},
    {"add_partition", "PARTITION ( partition:assignment, ) [ LOCATION location:string ]"},
};

}  // namespace

const RowSet kRedshiftTableRows{.statements = kStatements, .fragments = kFragments};

}  // namespace lakeshift::sql
