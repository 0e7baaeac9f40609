#include <gmock/gmock.h>

#include "core/base/strings.h"
#include "knowledge/kinds/registry.h"
#include "tests/unit/knowledge/kinds/kind_probe.h"

namespace lakeshift {
namespace {

using probe::action;
using probe::names;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

const engine::Kind& job() { return *engine::find_kind(kinds::all_kinds(), "job"); }

Json nightly() {
  return {{"job_id", 11},
          {"creator_user_name", "ann@old.example"},
          {"created_time", 1},
          {"settings",
           {{"name", "nightly"},
            {"format", "MULTI_TASK"},
            {"schedule",
             {{"quartz_cron_expression", "0 0 3 * * ?"},
              {"timezone_id", "UTC"},
              {"pause_status", "UNPAUSED"}}},
            {"tasks", {{{"task_key", "a"}, {"notebook_task", {{"notebook_path", "/Shared/a"}}}}}}}},
          {"$permissions", {{{"user_name", "ann@new.example"}, {"permission_level", "IS_OWNER"}}}}};
}

model::Object in_target(Json document) {
  document["job_id"] = 77;
  model::Object object;
  object.id = {"new", "job", "77"};
  object.document = std::move(document);
  return object;
}

TEST(Job, IsCreatedPausedFromItsSettings) {
  const model::Change change = probe::plan(job(), nightly());
  EXPECT_THAT(names(change), ElementsAre("create", "set permissions"));
  const Json& body = action(change, "create")->body;
  EXPECT_EQ(body["name"], "nightly");
  EXPECT_EQ(body["schedule"]["pause_status"], "PAUSED");
  EXPECT_EQ(body["tags"]["lakeshift:source"], "old/job/1");
  for (const char* generated :
       {"format", "job_id", "settings", "creator_user_name", "$permissions"})
    EXPECT_FALSE(body.contains(generated)) << generated;
  EXPECT_EQ(action(change, "create")->binds, "job_id");
  EXPECT_EQ(action(change, "create")->effect, model::Effect::create);
}

TEST(Job, EverySettableFieldIsSentNestedTasksToo) {
  Json document = probe::full_document(job().fields, probe::sent_at_creation, 4);
  const Json body_before = model::keep_for_create(document, job().fields)["settings"];
  document.update(probe::full_document(job().fields, probe::generated));
  document["settings"] = body_before;
  document["settings"]["format"] = "MULTI_TASK";
  const model::Change change = probe::plan(job(), document);
  Json body = action(change, "create")->body;
  body["tags"].erase("lakeshift:source");
  EXPECT_EQ(probe::leaves_of(body_before), probe::leaves_of(body));
  const Json& task = body["tasks"][0];
  EXPECT_TRUE(task["for_each_task"]["task"]["run_job_task"].contains("job_id"));
  EXPECT_TRUE(body["job_clusters"][0]["new_cluster"].contains("spark_version"));
  EXPECT_GT(probe::leaves_of(body).size(), 500u);
}

TEST(Job, WithoutAQueueIsCreatedWithoutOne) {
  EXPECT_EQ(action(probe::plan(job(), nightly()), "create")->body["queue"],
            (Json{{"enabled", false}}));
  Json there = nightly();
  job().make_inert(there);
  there["settings"]["queue"] = {{"enabled", false}};
  const model::Object actual = in_target(there);
  EXPECT_EQ(probe::plan(job(), nightly(), &actual).verb, model::Verb::unchanged);
  there["settings"]["queue"] = {{"enabled", true}};
  const model::Object queued = in_target(there);
  const model::Change change = probe::plan(job(), nightly(), &queued);
  ASSERT_EQ(change.differences.size(), 1u);
  EXPECT_EQ(change.differences[0].path, "settings.queue.enabled");
}

TEST(Job, EveryStarterIsPaused) {
  Json document = nightly();
  document["settings"]["continuous"] = {{"pause_status", "UNPAUSED"}};
  document["settings"]["trigger"] = {{"periodic", {{"interval", 1}, {"unit", "DAYS"}}}};
  document["settings"]["triggers"] = {
      {{"periodic", {{"interval", 1}, {"unit", "DAYS"}}}},
      {{"schedule", {{"quartz_cron_expression", "x"}}}, {"pause_status", "UNPAUSED"}}};
  EXPECT_TRUE(job().runs_by_itself(document));
  job().make_inert(document);
  EXPECT_FALSE(job().runs_by_itself(document));
  for (const char* name : {"continuous", "schedule", "trigger"})
    EXPECT_EQ(document["settings"][name]["pause_status"], "PAUSED") << name;
  EXPECT_EQ(document["settings"]["triggers"][0]["pause_status"], "PAUSED");
  EXPECT_EQ(document["settings"]["triggers"][1]["pause_status"], "PAUSED");
}

TEST(Job, AnAbsentPauseStatusMeansRunning) {
  Json document = nightly();
  document["settings"]["schedule"].erase("pause_status");
  EXPECT_TRUE(job().runs_by_itself(document));
  document["settings"].erase("schedule");
  EXPECT_FALSE(job().runs_by_itself(document));
}

TEST(Job, PauseAndStartSendOnlyWhatStartsRuns) {
  model::Object object = in_target(nightly());
  object.document["settings"]["trigger"] = {{"periodic", {{"interval", 1}, {"unit", "DAYS"}}},
                                            {"pause_status", "PAUSED"}};
  const std::vector<model::Action> pause = job().pause(object);
  ASSERT_EQ(pause.size(), 1u);
  EXPECT_EQ(pause[0].path, "/api/2.2/jobs/update");
  EXPECT_EQ(pause[0].body["job_id"], 77);
  EXPECT_EQ(pause[0].body["new_settings"].size(), 1u);
  EXPECT_EQ(pause[0].body["new_settings"]["schedule"]["pause_status"], "PAUSED");
  EXPECT_EQ(pause[0].body["new_settings"]["schedule"]["quartz_cron_expression"], "0 0 3 * * ?");

  const Json like = object.document;
  job().make_inert(object.document);
  EXPECT_TRUE(job().pause(object).empty());
  const std::vector<model::Action> start = job().resume(object, like);
  ASSERT_EQ(start.size(), 1u);
  EXPECT_EQ(start[0].body["new_settings"].size(), 1u)
      << "what was paused in the source stays paused";
  EXPECT_EQ(start[0].body["new_settings"]["schedule"]["pause_status"], "UNPAUSED");
}

TEST(Job, OneOfManyTriggersIsStartedAlone) {
  Json like = nightly();
  like["settings"].erase("schedule");
  like["settings"]["triggers"] = {{{"pause_status", "PAUSED"}, {"periodic", {{"interval", 1}}}},
                                  {{"pause_status", "UNPAUSED"}, {"periodic", {{"interval", 2}}}}};
  model::Object object = in_target(like);
  job().make_inert(object.document);
  const auto start = job().resume(object, like);
  ASSERT_EQ(start.size(), 1u);
  EXPECT_EQ(start[0].body["new_settings"]["triggers"][0]["pause_status"], "PAUSED");
  EXPECT_EQ(start[0].body["new_settings"]["triggers"][1]["pause_status"], "UNPAUSED");
}

TEST(Job, NothingIsStartedThatDidNotRun) {
  Json like = nightly();
  like["settings"]["schedule"]["pause_status"] = "PAUSED";
  model::Object object = in_target(nightly());
  job().make_inert(object.document);
  EXPECT_TRUE(job().resume(object, like).empty());
}

TEST(Job, ADifferenceIsOneResetThatKeepsTheStamp) {
  Json there = nightly();
  job().make_inert(there);
  there["settings"]["timeout_seconds"] = 60;
  there["settings"]["tags"] = {{"lakeshift:source", "old/job/1"}};
  const model::Object actual = in_target(there);
  const model::Change change = probe::plan(job(), nightly(), &actual);
  EXPECT_THAT(names(change), ElementsAre("update"));
  EXPECT_EQ(change.actions[0].path, "/api/2.2/jobs/reset");
  EXPECT_EQ(change.actions[0].body["job_id"], 77);
  EXPECT_FALSE(change.actions[0].body["new_settings"].contains("timeout_seconds"));
  EXPECT_EQ(change.actions[0].body["new_settings"]["tags"]["lakeshift:source"], "old/job/1");
}

TEST(Job, DefaultsAndTheOrderOfTasksAreNoDifference) {
  Json desired = nightly();
  desired["settings"]["tasks"].push_back(
      {{"task_key", "b"}, {"depends_on", {{{"task_key", "a"}}}}});
  Json there = nightly();
  job().make_inert(there);
  there["settings"]["tasks"] = {{{"task_key", "b"},
                                 {"depends_on", {{{"task_key", "a"}}}},
                                 {"run_if", "ALL_SUCCESS"},
                                 {"timeout_seconds", 0}},
                                {{"task_key", "a"},
                                 {"notebook_task", {{"notebook_path", "/Shared/a"}}},
                                 {"email_notifications", Json::object()}}};
  there["settings"]["max_concurrent_runs"] = 1;
  there["settings"]["webhook_notifications"] = Json::object();
  const model::Object actual = in_target(there);
  const model::Change change = probe::plan(job(), desired, &actual);
  EXPECT_EQ(change.verb, model::Verb::unchanged)
      << (change.differences.empty() ? "" : change.differences[0].path);
}

TEST(Job, AStubHasAnIdentityAndRunsNothing) {
  Json document = nightly();
  document["settings"]["tags"] = {{"team", "x"}};
  const Json stub = job().stub(document);
  EXPECT_EQ(stub["settings"]["name"], "nightly");
  EXPECT_EQ(stub["settings"]["tags"]["team"], "x");
  EXPECT_FALSE(stub["settings"].contains("tasks"));
  EXPECT_FALSE(job().runs_by_itself(stub));
  EXPECT_EQ(stub["$permissions"], document["$permissions"]);
}

TEST(Job, BundledJobsArriveUnlockedWithAReason) {
  probe::FakePlatform platform([](const engine::Call& call) -> Result<Json> {
    if (call.path.ends_with("/jobs/list")) return Json{{"jobs", {{{"job_id", 5}}}}};
    if (call.path.ends_with("/jobs/get"))
      return Json{
          {"job_id", 5},
          {"run_as_user_name", "ann@old.example"},
          {"settings",
           {{"name", "bundled"},
            {"edit_mode", "UI_LOCKED"},
            {"deployment", {{"kind", "BUNDLE"}, {"metadata_file_path", "/Workspace/x"}}},
            {"git_source", {{"git_url", "https://git.example/r"}, {"git_provider", "gitHub"}}}}}};
    return Json{
        {"access_control_list",
         {{{"user_name", "ann@old.example"},
           {"all_permissions", {{{"permission_level", "IS_OWNER"}, {"inherited", false}}}}}}}};
  });
  const probe::Found found = probe::discover(job(), platform);
  ASSERT_EQ(found.objects.size(), 1u);
  EXPECT_TRUE(found.has_finding("job-deployed-by-bundle", "settings.deployment"));
  EXPECT_TRUE(found.has_finding("git-credential-needed", "settings.git_source"));
  EXPECT_FALSE(found.objects[0].document["settings"].contains("run_as"))
      << "runs as its owner anyway";
  const model::Change change = probe::plan(job(), found.objects[0].document);
  const Json& body = action(change, "create")->body;
  EXPECT_FALSE(body.contains("deployment"));
  EXPECT_FALSE(body.contains("edit_mode"));
  ASSERT_FALSE(change.decisions.empty());
  EXPECT_EQ(change.decisions[0].rule, "bundle");
}

TEST(Job, EditModeOfAnUnbundledJobIsKept) {
  Json document = nightly();
  document["settings"]["edit_mode"] = "UI_LOCKED";
  EXPECT_EQ(action(probe::plan(job(), document), "create")->body["edit_mode"], "UI_LOCKED");
}

Result<Json> long_job(const engine::Call& call) {
  if (call.path.ends_with("/jobs/list")) return Json{{"jobs", {{{"job_id", 9}}}}};
  if (call.path.starts_with("/api/2.0/permissions"))
    return Json{{"access_control_list", Json::array()}};
  const std::string token = text_at(call.query, "page_token");
  Json settings = {{"name", "long"}};
  if (token.empty()) {
    for (int i = 0; i < 100; ++i)
      settings["tasks"].push_back({{"task_key", "t" + std::to_string(i)}});
    settings["parameters"] = {{{"name", "p"}, {"default", "1"}}};
    return Json{{"job_id", 9},
                {"settings", settings},
                {"has_more", true},
                {"next_page_token", "two"},
                {"run_as_user_name", "11111111-2222-3333-4444-555555555555"}};
  }
  if (token == "two") {
    for (int i = 100; i < 130; ++i)
      settings["tasks"].push_back({{"task_key", "t" + std::to_string(i)}});
    return Json{{"job_id", 9}, {"settings", settings}, {"next_page_token", "three"}};
  }
  settings["job_clusters"] = {{{"job_cluster_key", "late"}}};
  return Json{{"job_id", 9}, {"settings", settings}};
}

TEST(Job, AllPagesOfALongJobAreOneJob) {
  probe::FakePlatform platform(long_job);
  const probe::Found found = probe::discover(job(), platform);
  ASSERT_EQ(found.objects.size(), 1u);
  const Json& settings = found.objects[0].document["settings"];
  EXPECT_EQ(found.objects[0].unread_code, "");
  EXPECT_EQ(settings["tasks"].size(), 130u);
  EXPECT_EQ(settings["tasks"][129]["task_key"], "t129");
  EXPECT_EQ(settings["parameters"].size(), 1u);
  EXPECT_EQ(settings["job_clusters"].size(), 1u);
  EXPECT_FALSE(found.objects[0].document.contains("next_page_token"));
  EXPECT_EQ(settings["run_as"]["service_principal_name"], "11111111-2222-3333-4444-555555555555")
      << "nobody owns it, so only an explicit run_as keeps it";
}

TEST(Job, ARepeatingPageTokenIsAFailureOfThisJobOnly) {
  probe::FakePlatform platform([](const engine::Call& call) -> Result<Json> {
    if (call.path.ends_with("/jobs/list")) return Json{{"jobs", {{{"job_id", 9}}}}};
    if (call.path.ends_with("/jobs/get"))
      return Json{{"job_id", 9}, {"settings", {{"name", "loop"}}}, {"next_page_token", "same"}};
    return Json{{"access_control_list", Json::array()}};
  });
  const probe::Found found = probe::discover(job(), platform);
  ASSERT_TRUE(found.status);
  ASSERT_EQ(found.objects.size(), 1u);
  EXPECT_EQ(found.objects[0].unread_code, "repeating-page-token");
}

TEST(Job, AnInDoubtCreateIsFoundByNameAndStamp) {
  std::vector<Json> queries;
  probe::FakePlatform platform([&](const engine::Call& call) -> Result<Json> {
    queries.push_back(call.query);
    return Json{
        {"jobs",
         {{{"job_id", 1}, {"settings", {{"name", "nightly"}}}},
          {{"job_id", 2},
           {"settings", {{"name", "nightly"}, {"tags", {{"lakeshift:source", "old/job/7"}}}}}},
          {{"job_id", 3},
           {"settings", {{"name", "nightly"}, {"tags", {{"lakeshift:source", "old/job/1"}}}}}}}}};
  });
  model::Change change = probe::plan(job(), nightly());
  change.source = {"old", "job", "1"};
  const auto found = job().find(job(), platform, change, {});
  ASSERT_TRUE(found);
  EXPECT_EQ(*found, std::optional<std::string>("3"));
  EXPECT_EQ(queries[0]["name"], "nightly");
  change.source.id = "404";
  EXPECT_EQ(*job().find(job(), platform, change, {}), std::nullopt);
}

TEST(Job, ActiveRunsAreCounted) {
  probe::FakePlatform platform([](const engine::Call& call) -> Result<Json> {
    EXPECT_EQ(call.query["job_id"], "77");
    EXPECT_EQ(call.query["active_only"], "true");
    return Json{{"runs", {{{"run_id", 1}}, {{"run_id", 2}}}}};
  });
  const auto runs = job().active_runs(platform, in_target(nightly()), {});
  ASSERT_TRUE(runs);
  EXPECT_EQ(*runs, 2);
}

TEST(Job, CredentialsInAJobClusterBlockTheJob) {
  Json document = nightly();
  document["settings"]["job_clusters"] = {
      {{"job_cluster_key", "main"},
       {"new_cluster",
        {{"spark_env_vars", {{"DB_PASSWORD", "[taken out: a secret value in clear]"}}}}}}};
  const model::Change change = probe::plan(job(), document);
  EXPECT_EQ(change.verb, model::Verb::blocked);
  EXPECT_THAT(change.reason,
              HasSubstr("settings.job_clusters[0].new_cluster.spark_env_vars.DB_PASSWORD"));
}

// Every reference of a task is known as such, at the top and inside a for-each task.
TEST(Job, ReferencesOfTasksHaveTargets) {
  std::map<std::string, std::string> targets;
  model::list_patterns(
      job().fields,
      [&](const std::string& pattern, const model::Field& field) {
        if (!field.target.empty()) targets[pattern] = std::string(field.target);
      },
      2);
  const std::map<std::string, std::string> wanted = {
      {"settings.tasks[].existing_cluster_id", "cluster"},
      {"settings.tasks[].new_cluster.instance_pool_id", "instance_pool"},
      {"settings.tasks[].new_cluster.driver_instance_pool_id", "instance_pool"},
      {"settings.tasks[].new_cluster.policy_id", "cluster_policy"},
      {"settings.job_clusters[].new_cluster.policy_id", "cluster_policy"},
      {"settings.tasks[].notebook_task.notebook_path", "notebook|git_folder"},
      {"settings.tasks[].notebook_task.warehouse_id", "sql_warehouse"},
      {"settings.tasks[].sql_task.query.query_id", "query"},
      {"settings.tasks[].sql_task.alert.alert_id", "alert"},
      {"settings.tasks[].pipeline_task.pipeline_id", "pipeline"},
      {"settings.tasks[].run_job_task.job_id", "job"},
      {"settings.tasks[].dashboard_task.dashboard_id", "dashboard"},
      {"settings.tasks[].webhook_notifications.on_failure[].id", "notification_destination"},
      {"settings.webhook_notifications.on_start[].id", "notification_destination"},
      {"settings.tasks[].for_each_task.task.run_job_task.job_id", "job"},
      {"settings.tasks[].for_each_task.task.notebook_task.notebook_path", "notebook|git_folder"},
      {"settings.run_as.user_name", "user"},
      {"settings.run_as.service_principal_name", "service_principal"},
  };
  for (const auto& [pattern, target] : wanted) EXPECT_EQ(targets[pattern], target) << pattern;
}

}  // namespace
}  // namespace lakeshift
