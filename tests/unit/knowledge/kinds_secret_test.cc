#include "tests/unit/knowledge/kind_workbench.h"

namespace lakeshift {
namespace {

using workbench::calls_of;
using workbench::Discovered;
using workbench::Table;

const Json kVault = {{"name", "vault"},
                     {"backend_type", "AZURE_KEYVAULT"},
                     {"keyvault_metadata",
                      {{"resource_id", "/subscriptions/s/v"}, {"dns_name", "https://v.example/"}}}};
const Json kAzure = {{"cloud", "azure"}, {"account", "acc-2"}, {"user", "lead@new.example"}};

Json acl(const Json& principal, const std::string& permission) {
  return {{"principal", principal}, {"permission", permission}};
}

struct Scopes : Table {
  Scopes() {
    answer("GET /api/2.0/secrets/scopes/list",
           {{"scopes", {{{"name", "app"}, {"backend_type", "DATABRICKS"}}, kVault}}});
    answer("GET /api/2.0/secrets/acls/list?scope=app",
           {{"items", {acl("users", "READ"), acl("data", "MANAGE")}}});
    answer("GET /api/2.0/secrets/acls/list?scope=vault", Json::object());
    answer("GET /api/2.0/secrets/list?scope=app",
           {{"secrets", {{{"key", "db.password"}, {"last_updated_timestamp", 17}}}}});
    answer("GET /api/2.0/secrets/list?scope=vault", {{"secrets", {{{"key", "token"}}}}});
  }
};

TEST(KindSecretScope, ScopesAreListedOnceForBothKinds) {
  Scopes table;
  const Discovered found = workbench::discover(table, {"secret_scope", "secret"});
  EXPECT_EQ(table.calls_of("GET /api/2.0/secrets/scopes/list"), 1);
  EXPECT_EQ(found.listed.at("secret_scope"), 2);
  EXPECT_EQ(found.listed.at("secret"), 2);
  EXPECT_EQ(found.at("secret_scope", "app").document["$acls"],
            Json::array({acl("data", "MANAGE"), acl("users", "READ")}));
  const Json& secret = found.at("secret", "app/db.password").document;
  EXPECT_EQ(
      dump_json(secret),
      R"({"$backend_type":"DATABRICKS","$id":"app/db.password","key":"db.password","last_updated_timestamp":17,"scope":"app"})");
  EXPECT_EQ(found.at("secret", "vault/token").id.id, "vault/token");
}

TEST(KindSecretScope, AListThatFailsConcernsItsScopeOnly) {
  Scopes table;
  table.refuse("GET /api/2.0/secrets/list?scope=vault", "bad-request");
  table.refuse("GET /api/2.0/secrets/acls/list?scope=app", "permission-denied");
  const Discovered found = workbench::discover(table, {"secret_scope", "secret"});
  EXPECT_TRUE(found.has_finding("secrets-not-listed"));
  EXPECT_EQ(found.count("secret"), 1);
  EXPECT_EQ(found.at("secret_scope", "app").unread_code, "permission-denied");
  EXPECT_TRUE(found.at("secret_scope", "vault").unread_code.empty());
}

TEST(KindSecretScope, ATierWithoutAccessControlHasNoLists) {
  Scopes table;
  table.refuse("GET /api/2.0/secrets/acls/list?scope=app", "feature-disabled");
  const Discovered found = workbench::discover(table, {"secret_scope"});
  EXPECT_TRUE(found.at("secret_scope", "app").unread_code.empty());
  EXPECT_FALSE(found.at("secret_scope", "app").document.contains("$acls"));
}

TEST(KindSecretScope, TheCreatorsOwnGrantIsTakenBack) {
  const Json desired = {
      {"name", "app"},
      {"backend_type", "DATABRICKS"},
      {"$acls",
       {acl("data", "MANAGE"),
        acl(engine::reference_to("service_principal:etl", "applicationId"), "READ")}}};
  const model::Change change = workbench::plan({.kind = "secret_scope", .desired = desired});
  EXPECT_EQ(
      calls_of(change),
      (std::vector<std::string>{
          R"(POST /api/2.0/secrets/scopes/create {"scope":"app"})",
          R"(POST /api/2.0/secrets/acls/put {"permission":"MANAGE","principal":"data","scope":"app"})",
          R"(POST /api/2.0/secrets/acls/put {"permission":"READ","principal":{"$ref":{"change":"service_principal:etl","field":"applicationId"}},"scope":"app"})",
          R"(POST /api/2.0/secrets/acls/delete {"principal":"lead@new.example","scope":"app"})"}));
  EXPECT_EQ(change.actions[0].effect, model::Effect::create);
  EXPECT_EQ(change.actions[3].tolerated, std::vector<std::string>{"not-found"});
}

TEST(KindSecretScope, ACreatorWhoManagesKeepsTheGrant) {
  const Json desired = {{"name", "app"}, {"$acls", {acl("Lead@new.example", "MANAGE")}}};
  EXPECT_EQ(workbench::plan({.kind = "secret_scope", .desired = desired}).actions.size(), 1U);
}

TEST(KindSecretScope, UsersWhoManageAreNamedAtCreation) {
  const Json desired = {{"name", "app"}, {"$acls", {acl("users", "MANAGE"), acl("ops", "READ")}}};
  const model::Change change = workbench::plan({.kind = "secret_scope", .desired = desired});
  EXPECT_EQ(
      calls_of(change),
      (std::vector<std::string>{
          R"(POST /api/2.0/secrets/scopes/create {"initial_manage_principal":"users","scope":"app"})",
          R"(POST /api/2.0/secrets/acls/put {"permission":"READ","principal":"ops","scope":"app"})"}));
}

TEST(KindSecretScope, ListsAreChangedEntryByEntry) {
  const Json desired = {{"name", "app"}, {"$acls", {acl("a", "READ"), acl("b", "WRITE")}}};
  const Json actual = {{"name", "app"},
                       {"backend_type", "DATABRICKS"},
                       {"$acls", {acl("a", "MANAGE"), acl("b", "WRITE"), acl("c", "READ")}}};
  const model::Change change =
      workbench::plan({.kind = "secret_scope", .desired = desired, .actual = {.document = actual}});
  EXPECT_EQ(
      calls_of(change),
      (std::vector<std::string>{
          R"(POST /api/2.0/secrets/acls/put {"permission":"READ","principal":"a","scope":"app"})",
          R"(POST /api/2.0/secrets/acls/delete {"principal":"c","scope":"app"})"}));
  ASSERT_EQ(change.differences.size(), 2U);
  EXPECT_EQ(change.differences[0].path, "$acls[0].permission");
}

TEST(KindSecretScope, AVaultsScopeIsNeverTurnedPlain) {
  const model::Change elsewhere = workbench::plan({.kind = "secret_scope", .desired = kVault});
  EXPECT_EQ(elsewhere.verb, model::Verb::blocked);
  EXPECT_EQ(elsewhere.code, "key-vault-scope-unsupported");
  EXPECT_NE(elsewhere.reason.find("https://v.example/"), std::string::npos);
  const model::Change there =
      workbench::plan({.kind = "secret_scope", .desired = kVault, .target_platform = kAzure});
  EXPECT_EQ(there.verb, model::Verb::manual);
  EXPECT_EQ(there.code, "key-vault-scope");
}

TEST(KindSecretScope, APlainScopeMadeByHandStandsForTheVaults) {
  Json desired = kVault;
  desired["$acls"] = Json::array({acl("data", "READ")});
  const model::Change change = workbench::plan(
      {.kind = "secret_scope",
       .desired = desired,
       .actual = {.document = {{"name", "vault"}, {"backend_type", "DATABRICKS"}}}});
  EXPECT_EQ(change.verb, model::Verb::update);
  EXPECT_EQ(change.actions.size(), 1U);
  ASSERT_EQ(change.decisions.size(), 2U);
  EXPECT_EQ(change.decisions[0].rule, "key-vault");
}

TEST(KindSecret, TheValueIsAPlaceholder) {
  const Json desired = {{"scope", "app"},
                        {"key", "db.password"},
                        {"$id", "app/db.password"},
                        {"$backend_type", "DATABRICKS"}};
  const model::Change change = workbench::plan({.kind = "secret", .desired = desired});
  EXPECT_EQ(
      calls_of(change),
      (std::vector<std::string>{
          R"(POST /api/2.0/secrets/put {"key":"db.password","scope":"app","string_value":{"$secret":{"key":"db.password","scope":"app","side":"old"}}})"}));
  EXPECT_EQ(change.actions[0].effect, model::Effect::idempotent);
}

TEST(KindSecret, AVaultsSecretGoesIntoAPlainScopeOnly) {
  const Json desired = {
      {"scope", "vault"}, {"key", "t"}, {"$id", "vault/t"}, {"$backend_type", "AZURE_KEYVAULT"}};
  EXPECT_EQ(workbench::plan({.kind = "secret", .desired = desired}).actions.size(), 1U);
  const model::Change there =
      workbench::plan({.kind = "secret", .desired = desired, .target_platform = kAzure});
  EXPECT_EQ(there.verb, model::Verb::manual);
  EXPECT_EQ(there.code, "key-vault-secret");
  const model::Change present = workbench::plan({.kind = "secret",
                                                 .desired = desired,
                                                 .actual = {.document = desired},
                                                 .target_platform = kAzure});
  EXPECT_TRUE(present.actions.empty());
}

}  // namespace
}  // namespace lakeshift
