#include "twin/runs.h"

#include <algorithm>

#include "core/base/strings.h"
#include "twin/schedule.h"

namespace lakeshift::twin {
namespace {

constexpr int kMostFirings =
    200;  // per job and look: a twin that slept for a year does not invent a million runs

bool is_unpaused(const Json& trigger) {
  return trigger.is_object() && text_at(trigger, "pause_status", "UNPAUSED") == "UNPAUSED";
}

long long period_of(const Json& periodic) {
  const std::string unit = text_at(periodic, "unit");
  const long long unit_ms = unit == "WEEKS"  ? 7 * 86'400'000LL
                            : unit == "DAYS" ? 86'400'000LL
                                             : 3'600'000LL;
  return std::max(1LL, int_at(periodic, "interval", 1)) * unit_ms;
}

std::optional<long long> next_start(const Context& context, const Json& settings, long long after) {
  const Json& schedule = member(settings, "schedule");
  if (is_unpaused(schedule)) return next_firing(text_at(schedule, "quartz_cron_expression"), after);
  const Json& trigger = member(settings, "trigger");
  const Json& periodic = member(trigger, "periodic");
  if (is_unpaused(trigger) && periodic.is_object()) return after + period_of(periodic);
  // Continuous mode: the next run starts when the last has ended.
  if (is_unpaused(member(settings, "continuous"))) return after + context.options.run_lasts_ms;
  return std::nullopt;
}

long long end_of(const Context& context, const Json& run) {
  return int_at(run, "start_time") + int_at(run, "$lasts", context.options.run_lasts_ms);
}

// Planned by the test: the run's own name, or a notebook of it.
bool is_to_fail(const std::string& pattern, const Json& run) {
  if (pattern.empty()) return false;
  if (matches_glob(text_at(run, "run_name"), pattern)) return true;
  for (const Json& task : member(run, "tasks"))
    if (matches_glob(text_at(member(task, "notebook_task"), "notebook_path"), pattern)) return true;
  return false;
}

}  // namespace

void fire_due_jobs(Context& context) {
  for (const Row* row : context.store.list("job")) {
    const Json& settings = member(row->document, "settings");
    long long until = int_at(row->document, "$fired_until", context.now);
    const bool continuous = is_unpaused(member(settings, "continuous"));
    std::vector<std::pair<long long, std::string_view>> starts;
    if (continuous && !bool_at(row->document, "$continuous_started"))
      starts.emplace_back(until, "CONTINUOUS");
    for (int i = 0; i < kMostFirings; ++i) {
      const auto next = next_start(context, settings, until);
      if (!next || *next > context.now) break;
      // SDK, TriggerType.PERIODIC: of a schedule and of a periodic trigger alike.
      starts.emplace_back(*next, continuous ? "CONTINUOUS" : "PERIODIC");
      until = *next;
    }
    if (starts.empty()) continue;
    Json job = row->document;
    job["$fired_until"] = until;
    if (continuous) job["$continuous_started"] = true;
    const std::string id = row->id;
    const std::string key = row->key;
    for (const auto& [start, trigger] : starts) add_run(context, id, settings, start, trigger);
    context.store.put("job", id, key, std::move(job));
  }
}

std::string add_run(Context& context, const std::string& job_id, const Json& settings,
                    long long start, std::string_view trigger) {
  const std::string id = numeric_id(context, "run");
  const long long number = as_number(id);
  Json tasks = Json::array();
  const Json& wanted = member(settings, "tasks");
  for (const Json& task : wanted.is_array() ? wanted : Json::array()) {
    Json entry = task;
    entry["run_id"] = as_number(numeric_id(context, "run"));
    entry["attempt_number"] = 0;
    entry["start_time"] = start;
    tasks.push_back(std::move(entry));
  }
  Json run = {{"run_id", number},
              {"job_run_id", number},
              {"number_in_job", number},
              {"run_name", text_at(settings, "name")},
              {"creator_user_name", context.caller.name},
              {"start_time", start},
              {"run_type", job_id.empty() ? "SUBMIT_RUN" : "JOB_RUN"},
              {"trigger", trigger},
              {"format", "MULTI_TASK"},
              {"run_page_url",
               context.host + "/?o=" + context.workspace_id + "#job/" + job_id + "/run/" + id},
              {"tasks", std::move(tasks)}};
  run["$lasts"] = context.options.run_lasts_ms;
  if (is_to_fail(context.options.failing_runs, run))
    run["$fails"] = "Workload failed, see run output for details";
  run["job_id"] = job_id.empty() ? number : as_number(job_id);
  context.store.put("run", id, job_id, std::move(run));
  return id;
}

bool is_active(const Context& context, const Json& run) {
  return !run.contains("$cancelled_at") && context.now < end_of(context, run);
}

Json run_now_shown(const Context& context, const Row& row) {
  Json run = without_private(row.document);
  const long long start = int_at(run, "start_time");
  const bool active = is_active(context, row.document);
  Json state = {{"life_cycle_state", active ? "RUNNING" : "TERMINATED"},
                {"state_message", active ? "In run" : ""}};
  if (!active) {
    const bool cancelled = row.document.contains("$cancelled_at");
    const bool fails = row.document.contains("$fails");
    state["result_state"] = cancelled ? "CANCELED" : fails ? "FAILED" : "SUCCESS";
    if (fails && !cancelled) state["state_message"] = text_at(row.document, "$fails");
    run["end_time"] =
        cancelled ? int_at(row.document, "$cancelled_at") : end_of(context, row.document);
    run["run_duration"] = int_at(run, "end_time") - start;
  }
  for (Json& task : run["tasks"]) {
    task["state"] = state;
    if (!active) task["end_time"] = run["end_time"];
  }
  run["state"] = std::move(state);
  return run;
}

}  // namespace lakeshift::twin
