// Redshift: views, schemas, databases, users, routines, libraries, models.
// docs.aws.amazon.com/redshift/latest/dg (2026-11).
#include "sql/rows/rows.h"

namespace lakeshift::sql {
namespace {

constexpr Row kStatements[] = {
    {"create_view",
     "CREATE [ OR REPLACE ] [ { TEMPORARY | TEMP } ] [ RECURSIVE ] VIEW table:name [ "
     "columns:columns ] AS query:query "
     "[ WITH NO SCHEMA BINDING ] [ WITH [ { CASCADED | LOCAL } ] CHECK OPTION ]"},
    {"create_external_view",
     "CREATE EXTERNAL [ PROTECTED ] VIEW table:name [ IF NOT EXISTS ] AS query:query"},
    {"create_materialized_view",
     "CREATE MATERIALIZED VIEW table:name [ columns:columns ] attributes:materialized_attribute* "
     "AS query:query "
     "[ WITH [ NO ] DATA ]"},
    {"alter_materialized_view",
     "ALTER MATERIALIZED VIEW table:name { AUTO REFRESH { YES | NO } "
     "| ROW LEVEL SECURITY { ON | OFF } [ CONJUNCTION TYPE { AND | OR } ] [ FOR DATASHARES ] "
     "| action:table_action }"},
    {"refresh_materialized_view",
     "REFRESH MATERIALIZED VIEW table:name [ { CASCADE | RESTRICT } ]"},
    {"drop_materialized_view",
     "DROP MATERIALIZED VIEW [ IF EXISTS ] names:name, [ { CASCADE | RESTRICT } ]"},
    {"drop_external_view", "DROP EXTERNAL VIEW table:name [ IF EXISTS ]"},
    {"drop_view", "DROP VIEW [ IF EXISTS ] names:name, [ { CASCADE | RESTRICT } ]"},
    {"alter_external_view", "ALTER EXTERNAL VIEW table:name { FORCE } [ AS query:query ]"},
    {"create_external_schema",
     "CREATE EXTERNAL SCHEMA [ IF NOT EXISTS ] schema:name FROM format:external_source "
     "attributes:schema_option*"},
    {"create_schema",
     "CREATE SCHEMA [ IF NOT EXISTS ] [ schema:name ] [ AUTHORIZATION user:ident ] "
     "[ QUOTA { UNLIMITED | count:number [ unit:ident ] } ] objects:schema_object*"},
    {"alter_schema",
     "ALTER SCHEMA schema:name { RENAME TO to:ident | OWNER TO user:ident "
     "| QUOTA { UNLIMITED | count:number [ unit:ident ] } }"},
    {"alter_external_schema", "ALTER EXTERNAL SCHEMA schema:name attributes:schema_option+"},
    {"drop_schema",
     "DROP SCHEMA [ IF EXISTS ] names:name, [ DROP EXTERNAL DATABASE ] [ { CASCADE | RESTRICT } ]"},
    {"create_database", "CREATE DATABASE database:ident [ WITH ] attributes:database_option*"},
    {"create_database_from",
     "CREATE DATABASE database:ident FROM { INTEGRATION source:string [ DATABASE value:string ] "
     "| [ ARN ] source:string [ WITH DATA CATALOG SCHEMA schema:string ] "
     "| DATASHARE share:ident OF [ ACCOUNT account:string ] NAMESPACE name:string } "
     "attributes:database_option*"},
    {"create_database_share",
     "CREATE DATABASE database:ident WITH PERMISSIONS FROM DATASHARE share:ident OF [ ACCOUNT "
     "account:string ] "
     "NAMESPACE name:string"},
    {"alter_database",
     "ALTER DATABASE database:ident { RENAME TO to:ident | OWNER TO user:ident "
     "| INTEGRATION { REFRESH { { ALL | INERROR } TABLES | TABLE names:name, } | SET "
     "options:option, } "
     "| attributes:database_option+ }"},
    {"drop_database", "DROP DATABASE [ IF EXISTS ] database:ident [ FORCE ]"},
    {"create_user", "CREATE USER user:principal [ WITH ] attributes:user_option*"},
    {"alter_user",
     "ALTER USER user:principal [ WITH ] { RENAME TO to:ident | SET set:user_setting | RESET "
     "SESSION TIMEOUT | RESET name:ident "
     "| attributes:user_option+ }"},
    {"drop_user", "DROP USER [ IF EXISTS ] names:principal,"},
    {"create_group", "CREATE GROUP user:ident [ WITH ] [ USER names:ident, ]"},
    {"alter_group",
     "ALTER GROUP user:ident { ADD USER names:ident, | DROP USER names:ident, | RENAME TO to:ident "
     "}"},
    {"drop_group", "DROP GROUP [ IF EXISTS ] names:ident,"},
    {"alter_system", "ALTER SYSTEM SET name:name = value:value"},
    {"create_procedure",
     "CREATE [ OR REPLACE ] PROCEDURE name:name ( [ args:parameter, ] ) "
     "attributes:routine_option*"},
    {"create_external_function",
     "CREATE [ OR REPLACE ] EXTERNAL FUNCTION name:name ( [ args:type, ] ) RETURNS returns:type "
     "{ VOLATILE | STABLE | IMMUTABLE } { LAMBDA | SAGEMAKER } source:string "
     "attributes:external_function_option*"},
    {"create_function",
     "CREATE [ OR REPLACE ] FUNCTION name:name ( [ args:parameter, ] ) "
     "[ RETURNS { TABLE ( columns:parameter, ) | [ SETOF ] returns:type } ] "
     "attributes:routine_option*"},
    {"alter_procedure",
     "ALTER PROCEDURE name:name [ ( [ args:parameter, ] ) ] { OWNER TO user:ident | RENAME TO "
     "to:ident }"},
    {"alter_function",
     "ALTER FUNCTION name:name ( [ args:parameter, ] ) { OWNER TO user:ident | RENAME TO to:ident "
     "}"},
    {"drop_procedure",
     "DROP PROCEDURE [ IF EXISTS ] names:routine_name, [ { CASCADE | RESTRICT } ]"},
    {"drop_function", "DROP FUNCTION [ IF EXISTS ] names:routine_name, [ { CASCADE | RESTRICT } ]"},
    {"create_library",
     "CREATE [ OR REPLACE ] LIBRARY library:ident LANGUAGE language:ident FROM location:string "
     "attributes:load_credential* [ REGION [ AS ] region:string ]"},
    {"drop_library", "DROP LIBRARY library:ident"},
    {"create_model",
     "CREATE MODEL model:name [ FROM { ( query:query ) | source:value } ] "
     "attributes:model_option*"},
    {"drop_model", "DROP MODEL [ IF EXISTS ] model:name"},
    {"show_model", "SHOW MODEL { ALL | model:name }"},
    {"show_external_table", "SHOW EXTERNAL TABLE table:name [ PARTITION ]"},
    {"show_table", "SHOW TABLE table:name"},
    {"show_view", "SHOW VIEW table:name"},
    {"show_procedure", "SHOW PROCEDURE name:name [ ( [ args:parameter, ] ) ]"},
    {"show_function", "SHOW FUNCTION name:name [ ( [ args:parameter, ] ) ]"},
    {"show_list",
     "SHOW { DATABASES | SCHEMAS | TABLES | COLUMNS | PROCEDURES | FUNCTIONS | PARAMETERS OF { "
     "FUNCTION | PROCEDURE } "
     "name:name [ ( [ args:parameter, ] ) ] | CONSTRAINTS { PRIMARY KEYS | FOREIGN KEYS [ EXPORTED "
     "] } } "
     "options:show_option*"},
    {"show_grants",
     "SHOW [ COLUMN ] GRANTS { ON objects:grant_object | FOR grantees:grantee } [ FOR "
     "grantees:grantee ] options:show_option*"},
    {"show_datashares", "SHOW DATASHARES [ LIKE value:string ]"},
    {"comment",
     "COMMENT ON { TABLE table:name | COLUMN name:name | VIEW table:name | DATABASE database:name "
     "| SCHEMA schema:name "
     "| CONSTRAINT constraint:ident ON table:name | FUNCTION function:routine_name | PROCEDURE "
     "function:routine_name } "
     "IS { comment:string | NULL }"},
};

constexpr Row kFragments[] = {
    {"load_credential",
     "{ IAM_ROLE credentials:value | [ WITH ] CREDENTIALS [ AS ] credentials:string | "
     "ACCESS_KEY_ID [ AS ] credentials:string "
     "| SECRET_ACCESS_KEY [ AS ] credentials:string | SESSION_TOKEN [ AS ] credentials:string "
     "| MASTER_SYMMETRIC_KEY [ AS ] credentials:string | ENCRYPTED | KMS_KEY_ID [ AS ] "
     "credentials:string }"},
    {"materialized_attribute",
     "{ BACKUP { YES | NO } | AUTO REFRESH { YES | NO } | attributes:table_attribute }"},
    {"external_source",
     "{ DATA CATALOG | HIVE METASTORE | POSTGRES | MYSQL | KINESIS | KAFKA | MSK | REDSHIFT }"},
    {"schema_option",
     "{ DATABASE database:value | SCHEMA schema:value | REGION region:value | IAM_ROLE "
     "credentials:value "
     "| CATALOG_ROLE role:value | CATALOG_ID account:value | URI location:string [ PORT "
     "count:number ] "
     "| SECRET_ARN credentials:string | AUTHENTICATION { NONE | IAM | MTLS } | AUTHENTICATION_ARN "
     "credentials:string "
     "| CREATE EXTERNAL DATABASE IF NOT EXISTS }"},
    {"schema_object", "target:statement"},
    {"database_option",
     "{ OWNER [ = ] user:ident | CONNECTION LIMIT { UNLIMITED | count:number } "
     "| COLLATE { CASE_SENSITIVE | CASE_INSENSITIVE | CS | CI } "
     "| ISOLATION LEVEL { SERIALIZABLE | SNAPSHOT } | SET options:option, | DATA CATALOG [ ROLE "
     "role:string ] }"},
    {"user_option",
     "{ CREATEDB | NOCREATEDB | CREATEUSER | NOCREATEUSER | SYSLOG ACCESS { RESTRICTED | "
     "UNRESTRICTED } "
     "| PASSWORD { DISABLE | message:string } | IN GROUP names:ident, | VALID UNTIL value:string "
     "| CONNECTION LIMIT { UNLIMITED | count:number } | SESSION TIMEOUT count:number | RESET "
     "SESSION TIMEOUT "
     "| EXTERNALID value:value | SET set:user_setting }"},
    {"user_setting", "name:name { TO | = } { DEFAULT | value:setting, }"},
    {"parameter",
     "{ direction:direction name:any_ident type:type | name:any_ident direction:direction "
     "type:type | direction:direction type:type "
     "| name:any_ident type:type | type:type } [ { DEFAULT | = } value:expr ]"},
    {"direction", "{ INOUT | IN OUT | IN | OUT | VARIADIC }"},
    {"routine_option",
     "{ NONATOMIC | LANGUAGE language:value | AS body:body | IMMUTABLE | STABLE | VOLATILE "
     "| SECURITY { INVOKER | DEFINER } | CALLED ON NULL INPUT | RETURNS NULL ON NULL INPUT | "
     "STRICT "
     "| SET name:name { TO | = } { DEFAULT | value:setting, } | COST count:number | ROWS "
     "count:number "
     "| PARALLEL action:ident }"},
    {"external_function_option",
     "{ IAM_ROLE credentials:value | RETRY_TIMEOUT count:number | MAX_BATCH_ROWS count:number "
     "| MAX_BATCH_SIZE count:number [ unit:ident ] | MAX_PAYLOAD_IN_MB count:number }"},
    {"routine_name", "name:name [ ( [ args:parameter, ] ) ]"},
    {"model_option",
     "{ TARGET target:name | FUNCTION function:name [ ( args:type, ) ] | RETURNS returns:type "
     "| IAM_ROLE credentials:value | AUTO { ON | OFF } | MODEL_TYPE type:any_ident | PROBLEM_TYPE "
     "type:any_ident "
     "| OBJECTIVE value:string | PREPROCESSORS value:value "
     "| HYPERPARAMETERS DEFAULT [ EXCEPT ( properties:model_property, ) ] | SAGEMAKER [ "
     "value:string ] "
     "| SETTINGS ( properties:model_setting, ) | MODEL_TYPE }"},
    {"model_property", "key:any_ident value:loose"},
    {"model_setting", "key:any_ident value:loose"},
    {"show_option",
     "{ FROM DATABASE database:name | FROM SCHEMA schema:name | FROM TABLE table:name | FROM "
     "name:name | LIKE value:string "
     "| LIMIT count:number }"},
};

}  // namespace

const RowSet kRedshiftObjectRows{.statements = kStatements, .fragments = kFragments};

}  // namespace lakeshift::sql
