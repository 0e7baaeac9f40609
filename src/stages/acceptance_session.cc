#include "stages/acceptance_session.h"

#include <algorithm>

#include "core/base/strings.h"

namespace lakeshift::stages {
namespace {
constexpr world::Millis kFirstPause{250};
}  // namespace

AcceptanceSession::AcceptanceSession(engine::Platform& target, const AcceptanceOptions& options,
                                     world::Run& run)
    : target_(target),
      options_(options),
      run_(run),
      folder_(options.folder + "/" + world::random_hex(run.world.random, 4)) {}

Result<Json> AcceptanceSession::get(const std::string& path, const Json& query,
                                    const std::string& family) {
  engine::Call call;
  call.path = path;
  call.query = query;
  call.family = family;
  return target_.call(call, run_.stop);
}

Result<Json> AcceptanceSession::post(const std::string& path, const Json& body,
                                     const std::string& family, model::Effect effect) {
  engine::Call call;
  call.method = "POST";
  call.path = path;
  call.body = body;
  call.family = family;
  call.effect = effect;
  // Taking back must work although the run was stopped.
  return target_.call(call, effect == model::Effect::create ? run_.stop : std::stop_token());
}

Result<Json> AcceptanceSession::wait_for(const std::string& path, const Json& query,
                                         const std::string& family,
                                         const std::function<bool(const Json&)>& is_settled,
                                         const std::function<std::string(const Json&)>& state_of) {
  const world::Instant end =
      run_.world.clock.now() + std::chrono::seconds(options_.timeout_seconds);
  const world::Millis most = std::chrono::seconds(options_.poll_seconds);
  world::Millis pause = std::min(kFirstPause, most);
  while (true) {
    LS_ASSIGN(Json answer, get(path, query, family));
    if (is_settled(answer)) return answer;
    if (run_.world.clock.now() >= end)
      return fail(
          "timeout",
          "still " + state_of(answer) + " after " + std::to_string(options_.timeout_seconds) + " s",
          path, "look at it in the target, or give the step more time");
    if (!run_.world.clock.sleep(pause, run_.stop))
      return fail("interrupted", "stopped while it was " + state_of(answer), path);
    pause = std::min(2 * pause, most);
  }
}

Result<Json> AcceptanceSession::wait_for_run(const Json& run_id) {
  const auto state_of = [](const Json& answer) {
    return text_at(member(answer, "state"), "life_cycle_state");
  };
  const auto is_over = [&](const Json& answer) {
    const std::string state = state_of(answer);
    return state == "TERMINATED" || state == "SKIPPED" || state == "INTERNAL_ERROR";
  };
  auto ended = wait_for("/api/2.2/jobs/runs/get", {{"run_id", run_id}}, "jobs", is_over, state_of);
  if (!ended) {
    // It must not go on alone.
    (void)post("/api/2.2/jobs/runs/cancel", {{"run_id", run_id}}, "jobs");
    return ended;
  }
  const Json& state = member(*ended, "state");
  if (text_at(state, "result_state") == "SUCCESS") return ended;
  return fail("run-failed",
              "the run ended " +
                  text_at(state, "result_state", text_at(state, "life_cycle_state")) + ": " +
                  text_at(state, "state_message", "no message"),
              "run " + scalar_text(run_id),
              "open the run in the target: " + text_at(*ended, "run_page_url", "no address"));
}

Result<Json> AcceptanceSession::run_once(const std::string& name, const Json& task,
                                         const std::string& cluster_id) {
  Json full = task;
  full["task_key"] = "acceptance";
  full["existing_cluster_id"] = cluster_id;
  const Json body = {{"run_name", "lakeshift acceptance: " + name},
                     {"idempotency_token", world::random_hex(run_.world.random, 16)},
                     {"tasks", Json::array({full})}};
  LS_ASSIGN(const Json answer,
            post("/api/2.2/jobs/runs/submit", body, "jobs", model::Effect::create));
  return wait_for_run(member(answer, "run_id"));
}

Status AcceptanceSession::make_folder() {
  if (has_folder_) return {};
  LS_TRY(post("/api/2.0/workspace/mkdirs", {{"path", folder_}}, "workspace-import"));
  has_folder_ = true;
  return {};
}

Status AcceptanceSession::put(const std::string& name, const std::string& bytes, const Json& more) {
  LS_TRY(make_folder());
  Json body = more;
  body["path"] = path_of(name);
  body["overwrite"] = true;
  body["content"] = base64_encode(bytes);
  LS_TRY(post("/api/2.0/workspace/import", body, "workspace-import"));
  return {};
}

Status AcceptanceSession::put_notebook(const std::string& name, const std::string& source) {
  return put(name, source, {{"format", "SOURCE"}, {"language", "PYTHON"}});
}

Status AcceptanceSession::put_file(const std::string& name, const std::string& bytes) {
  return put(name, bytes, {{"format", "RAW"}});
}

Result<std::string> AcceptanceSession::read_file(const std::string& name) {
  LS_ASSIGN(const Json answer,
            get("/api/2.0/workspace/export", {{"path", path_of(name)}, {"format", "AUTO"}},
                "workspace-export"));
  return base64_decode(text_at(answer, "content"));
}

std::string AcceptanceSession::remove_folder() {
  if (!has_folder_) return {};
  const auto removed = post("/api/2.0/workspace/delete", {{"path", folder_}, {"recursive", true}},
                            "workspace-import");
  return removed ? "removed " + folder_
                 : folder_ + " could not be removed: " + removed.error().message;
}

}  // namespace lakeshift::stages
