// Buying, renewing and replacing tokens.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "core/base/strings.h"
#include "knowledge/credentials/credential.h"
#include "tests/unit/fakes/fake_world.h"

namespace lakeshift::credentials {
namespace {

using fakes::answer;
using fakes::answer_json;
using fakes::broken;
using fakes::FakeWorld;
using world::Millis;

constexpr char kPath[] = "/home/ana/.databrickscfg";

world::HttpResponse sold(const std::string& token, int seconds = 3600) {
  return answer_json({{"access_token", token}, {"expires_in", seconds}, {"token_type", "Bearer"}});
}

struct CredentialRenewal : ::testing::Test {
  FakeWorld fake{std::map<std::string, std::string>{{"HOME", "/home/ana"}}};

  std::unique_ptr<Credential> from_profile(const std::string& text) {
    fake.files.put(kPath, text);
    auto access = access_from_profile(fake.world, "OLD");
    EXPECT_TRUE(access);
    auto credential = make_credential(*access);
    EXPECT_TRUE(credential);
    return *std::move(credential);
  }
  std::unique_ptr<Credential> oauth(const std::string& secret = "canary-1") {
    return from_profile("[OLD]\nhost=https://a.example\nclient_id=app\nclient_secret=" + secret +
                        "\n");
  }
  std::string authorized(Credential& credential) {
    const auto value = credential.authorize(fake.run);
    return value ? std::string(value->reveal()) : value.error().code;
  }
};

TEST_F(CredentialRenewal, ATokenIsSentAsItIs) {
  const auto credential = from_profile("[OLD]\nhost=h\ntoken=t-1\n");
  EXPECT_EQ(authorized(*credential), "Bearer t-1");
  EXPECT_TRUE(fake.http.requests().empty());
}

TEST_F(CredentialRenewal, ARefusedTokenIsReadAgainFromItsProfile) {
  const auto credential = from_profile("[OLD]\nhost=h\ntoken=t-1\n");
  const auto refused = *credential->authorize(fake.run);
  EXPECT_FALSE(*credential->renew(fake.run, refused));
  fake.files.put(kPath, "[OLD]\nhost=h\ntoken=t-2\n");
  EXPECT_TRUE(*credential->renew(fake.run, refused));
  EXPECT_EQ(authorized(*credential), "Bearer t-2");
  EXPECT_TRUE(*credential->renew(fake.run, refused))
      << "another thread was refused with the former token";
  EXPECT_EQ(credential->remedy(), "put a new token into profile 'OLD' of /home/ana/.databrickscfg");
}

TEST_F(CredentialRenewal, AProfileThatIsGoneIsAnError) {
  const auto credential = from_profile("[OLD]\nhost=h\ntoken=t-1\n");
  fake.files.put(kPath, "[OTHER]\nhost=h\n");
  const auto renewed = credential->renew(fake.run, *credential->authorize(fake.run));
  ASSERT_FALSE(renewed);
  EXPECT_EQ(renewed.error().code, "bad-profile");
}

TEST_F(CredentialRenewal, OAuthAsksTheHostOnceAndKeepsTheToken) {
  const auto credential = oauth("can:ary/1");
  fake.http.then(sold("bought-1"));
  EXPECT_EQ(authorized(*credential), "Bearer bought-1");
  EXPECT_EQ(authorized(*credential), "Bearer bought-1");
  ASSERT_EQ(fake.http.requests().size(), 1U);
  const auto request = fake.http.requests()[0];
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.url, "https://a.example/oidc/v1/token");
  EXPECT_EQ(request.body, "grant_type=client_credentials&scope=all-apis");
  EXPECT_EQ(request.headers.at("authorization"), "Basic " + base64_encode("app:can%3Aary%2F1"));
  EXPECT_EQ(request.headers.at("content-type"), "application/x-www-form-urlencoded");
}

TEST_F(CredentialRenewal, AccountHostsHaveAnotherEndpoint) {
  const auto credential = from_profile(
      "[OLD]\nhost=https://"
      "accounts.cloud.databricks.com\naccount_id=acct\nclient_id=a\nclient_secret=b\n");
  fake.http.then(sold("bought"));
  EXPECT_EQ(authorized(*credential), "Bearer bought");
  EXPECT_EQ(fake.http.requests()[0].url,
            "https://accounts.cloud.databricks.com/oidc/accounts/acct/v1/token");
}

TEST_F(CredentialRenewal, EntraAsksTheTenant) {
  const auto credential = from_profile(
      "[OLD]\nhost=https://"
      "adb-1.example\nazure_tenant_id=ten\nazure_client_id=app\nazure_client_secret=c&d\n");
  fake.http.then(sold("entra-1"));
  EXPECT_EQ(authorized(*credential), "Bearer entra-1");
  const auto request = fake.http.requests()[0];
  EXPECT_EQ(request.url, "https://login.microsoftonline.com/ten/oauth2/v2.0/token");
  EXPECT_EQ(request.body,
            "grant_type=client_credentials&client_id=app&client_secret=c%26d"
            "&scope=2ff814a6-3304-4ab8-85cb-cd0e6f879c1d%2F.default");
}

TEST_F(CredentialRenewal, EntraOfASeparateCloudSignsInThere) {
  for (const auto& [host, authority] :
       {std::pair("adb-1.2.databricks.azure.us", "https://login.microsoftonline.us"),
        std::pair("adb-1.2.databricks.azure.cn", "https://login.chinacloudapi.cn")}) {
    const auto credential =
        from_profile("[OLD]\nhost=https://" + std::string(host) +
                     "\nazure_tenant_id=ten\nazure_client_id=app\nazure_client_secret=s\n");
    fake.http.then(sold("entra-1"));
    EXPECT_EQ(authorized(*credential), "Bearer entra-1");
    EXPECT_EQ(fake.http.requests().back().url, std::string(authority) + "/ten/oauth2/v2.0/token");
  }
}

TEST_F(CredentialRenewal, EntraFindsOutTheTenant) {
  const auto credential = from_profile(
      "[OLD]\nhost=https://adb-1.example\nazure_client_id=app\nazure_client_secret=s\n");
  fake.http.then(answer(
      302, "", {{"Location", "https://login.microsoftonline.com/ten-7/oauth2/authorize?x=1"}}));
  fake.http.then(sold("entra-1"));
  EXPECT_EQ(authorized(*credential), "Bearer entra-1");
  EXPECT_EQ(fake.http.requests()[0].url, "https://adb-1.example/aad/auth");
  EXPECT_EQ(fake.http.requests()[1].url,
            "https://login.microsoftonline.com/ten-7/oauth2/v2.0/token");
  const auto other = from_profile(
      "[OLD]\nhost=https://adb-1.example\nazure_client_id=app\nazure_client_secret=s\n");
  fake.http.then(answer(404, "not here"));
  const auto refused = other->authorize(fake.run);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "login-failed");
  EXPECT_NE(refused.error().remedy.find("azure_tenant_id"), std::string::npos);
}

TEST_F(CredentialRenewal, RenewsBeforeTheEnd) {
  const auto credential = oauth();
  fake.http.then(sold("bought-1", 3600));
  authorized(*credential);
  fake.clock.sleep(Millis{54 * 60'000}, {});
  EXPECT_EQ(authorized(*credential), "Bearer bought-1");
  fake.clock.sleep(Millis{2 * 60'000}, {});
  fake.http.then(sold("bought-2", 3600));
  EXPECT_EQ(authorized(*credential), "Bearer bought-2");
}

TEST_F(CredentialRenewal, AShortLifeIsUsedForItsGreaterPart) {
  const auto credential = oauth();
  fake.http.then(sold("bought-1", 60));
  authorized(*credential);
  fake.clock.sleep(Millis{40'000}, {});
  EXPECT_EQ(authorized(*credential), "Bearer bought-1");
}

TEST_F(CredentialRenewal, AnOutageOfTheEndpointIsBridgedWhileTheTokenIsGood) {
  const auto credential = oauth();
  fake.http.then(sold("bought-1", 3600));
  authorized(*credential);
  fake.clock.sleep(Millis{57 * 60'000}, {});
  fake.http.then(broken("unreachable"));
  EXPECT_EQ(authorized(*credential), "Bearer bought-1");
  fake.http.then(answer(503, "later"));
  EXPECT_EQ(authorized(*credential), "Bearer bought-1");
  fake.clock.sleep(Millis{4 * 60'000}, {});
  fake.http.then(answer(503, "later"));
  const auto late = credential->authorize(fake.run);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, "unreachable");
  EXPECT_EQ(late.error().retry, Retry::later);
}

TEST_F(CredentialRenewal, ARefusedSecretIsNamedButNotShown) {
  const auto credential = oauth("canary-1");
  fake.http.then(answer_json(
      {{"error", "invalid_client"}, {"error_description", "bad secret canary-1"}}, 401));
  const auto refused = credential->authorize(fake.run);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "login-failed");
  EXPECT_EQ(refused.error().message, "the token endpoint answered 401, invalid_client");
  EXPECT_EQ(refused.error().remedy,
            "check client id and secret in profile 'OLD' of /home/ana/.databrickscfg");
  EXPECT_EQ(refused.error().to_text().find("canary"), std::string::npos);
}

TEST_F(CredentialRenewal, AnAnswerWithoutATokenIsALoginFailure) {
  for (const char* body : {"<html>sign in</html>", "{}", R"({"access_token": 7})", ""}) {
    const auto credential = oauth();
    fake.http.then(answer(200, body));
    EXPECT_EQ(authorized(*credential), "login-failed") << body;
  }
}

TEST_F(CredentialRenewal, ARefusedTokenIsBoughtAgain) {
  const auto credential = oauth();
  fake.http.then(sold("bought-1"));
  const auto refused = *credential->authorize(fake.run);
  fake.http.then(sold("bought-2"));
  EXPECT_TRUE(*credential->renew(fake.run, refused));
  EXPECT_EQ(authorized(*credential), "Bearer bought-2");
}

TEST_F(CredentialRenewal, AReplacedSecretIsReadFromTheProfile) {
  const auto credential = oauth("canary-1");
  fake.http.then(sold("bought-1"));
  const auto refused = *credential->authorize(fake.run);
  const auto invalid = answer_json({{"error", "invalid_client"}}, 401);
  fake.http.then(invalid);
  const auto still = credential->renew(fake.run, refused);
  ASSERT_FALSE(still);
  EXPECT_EQ(still.error().code, "login-failed");
  fake.files.put(kPath, "[OLD]\nhost=https://a.example\nclient_id=app\nclient_secret=canary-2\n");
  fake.http.then(invalid);
  fake.http.then(sold("bought-2"));
  EXPECT_TRUE(*credential->renew(fake.run, refused));
  EXPECT_EQ(fake.http.requests().back().headers.at("authorization"),
            "Basic " + base64_encode("app:canary-2"));
  EXPECT_EQ(authorized(*credential), "Bearer bought-2");
}

TEST_F(CredentialRenewal, ManyThreadsBuyOneToken) {
  const auto credential = oauth();
  fake.http.route("/oidc/v1/token",
                  [count = std::make_shared<std::atomic<int>>(0)](const world::HttpRequest&) {
                    return sold("bought-" + std::to_string(++*count));
                  });
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i)
      threads.emplace_back([&] { EXPECT_EQ(authorized(*credential), "Bearer bought-1"); });
  }
  EXPECT_EQ(fake.http.requests().size(), 1U);
  const world::Secret refused("Bearer bought-1");
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i)
      threads.emplace_back([&] { EXPECT_TRUE(*credential->renew(fake.run, refused)); });
  }
  EXPECT_EQ(fake.http.requests().size(), 2U);
  EXPECT_EQ(authorized(*credential), "Bearer bought-2");
}

}  // namespace
}  // namespace lakeshift::credentials
