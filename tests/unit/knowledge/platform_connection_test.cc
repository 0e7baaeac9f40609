// One connection's calls: retries, certainty about creates, login, pacing, parallelism.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>
#include <thread>

#include "core/base/strings.h"
#include "knowledge/platforms/databricks.h"
#include "tests/unit/fakes/fake_world.h"

namespace lakeshift::platforms {
namespace {

using engine::Call;
using fakes::answer;
using fakes::answer_json;
using fakes::broken;
using fakes::FakeWorld;
using model::Effect;
using world::Millis;

constexpr char kPath[] = "/home/ana/.databrickscfg";

world::HttpResponse me(bool admin = true) {
  Json body = {{"id", "7"}, {"userName", "ana@x.example"}, {"groups", Json::array()}};
  if (admin) body["groups"].push_back({{"display", "admins"}});
  return answer(200, dump_json(body), {{"X-Databricks-Org-Id", "1234"}});
}

world::HttpResponse refused(int status, const std::string& error_code,
                            world::Headers headers = {}) {
  return answer(status, dump_json({{"error_code", error_code}, {"message", "no"}}),
                std::move(headers));
}

Call get(std::string path = "/api/2.0/x", std::string family = "misc") {
  return {.path = std::move(path), .family = std::move(family)};
}
Call create() {
  return {.method = "POST",
          .path = "/api/2.0/x/create",
          .body = {{"name", "n"}},
          .effect = Effect::create};
}
Call put() {
  return {
      .method = "PUT", .path = "/api/2.0/x", .body = {{"name", "n"}}, .effect = Effect::idempotent};
}

struct Connection : ::testing::Test {
  FakeWorld fake{std::map<std::string, std::string>{{"HOME", "/home/ana"}}};
  DatabricksOptions options{.side = "old", .cloud = "azure", .documented_limits = false};

  void SetUp() override { write_profile("token=canary-1"); }
  void write_profile(const std::string& lines) {
    fake.files.put(kPath, "[OLD]\nhost=https://adb-1.azuredatabricks.net\n" + lines + "\n");
  }
  Result<std::unique_ptr<engine::Platform>> try_connect() {
    auto access = credentials::access_from_profile(fake.world, "OLD");
    auto credential = credentials::make_credential(*access);
    return connect_databricks(fake.run, *std::move(credential), access->host, options);
  }
  std::unique_ptr<engine::Platform> connect() {
    fake.http.then(me());
    auto platform = try_connect();
    EXPECT_TRUE(platform) << platform.error().to_text();
    return *std::move(platform);
  }
  std::size_t calls() const { return fake.http.requests().size() - 1; }  // after who-am-i
  std::vector<std::string> warnings() const {
    std::vector<std::string> texts;
    for (const auto& event : fake.events.events())
      if (event.type == world::Event::Type::warning) texts.push_back(event.text);
    return texts;
  }
};
using Connecting = Connection;
using Retrying = Connection;
using Creating = Connection;
using LoggingIn = Connection;
using Pacing = Connection;

TEST_F(Connecting, TellsWhoAndWhere) {
  const auto platform = connect();
  EXPECT_EQ(platform->describe(), (Json{{"host", "https://adb-1.azuredatabricks.net"},
                                        {"cloud", "azure"},
                                        {"workspace_id", "1234"},
                                        {"user", "ana@x.example"},
                                        {"user_id", "7"},
                                        {"admin", true}}));
  EXPECT_EQ(platform->side(), "old");
  EXPECT_EQ(platform->cloud(), "azure");
  EXPECT_TRUE(warnings().empty());
  ASSERT_EQ(fake.http.requests().size(), 1U);
  EXPECT_EQ(fake.http.requests()[0].url,
            "https://adb-1.azuredatabricks.net/api/2.0/preview/scim/v2/Me");
  EXPECT_EQ(fake.http.requests()[0].headers.at("authorization"), "Bearer canary-1");
}

TEST_F(Connecting, WarnsWhenTheCallerIsNoAdmin) {
  fake.http.then(me(false));
  const auto platform = try_connect();
  ASSERT_TRUE(platform);
  EXPECT_EQ((*platform)->describe().at("admin"), false);
  ASSERT_EQ(warnings().size(), 1U);
  EXPECT_NE(warnings()[0].find("ana@x.example"), std::string::npos);
}

TEST_F(Connecting, FindsTheCloudByHostOrNodeTypes) {
  const auto cloud_of = [&](const std::string& host, const char* node_type) {
    options.cloud = "";
    fake.http.then(me());
    if (node_type != nullptr)
      fake.http.then(answer_json({{"node_types", Json::array({{{"node_type_id", node_type}}})}}));
    write_profile("token=t\nhost=" + host);
    const auto platform = try_connect();
    return platform ? (*platform)->cloud() : platform.error().code;
  };
  EXPECT_EQ(cloud_of("https://adb-1.azuredatabricks.net", nullptr), "azure");
  EXPECT_EQ(cloud_of("https://dbc-1.cloud.databricks.com", nullptr), "aws");
  EXPECT_EQ(cloud_of("https://1.gcp.databricks.com", nullptr), "gcp");
  EXPECT_EQ(cloud_of("http://127.0.0.1:8080", "Standard_DS3_v2"), "azure");
  EXPECT_EQ(cloud_of("http://127.0.0.1:8080", "m5.large"), "aws");
  EXPECT_EQ(cloud_of("http://127.0.0.1:8080", "n2-highmem-4"), "gcp");
  EXPECT_EQ(cloud_of("http://127.0.0.1:8080", "weird"), "unknown-cloud");
}

TEST_F(Connecting, AWebPageIsNoWorkspace) {
  fake.http.then(answer(200, "<html>sign in</html>", {{"Content-Type", "text/html"}}));
  const auto platform = try_connect();
  ASSERT_FALSE(platform);
  EXPECT_EQ(platform.error().code, "not-a-workspace");
  EXPECT_EQ(platform.error().about, "https://adb-1.azuredatabricks.net");
  EXPECT_EQ(fake.http.requests().size(), 1U) << "told at once";
}

TEST_F(Connecting, OtherJsonIsNoWorkspaceEither) {
  for (const auto& response :
       {answer(200, R"({"hello": 1})"), answer(200, "[]"), refused(404, "ENDPOINT_NOT_FOUND")}) {
    fake.http.then(response);
    const auto platform = try_connect();
    ASSERT_FALSE(platform);
    EXPECT_EQ(platform.error().code, "not-a-workspace");
  }
}

TEST_F(Connecting, AWrongHostIsToldSoon) {
  for (int i = 0; i < 20; ++i) fake.http.then(broken("unreachable"));
  const auto platform = try_connect();
  ASSERT_FALSE(platform);
  EXPECT_EQ(platform.error().code, "unreachable");
  EXPECT_LE(fake.elapsed(), Millis{16'000});
}

TEST_F(Connecting, ABadCertificateIsNotTriedAgain) {
  fake.http.then(broken("tls"));
  const auto platform = try_connect();
  ASSERT_FALSE(platform);
  EXPECT_EQ(platform.error().code, "tls");
  EXPECT_EQ(fake.http.requests().size(), 1U);
}

TEST_F(Connecting, AWrongTokenIsToldAtOnceAndNotShown) {
  for (const auto& response :
       {refused(401, "UNAUTHENTICATED"), refused(403, "403"),
        answer(401, R"({"error_code":"401","message":"bad token canary-1"})")}) {
    fake.http.route("/Me", response);
    const auto platform = try_connect();
    ASSERT_FALSE(platform);
    EXPECT_EQ(platform.error().code, "login-failed");
    EXPECT_EQ(platform.error().about, "https://adb-1.azuredatabricks.net");
    EXPECT_NE(platform.error().message.find("personal access token from profile 'OLD'"),
              std::string::npos);
    EXPECT_EQ(platform.error().to_text().find("canary"), std::string::npos);
    EXPECT_NE(platform.error().remedy.find("put a new token into profile 'OLD'"),
              std::string::npos);
  }
  EXPECT_EQ(fake.elapsed(), Millis{0}) << "nobody is waited for before the run began";
}

TEST_F(Connecting, AMissingEntitlementIsNamed) {
  fake.http.then(refused(403, "PERMISSION_DENIED"));
  const auto platform = try_connect();
  ASSERT_FALSE(platform);
  EXPECT_EQ(platform.error().code, "missing-entitlement");
  EXPECT_NE(platform.error().remedy.find("workspace-access"), std::string::npos);
}

TEST_F(Retrying, QueryAndBodyTravelAsTheApiWantsThem) {
  const auto platform = connect();
  fake.http.then(answer_json({{"ok", true}}));
  Call call = get("/api/2.0/workspace/export/a b ü");
  call.query = {{"path", "/Users/ana müller/n&1"},
                {"flag", true},
                {"limit", 25},
                {"ids", {1, 2}},
                {"none", nullptr}};
  const auto json = platform->call(call, {});
  ASSERT_TRUE(json);
  EXPECT_EQ(*json, (Json{{"ok", true}}));
  EXPECT_EQ(fake.http.requests()[1].url,
            "https://adb-1.azuredatabricks.net/api/2.0/workspace/export/"
            "a%20b%20%C3%BC?flag=true&ids=1&ids=2&limit=25"
            "&path=%2FUsers%2Fana%20m%C3%BCller%2Fn%261");
  EXPECT_TRUE(fake.http.requests()[1].body.empty());
  fake.http.then(answer_json({{"id", 1}}));
  ASSERT_TRUE(platform->call(create(), {}));
  EXPECT_EQ(fake.http.requests()[2].body, R"({"name":"n"})");
  EXPECT_EQ(fake.http.requests()[2].headers.at("content-type"), "application/json");
  fake.http.then(answer_json({{"id", 1}}));
  Call user = create();
  user.path = "/api/2.0/preview/scim/v2/Users";
  ASSERT_TRUE(platform->call(user, {}));
  EXPECT_EQ(fake.http.requests()[3].headers.at("content-type"), "application/scim+json");
}

TEST_F(Retrying, BytesGoBothWaysUnchanged) {
  const auto platform = connect();
  const std::string bytes("\x00\xff<html>", 8);
  fake.http.then(answer(200, bytes, {{"Content-Type", "application/octet-stream"}}));
  EXPECT_EQ(platform->call_bytes(get(), {}, {}).value_or("?"), bytes);
  fake.http.then(answer(200, ""));
  ASSERT_TRUE(platform->call_bytes(put(), bytes, {}));
  EXPECT_EQ(fake.http.requests()[2].body, bytes);
  EXPECT_EQ(fake.http.requests()[2].headers.at("content-type"), "application/octet-stream");
}

TEST_F(Retrying, ReadsAndRepeatableChangesSurvivePassingFaults) {
  const auto platform = connect();
  for (const Call& call : {get(), put()}) {
    fake.http.then(broken("connection-lost"));
    fake.http.then(broken("timeout"));
    fake.http.then(refused(500, "INTERNAL_ERROR"));
    fake.http.then(answer(502, "<html>Bad Gateway</html>"));
    fake.http.then(answer(200, R"({"jobs": [{"jo)"));
    fake.http.then(answer(200, "<html>maintenance</html>"));
    fake.http.then(answer_json({{"ok", 1}}));
    const auto json = platform->call(call, {});
    ASSERT_TRUE(json) << json.error().to_text();
    EXPECT_EQ(fake.http.steps_left(), 0U);
  }
}

TEST_F(Retrying, LastingFaultsEndWithTheBudget) {
  const auto platform = connect();
  fake.http.route("/api/2.0/x", refused(500, "INTERNAL_ERROR"));
  const auto json = platform->call(get(), {});
  ASSERT_FALSE(json);
  EXPECT_EQ(json.error().code, "internal-error");
  EXPECT_EQ(json.error().about, "GET /api/2.0/x");
  EXPECT_NE(json.error().message.find("gave up after"), std::string::npos);
  EXPECT_FALSE(json.error().remedy.empty());
  EXPECT_LE(fake.elapsed(), Millis{301'000});
  EXPECT_GE(fake.elapsed(), Millis{250'000});
  EXPECT_LE(calls(), 80U) << "the pauses grow";
}

TEST_F(Retrying, AFinalRefusalIsNotTriedAgain) {
  const auto platform = connect();
  for (const char* code :
       {"RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE", "PERMISSION_DENIED"}) {
    const std::size_t before = calls();
    fake.http.then(refused(400, code));
    EXPECT_FALSE(platform->call(get(), {}));
    EXPECT_EQ(calls(), before + 1);
  }
}

TEST_F(Retrying, WebPagesAreTriedThreeTimes) {
  const auto platform = connect();
  fake.http.route("/api/2.0/x", answer(200, "<html>login</html>"));
  EXPECT_EQ(platform->call(get(), {}).error().code, "not-a-workspace");
  EXPECT_EQ(calls(), 3U);
}

TEST_F(Retrying, AStopEndsTheRetries) {
  const auto platform = connect();
  std::stop_source stop;
  fake.http.then_do([&](const world::HttpRequest&) {
    stop.request_stop();
    return refused(500, "INTERNAL_ERROR");
  });
  EXPECT_EQ(platform->call(get(), stop.get_token()).error().code, "cancelled");
  EXPECT_EQ(calls(), 1U);
  EXPECT_EQ(platform->call(get(), stop.get_token()).error().code, "cancelled");
  EXPECT_EQ(calls(), 1U) << "nothing is sent after a stop";
}

TEST_F(Retrying, AChangeUnderWayIsNotBrokenOffByAStop) {
  const auto platform = connect();
  std::stop_source stop;
  fake.http.then_do([&](const world::HttpRequest&) {
    stop.request_stop();
    return answer_json({{"id", 5}});
  });
  const auto json = platform->call(create(), stop.get_token());
  ASSERT_TRUE(json) << "its answer must reach the journal";
  EXPECT_EQ(json->at("id"), 5);
}

TEST_F(Creating, IsNeverRepeatedWhenItMayHaveHappened) {
  const auto platform = connect();
  for (const Result<world::HttpResponse>& step :
       {Result<world::HttpResponse>(broken("connection-lost")),
        Result<world::HttpResponse>(broken("timeout")),
        Result<world::HttpResponse>(refused(500, "INTERNAL_ERROR")),
        Result<world::HttpResponse>(refused(503, "TEMPORARILY_UNAVAILABLE")),
        Result<world::HttpResponse>(answer(200, R"({"job_id": 1)")),
        Result<world::HttpResponse>(answer(200, "<html>oops</html>"))}) {
    const std::size_t before = calls();
    fake.http.then(step);
    const auto json = platform->call(create(), {});
    ASSERT_FALSE(json);
    EXPECT_EQ(json.error().code, "in-doubt");
    ASSERT_NE(json.error().cause, nullptr);
    EXPECT_NE(json.error().cause->code, "in-doubt");
    EXPECT_EQ(json.error().about, "POST /api/2.0/x/create");
    EXPECT_EQ(calls(), before + 1);
  }
}

TEST_F(Creating, IsRepeatedWhenItCertainlyWasNotDone) {
  const auto platform = connect();
  fake.http.then(broken("unreachable"));
  fake.http.then(refused(429, "REQUEST_LIMIT_EXCEEDED"));
  fake.http.then(answer_json({{"id", 1}}));
  EXPECT_TRUE(platform->call(create(), {}));
  EXPECT_EQ(calls(), 3U);
}

TEST_F(Creating, IsRepeatedAfterALogin) {
  write_profile("client_id=app\nclient_secret=canary-2");
  fake.http.then(answer_json({{"access_token", "bought-1"}, {"expires_in", 3600}}));
  const auto platform = connect();
  fake.http.then(refused(401, "UNAUTHENTICATED"));
  fake.http.then(answer_json({{"access_token", "bought-2"}, {"expires_in", 3600}}));
  fake.http.then(answer_json({{"id", 1}}));
  EXPECT_TRUE(platform->call(create(), {}));
  EXPECT_EQ(fake.http.requests().back().headers.at("authorization"), "Bearer bought-2");
}

TEST_F(Creating, ARefusalIsAnAnswerNotADoubt) {
  const auto platform = connect();
  fake.http.then(refused(400, "RESOURCE_ALREADY_EXISTS"));
  EXPECT_EQ(platform->call(create(), {}).error().code, "already-exists");
}

// Serves the API to `token` only. `meanwhile` is what happens elsewhere, seen at every refusal.
void serve_only(
    FakeWorld& fake, std::shared_ptr<std::string> token, world::HttpResponse refusal,
    std::function<void()> meanwhile = [] {}) {
  fake.http.route("/api/", [=](const world::HttpRequest& request) -> Result<world::HttpResponse> {
    if (request.headers.at("authorization") != "Bearer " + *token) {
      meanwhile();
      return refusal;
    }
    return contains(request.url, "/Me") ? me() : answer_json({{"ok", 1}});
  });
}

class RevokedToken : public Connection,
                     public ::testing::WithParamInterface<std::pair<int, const char*>> {};

TEST_P(RevokedToken, IsWaitedForUntilItIsReplaced) {
  const auto platform = connect();
  serve_only(fake, std::make_shared<std::string>("canary-2"),
             refused(GetParam().first, GetParam().second), [&] {
               if (fake.elapsed() >= Millis{60'000}) write_profile("token=canary-2");
             });
  const auto json = platform->call(create(), {});
  ASSERT_TRUE(json) << json.error().to_text();
  EXPECT_GE(fake.elapsed(), Millis{60'000});
  EXPECT_LE(fake.elapsed(), Millis{90'000});
  ASSERT_EQ(warnings().size(), 1U);
  EXPECT_NE(warnings()[0].find("put a new token into profile 'OLD'"), std::string::npos);
  EXPECT_EQ(warnings()[0].find("canary"), std::string::npos);
  EXPECT_EQ(fake.events.events().back().type, world::Event::Type::notice) << "says that it goes on";
}

INSTANTIATE_TEST_SUITE_P(Refusals, RevokedToken,
                         ::testing::Values(std::pair<int, const char*>{401, "UNAUTHENTICATED"},
                                           std::pair<int, const char*>{403, "403"}));

TEST_F(LoggingIn, AWrongReplacementIsNotTaken) {
  const auto platform = connect();
  serve_only(fake, std::make_shared<std::string>("canary-3"), refused(401, "UNAUTHENTICATED"), [&] {
    if (fake.elapsed() >= Millis{60'000}) write_profile("token=canary-2");
    if (fake.elapsed() >= Millis{120'000}) write_profile("token=canary-3");
  });
  EXPECT_TRUE(platform->call(get(), {}));
  EXPECT_GE(fake.elapsed(), Millis{120'000});
}

TEST_F(LoggingIn, WaitingEndsWithAClearError) {
  const auto platform = connect();
  serve_only(fake, std::make_shared<std::string>("another"), refused(401, "UNAUTHENTICATED"));
  const auto json = platform->call(get(), {});
  ASSERT_FALSE(json);
  EXPECT_EQ(json.error().code, "login-failed");
  EXPECT_EQ(json.error().about, "https://adb-1.azuredatabricks.net");
  EXPECT_GE(fake.elapsed(), Millis{900'000});
  EXPECT_LE(fake.elapsed(), Millis{960'000});
  const auto waited = fake.elapsed();
  EXPECT_EQ(platform->call(get(), {}).error().code, "login-failed");
  EXPECT_EQ(fake.elapsed(), waited) << "only the first call waits";
  EXPECT_EQ(warnings().size(), 1U);
}

TEST_F(LoggingIn, TheSameTokenMayBecomeGoodAgain) {
  const auto platform = connect();
  const auto token = std::make_shared<std::string>("another");
  serve_only(fake, token, refused(401, "UNAUTHENTICATED"), [&] {
    if (fake.elapsed() >= Millis{30'000}) *token = "canary-1";
  });
  EXPECT_TRUE(platform->call(get(), {}));
}

TEST_F(LoggingIn, AStopEndsTheWait) {
  const auto platform = connect();
  std::stop_source stop;
  serve_only(fake, std::make_shared<std::string>("another"), refused(401, "UNAUTHENTICATED"), [&] {
    if (fake.elapsed() >= Millis{30'000}) stop.request_stop();
  });
  EXPECT_EQ(platform->call(get(), stop.get_token()).error().code, "cancelled");
  EXPECT_LE(fake.elapsed(), Millis{60'000});
}

TEST_F(LoggingIn, ASingleRefusalOfAGoodTokenIsAFault) {
  const auto platform = connect();
  for (const auto& refusal : {refused(401, "UNAUTHENTICATED"), refused(403, "403")}) {
    fake.http.then(refusal);
    fake.http.then(me());
    fake.http.then(answer_json({{"id", 1}}));
    EXPECT_TRUE(platform->call(create(), {}));
    EXPECT_EQ(fake.http.steps_left(), 0U);
  }
  EXPECT_EQ(fake.elapsed(), Millis{0});
}

class RefusalOfAGoodToken : public Connection,
                            public ::testing::WithParamInterface<std::pair<int, const char*>> {};

TEST_P(RefusalOfAGoodToken, IsAPermission) {
  const auto platform = connect();
  fake.http.route("/Me", me());
  fake.http.route("/api/2.0/x", refused(GetParam().first, GetParam().second));
  const auto json = platform->call(get(), {});
  ASSERT_FALSE(json);
  EXPECT_EQ(json.error().code, "permission-denied");
  EXPECT_EQ(json.error().retry, Retry::never);
  EXPECT_EQ(fake.elapsed(), Millis{0});
  EXPECT_TRUE(warnings().empty());
}

INSTANTIATE_TEST_SUITE_P(Refusals, RefusalOfAGoodToken,
                         ::testing::Values(std::pair<int, const char*>{401, "UNAUTHENTICATED"},
                                           std::pair<int, const char*>{403, "403"}));

TEST_F(LoggingIn, AnExpiredOAuthTokenIsRenewedOnceForAllThreads) {
  write_profile("client_id=app\nclient_secret=canary-2");
  fake.http.then(answer_json({{"access_token", "bought-1"}, {"expires_in", 3600}}));
  const auto platform = connect();
  std::atomic<int> bought{1};
  fake.http.route("/oidc/v1/token", [&](const world::HttpRequest&) {
    return answer_json(
        {{"access_token", "bought-" + std::to_string(++bought)}, {"expires_in", 3600}});
  });
  serve_only(fake, std::make_shared<std::string>("bought-2"), refused(401, "UNAUTHENTICATED"));
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i)
      threads.emplace_back([&] { EXPECT_TRUE(platform->call(get(), {})); });
  }
  EXPECT_EQ(bought.load(), 2);
  EXPECT_EQ(fake.elapsed(), Millis{0});
}

TEST_F(LoggingIn, ARenewedTokenThatIsRefusedTooDoesNotLoop) {
  write_profile("client_id=app\nclient_secret=canary-2");
  fake.http.then(answer_json({{"access_token", "bought-0"}, {"expires_in", 3600}}));
  const auto platform = connect();
  std::atomic<int> bought{0};
  fake.http.route("/oidc/v1/token", [&](const world::HttpRequest&) {
    return answer_json(
        {{"access_token", "bought-" + std::to_string(++bought)}, {"expires_in", 3600}});
  });
  serve_only(fake, std::make_shared<std::string>("none"), refused(401, "UNAUTHENTICATED"));
  EXPECT_EQ(platform->call(get(), {}).error().code, "login-failed");
  EXPECT_LE(bought.load(), 100);
  const auto waited = fake.elapsed();
  EXPECT_EQ(platform->call(get(), {}).error().code, "login-failed");
  EXPECT_EQ(fake.elapsed(), waited);
}

TEST_F(LoggingIn, SecretsInAnswersAreBlackedOut) {
  const auto platform = connect();
  Call secret = {.method = "POST",
                 .path = "/api/2.0/secrets/put",
                 .body = {{"scope", "s"}, {"key", "k"}, {"string_value", "canary-value"}},
                 .effect = Effect::idempotent,
                 .family = "secrets"};
  fake.http.then(answer_json(
      {{"error_code", "BAD_REQUEST"}, {"message", "cannot store canary-value for canary-1"}}, 400));
  EXPECT_EQ(platform->call(secret, {}).error().message, "cannot store *** for ***");
}

TEST_F(Pacing, A429WithATimeHoldsTheFamilyBack) {
  const auto platform = connect();
  fake.http.then(refused(429, "REQUEST_LIMIT_EXCEEDED", {{"Retry-After", "20"}}));
  fake.http.then(answer_json({{"ok", 1}}));
  EXPECT_TRUE(platform->call(get(), {}));
  EXPECT_GE(fake.elapsed(), Millis{20'000});
  EXPECT_LE(fake.elapsed(), Millis{22'000});
}

TEST_F(Pacing, A429WithoutATimeIsWaitedOutToo) {
  const auto platform = connect();
  for (int i = 0; i < 5; ++i) fake.http.then(refused(429, "RESOURCE_EXHAUSTED"));
  fake.http.then(answer_json({{"ok", 1}}));
  EXPECT_TRUE(platform->call(get(), {}));
  EXPECT_GE(fake.elapsed(), Millis{3'000});
}

TEST_F(Pacing, AThrottledFamilyDoesNotHoldUpAnother) {
  const auto platform = connect();
  fake.http.then(refused(429, "REQUEST_LIMIT_EXCEEDED", {{"Retry-After", "86400"}}));
  EXPECT_EQ(platform->call(get("/api/2.0/a", "jobs"), {}).error().code, "too-many-requests");
  fake.http.then(answer_json({{"ok", 1}}));
  EXPECT_TRUE(platform->call(get("/api/2.0/b", "clusters"), {}));
  EXPECT_LE(fake.elapsed(), Millis{1'000});
}

TEST_F(Pacing, ATimeBeyondTheBudgetIsToldAtOnce) {
  const auto platform = connect();
  fake.http.then(refused(429, "REQUEST_LIMIT_EXCEEDED", {{"Retry-After", "3600"}}));
  const auto json = platform->call(create(), {});
  ASSERT_FALSE(json);
  EXPECT_EQ(json.error().code, "too-many-requests");
  EXPECT_EQ(json.error().remedy, "run the same command again later");
}

struct DocumentedCase {
  const char* method;
  const char* path;
  const char* family;
  double per_second;  // 0 = without limit
};

class DocumentedLimit : public Connection, public ::testing::WithParamInterface<DocumentedCase> {};

TEST_P(DocumentedLimit, IsKeptAndUsed) {
  options.documented_limits = true;
  const auto platform = connect();
  const DocumentedCase& row = GetParam();
  fake.http.route("/", answer_json({{"ok", 1}}));
  constexpr int kCalls = 300;
  const auto start = fake.elapsed();
  const bool read = std::string_view(row.method) == "GET";
  for (int i = 0; i < kCalls; ++i)
    ASSERT_TRUE(platform->call({.method = row.method,
                                .path = row.path,
                                .body = read ? Json() : Json::object(),
                                .effect = read ? Effect::read : Effect::idempotent,
                                .family = row.family},
                               {}));
  const double took = static_cast<double>((fake.elapsed() - start).count()) / 1000;
  if (row.per_second == 0) {
    EXPECT_EQ(took, 0);
    return;
  }
  EXPECT_GE(took, (kCalls - 1) / row.per_second) << "faster than the limit";
  EXPECT_LE(took, 1.10 * kCalls / row.per_second) << "the limit is not used";
}

INSTANTIATE_TEST_SUITE_P(
    Families, DocumentedLimit,
    ::testing::Values(DocumentedCase{"GET", "/api/2.0/preview/scim/v2/Users", "scim", 255.0 / 60},
                      DocumentedCase{"POST", "/api/2.0/preview/scim/v2/Users", "scim", 0},
                      DocumentedCase{"GET", "/api/2.0/workspace/export", "workspace-export", 60},
                      DocumentedCase{"POST", "/api/2.0/workspace/import", "workspace-import", 30},
                      DocumentedCase{"GET", "/api/2.0/workspace/list", "workspace-list", 0},
                      DocumentedCase{"GET", "/api/2.0/permissions/jobs/1", "permissions", 100},
                      DocumentedCase{"PUT", "/api/2.0/permissions/jobs/1", "permissions", 30},
                      DocumentedCase{"POST", "/api/2.0/secrets/put", "secrets", 1100.0 / 60},
                      DocumentedCase{"GET", "/api/2.0/dbfs/list", "dbfs", 30},
                      DocumentedCase{"POST", "/api/2.2/jobs/create", "jobs", 20},
                      DocumentedCase{"GET", "/api/2.2/jobs/list", "jobs", 0},
                      DocumentedCase{"GET", "/api/2.2/jobs/runs/get", "jobs", 100},
                      DocumentedCase{"POST", "/api/2.2/jobs/run-now", "jobs", 20},
                      DocumentedCase{"GET", "/api/2.0/mlflow/experiments/get", "mlflow", 120},
                      DocumentedCase{"GET", "/api/2.1/clusters/get", "clusters", 0}));

// Every call waits until `together` of them are in flight at once: if the connection ever left a
// place unused while calls were waiting, this would never end.
TEST_F(Pacing, KeepsAllPlacesBusy) {
  constexpr int kTogether = 8, kCalls = 400, kThreads = 24;
  const auto platform = connect();
  std::mutex mutex;
  std::condition_variable full;
  int arrived = 0;
  int generation = 0;
  fake.http.route("/api/", [&](const world::HttpRequest&) {
    std::unique_lock lock(mutex);
    const int mine = generation;
    if (++arrived == kTogether) {
      arrived = 0;
      ++generation;
      full.notify_all();
    } else {
      full.wait(lock, [&] { return generation != mine; });
    }
    return answer_json({{"ok", 1}});
  });
  {
    std::atomic<int> next{0};
    std::vector<std::jthread> threads;
    for (int t = 0; t < kThreads; ++t)
      threads.emplace_back([&] {
        while (next++ < kCalls) ASSERT_TRUE(platform->call(get(), {}));
      });
  }
  EXPECT_EQ(fake.http.most_in_flight(), kTogether) << "run.parallel bounds the calls in flight";
  EXPECT_EQ(calls(), static_cast<std::size_t>(kCalls));
}

TEST_F(Pacing, PlatformsCanShareOneBound) {
  world::Gate gate(3);
  fake.run.in_flight = &gate;
  const auto one = connect();
  const auto other = connect();
  fake.http.route("/api/", [&](const world::HttpRequest&) {
    std::this_thread::yield();
    return answer_json({{"ok", 1}});
  });
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 12; ++t)
      threads.emplace_back([&, t] {
        for (int i = 0; i < 50; ++i) ASSERT_TRUE((t % 2 == 0 ? one : other)->call(get(), {}));
      });
  }
  EXPECT_LE(fake.http.most_in_flight(), 3);
}

}  // namespace
}  // namespace lakeshift::platforms
