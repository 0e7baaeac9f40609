// System functions. docs.aws.amazon.com/redshift/latest/dg/r_System_administration_functions.html,
// r_System_information_functions.html (2026-11).
#include "sql/functions/function.h"
#include "sql/translate/rewriter.h"

namespace lakeshift::sql::functions::system {
namespace {

constexpr std::string_view kInternal =
    "tells of Redshift itself, which is not there any more; query system.information_schema or "
    "system.access instead";

constexpr Function kRows[] = {
    {.name = "current_user",
     .arguments = "",
     .result = "varchar(127)",
     .spelling = "current_user()",
     .caveat = "users have other names in Databricks"},
    {.name = "user",
     .arguments = "",
     .result = "varchar(127)",
     .spelling = "current_user()",
     .caveat = "users have other names in Databricks"},
    {.name = "session_user",
     .arguments = "",
     .result = "varchar(127)",
     .spelling = "session_user()",
     .caveat = "users have other names in Databricks"},
    {.name = "current_schema",
     .arguments = "",
     .result = "varchar(127)",
     .spelling = "current_schema()"},
    {.name = "current_database",
     .arguments = "",
     .result = "varchar(127)",
     .spelling = "current_catalog()",
     .caveat = "a database is a catalog"},
    {.name = "current_user_id", .arguments = "", .refusal = kInternal},
    {.name = "version",
     .arguments = "",
     .result = "varchar(65535)",
     .spelling = "version()",
     .caveat = "who reads VERSION() knows the versions of Databricks"},
    {.name = "current_setting", .arguments = "a*", .refusal = kInternal},
    {.name = "set_config", .arguments = "a*", .refusal = kInternal},
    {.name = "current_schemas", .arguments = "a*", .refusal = kInternal},
    {.name = "current_aws_account", .arguments = "", .refusal = kInternal},
    {.name = "current_namespace", .arguments = "", .refusal = kInternal},
    {.name = "current_session_arn", .arguments = "", .refusal = kInternal},
    {.name = "default_iam_role", .arguments = "", .refusal = kInternal},
    {.name = "get_number_attributes", .arguments = "a*", .refusal = kInternal},
    {.name = "has_assumerole_privilege", .arguments = "a*", .refusal = kInternal},
    {.name = "has_database_privilege", .arguments = "a*", .refusal = kInternal},
    {.name = "has_schema_privilege", .arguments = "a*", .refusal = kInternal},
    {.name = "has_table_privilege", .arguments = "a*", .refusal = kInternal},
    {.name = "last_user_query_id", .arguments = "a*", .refusal = kInternal},
    {.name = "pg_backend_pid", .arguments = "", .refusal = kInternal},
    {.name = "pg_cancel_backend", .arguments = "a*", .refusal = kInternal},
    {.name = "pg_terminate_backend", .arguments = "a*", .refusal = kInternal},
    {.name = "pg_get_cols", .arguments = "a*", .refusal = kInternal},
    {.name = "pg_get_grantee_by_iam_role", .arguments = "a*", .refusal = kInternal},
    {.name = "pg_get_iam_role_by_user", .arguments = "a*", .refusal = kInternal},
    {.name = "pg_get_late_binding_view_cols", .arguments = "a*", .refusal = kInternal},
    {.name = "pg_get_session_roles", .arguments = "a*", .refusal = kInternal},
    {.name = "pg_last_copy_count", .arguments = "", .refusal = kInternal},
    {.name = "pg_last_copy_id", .arguments = "", .refusal = kInternal},
    {.name = "pg_last_query_id", .arguments = "", .refusal = kInternal},
    {.name = "pg_last_unload_count", .arguments = "", .refusal = kInternal},
    {.name = "pg_last_unload_id", .arguments = "", .refusal = kInternal},
    {.name = "role_is_member_of", .arguments = "a*", .refusal = kInternal},
    {.name = "user_is_member_of", .arguments = "a*", .refusal = kInternal},
    {.name = "slice_num", .arguments = "", .refusal = kInternal},
};

}  // namespace

extern const FunctionSet kDefinition{.title = "System functions", .rows = kRows};

}  // namespace lakeshift::sql::functions::system
