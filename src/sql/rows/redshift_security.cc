// Redshift: grants, roles, policies, datashares, identity. docs.aws.amazon.com/redshift/latest/dg,
// r_GRANT, r_REVOKE, r_CREATE_DATASHARE and the pages of policies (2026-11).
#include "sql/rows/rows.h"

namespace lakeshift::sql {
namespace {

constexpr Row kStatements[] = {
    {"grant_assumerole",
     "GRANT ASSUMEROLE ON { ALL | names:string, } TO grantees:grantee, FOR { ALL | "
     "privileges:load_privilege, }"},
    {"grant",
     "GRANT privileges:privilege, ON objects:grant_object TO grantees:grantee, [ WITH GRANT OPTION "
     "]"},
    {"grant_for",
     "GRANT privileges:privilege, FOR objects:scoped_objects IN { SCHEMA schema:name | DATABASE "
     "database:ident } "
     "TO grantees:grantee, [ WITH GRANT OPTION ]"},
    {"grant_system",
     "GRANT privileges:system_privilege, TO grantees:grantee, [ WITH ADMIN OPTION ]"},
    {"grant_role", "GRANT grantees:role_name, TO user:grantee, [ WITH ADMIN OPTION ]"},
    {"revoke_assumerole",
     "REVOKE ASSUMEROLE ON { ALL | names:string, } FROM grantees:grantee, FOR { ALL | "
     "privileges:load_privilege, }"},
    {"revoke",
     "REVOKE [ GRANT OPTION FOR ] privileges:privilege, ON objects:grant_object FROM "
     "grantees:grantee, "
     "[ { CASCADE | RESTRICT } ]"},
    {"revoke_for",
     "REVOKE [ GRANT OPTION FOR ] privileges:privilege, FOR objects:scoped_objects IN "
     "{ SCHEMA schema:name | DATABASE database:ident } FROM grantees:grantee, [ { CASCADE | "
     "RESTRICT } ]"},
    {"revoke_system",
     "REVOKE [ ADMIN OPTION FOR ] privileges:system_privilege, FROM grantees:grantee,"},
    {"revoke_role", "REVOKE [ ADMIN OPTION FOR ] grantees:role_name, FROM user:grantee,"},
    {"alter_default_privileges",
     "ALTER DEFAULT PRIVILEGES [ FOR USER user:ident, ] [ IN SCHEMA schema:name, ] "
     "{ GRANT privileges:privilege, ON { TABLES | FUNCTIONS | PROCEDURES } TO grantees:grantee, [ "
     "WITH GRANT OPTION ] "
     "| REVOKE [ GRANT OPTION FOR ] privileges:privilege, ON { TABLES | FUNCTIONS | PROCEDURES } "
     "FROM grantees:grantee, "
     "[ { CASCADE | RESTRICT } ] }"},
    {"create_role", "CREATE ROLE role:ident [ EXTERNALID to:value ]"},
    {"alter_role",
     "ALTER ROLE role:ident [ WITH ] { RENAME TO to:ident | OWNER TO user:ident | EXTERNALID TO "
     "value:value }"},
    {"drop_role", "DROP ROLE [ IF EXISTS ] role:ident [ { FORCE | RESTRICT } ]"},
    {"create_masking_policy",
     "CREATE MASKING POLICY [ IF NOT EXISTS ] policy:name WITH ( columns:external_column, ) USING "
     "( expression:expr, )"},
    {"alter_masking_policy", "ALTER MASKING POLICY policy:name USING ( expression:expr, )"},
    {"drop_masking_policy", "DROP MASKING POLICY [ IF EXISTS ] policy:name"},
    {"attach_masking_policy",
     "ATTACH MASKING POLICY policy:name ON table:name columns:columns [ USING args:columns ] TO "
     "grantees:grantee, "
     "[ PRIORITY count:number ]"},
    {"detach_masking_policy",
     "DETACH MASKING POLICY policy:name ON table:name columns:columns FROM grantees:grantee,"},
    {"create_rls_policy",
     "CREATE RLS POLICY [ IF NOT EXISTS ] policy:name [ WITH ( columns:external_column, ) [ [ AS ] "
     "alias:ident ] ] "
     "USING ( condition:expr )"},
    {"alter_rls_policy", "ALTER RLS POLICY policy:name USING ( condition:expr )"},
    {"drop_rls_policy", "DROP RLS POLICY [ IF EXISTS ] policy:name [ { CASCADE | RESTRICT } ]"},
    {"attach_rls_policy",
     "ATTACH RLS POLICY policy:name ON [ TABLE ] names:name, TO grantees:grantee,"},
    {"detach_rls_policy",
     "DETACH RLS POLICY policy:name ON [ TABLE ] names:name, FROM grantees:grantee,"},
    {"create_identity_provider",
     "CREATE IDENTITY PROVIDER name:ident TYPE type:any_ident attributes:identity_option*"},
    {"alter_identity_provider", "ALTER IDENTITY PROVIDER name:ident attributes:identity_option+"},
    {"drop_identity_provider", "DROP IDENTITY PROVIDER name:ident [ CASCADE ]"},
    {"desc_identity_provider", "DESC IDENTITY PROVIDER name:ident"},
    {"create_datashare",
     "CREATE DATASHARE share:ident [ [ SET ] PUBLICACCESSIBLE [ = ] [ value:value ] ] [ , ] [ "
     "MANAGEDBY name:ident ]"},
    {"alter_datashare",
     "ALTER DATASHARE share:ident { ADD objects:shared_object | REMOVE objects:shared_object "
     "| SET PUBLICACCESSIBLE [ = ] value:value | SET INCLUDENEW [ = ] value:value FOR SCHEMA "
     "schema:name }"},
    {"drop_datashare", "DROP DATASHARE share:ident"},
    {"desc_datashare",
     "DESC DATASHARE share:ident [ OF [ ACCOUNT account:string ] NAMESPACE name:string ]"},
};

constexpr Row kFragments[] = {
    {"privilege",
     "{ ALL [ PRIVILEGES ] [ columns:columns ] | { SELECT | INSERT | UPDATE | DELETE | DROP | "
     "REFERENCES | ALTER | TRUNCATE | RULE | TRIGGER "
     "| CREATE | TEMPORARY | TEMP | USAGE | EXECUTE | SHARE | READ | WRITE | IGNORE RLS | EXPLAIN "
     "RLS | EXPLAIN MASKING } "
     "[ columns:columns ] }"},
    {"load_privilege", "{ COPY | UNLOAD | EXTERNAL FUNCTION | CREATE MODEL }"},
    {"system_privilege",
     "{ ALL | CREATE USER | DROP USER | ALTER USER | CREATE SCHEMA | DROP SCHEMA | ALTER DEFAULT "
     "PRIVILEGES | ACCESS CATALOG "
     "| ACCESS SYSTEM TABLE | CREATE TABLE | DROP TABLE | ALTER TABLE | CREATE OR REPLACE FUNCTION "
     "| CREATE OR REPLACE EXTERNAL FUNCTION | DROP FUNCTION | CREATE OR REPLACE PROCEDURE | DROP "
     "PROCEDURE "
     "| CREATE OR REPLACE VIEW | DROP VIEW | CREATE MODEL | DROP MODEL | CREATE DATASHARE | ALTER "
     "DATASHARE | DROP DATASHARE "
     "| CREATE LIBRARY | DROP LIBRARY | CREATE ROLE | DROP ROLE | TRUNCATE TABLE | VACUUM | "
     "ANALYZE | CANCEL | IGNORE RLS "
     "| EXPLAIN RLS | EXPLAIN MASKING }"},
    {"grant_object",
     "{ ALL { TABLES | FUNCTIONS | PROCEDURES | LANGUAGES } IN SCHEMA schema:name, | DATABASE "
     "database:ident, "
     "| SCHEMA schema:name, | [ EXTERNAL ] FUNCTION function:routine_name, | PROCEDURE "
     "function:routine_name, "
     "| LANGUAGE language:ident, | MODEL model:name, | DATASHARE share:ident | COPY JOB "
     "names:name, | TEMPLATE names:name, "
     "| EXTERNAL SCHEMA schema:name | EXTERNAL TABLE names:name, | EXTERNAL COLUMN columns:columns "
     "ON names:name "
     "| RLS POLICY policy:name, | MASKING POLICY policy:name, | [ TABLE ] names:name, }"},
    {"scoped_objects",
     "{ FUNCTIONS | PROCEDURES | SCHEMAS | TABLES | LANGUAGES | COPY JOBS | TEMPLATES }"},
    {"grantee",
     "{ PUBLIC | GROUP user:principal | ROLE role:principal | IAM_ROLE role:string | ACCOUNT "
     "account:string [ VIA DATA CATALOG ] "
     "| NAMESPACE name:string | user:principal [ WITH GRANT OPTION ] }"},
    {"role_name", "[ ROLE ] role:principal"},
    {"identity_option",
     "{ NAMESPACE name:string | PARAMETERS value:string | APPLICATION_ARN value:string | IAM_ROLE "
     "credentials:value "
     "| AUTO_CREATE_ROLES { TRUE | FALSE } [ { INCLUDE | EXCLUDE } GROUPS LIKE value:string ] | "
     "ENABLE | DISABLE }"},
    {"shared_object",
     "{ ALL { TABLES | FUNCTIONS } IN SCHEMA schema:name, | TABLE names:name, | SCHEMA "
     "schema:name, "
     "| FUNCTION function:routine_name, }"},
};

}  // namespace

const RowSet kRedshiftSecurityRows{.statements = kStatements, .fragments = kFragments};

}  // namespace lakeshift::sql
