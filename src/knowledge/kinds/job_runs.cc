#include "knowledge/kinds/job_runs.h"

#include "core/base/json.h"
#include "core/engine/generic.h"

namespace lakeshift::kinds {
namespace {

Status each_run(engine::Platform& platform, const model::Object& object, const std::string& query,
                std::stop_token stop, const std::function<Status(Json&&)>& take) {
  const engine::Listing listing{.path = "/api/2.2/jobs/runs/list",
                                .items = "runs",
                                .paging = engine::Paging::token,
                                .query = query};
  return engine::each_item(platform, listing, {{"job_id", object.id.id}}, "jobs", stop, take);
}

// `status` is the newer form, `state` the older one, which runs of before have alone.
engine::RunSeen run_from(const Json& run) {
  using State = engine::RunSeen::State;
  engine::RunSeen seen{State::running, scalar_text(member(run, "run_id")), "", "",
                       text_at(run, "run_page_url")};
  const Json& status = member(run, "status");
  const Json& details = member(status, "termination_details");
  const Json& state = member(run, "state");
  if (details.is_object()) {
    seen.outcome = text_at(details, "code");
    seen.message = text_at(details, "message");
  } else {
    const std::string phase = text_at(state, "life_cycle_state");
    seen.outcome = text_at(state, "result_state");
    // Ended without a result: it never came to run.
    if (seen.outcome.empty() && (phase == "SKIPPED" || phase == "INTERNAL_ERROR"))
      seen.outcome = phase;
    if (!seen.outcome.empty()) seen.message = text_at(state, "state_message");
  }
  if (seen.outcome.empty()) return seen;
  seen.state = seen.outcome == "SUCCESS" ? State::succeeded : State::failed;
  return seen;
}

}  // namespace

Result<long long> active_job_runs(engine::Platform& platform, const model::Object& object,
                                  std::stop_token stop) {
  long long count = 0;
  LS_TRY(each_run(platform, object, "active_only=true&limit=24", stop, [&](Json&&) -> Status {
    ++count;
    return {};
  }));
  return count;
}

Result<std::optional<engine::RunSeen>> first_job_run(engine::Platform& platform,
                                                     const model::Object& object,
                                                     world::Instant since, std::stop_token stop) {
  Json oldest;  // newest come first: the last one stays
  const std::string query =
      "limit=24&start_time_from=" + std::to_string(since.time_since_epoch().count());
  LS_TRY(each_run(platform, object, query, stop, [&](Json&& run) -> Status {
    oldest = std::move(run);
    return {};
  }));
  if (oldest.is_null()) return std::nullopt;
  return run_from(oldest);
}

}  // namespace lakeshift::kinds
