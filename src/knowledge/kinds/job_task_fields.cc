#include "knowledge/kinds/job_task_fields.h"

namespace lakeshift::kinds {
namespace {

constexpr std::string_view kCode = "notebook|workspace_file|git_folder";
constexpr std::string_view kFile = "workspace_file";

// A subscriber of an alert or a dashboard.
constexpr Field kSubscriber[] = {
    refers("destination_id", "notification_destination"),
    means("user_name", Meaning::person),
};

constexpr Field kAiCompute[] = {
    plain("accelerator_type"),
    plain("accelerator_count"),
    refers("provisioned_capacity_id", "provisioned_capacity"),
};
constexpr Field kAiDeployment[] = {
    part("compute", kAiCompute),
    means("command_path", Meaning::tree_path, kFile),
    plain("name"),
};
constexpr Field kAiRuntimeTask[] = {
    plain("experiment"),
    list_of("deployments", kAiDeployment),
    means("code_source_path", Meaning::storage_uri),
    means("docker_image_url", Meaning::image),
    means("mlflow_artifact_location", Meaning::storage_uri),
    means("mlflow_experiment_directory", Meaning::tree_path, "directory"),
    plain("mlflow_run"),
    plain("priority_class"),
    plain("unity_catalog_image_path"),
};
constexpr Field kAlertTask[] = {
    refers("alert_id", "alert_v2|alert"),
    map_of("parameters", kFreeValues),
    list_of("subscribers", kSubscriber),
    refers("warehouse_id", "sql_warehouse"),
    means("workspace_path", Meaning::tree_path, "alert_v2|workspace_file"),
};
constexpr Field kCleanRoomsTask[] = {
    plain("clean_room_name"),
    plain("notebook_name"),
    plain("etag"),
    map_of("notebook_base_parameters", kFreeValues),
};
constexpr Field kTaskCompute[] = {plain("hardware_accelerator")};
constexpr Field kConditionTask[] = {
    plain("op"),
    means("left", Meaning::free_text),
    means("right", Meaning::free_text),
};

constexpr Field kWidget[] = {plain("page_id"), plain("widget_id")};
constexpr Field kDataAttachment[] = {
    list_of("widgets", kWidget),
    plain("file_format"),
    plain("include_applied_filters"),
};
constexpr Field kPageAttachment[] = {plain("page_ids", "[]"), plain("page_selection")};
constexpr Field kAttachment[] = {
    part("data_attachment", kDataAttachment),
    part("page_attachment", kPageAttachment),
};
constexpr Field kDashboardSubscription[] = {
    part("attachment", kAttachment),
    plain("custom_subject"),
    plain("paused", "false"),
    list_of("subscribers", kSubscriber),
};
constexpr Field kDashboardTask[] = {
    refers("dashboard_id", "dashboard"),
    map_of("filters", kFreeValues),
    part("subscription", kDashboardSubscription),
    refers("warehouse_id", "sql_warehouse"),
};

constexpr Field kDbtCloudTask[] = {
    means("connection_resource_name", Meaning::reference_key, "connection"),
    plain("dbt_cloud_job_id"),
};
constexpr Field kDbtPlatformTask[] = {
    means("connection_resource_name", Meaning::reference_key, "connection"),
    plain("dbt_platform_job_id"),
};
constexpr Field kDbtTask[] = {
    list_of("commands", kFreeTexts),
    plain("catalog"),
    means("profiles_directory", Meaning::tree_path, "directory|git_folder"),
    means("project_directory", Meaning::tree_path, "directory|git_folder"),
    plain("schema"),
    plain("source"),
    refers("warehouse_id", "sql_warehouse"),
};
constexpr Field kDependency[] = {plain("task_key"), plain("outcome")};

constexpr Field kForEachTask[] = {
    means("inputs", Meaning::free_text),
    part("task", std::span<const Field>(kTaskFields, kTaskFieldCount)),
    plain("concurrency"),
};
constexpr Field kGpuCompute[] = {
    plain("num_gpus"),
    refers("gpu_node_pool_id", "gpu_node_pool"),
    plain("gpu_type"),
};
constexpr Field kGenAiTask[] = {
    plain("dl_runtime_image"),
    means("command", Meaning::free_text),
    part("compute", kGpuCompute),
    means("mlflow_experiment_name", Meaning::tree_path),  // made when it is not there
    plain("source"),
    means("training_script_path", Meaning::tree_path, kCode),
    means("yaml_parameters", Meaning::free_text),
    means("yaml_parameters_file_path", Meaning::tree_path, kFile),
};
constexpr Field kNotebookTask[] = {
    means("notebook_path", Meaning::tree_path, "notebook|git_folder"),
    map_of("base_parameters", kFreeValues),
    plain("source"),
    refers("warehouse_id", "sql_warehouse"),
};
constexpr Field kTaskNotificationSettings[] = {
    plain("alert_on_last_attempt", "false"),
    plain("no_alert_for_canceled_runs", "false"),
    plain("no_alert_for_skipped_runs", "false"),
};

constexpr Field kPipelineParameters[] = {
    plain("full_refresh", "false"),
    plain("full_refresh_selection", "[]"),
    plain("refresh_flow_selection", "[]"),
    plain("refresh_selection", "[]"),
    plain("reset_checkpoint_selection", "[]"),
};
constexpr Field kPipelineTask[] = {
    refers("pipeline_id", "pipeline"),         plain("full_refresh", "false"),
    plain("full_refresh_selection", "[]"),     map_of("parameters", kFreeValues),
    plain("refresh_flow_selection", "[]"),     plain("refresh_selection", "[]"),
    plain("reset_checkpoint_selection", "[]"),
};

constexpr Field kPowerBiModel[] = {
    plain("authentication_method"), plain("model_name"),     plain("overwrite_existing"),
    plain("storage_mode"),          plain("workspace_name"),
};
constexpr Field kPowerBiTable[] = {
    plain("catalog"),
    plain("name"),
    plain("schema"),
    plain("storage_mode"),
};
constexpr Field kPowerBiTask[] = {
    means("connection_resource_name", Meaning::reference_key, "connection"),
    part("power_bi_model", kPowerBiModel),
    plain("refresh_after_update"),
    list_of("tables", kPowerBiTable),
    refers("warehouse_id", "sql_warehouse"),
};
constexpr Field kNamedValue[] = {plain("name"), means("value", Meaning::free_text)};
constexpr Field kPythonOperatorTask[] = {plain("main"), list_of("parameters", kNamedValue)};
constexpr Field kPythonWheelTask[] = {
    plain("package_name"),
    plain("entry_point"),
    map_of("named_parameters", kFreeValues),
    list_of("parameters", kFreeTexts),
};
constexpr Field kRunJobTask[] = {
    refers("job_id", "job"),
    list_of("dbt_commands", kFreeTexts),
    list_of("jar_params", kFreeTexts),
    map_of("job_parameters", kFreeValues),
    map_of("notebook_params", kFreeValues),
    part("pipeline_params", kPipelineParameters),
    map_of("python_named_params", kFreeValues),
    list_of("python_params", kFreeTexts),
    list_of("spark_submit_params", kFreeTexts),
    map_of("sql_params", kFreeValues),
};
constexpr Field kSparkJarTask[] = {
    means("jar_uri", Meaning::storage_uri),
    plain("main_class_name"),
    list_of("parameters", kFreeTexts),
    plain("run_as_repl"),
};
constexpr Field kSparkPythonTask[] = {
    means("python_file", Meaning::tree_path, kCode),
    list_of("parameters", kFreeTexts),
    plain("source"),
};
constexpr Field kSparkSubmitTask[] = {list_of("parameters", kFreeTexts)};
constexpr Field kSqlAlert[] = {
    refers("alert_id", "alert"),
    plain("pause_subscriptions"),
    list_of("subscriptions", kSubscriber),
};
constexpr Field kSqlDashboard[] = {
    refers("dashboard_id", "legacy_dashboard|dashboard"),
    plain("custom_subject"),
    plain("pause_subscriptions"),
    list_of("subscriptions", kSubscriber),
};
constexpr Field kSqlFile[] = {means("path", Meaning::tree_path, kCode), plain("source")};
constexpr Field kSqlQuery[] = {refers("query_id", "query")};
constexpr Field kSqlTask[] = {
    refers("warehouse_id", "sql_warehouse"), part("alert", kSqlAlert),
    part("dashboard", kSqlDashboard),        part("file", kSqlFile),
    map_of("parameters", kFreeValues),       part("query", kSqlQuery),
};

}  // namespace

constinit const Field kTaskFields[kTaskFieldCount] = {
    plain("task_key"),
    part("ai_runtime_task", kAiRuntimeTask),
    part("alert_task", kAlertTask),
    part("clean_rooms_notebook_task", kCleanRoomsTask),
    part("compute", kTaskCompute),
    part("condition_task", kConditionTask),
    part("dashboard_task", kDashboardTask),
    part("dbt_cloud_task", kDbtCloudTask),
    part("dbt_platform_task", kDbtPlatformTask),
    part("dbt_task", kDbtTask),
    set_of("depends_on", kDependency),
    means("description", Meaning::free_text),
    plain("disable_auto_optimization", "false"),
    plain("disabled", "false"),
    part("email_notifications", kEmails),
    plain("environment_key"),
    plain("environment_variables_key"),
    refers("existing_cluster_id", "cluster"),
    part("for_each_task", kForEachTask),
    part("gen_ai_compute_task", kGenAiTask),
    part("health", kHealth),
    plain("job_cluster_key"),
    set_of("libraries", kLibrary),
    plain("max_retries", "0"),
    plain("min_retry_interval_millis", "0"),
    part("new_cluster", kWrittenClusterSpec, Meaning::compute),
    part("notebook_task", kNotebookTask),
    part("notification_settings", kTaskNotificationSettings),
    part("pipeline_task", kPipelineTask),
    part("power_bi_task", kPowerBiTask),
    part("python_operator_task", kPythonOperatorTask),
    part("python_wheel_task", kPythonWheelTask),
    plain("retry_on_timeout", "false"),
    plain("run_if", "\"ALL_SUCCESS\""),
    part("run_job_task", kRunJobTask),
    part("spark_jar_task", kSparkJarTask),
    part("spark_python_task", kSparkPythonTask),
    part("spark_submit_task", kSparkSubmitTask),
    part("sql_task", kSqlTask),
    plain("timeout_seconds", "0"),
    part("webhook_notifications", kWebhooks),
};

}  // namespace lakeshift::kinds
