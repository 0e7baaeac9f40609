// Connecting, retries, and certainty about creates.
#include <gtest/gtest.h>

#include "tests/unit/knowledge/connection_fixture.h"

namespace lakeshift::platforms {
namespace {

using Connecting = Connection;
using Retrying = Connection;
using Creating = Connection;

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
  EXPECT_TRUE(json.error().message.ends_with("; gave up after 300 s")) << json.error().message;
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

TEST_F(Retrying, BrokenAnswersAreTriedThreeTimesAndToldInTheSameWords) {
  const auto platform = connect();
  fake.http.route("/api/2.0/x", answer(200, "{\"name\": \"B\xf6\"}"));
  const Error error = platform->call(get(), {}).error();
  EXPECT_EQ(error.code, "bad-answer");
  EXPECT_NE(error.message.find("not utf-8"), std::string::npos) << error.message;
  EXPECT_TRUE(error.message.ends_with("; gave up after 3 tries")) << error.message;
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

}  // namespace
}  // namespace lakeshift::platforms
