// Profiles, environment variables, and which of them a connection takes.
#include <gtest/gtest.h>

#include "knowledge/credentials/credential.h"
#include "tests/unit/fakes/fake_world.h"

namespace lakeshift::credentials {
namespace {

using fakes::FakeWorld;

constexpr char kPath[] = "/home/ana/.databrickscfg";
constexpr char kProfiles[] =
    "; access of this laptop\n"
    "[DEFAULT]\n"
    "host = https://default.example\n"
    "token = canary-default\n"
    "\n"
    "[OLD]\r\n"
    "host: https://ADB-1.azuredatabricks.net/?o=1\r\n"
    "token = canary-old = with = signs\r\n"
    "[ NEW ]\n"
    "HOST=dbc-2.cloud.databricks.com/\n"
    "client_id = app\n"
    "client_secret = canary-secret\n"
    "jobs-api-version = 2.1\n";

struct Fixture : ::testing::Test {
  FakeWorld fake{std::map<std::string, std::string>{{"HOME", "/home/ana"}}};
  void SetUp() override { fake.files.put(kPath, kProfiles); }
};
using AccessProfile = Fixture;

TEST_F(AccessProfile, IsReadAsOtherToolsReadIt) {
  const auto old_access = access_from_profile(fake.world, "OLD");
  ASSERT_TRUE(old_access) << old_access.error().to_text();
  EXPECT_EQ(old_access->host, "https://adb-1.azuredatabricks.net");
  EXPECT_EQ(old_access->token.reveal(), "canary-old = with = signs");
  EXPECT_EQ(old_access->origin, "profile 'OLD' of /home/ana/.databrickscfg");
  const auto new_access = access_from_profile(fake.world, "NEW");
  ASSERT_TRUE(new_access);
  EXPECT_EQ(new_access->host, "https://dbc-2.cloud.databricks.com");
  EXPECT_EQ(new_access->client_id, "app");
  EXPECT_EQ(new_access->client_secret.reveal(), "canary-secret");
  EXPECT_TRUE(new_access->token.empty()) << "profiles do not inherit from DEFAULT";
}

TEST_F(AccessProfile, NamesTheClosestOne) {
  const auto access = access_from_profile(fake.world, "OLDD");
  ASSERT_FALSE(access);
  EXPECT_EQ(access.error().code, "bad-profile");
  EXPECT_EQ(access.error().about, kPath);
  EXPECT_EQ(access.error().message, "there is no profile 'OLDD'");
  EXPECT_EQ(access.error().remedy, "did you mean 'OLD'?");
  EXPECT_EQ(access_from_profile(fake.world, "production").error().remedy,
            "the file has 'DEFAULT', 'NEW', 'OLD'");
}

TEST_F(AccessProfile, NamesTheFileThatIsMissing) {
  FakeWorld other(std::map<std::string, std::string>{{"HOME", "/home/ben"}});
  const auto access = access_from_profile(other.world, "OLD");
  ASSERT_FALSE(access);
  EXPECT_EQ(access.error().code, "not-found");
  EXPECT_EQ(access.error().about, "/home/ben/.databrickscfg");
}

TEST_F(AccessProfile, NamesALineThatIsWrongWithoutItsText) {
  fake.files.put(kPath, "[OLD]\nhost = x\ncanary-on-a-line-of-its-own\n");
  const auto access = access_from_profile(fake.world, "OLD");
  ASSERT_FALSE(access);
  EXPECT_EQ(access.error().code, "bad-profile");
  EXPECT_NE(access.error().message.find("line 3"), std::string::npos);
  EXPECT_EQ(access.error().to_text().find("canary"), std::string::npos);
}

TEST_F(AccessProfile, MayBeInAnotherFile) {
  for (const char* path : {"/etc/dbx.cfg", "~/dbx.cfg"}) {
    FakeWorld other({{"HOME", "/home/ben"}, {"DATABRICKS_CONFIG_FILE", path}});
    other.files.put(path[0] == '~' ? "/home/ben/dbx.cfg" : path,
                    "\xEF\xBB\xBF[OLD]\nhost=h\ntoken=t\n");
    EXPECT_TRUE(access_from_profile(other.world, "OLD")) << path;
  }
}

TEST(AccessEnvironment, ReadsVariablesWithAPrefix) {
  EXPECT_EQ(environment_prefix("old-ws.1"), "LAKESHIFT_OLD_WS_1_");
  FakeWorld fake({{"LAKESHIFT_OLD_HOST", "https://a.example/"},
                  {"LAKESHIFT_OLD_TOKEN", "canary-t\n"},
                  {"LAKESHIFT_NEW_HOST", "b.example"},
                  {"LAKESHIFT_NEW_AZURE_TENANT_ID", "tenant"},
                  {"LAKESHIFT_NEW_AZURE_CLIENT_ID", "app"},
                  {"LAKESHIFT_NEW_AZURE_CLIENT_SECRET", "canary-s"},
                  {"LAKESHIFT_NEW_ACCOUNT_ID", "acct"}});
  const auto old_access = access_from_environment(fake.world, "LAKESHIFT_OLD_");
  ASSERT_TRUE(old_access);
  EXPECT_EQ(old_access->host, "https://a.example");
  EXPECT_EQ(old_access->token.reveal(), "canary-t");
  const auto new_access = access_from_environment(fake.world, "LAKESHIFT_NEW_");
  ASSERT_TRUE(new_access);
  EXPECT_EQ(new_access->tenant_id, "tenant");
  EXPECT_EQ(new_access->azure_client_id, "app");
  EXPECT_EQ(new_access->azure_client_secret.reveal(), "canary-s");
  EXPECT_EQ(new_access->account_id, "acct");
  EXPECT_FALSE(access_from_environment(fake.world, "LAKESHIFT_OTHER_"));
  EXPECT_FALSE(access_from_environment(fake.world, ""));
}

TEST(AccessEnvironment, KnowsTheOfficialNames) {
  FakeWorld fake({{"DATABRICKS_HOST", "https://a.example"},
                  {"DATABRICKS_CLIENT_ID", "app"},
                  {"DATABRICKS_CLIENT_SECRET", "s"},
                  {"ARM_TENANT_ID", "tenant"},
                  {"ARM_CLIENT_ID", "azure-app"},
                  {"ARM_CLIENT_SECRET", "t"}});
  const auto access = access_from_environment(fake.world, "");
  ASSERT_TRUE(access);
  EXPECT_EQ(access->client_id, "app");
  EXPECT_EQ(access->tenant_id, "tenant");
  EXPECT_EQ(access->azure_client_id, "azure-app");
}

TEST(AccessEnvironment, AzureVariablesAloneNameNoWorkspace) {
  FakeWorld fake({{"ARM_CLIENT_ID", "azure-app"}, {"ARM_CLIENT_SECRET", "t"}});
  EXPECT_FALSE(access_from_environment(fake.world, ""));
}

TEST_F(AccessProfile, IsTakenBeforeTheEnvironmentWhenNamed) {
  FakeWorld both(
      {{"HOME", "/home/ana"}, {"LAKESHIFT_OLD_HOST", "e.example"}, {"LAKESHIFT_OLD_TOKEN", "t"}});
  both.files.put(kPath, kProfiles);
  EXPECT_EQ(find_access(both.world, "old", "OLD", "")->host, "https://adb-1.azuredatabricks.net");
  EXPECT_EQ(find_access(both.world, "old", "", "")->host, "https://e.example");
}

TEST_F(AccessProfile, OfTheConnectionsNameIsFound) {
  EXPECT_EQ(find_access(fake.world, "OLD", "", "")->host, "https://adb-1.azuredatabricks.net");
}

TEST(FindAccess, TakesTheOfficialVariablesOnlyForTheHostAskedFor) {
  FakeWorld fake(
      {{"HOME", "/home/ana"}, {"DATABRICKS_HOST", "a.example"}, {"DATABRICKS_TOKEN", "t"}});
  EXPECT_TRUE(find_access(fake.world, "old", "", "https://a.example/"));
  for (const char* host : {"", "https://b.example"}) {
    const auto access = find_access(fake.world, "new", "", host);
    ASSERT_FALSE(access) << host;
    EXPECT_EQ(access.error().code, "no-credential");
    EXPECT_EQ(access.error().about, "connection 'new'");
    EXPECT_NE(access.error().message.find("LAKESHIFT_NEW_TOKEN"), std::string::npos);
    EXPECT_NE(access.error().message.find(kPath), std::string::npos);
  }
}

TEST(FindAccess, NamesBothHostsThatDisagree) {
  FakeWorld fake({{"LAKESHIFT_OLD_HOST", "a.example"}, {"LAKESHIFT_OLD_TOKEN", "t"}});
  const auto access = find_access(fake.world, "old", "", "https://b.example");
  ASSERT_FALSE(access);
  EXPECT_EQ(access.error().code, "host-mismatch");
  EXPECT_NE(access.error().message.find("https://a.example"), std::string::npos);
  EXPECT_NE(access.error().message.find("https://b.example"), std::string::npos);
}

TEST(FindAccess, NamesTheVariablesThatAreMissing) {
  FakeWorld fake(std::map<std::string, std::string>{{"LAKESHIFT_OLD_HOST", "a.example"}});
  const auto access = find_access(fake.world, "old", "", "");
  ASSERT_FALSE(access);
  EXPECT_EQ(access.error().code, "no-credential");
  EXPECT_EQ(access.error().about, "connection 'old'");
  for (const char* name :
       {"LAKESHIFT_OLD_TOKEN", "LAKESHIFT_OLD_CLIENT_SECRET", "LAKESHIFT_OLD_AZURE_CLIENT_SECRET"})
    EXPECT_NE(access.error().message.find(name), std::string::npos) << name;
}

TEST(FindAccess, TakesTheHostOfTheConfiguration) {
  FakeWorld fake(std::map<std::string, std::string>{{"LAKESHIFT_OLD_TOKEN", "t"}});
  EXPECT_EQ(find_access(fake.world, "old", "", "b.example")->host, "https://b.example");
  EXPECT_EQ(find_access(fake.world, "old", "", "").error().code, "no-credential");
}

TEST(MakeCredential, ChoosesByWhatIsFilledIn) {
  Access access;
  access.host = "https://a.example";
  access.origin = "profile 'OLD' of /x";
  const auto none = make_credential(access);
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, "no-credential");
  EXPECT_NE(none.error().message.find("client_secret"), std::string::npos);
  access.azure_client_id = "z";
  access.azure_client_secret = world::Secret("s");
  EXPECT_EQ((*make_credential(access))->describe(),
            "Microsoft Entra application 'z' from profile 'OLD' of /x");
  access.client_id = "c";
  access.client_secret = world::Secret("s");
  EXPECT_EQ((*make_credential(access))->describe(), "OAuth client 'c' from profile 'OLD' of /x");
  access.token = world::Secret("canary");
  EXPECT_EQ((*make_credential(access))->describe(),
            "personal access token from profile 'OLD' of /x");
  access.auth_type = "azure-client-secret";
  EXPECT_EQ((*make_credential(access))->describe(),
            "Microsoft Entra application 'z' from profile 'OLD' of /x");
  access.auth_type = "google-id";
  EXPECT_EQ(make_credential(access).error().code, "no-credential");
}

}  // namespace
}  // namespace lakeshift::credentials
