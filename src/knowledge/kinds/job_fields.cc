// Source: databricks-sdk 0.156 (jobs.Job, jobs.JobSettings).
#include "knowledge/kinds/job_fields.h"

#include "knowledge/kinds/job_task_fields.h"

namespace lakeshift::kinds {
namespace {

constexpr Field kMaintenanceWindow[] = {
    plain("start_hour"),
    plain("day_of_week"),
    plain("timezone_id"),
};
constexpr Field pause_status() { return plain("pause_status", "\"UNPAUSED\""); }
constexpr Field kContinuous[] = {
    part("maintenance_window", kMaintenanceWindow),
    pause_status(),
    plain("task_retry_mode"),
};
constexpr Field kSqlCondition[] = {
    refers("sql_query_id", "query"),
    refers("warehouse_id", "sql_warehouse"),
    plain("trigger_mode"),
};
constexpr Field kSchedule[] = {
    plain("quartz_cron_expression"),
    plain("timezone_id"),
    pause_status(),
    part("sql_condition", kSqlCondition),
};
constexpr Field kFileArrival[] = {
    means("url", Meaning::storage_uri),
    plain("min_time_between_triggers_seconds"),
    plain("wait_after_last_change_seconds"),
};
constexpr Field kModelTrigger[] = {
    plain("condition"),
    plain("aliases", "[]"),
    plain("min_time_between_triggers_seconds"),
    plain("securable_name"),
    plain("wait_after_last_change_seconds"),
};
constexpr Field kPeriodic[] = {plain("interval"), plain("unit")};
constexpr Field kTableUpdate[] = {
    plain("table_names", "[]"),
    plain("condition"),
    plain("min_time_between_triggers_seconds"),
    plain("wait_after_last_change_seconds"),
};
constexpr Field kTrigger[] = {
    part("file_arrival", kFileArrival),
    part("model", kModelTrigger),
    pause_status(),
    part("periodic", kPeriodic),
    part("sql_condition", kSqlCondition),
    part("table_update", kTableUpdate),
};
constexpr Field kContinuousTrigger[] = {
    part("maintenance_window", kMaintenanceWindow),
    plain("task_retry_mode"),
};
constexpr Field kCronTrigger[] = {plain("quartz_cron_expression"), plain("timezone_id")};
constexpr Field kOneOfTriggers[] = {
    part("continuous", kContinuousTrigger),
    part("file_arrival", kFileArrival),
    part("model", kModelTrigger),
    pause_status(),
    part("periodic", kPeriodic),
    part("schedule", kCronTrigger),
    part("sql_condition", kSqlCondition),
    part("table_update", kTableUpdate),
};

constexpr Field kEnvironmentFiles[] = {means("", Meaning::tree_path, "workspace_file")};
constexpr Field kVariablesSpec[] = {
    list_of("files", kEnvironmentFiles),
    or_absent("{}", means("variables", Meaning::environment)),
};
constexpr Field kVariables[] = {
    plain("environment_variables_key"),
    part("spec", kVariablesSpec),
};
constexpr Field kEnvironmentSpec[] = {
    // A path of an env.yaml, or the name of an environment that the platform provides.
    means("base_environment", Meaning::free_text),
    plain("client"),
    list_of("dependencies", kFreeTexts),
    plain("environment_version"),
    list_of("java_dependencies", kStorageTexts),
    means("project_environment", Meaning::tree_path, "workspace_file"),
};
constexpr Field kEnvironment[] = {plain("environment_key"), part("spec", kEnvironmentSpec)};

constexpr Field kJobSource[] = {
    plain("job_config_path"),
    plain("import_from_git_branch"),
    read_only("dirty_state"),
};
constexpr Field kSparseCheckout[] = {plain("patterns", "[]")};
constexpr Field kGitSource[] = {
    plain("git_url"),
    plain("git_provider"),
    plain("git_branch"),
    plain("git_commit"),
    read_only("git_snapshot"),
    plain("git_tag"),
    part("job_source", kJobSource),
    part("sparse_checkout", kSparseCheckout),
};

constexpr Field kJobCluster[] = {
    plain("job_cluster_key"),
    part("new_cluster", kWrittenClusterSpec, Meaning::compute),
    refers("serverless_compute_id", "serverless_compute"),
};
constexpr Field kNotificationSettings[] = {
    plain("no_alert_for_canceled_runs", "false"),
    plain("no_alert_for_skipped_runs", "false"),
};
constexpr Field kParameter[] = {plain("name"), means("default", Meaning::free_text)};
constexpr Field kQueue[] = {plain("enabled", "false")};
constexpr Field kRunAs[] = {
    means("group_name", Meaning::group, "group"),
    means("service_principal_name", Meaning::application, "service_principal"),
    means("user_name", Meaning::person, "user"),
};

constexpr Field kSettings[] = {
    refers("budget_policy_id", "budget_policy"),
    part("continuous", kContinuous),
    // Which bundle deployed the job: a bundle does not know the copy.
    read_only("deployment"),
    means("description", Meaning::free_text),
    plain("duration_target"),
    plain("edit_mode", "\"EDITABLE\""),
    part("email_notifications", kEmails),
    set_of("environment_variables", kVariables),
    set_of("environments", kEnvironment),
    read_only("format"),
    part("git_source", kGitSource),
    part("health", kHealth),
    set_of("job_clusters", kJobCluster),
    plain("max_concurrent_runs", "1"),
    plain("name"),
    part("notification_settings", kNotificationSettings),
    set_of("parameters", kParameter),
    means("parent_path", Meaning::tree_path, "directory"),
    plain("performance_target"),
    part("queue", kQueue),
    part("run_as", kRunAs),
    part("schedule", kSchedule),
    map_of("tags", kFreeValues),
    set_of("tasks", std::span<const Field>(kTaskFields, kTaskFieldCount)),
    plain("timeout_seconds", "0"),
    part("trigger", kTrigger),
    list_of("triggers", kOneOfTriggers),
    refers("usage_policy_id", "usage_policy"),
    part("webhook_notifications", kWebhooks),
};

}  // namespace

constinit const Field kJobFields[kJobFieldCount] = {
    part("settings", kSettings),
    permissions_row(),
    read_only("created_time"),
    read_only("creator_user_name"),
    read_only("effective_budget_policy_id"),
    read_only("effective_usage_policy_id"),
    read_only("has_more"),
    read_only("job_id"),
    read_only("next_page_token"),
    read_only("run_as_user_name"),
    read_only("trigger_details"),
    read_only("trigger_state"),
};

}  // namespace lakeshift::kinds
