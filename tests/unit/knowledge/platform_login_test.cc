// Refused, expired and revoked credentials in mid-run.
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <thread>

#include "core/base/strings.h"
#include "tests/unit/knowledge/connection_fixture.h"

namespace lakeshift::platforms {
namespace {

using LoggingIn = Connection;

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

}  // namespace
}  // namespace lakeshift::platforms
