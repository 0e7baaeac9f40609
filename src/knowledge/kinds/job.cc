// Jobs of every task type. Source: databricks-sdk 0.156 (jobs 2.2).
#include <algorithm>
#include <utility>

#include "core/base/strings.h"
#include "core/engine/generic.h"
#include "core/engine/kind.h"
#include "core/engine/stamp.h"
#include "knowledge/kinds/calls.h"
#include "knowledge/kinds/job_fields.h"
#include "knowledge/kinds/job_runs.h"
#include "knowledge/kinds/job_schedule.h"
#include "knowledge/kinds/secret_texts.h"

namespace lakeshift::kinds::job {

constexpr std::string_view kFamily = "jobs";
constexpr const char* kPaused = "PAUSED";
constexpr const char* kRunning = "UNPAUSED";
// What starts runs by itself; "triggers" is a list of the same.
constexpr const char* kStarters[] = {"continuous", "schedule", "trigger"};

const Json& settings_of(const Json& document) { return member(document, "settings"); }

// Reading.

// The answer holds the first 100 elements of each array; the others come page by page.
Status read_further_pages(engine::DiscoverContext& context, model::Object& object) {
  Json& document = object.document;
  std::string token = text_at(document, "next_page_token");
  std::string former;
  while (!token.empty()) {
    if (token == former)
      return fail("repeating-page-token", "the job's pages repeat the token '" + token + "'",
                  "job " + object.id.id);
    engine::Call call;
    call.path = "/api/2.2/jobs/get";
    call.query = {{"job_id", object.id.id}, {"page_token", token}};
    call.family = kFamily;
    LS_ASSIGN(const Json page, context.platform.call(call, context.run.stop));
    for (const char* name : {"tasks", "job_clusters", "environments", "parameters"}) {
      const Json& more = member(settings_of(page), name);
      if (!more.is_array() || more.empty()) continue;
      Json all = member(settings_of(document), name);
      if (!all.is_array()) all = Json::array();
      all.insert(all.end(), more.begin(), more.end());
      document["settings"][name] = std::move(all);
    }
    former = std::exchange(token, text_at(page, "next_page_token"));
  }
  document.erase("next_page_token");
  document.erase("has_more");
  return {};
}

std::string owner_of(const Json& document) {
  const Json& grants = member(document, "$permissions");
  if (!grants.is_array()) return {};
  for (const Json& grant : grants)
    if (text_at(grant, "permission_level") == "IS_OWNER")
      return text_at(grant, "user_name", text_at(grant, "service_principal_name"));
  return {};
}

// A job without run_as runs as its owner, and the owner moves with the grants. Where it runs as
// somebody else, only an explicit run_as keeps that.
void make_run_as_explicit(engine::DiscoverContext& context, model::Object& object) {
  Json& document = object.document;
  const std::string runs_as = text_at(document, "run_as_user_name");
  if (runs_as.empty() || member(settings_of(document), "run_as").is_object()) return;
  if (equals_ignoring_case(runs_as, owner_of(document))) return;
  document["settings"]["run_as"] = {
      {contains(runs_as, "@") ? "user_name" : "service_principal_name", runs_as}};
  context.finding(
      {"run-as-implicit", model::Severity::info, "job", text_at(settings_of(document), "name"),
       "settings.run_as",
       "the job runs as '" + runs_as + "', who does not own it and is not written in its settings",
       "the copy names it explicitly; nothing to do", ""});
}

// A bundle locks its jobs in the user interface. Nothing would ever unlock the copy, which no
// bundle knows.
void unlock_bundled(Json& document) {
  if (text_at(member(settings_of(document), "deployment"), "kind") == "BUNDLE")
    document["settings"].erase("edit_mode");
}

void find_in_settings(engine::DiscoverContext& context, const model::Object& object) {
  const Json& settings = settings_of(object.document);
  const std::string name = text_at(settings, "name");
  if (const Json& git = member(settings, "git_source"); git.is_object())
    context.finding(
        {"git-credential-needed", model::Severity::warning, "job", name, "settings.git_source",
         "its tasks are read from " + text_at(git, "git_url") + " (" +
             text_at(git, "git_provider") + ")",
         "whom the job runs as needs a git credential for this provider in the target; credentials "
         "cannot be read and do not move",
         ""});
  const Json& deployment = member(settings, "deployment");
  if (text_at(deployment, "kind") == "BUNDLE")
    context.finding(
        {"job-deployed-by-bundle", model::Severity::warning, "job", name, "settings.deployment",
         "an asset bundle deployed it from " + text_at(deployment, "metadata_file_path") +
             "; a bundle does not know the copy and would deploy another job",
         "either exclude the job here and deploy the bundle to the target, or keep the copy, which "
         "is "
         "moved unlocked and independent of the bundle",
         ""});
}

Status read_more(const engine::Kind& kind, engine::DiscoverContext& context,
                 model::Object& object) {
  LS_TRY(read_further_pages(context, object));
  make_run_as_explicit(context, object);
  find_in_settings(context, object);
  unlock_bundled(object.document);
  take_out_secrets(kind, context, object);
  return {};
}

// Running.

bool starts_runs(const Json& starter) {
  return starter.is_object() && text_at(starter, "pause_status", kRunning) != kPaused;
}

bool runs_by_itself(const Json& document) {
  const Json& settings = settings_of(document);
  for (const char* name : kStarters)
    if (starts_runs(member(settings, name))) return true;
  const Json& triggers = member(settings, "triggers");
  return triggers.is_array() && std::any_of(triggers.begin(), triggers.end(), starts_runs);
}

void make_inert(Json& desired) {
  const auto settings = desired.find("settings");
  if (settings == desired.end() || !settings->is_object()) return;
  for (const char* name : kStarters)
    if (const auto starter = settings->find(name);
        starter != settings->end() && starter->is_object())
      (*starter)["pause_status"] = kPaused;
  if (const auto triggers = settings->find("triggers");
      triggers != settings->end() && triggers->is_array())
    for (Json& trigger : *triggers)
      if (trigger.is_object()) trigger["pause_status"] = kPaused;
}

model::Action switching_call(const model::Object& object, std::string_view name, Json changed) {
  Json id = member(object.document, "job_id");
  if (id.is_null()) id = object.id.id;
  return call_of(name, "POST /api/2.2/jobs/update",
                 {{"job_id", std::move(id)}, {"new_settings", std::move(changed)}}, kFamily);
}

std::vector<model::Action> pause(const model::Object& object) {
  const Json& settings = settings_of(object.document);
  Json changed = Json::object();
  for (const char* name : kStarters)
    if (starts_runs(member(settings, name))) {
      changed[name] = member(settings, name);
      changed[name]["pause_status"] = kPaused;
    }
  const Json& triggers = member(settings, "triggers");
  if (triggers.is_array() && std::any_of(triggers.begin(), triggers.end(), starts_runs)) {
    changed["triggers"] = triggers;
    for (Json& trigger : changed["triggers"]) trigger["pause_status"] = kPaused;
  }
  if (changed.empty()) return {};
  return {switching_call(object, "pause", std::move(changed))};
}

// Starts what runs in `like`; what is paused there stays paused.
std::vector<model::Action> resume(const model::Object& object, const Json& like) {
  const Json& settings = settings_of(object.document);
  const Json& wanted = settings_of(like);
  Json changed = Json::object();
  for (const char* name : kStarters)
    if (member(settings, name).is_object() && starts_runs(member(wanted, name))) {
      changed[name] = member(settings, name);
      changed[name]["pause_status"] = kRunning;
    }
  const Json& triggers = member(settings, "triggers");
  const Json& wanted_triggers = member(wanted, "triggers");
  if (triggers.is_array() && wanted_triggers.is_array() &&
      triggers.size() == wanted_triggers.size() &&
      std::any_of(wanted_triggers.begin(), wanted_triggers.end(), starts_runs)) {
    changed["triggers"] = triggers;
    for (std::size_t i = 0; i < triggers.size(); ++i)
      if (starts_runs(wanted_triggers[i])) changed["triggers"][i]["pause_status"] = kRunning;
  }
  if (changed.empty()) return {};
  return {switching_call(object, "start", std::move(changed))};
}

// Planning.

// A job without tasks is a job: name and stamp are enough to be found again, and nothing can run.
Json stub(const Json& desired) {
  Json least = Json::object();
  for (const char* name : {"name", "tags", "parent_path"})
    if (const Json& value = member(settings_of(desired), name); !value.is_null())
      least["settings"][name] = value;
  if (least.empty()) least["settings"] = Json::object();
  if (const Json& grants = member(desired, "$permissions"); !grants.is_null())
    least["$permissions"] = grants;
  return least;
}

// This version of the API queues the runs of a job that does not say otherwise; the source's jobs
// without a queue skip.
Json explicit_settings(Json settings) {
  if (!member(settings, "queue").is_object()) settings["queue"] = {{"enabled", false}};
  return settings;
}

void plan_actions(const engine::PlanContext& context, model::Change& change) {
  const Json kept = model::keep_for_create(context.desired, context.kind.fields);
  const Json settings = explicit_settings(settings_of(kept));
  if (change.verb == model::Verb::create && context.actual == nullptr) {
    change.actions.push_back(engine::create_action(context, change, settings));
  } else if (differs_in_document(change)) {
    Json stamped = settings;
    engine::add_stamp(context.kind,
                      engine::spelled_like(
                          context.stamp, engine::stamp_of(context.kind, context.actual->document)),
                      stamped);
    change.actions.push_back(call_of(
        "update", context.kind.update,
        {{"job_id", own_id(context, change)}, {"new_settings", std::move(stamped)}}, kFamily));
  }
  engine::add_permission_action(context, change);
}

void classify(const engine::PlanContext& context, model::Change& change) {
  block_holes(context, change);
  const Json& deployment = member(settings_of(context.source_document), "deployment");
  if (!deployment.is_object()) return;
  decide(change, "settings.deployment", "bundle", deployment, nullptr,
         "the copy is unlocked and not managed by what deployed the job: redeploying would make "
         "another one");
}

Result<std::optional<std::string>> find(const engine::Kind& kind, engine::Platform& platform,
                                        const model::Change& change, std::stop_token stop) {
  const std::string name = text_at(settings_of(change.expected), "name");
  Json parameters = Json::object();
  if (!name.empty()) parameters["name"] = name;
  const std::string stamp = change.source.to_text();
  std::optional<std::string> found;
  LS_TRY(
      engine::each_item(platform, kind.list, parameters, kFamily, stop, [&](Json&& item) -> Status {
        if (engine::stamp_of(kind, item) == stamp) found = engine::id_of(kind, item);
        return {};
      }));
  return found;
}

extern const engine::Kind kDefinition;
const engine::Kind kDefinition{
    .name = "job",
    .title = "job",
    .plural = "jobs",
    .wave = 9,
    .family = kFamily,
    .id_field = "job_id",
    .key_field = "settings.name",
    .key_is_unique = false,
    .list = {.path = "/api/2.2/jobs/list",
             .items = "jobs",
             .paging = engine::Paging::token,
             .query = "limit=100"},
    .get = "/api/2.2/jobs/get",
    .get_query = "job_id",
    .create = "POST /api/2.2/jobs/create",
    .update = "POST /api/2.2/jobs/reset",
    .remove = "POST /api/2.2/jobs/delete",
    .bind = "job_id",
    .id_in_body = "job_id",
    .permissions = "jobs",
    .stamp_field = "settings.tags",
    .fields = kJobFields,
    .id_is_number = true,
    .read_more = read_more,
    .classify = classify,
    .make_inert = make_inert,
    .plan_actions = plan_actions,
    .find = find,
    .stub = stub,
    .runs_by_itself = runs_by_itself,
    .pause = pause,
    .resume = resume,
    .active_runs = active_job_runs,
    .first_run = first_job_run,
    .due_between = job_due_between,
    .page = "/jobs/{id}",
};

}  // namespace lakeshift::kinds::job
