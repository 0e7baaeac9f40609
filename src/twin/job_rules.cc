#include "twin/job_rules.h"

#include <set>

#include "core/base/strings.h"
#include "twin/compute_spec.h"
#include "twin/principals.h"
#include "twin/schedule.h"

namespace lakeshift::twin {
namespace {

constexpr std::size_t kMostTasks =
    1000;  // SDK: "If more than 100 tasks are available, you can paginate", limit 1000

bool is_task_type(std::string_view name) { return name.ends_with("_task"); }

std::string about(const Json& task) { return "task '" + text_at(task, "task_key") + "'"; }

Status exists(const Context& context, std::string_view kind, const std::string& id,
              const Json& task, std::string_view field) {
  // Values that are filled in when a run starts.
  if (id.empty() || contains(id, "{{") || context.store.get(kind, id) != nullptr) return {};
  return invalid(about(task) + ": " + std::string(field) + " " + id + " does not exist");
}

Status check_references(const Context& context, const Json& task) {
  LS_TRY(exists(context, "cluster", text_at(task, "existing_cluster_id"), task,
                "existing_cluster_id"));
  LS_TRY(exists(context, "pipeline", text_at(member(task, "pipeline_task"), "pipeline_id"), task,
                "pipeline_id"));
  for (const char* type :
       {"sql_task", "dbt_task", "notebook_task", "dashboard_task", "alert_task", "power_bi_task"})
    LS_TRY(exists(context, "sql_warehouse", text_at(member(task, type), "warehouse_id"), task,
                  "warehouse_id"));
  const Json& other = member(member(task, "run_job_task"), "job_id");
  if (!other.is_null()) LS_TRY(exists(context, "job", scalar_text(other), task, "job_id"));
  const Json& sql = member(task, "sql_task");
  LS_TRY(exists(context, "query", text_at(member(sql, "query"), "query_id"), task, "query_id"));
  return exists(context, "alert", text_at(member(sql, "alert"), "alert_id"), task, "alert_id");
}

Status check_task(Context& context, Json& task, const std::set<std::string>& clusters,
                  bool nested) {
  std::size_t types = 0;
  for (const auto& [name, value] : task.items())
    types += is_task_type(name) && !value.is_null() ? 1 : 0;
  if (types != 1)
    return invalid(about(task) + " must have exactly one type of task, it has " +
                   std::to_string(types));
  const std::string cluster_key = text_at(task, "job_cluster_key");
  const int computes = (cluster_key.empty() ? 0 : 1) +
                       (task.contains("existing_cluster_id") ? 1 : 0) +
                       (task.contains("new_cluster") ? 1 : 0);
  if (computes > 1)
    return invalid(about(task) +
                   " names more than one of job_cluster_key, existing_cluster_id and new_cluster");
  if (!cluster_key.empty() && !clusters.contains(cluster_key))
    return invalid(about(task) + ": job_cluster_key '" + cluster_key +
                   "' is not among the job_clusters");
  LS_TRY(check_references(context, task));
  if (task.contains("new_cluster")) LS_TRY(settle_spec(context, task["new_cluster"]));
  if (Json& each = task["for_each_task"]; each.is_object()) {
    if (nested) return invalid(about(task) + ": a for_each_task cannot hold another one");
    if (!member(each, "task").is_object())
      return invalid(about(task) + ": for_each_task needs a task");
    LS_TRY(check_task(context, each["task"], clusters, true));
  } else {
    task.erase("for_each_task");
  }
  return {};
}

Status check_dependencies(const Json& tasks, const std::set<std::string>& keys) {
  for (const Json& task : tasks) {
    const Json& needs = member(task, "depends_on");
    for (const Json& need : needs.is_array() ? needs : Json::array()) {
      const std::string key = text_at(need, "task_key");
      if (!keys.contains(key) || key == text_at(task, "task_key"))
        return invalid(about(task) + " depends on '" + key +
                       "', which is not another task of the job");
    }
  }
  return {};
}

Status check_triggers(const Json& settings) {
  const int kinds = (settings.contains("schedule") ? 1 : 0) +
                    (settings.contains("trigger") ? 1 : 0) +
                    (settings.contains("continuous") ? 1 : 0);
  if (kinds > 1) return invalid("a job has at most one of schedule, trigger and continuous");
  const Json& schedule = member(settings, "schedule");
  if (schedule.is_object()) {
    LS_TRY(check_quartz(text_at(schedule, "quartz_cron_expression")));
    if (text_at(schedule, "timezone_id").empty()) return invalid("schedule needs timezone_id");
  }
  return {};
}

Status check_run_as(const Context& context, const Json& settings) {
  const Json& run_as = member(settings, "run_as");
  if (!run_as.is_object()) return {};
  const std::string user = text_at(run_as, "user_name");
  const std::string application = text_at(run_as, "service_principal_name");
  if (!user.empty() && find_user(context.store, user) == nullptr)
    return missing("run_as: user " + user + " does not exist");
  if (!application.empty() && find_service_principal(context.store, application) == nullptr)
    return missing("run_as: service principal " + application + " does not exist");
  return {};
}

}  // namespace

Status check_job(Context& context, Json& settings) {
  if (text_at(settings, "name").size() > 4096) return invalid("a job name has at most 4096 bytes");
  if (member(settings, "tags").size() > 25) return invalid("a job has at most 25 tags");
  const Json& parallel = member(settings, "max_concurrent_runs");
  if (parallel.is_number() && (parallel.get<long long>() < 0 || parallel.get<long long>() > 1000))
    return invalid("max_concurrent_runs must be between 0 and 1000");
  std::set<std::string> clusters;
  if (Json& list = settings["job_clusters"]; list.is_array()) {
    for (Json& cluster : list) {
      const std::string key = text_at(cluster, "job_cluster_key");
      if (!clusters.insert(key).second)
        return invalid("job_cluster_key '" + key + "' is used twice");
      if (cluster.contains("new_cluster")) LS_TRY(settle_spec(context, cluster["new_cluster"]));
    }
  } else {
    settings.erase("job_clusters");
  }
  std::set<std::string> keys;
  if (Json& tasks = settings["tasks"]; tasks.is_array()) {
    if (tasks.size() > kMostTasks)
      return invalid("a job has at most " + std::to_string(kMostTasks) + " tasks");
    for (Json& task : tasks) {
      const std::string key = text_at(task, "task_key");
      if (key.empty() || key.size() > 100)
        return invalid("a task_key must have 1 to 100 characters");
      if (!keys.insert(key).second) return invalid("task_key '" + key + "' is used twice");
      LS_TRY(check_task(context, task, clusters, false));
    }
    LS_TRY(check_dependencies(tasks, keys));
  } else {
    settings.erase("tasks");
  }
  LS_TRY(check_triggers(settings));
  return check_run_as(context, settings);
}

void complete_job(Json& settings) {
  const Json defaults = {{"name", "Untitled"},
                         {"email_notifications", Json::object()},
                         {"webhook_notifications", Json::object()},
                         {"timeout_seconds", 0},
                         {"max_concurrent_runs", 1},
                         {"format", "MULTI_TASK"},
                         {"queue", {{"enabled", true}}}};
  for (const auto& [name, value] : defaults.items()) {
    if (!settings.contains(name)) settings[name] = value;
  }
  for (const char* trigger : {"schedule", "trigger", "continuous"}) {
    if (settings.contains(trigger) && settings[trigger].is_object() &&
        !settings[trigger].contains("pause_status"))
      settings[trigger]["pause_status"] = "UNPAUSED";
  }
  if (!member(settings, "tasks").is_array()) return;
  for (Json& task : settings["tasks"]) {
    if (!task.contains("run_if")) task["run_if"] = "ALL_SUCCESS";
    if (!task.contains("timeout_seconds")) task["timeout_seconds"] = 0;
    for (const char* name : {"email_notifications", "webhook_notifications"}) {
      if (!task.contains(name)) task[name] = Json::object();
    }
  }
}

bool runs_by_itself(const Json& settings) {
  for (const char* trigger : {"schedule", "trigger", "continuous"}) {
    const Json& found = member(settings, trigger);
    if (found.is_object() && text_at(found, "pause_status", "UNPAUSED") == "UNPAUSED") return true;
  }
  return false;
}

}  // namespace lakeshift::twin
