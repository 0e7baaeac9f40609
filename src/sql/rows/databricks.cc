// Databricks: tables, views, grants, loading and upkeep. docs.databricks.com/sql/language-manual
// (2026-11): create table, create view, alter table, copy into, grant, optimize, vacuum, set
// variable.
#include "sql/rows/rows.h"

namespace lakeshift::sql {
namespace {

constexpr Row kStatements[] = {
    {"insert",
     "INSERT { INTO [ TABLE ] target:table_name [ columns:columns ] | OVERWRITE [ TABLE ] "
     "target:table_name [ columns:columns ] } "
     "[ BY NAME ] { source:query | TABLE source:name }"},
    {"insert_replace",
     "INSERT INTO [ TABLE ] target:table_name REPLACE WHERE where:expr source:query"},
    {"create_table",
     "CREATE [ OR REPLACE ] [ { EXTERNAL | TEMPORARY | TEMP } ] TABLE [ IF NOT EXISTS ] table:name "
     "[ ( columns:table_element, ) ] "
     "attributes:table_attribute* [ AS query:query ]"},
    {"create_table_like",
     "CREATE TABLE [ IF NOT EXISTS ] table:name LIKE source:name attributes:table_attribute*"},
    {"drop_table", "DROP TABLE [ IF EXISTS ] names:name,"},
    {"alter_table", "ALTER TABLE table:name action:table_action"},
    {"create_view",
     "CREATE [ OR REPLACE ] [ { TEMPORARY | TEMP } ] VIEW [ IF NOT EXISTS ] table:name [ ( "
     "columns:view_column, ) ] "
     "attributes:view_attribute* AS query:query"},
    {"create_materialized_view",
     "CREATE [ OR REPLACE ] MATERIALIZED VIEW [ IF NOT EXISTS ] table:name [ ( "
     "columns:view_column, ) ] "
     "attributes:view_attribute* AS query:query"},
    {"refresh_materialized_view", "REFRESH MATERIALIZED VIEW table:name"},
    {"drop_view", "DROP [ MATERIALIZED ] VIEW [ IF EXISTS ] names:name,"},
    {"create_schema",
     "CREATE { SCHEMA | DATABASE } [ IF NOT EXISTS ] schema:name attributes:schema_attribute*"},
    {"drop_schema",
     "DROP { SCHEMA | DATABASE } [ IF EXISTS ] schema:name [ { CASCADE | RESTRICT } ]"},
    {"create_catalog",
     "CREATE CATALOG [ IF NOT EXISTS ] database:name attributes:schema_attribute*"},
    {"comment",
     "COMMENT ON { TABLE table:name | COLUMN name:name | SCHEMA schema:name | CATALOG "
     "database:name } IS { comment:string | NULL }"},
    {"grant", "GRANT privileges:privilege, ON objects:securable TO grantees:principal"},
    {"revoke", "REVOKE privileges:privilege, ON objects:securable FROM grantees:principal"},
    {"copy_into",
     "COPY INTO target:table_name [ columns:columns ] FROM { source:string | ( query:query ) } "
     "attributes:copy_option*"},
    {"optimize", "OPTIMIZE table:name [ FULL ] [ WHERE where:expr ] [ ZORDER BY columns:columns ]"},
    {"vacuum", "VACUUM table:name [ { FULL | LITE } ] [ RETAIN count:number HOURS ] [ DRY RUN ]"},
    {"analyze",
     "ANALYZE TABLE table:name COMPUTE STATISTICS [ { NOSCAN | FOR ALL COLUMNS | FOR COLUMNS "
     "columns:name, } ]"},
    {"describe", "DESCRIBE [ { TABLE | SCHEMA | CATALOG } ] [ EXTENDED ] name:name"},
    {"use", "USE [ { CATALOG | SCHEMA | DATABASE } ] name:name"},
    {"set_variable", "SET { VAR | VARIABLE } set:assignment,"},
    {"declare_variable",
     "DECLARE [ OR REPLACE ] [ { VAR | VARIABLE } ] variable:name [ type:type ] [ { DEFAULT | = } "
     "value:expr ]"},
};

constexpr Row kFragments[] = {
    {"option", "key:value [ [ = ] value:value ]"},
    {"table_element", "{ constraint:table_constraint | element:column }"},
    {"column", "name:ident type:type attributes:column_attribute*"},
    {"column_attribute",
     "{ NOT NULL | DEFAULT default_value:expr | COLLATE collation:any_ident | COMMENT "
     "comment:string "
     "| GENERATED { ALWAYS | BY DEFAULT } AS IDENTITY [ ( [ START WITH from_pos:number ] [ "
     "INCREMENT BY step:number ] ) ] "
     "| GENERATED ALWAYS AS ( expression:expr ) | [ CONSTRAINT name:ident ] PRIMARY KEY "
     "options:constraint_option* "
     "| [ CONSTRAINT name:ident ] [ FOREIGN KEY ] REFERENCES references:name [ to:columns ] "
     "options:constraint_option* }"},
    {"table_constraint",
     "[ CONSTRAINT name:ident ] { PRIMARY KEY columns:columns | FOREIGN KEY columns:columns "
     "REFERENCES references:name [ to:columns ] "
     "| CHECK ( condition:expr ) } options:constraint_option*"},
    {"constraint_option",
     "{ NOT ENFORCED | NORELY | RELY | DEFERRABLE | NOT DEFERRABLE | INITIALLY DEFERRED }"},
    {"table_attribute",
     "{ USING format:ident | CLUSTER BY { AUTO | NONE | ( columns:name, ) } | PARTITIONED BY ( "
     "partition:partition_column, ) "
     "| LOCATION location:string | COMMENT comment:string | TBLPROPERTIES ( properties:option, ) "
     "| OPTIONS ( options:option, ) }"},
    {"partition_column", "{ element:column | name:name }"},
    {"view_attribute",
     "{ COMMENT comment:string | TBLPROPERTIES ( properties:option, ) | WITH SCHEMA { BINDING | "
     "COMPENSATION | EVOLUTION } }"},
    {"view_column", "name:ident [ COMMENT comment:string ]"},
    {"schema_attribute",
     "{ COMMENT comment:string | MANAGED LOCATION location:string | LOCATION location:string }"},
    {"table_action",
     "{ ADD constraint:table_constraint | ADD { COLUMNS | COLUMN } ( columns:column, ) | ADD { "
     "COLUMNS | COLUMN } element:column "
     "| DROP CONSTRAINT [ IF EXISTS ] constraint:ident | DROP { COLUMNS | COLUMN } [ IF EXISTS ] { "
     "columns:columns | name:name } "
     "| RENAME TO to:name | RENAME COLUMN name:ident TO to:ident | CLUSTER BY { AUTO | NONE | ( "
     "columns:name, ) } "
     "| SET TBLPROPERTIES ( properties:option, ) | UNSET TBLPROPERTIES ( properties:option, ) | "
     "SET OWNER TO user:ident "
     "| ALTER COLUMN name:name { TYPE type:type | SET NOT NULL | DROP NOT NULL | SET DEFAULT "
     "value:expr | DROP DEFAULT "
     "| COMMENT comment:string | SYNC IDENTITY } }"},
    {"privilege",
     "{ ALL PRIVILEGES | SELECT | MODIFY | EXECUTE | READ VOLUME | WRITE VOLUME | READ FILES | "
     "WRITE FILES "
     "| CREATE { TABLE | SCHEMA | FUNCTION | VOLUME | MATERIALIZED VIEW | MODEL } | REFRESH | "
     "APPLY TAG | BROWSE | MANAGE "
     "| USE { CATALOG | SCHEMA } }"},
    {"securable",
     "{ CATALOG name:name | SCHEMA name:name | DATABASE name:name | TABLE name:name | VIEW "
     "name:name | FUNCTION name:name "
     "| PROCEDURE name:name | VOLUME name:name | EXTERNAL LOCATION name:name | name:name }"},
    {"copy_option",
     "{ FILEFORMAT = format:ident | FILES = ( names:string, ) | PATTERN = value:string | "
     "FORMAT_OPTIONS ( options:option, ) "
     "| COPY_OPTIONS ( options:option, ) | VALIDATE [ { ALL | count:number ROWS } ] }"},
};

}  // namespace

const RowSet kDatabricksRows{.statements = kStatements, .fragments = kFragments};

}  // namespace lakeshift::sql
