#include "tests/unit/twin/twin_fixture.h"

namespace lakeshift::twin {
namespace {

class Server : public TwinFixture {};

TEST_F(Server, RefusesWhoIsNotSignedIn) {
  open();
  EXPECT_EQ(send("GET", "/api/2.0/preview/scim/v2/Me", nullptr, "wrong").status, 403);
  world::HttpRequest bare;
  bare.url = "http://twin/api/2.0/preview/scim/v2/Me";
  EXPECT_EQ(twin_->handle(bare).status, 401);
  EXPECT_EQ(text_at(ask("GET", "/api/2.0/preview/scim/v2/Me"), "userName"), "admin@example.com");
}

TEST_F(Server, TokensOfTheTokenEndpointExpireAndAreRevoked) {
  open();
  steer({{"token_lifetime_ms", 5000}});
  world::HttpRequest request;
  request.method = "POST";
  request.url = "http://twin/oidc/v1/token";
  request.body =
      "grant_type=client_credentials&client_id=twin-client&client_secret=twin-secret&scope=all-"
      "apis";
  const auto issue = [&] {
    return text_at(*parse_json(twin_->handle(request).body, "token"), "access_token");
  };
  const std::string token = issue();
  EXPECT_EQ(send("GET", "/api/2.0/preview/scim/v2/Me", nullptr, token).status, 200);
  wait(5001);
  EXPECT_EQ(send("GET", "/api/2.0/preview/scim/v2/Me", nullptr, token).status, 401);
  const std::string other = issue();
  steer({{"revoke", other}});
  EXPECT_EQ(send("GET", "/api/2.0/preview/scim/v2/Me", nullptr, other).status, 403);
  request.body = "grant_type=client_credentials&client_id=twin-client&client_secret=no";
  EXPECT_EQ(twin_->handle(request).status, 401);
}

TEST_F(Server, StrictModeNamesTheUnknownField) {
  open();
  const Json body = {{"name", "j"},
                     {"tasks", {{{"task_key", "a"}, {"notebook_task", {{"notebok_path", "/x"}}}}}}};
  const Json refused = ask("POST", "/api/2.2/jobs/create", body, 400);
  EXPECT_EQ(text_at(refused, "error_code"), "INVALID_PARAMETER_VALUE");
  EXPECT_NE(text_at(refused, "message").find("tasks[0].notebook_task.notebok_path"),
            std::string::npos);
  ask("GET", "/api/2.2/jobs/list?limits=3", nullptr, 400);
  ask("GET", "/api/2.2/jobs/list?limit=many", nullptr, 400);
  ask("GET", "/api/2.9/jobs/list", nullptr, 404);
  steer({{"strict", false}});
  ask("GET", "/api/2.2/jobs/list?limits=3");
}

TEST_F(Server, FaultBeforeTheEffectLeavesNothingAndAfterItLeavesAll) {
  open();
  const Json scope = {{"scope", "s"}};
  steer({{"fault", {{"kind", "cut_connection"}, {"at_call", 1}}}});
  EXPECT_EQ(send("POST", "/api/2.0/secrets/scopes/create", scope).status, 0);
  EXPECT_TRUE(ask("GET", "/api/2.0/secrets/scopes/list").empty());
  steer({{"reset_counts", true},
         {"fault", {{"kind", "cut_connection"}, {"at_call", 1}, {"after_effect", true}}}});
  EXPECT_EQ(send("POST", "/api/2.0/secrets/scopes/create", scope).status, 0);
  EXPECT_EQ(ask("GET", "/api/2.0/secrets/scopes/list")["scopes"].size(), 1U);
}

TEST_F(Server, FaultsOfEverySort) {
  open();
  const auto hurt = [&](const Json& fault) {
    Json whole = fault;
    whole["at_call"] = 1;
    whole["mutating_only"] = false;
    steer({{"reset_counts", true}, {"fault", whole}});
    return send("GET", "/api/2.0/secrets/scopes/list");
  };
  EXPECT_EQ(
      hurt({{"kind", "status"}, {"status", 503}, {"retry_after", "2"}}).headers.at("retry-after"),
      "2");
  EXPECT_EQ(hurt({{"kind", "html"}}).headers.at("content-type"), "text/html");
  EXPECT_FALSE(parse_json(hurt({{"kind", "truncated"}}).body, "cut"));
  EXPECT_EQ(hurt({{"kind", "expired_token"}}).status, 401);
  EXPECT_EQ(send("GET", "/api/2.0/secrets/scopes/list").status, 200);
}

TEST_F(Server, KillCallsTheHook) {
  int killed = 0;
  TwinOptions options;
  options.fault.kind = Fault::Kind::kill_process;
  options.fault.at_call = 2;
  options.fault.on_kill = [&killed] { ++killed; };
  open(options);
  ask("POST", "/api/2.0/secrets/scopes/create", {{"scope", "a"}});
  EXPECT_EQ(killed, 0);
  EXPECT_EQ(send("POST", "/api/2.0/secrets/scopes/create", {{"scope", "b"}}).status, 0);
  EXPECT_EQ(killed, 1);
}

TEST_F(Server, TightLimitsThrottleAndRecover) {
  TwinOptions options;
  options.limits = "tight";
  open(options);
  int refused = 0;
  for (int i = 0; i < 10; ++i)
    refused += send("GET", "/api/2.0/secrets/scopes/list").status == 429 ? 1 : 0;
  EXPECT_EQ(refused, 4);  // six at once
  wait(1000);
  EXPECT_EQ(send("GET", "/api/2.0/secrets/scopes/list").status, 200);
}

TEST_F(Server, ListsLag) {
  TwinOptions options;
  options.staleness_ms = 1000;
  open(options);
  wait(2000);
  ask("POST", "/api/2.0/secrets/scopes/create", {{"scope", "s"}});
  EXPECT_TRUE(ask("GET", "/api/2.0/secrets/scopes/list").empty());
  wait(1000);
  EXPECT_FALSE(ask("GET", "/api/2.0/secrets/scopes/list").empty());
}

TEST_F(Server, SameHistoryGivesSameIds) {
  const auto history = [&] {
    open();
    ask("POST", "/api/2.0/preview/scim/v2/Users", {{"userName", "a@example.com"}}, 201);
    return ask("POST", "/api/2.0/preview/scim/v2/Groups", {{"displayName", "g"}}, 201)["id"];
  };
  EXPECT_EQ(history(), history());
}

TEST_F(Server, DumpAndRestoreAreInverse) {
  open();
  ask("POST", "/api/2.0/preview/scim/v2/Users", {{"userName", "a@example.com"}}, 201);
  ask("POST", "/api/2.0/workspace/import",
      {{"path", "/Shared/n"},
       {"format", "SOURCE"},
       {"language", "SQL"},
       {"content", "c2VsZWN0IDE="}});
  ask("POST", "/api/2.0/secrets/scopes/create", {{"scope", "s"}});
  ask("POST", "/api/2.0/secrets/put", {{"scope", "s"}, {"key", "k"}, {"string_value", "v"}});
  ask("POST", "/api/2.1/clusters/create",
      {{"cluster_name", "c"},
       {"spark_version", "15.4.x-scala2.12"},
       {"node_type_id", "Standard_D8s_v3"},
       {"num_workers", 1}});
  ask("POST", "/api/2.2/jobs/create", {{"name", "j"}});
  ask("POST", "/api/2.0/sql/warehouses", {{"name", "w"}, {"cluster_size", "Small"}});
  const Json before = twin_->dump();
  open();
  ASSERT_TRUE(twin_->restore(before));
  EXPECT_EQ(dump_json(twin_->dump()), dump_json(before));
}

TEST_F(Server, ClusterFollowsTheClock) {
  open();
  const std::string id = text_at(ask("POST", "/api/2.1/clusters/create",
                                     {{"spark_version", "15.4.x-scala2.12"},
                                      {"node_type_id", "Standard_D8s_v3"},
                                      {"num_workers", 1},
                                      {"autotermination_minutes", 10}}),
                                 "cluster_id");
  const auto state = [&] {
    return text_at(ask("GET", "/api/2.1/clusters/get?cluster_id=" + id), "state");
  };
  EXPECT_EQ(id.substr(0, 12), "1120-093000-");
  EXPECT_EQ(state(), "PENDING");
  wait(30'000);
  EXPECT_EQ(state(), "RUNNING");
  wait(10 * 60'000);
  EXPECT_EQ(state(), "TERMINATING");
  wait(5'000);
  EXPECT_EQ(state(), "TERMINATED");
}

TEST_F(Server, OnlyUnpausedSchedulesFire) {
  open();
  Json settings = {{"name", "j"},
                   {"schedule",
                    {{"quartz_cron_expression", "0 0 * * * ?"},
                     {"timezone_id", "UTC"},
                     {"pause_status", "PAUSED"}}}};
  const Json id = ask("POST", "/api/2.2/jobs/create", settings)["job_id"];
  wait(3 * 3'600'000);
  EXPECT_FALSE(ask("GET", "/api/2.2/jobs/runs/list").contains("runs"));
  ask("POST", "/api/2.2/jobs/update",
      {{"job_id", id},
       {"new_settings",
        {{"schedule",
          {{"quartz_cron_expression", "0 0 * * * ?"},
           {"timezone_id", "UTC"},
           {"pause_status", "UNPAUSED"}}}}}});
  EXPECT_FALSE(ask("GET", "/api/2.2/jobs/runs/list").contains("runs"));
  wait(3 * 3'600'000);
  const Json runs = ask("GET", "/api/2.2/jobs/runs/list")["runs"];
  ASSERT_EQ(runs.size(), 3U);
  EXPECT_EQ(text_at(runs[0]["state"], "life_cycle_state"), "TERMINATED");
}

}  // namespace
}  // namespace lakeshift::twin
