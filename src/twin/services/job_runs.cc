// Runs of jobs: run-now, submit, list, get, cancel.
#include <algorithm>

#include "core/base/strings.h"
#include "twin/job_rules.h"
#include "twin/runs.h"
#include "twin/service.h"

namespace lakeshift::twin::services::job_runs {
namespace {

constexpr std::string_view kKind = "run";

Result<Row> find(const Context& context, const std::string& id) {
  const Row* row = context.store.get(kKind, id);
  if (row == nullptr) return invalid("Run " + id + " does not exist.");
  return *row;
}

Result<Answer> run_now(Context& context, const Call& call) {
  LS_ASSIGN(const std::string id, required_id(call.body, "job_id"));
  const Row* job = context.store.get("job", id);
  if (job == nullptr) return invalid("Job " + id + " does not exist.");
  const std::string token = text_at(call.body, "idempotency_token");
  if (!token.empty()) {
    if (const Row* made = context.store.get("run_token", token)) return Answer(made->document);
  }
  const Json settings = member(job->document, "settings");
  const std::string run = add_run(context, id, settings, context.now, "ONE_TIME");
  const Json body = {{"run_id", as_number(run)}, {"number_in_job", as_number(run)}};
  if (!token.empty()) context.store.put("run_token", token, "", body);
  return Answer(body);
}

Result<Answer> submit(Context& context, const Call& call) {
  const std::string token = text_at(call.body, "idempotency_token");
  if (!token.empty()) {
    if (const Row* made = context.store.get("run_token", token)) return Answer(made->document);
  }
  Json settings = call.body;
  settings.erase("access_control_list");
  settings.erase("idempotency_token");
  LS_TRY(check_job(context, settings));
  settings["name"] = text_at(call.body, "run_name", "Untitled");
  const std::string run = add_run(context, "", settings, context.now, "ONE_TIME");
  const Json body = {{"run_id", as_number(run)}};
  if (!token.empty()) context.store.put("run_token", token, "", body);
  return Answer(body);
}

Result<Answer> list(Context& context, const Call& call) {
  fire_due_jobs(context);
  const std::string job = call.query_text("job_id");
  std::vector<const Row*> rows =
      job.empty() ? context.store.list(kKind) : context.store.all_by_key(kKind, job);
  std::erase_if(rows, [&](const Row* row) {
    const bool active = is_active(context, row->document);
    const long long start = int_at(row->document, "start_time");
    return (call.query_bool("active_only") && !active) ||
           (call.query_bool("completed_only") && active) ||
           start < call.query_int("start_time_from", 0) ||
           start > call.query_int("start_time_to", start) ||
           text_at(row->document, "run_type") !=
               call.query_text("run_type", text_at(row->document, "run_type"));
  });
  // Newest first; pages are cut by position.
  std::stable_sort(rows.begin(), rows.end(), [](const Row* a, const Row* b) {
    return int_at(a->document, "start_time") > int_at(b->document, "start_time");
  });
  std::size_t first = 0;
  if (const std::string token = call.query_text("page_token"); !token.empty()) {
    const auto text = base64_decode(token);
    if (!text || !text->starts_with("runs")) return invalid("invalid page token '" + token + "'");
    first = static_cast<std::size_t>(as_number(text->substr(4)));
  }
  const long long limit = call.query_int("limit", 20);
  if (limit < 1 || limit > 25)
    return invalid("limit must be between 1 and 25, not " + std::to_string(limit));
  const bool with_tasks = call.query_bool("expand_tasks");
  const std::size_t end = std::min(rows.size(), first + static_cast<std::size_t>(limit));
  Json runs = Json::array();
  for (std::size_t i = first; i < end; ++i) {
    Json run = run_now_shown(context, *rows[i]);
    if (!with_tasks) run.erase("tasks");
    runs.push_back(std::move(run));
  }
  Json body = page_body("runs", std::move(runs),
                        end < rows.size() ? base64_encode("runs" + std::to_string(end)) : "");
  body["has_more"] = end < rows.size();
  return Answer(std::move(body));
}

Result<Answer> get(Context& context, const Call& call) {
  fire_due_jobs(context);
  LS_ASSIGN(const Row row, find(context, call.query_text("run_id")));
  return Answer(run_now_shown(context, row));
}

void stop(Context& context, const Row& row) {
  if (!is_active(context, row.document)) return;
  Json run = row.document;
  run["$cancelled_at"] = context.now;
  context.store.put(std::string(kKind), row.id, row.key, std::move(run));
}

Result<Answer> cancel(Context& context, const Call& call) {
  LS_ASSIGN(const std::string id, required_id(call.body, "run_id"));
  LS_ASSIGN(const Row row, find(context, id));
  stop(context, row);
  return Answer(Json::object());
}

Result<Answer> cancel_all(Context& context, const Call& call) {
  fire_due_jobs(context);
  const Json& job = member(call.body, "job_id");
  std::vector<Row> rows;
  for (const Row* row : context.store.list(kKind)) {
    if (job.is_null() || row->key == scalar_text(job)) rows.push_back(*row);
  }
  for (const Row& row : rows) stop(context, row);
  return Answer(Json::object());
}

Result<Answer> remove(Context& context, const Call& call) {
  LS_ASSIGN(const std::string id, required_id(call.body, "run_id"));
  LS_ASSIGN(const Row row, find(context, id));
  if (is_active(context, row.document)) return invalid("Run " + id + " is active; cancel it first");
  context.store.erase(std::string(kKind), row.id);
  return Answer(Json::object());
}

Result<Answer> output(Context& context, const Call& call) {
  LS_ASSIGN(const Row row, find(context, call.query_text("run_id")));
  return Answer(
      Json{{"metadata", run_now_shown(context, row)}, {"notebook_output", Json::object()}});
}

constexpr Endpoint kEndpoints[] = {{"POST", "/api/2.2/jobs/run-now", run_now},
                                   {"POST", "/api/2.2/jobs/runs/submit", submit},
                                   {"GET", "/api/2.2/jobs/runs/list", list},
                                   {"GET", "/api/2.2/jobs/runs/get", get},
                                   {"GET", "/api/2.2/jobs/runs/get-output", output},
                                   {"POST", "/api/2.2/jobs/runs/cancel", cancel},
                                   {"POST", "/api/2.2/jobs/runs/cancel-all", cancel_all},
                                   {"POST", "/api/2.2/jobs/runs/delete", remove}};

Status load(Context& context, const Json& document) {
  const std::string id = scalar_text(member(document, "run_id"));
  context.store.put(std::string(kKind), id, scalar_text(member(document, "job_id")), document);
  return {};
}

constexpr Holding kHoldings[] = {{kKind, "runs.json", 61, load}};

}  // namespace

extern const Service kDefinition;
const Service kDefinition = {"job_runs", kEndpoints, kHoldings};

}  // namespace lakeshift::twin::services::job_runs
