#include "tests/unit/knowledge/kind_workbench.h"

namespace lakeshift {
namespace {

using testing::Test;
using workbench::calls_of;
using workbench::Discovered;
using workbench::Planning;
using workbench::Table;

constexpr const char* kGroups = "/api/2.0/preview/scim/v2/Groups";

Json local_group(const std::string& id, const std::string& name) {
  return {{"id", id}, {"displayName", name}, {"meta", {{"resourceType", "WorkspaceGroup"}}}};
}
Json account_group(const std::string& id, const std::string& name) {
  return {{"id", id}, {"displayName", name}, {"meta", {{"resourceType", "Group"}}}};
}
Json values(std::initializer_list<Json> list) {
  Json set = Json::array();
  for (const Json& value : list) set.push_back({{"value", value}});
  return set;
}

TEST(KindGroup, ReadsLocalGroupsOneByOneAndAccountGroupsNot) {
  Table table;
  table.scim_list(kGroups,
                  Json::array({local_group("1", "data"), account_group("2", "everyone@account")}));
  Json full = local_group("1", "data");
  full["members"] = Json::array({{{"value", "9"}, {"display", "z"}, {"$ref", "Users/9"}},
                                 {{"value", "10"}, {"$ref", "Users/10"}}});
  table.answer(std::string("GET ") + kGroups + "/1", full);

  const Discovered found = workbench::discover(table, {"group"});

  EXPECT_EQ(found.listed.at("group"), 2);
  EXPECT_EQ(found.count("group"), 2);
  EXPECT_EQ(table.calls_of(std::string("GET ") + kGroups + "/2"), 0);
  EXPECT_EQ(dump_json(found.at("group", "data").document["members"]),
            R"([{"value":"10"},{"display":"z","value":"9"}])");
}

TEST(KindGroup, AVanishedGroupIsOutOfScopeAndARefusedOneUnread) {
  Table table;
  table.scim_list(kGroups, Json::array({local_group("1", "gone"), local_group("2", "locked")}));
  table.refuse(std::string("GET ") + kGroups + "/2", "permission-denied");

  const Discovered found = workbench::discover(table, {"group"});

  EXPECT_EQ(found.out_of_scope.at("group").at("vanished during discovery"), 1);
  EXPECT_EQ(found.at("group", "locked").unread_code, "permission-denied");
}

TEST(KindGroup, MembersOfUsersAreAutomatic) {
  Table table;
  table.scim_list(kGroups, Json::array({local_group("1", "users")}));
  Json full = local_group("1", "users");
  full["members"] = values({"7", "8"});
  table.answer(std::string("GET ") + kGroups + "/1", full);

  EXPECT_FALSE(
      workbench::discover(table, {"group"}).at("group", "users").document.contains("members"));
}

TEST(KindGroup, IsCreatedBeforeItsMembersAreSet) {
  Json desired = local_group("1", "data");
  desired["entitlements"] = values({"allow-cluster-create"});
  desired["members"] =
      values({engine::reference_to("user:a"), engine::reference_to("group:inner")});
  desired["externalId"] = "e-1";

  const model::Change change = workbench::plan({.kind = "group", .desired = desired});

  ASSERT_EQ(change.actions.size(), 2U);
  EXPECT_EQ(calls_of(change)[0],
            "POST /api/2.0/preview/scim/v2/Groups "
            R"({"displayName":"data","entitlements":[{"value":"allow-cluster-create"}],)"
            R"("schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"]})");
  EXPECT_EQ(change.actions[0].binds, "id");
  EXPECT_EQ(change.actions[0].effect, model::Effect::create);
  EXPECT_EQ(
      calls_of(change)[1],
      "PATCH /api/2.0/preview/scim/v2/Groups/${ref:group:data:id} "
      R"({"Operations":[{"op":"add","path":"members","value":[{"value":{"$ref":{"change":"user:a","field":"id"}}},)"
      R"({"value":{"$ref":{"change":"group:inner","field":"id"}}}]}],)"
      R"("schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"]})");
  ASSERT_EQ(change.decisions.size(), 1U);
  EXPECT_EQ(change.decisions[0].path, "externalId");
}

TEST(KindGroup, AnExistingGroupLosesExtraMembersAndEntitlements) {
  Json desired = local_group("1", "data");
  desired["members"] = values({"5"});
  Json actual = local_group("44", "data");
  actual["members"] = values({"5", "6"});
  actual["entitlements"] = values({"workspace-access"});

  const model::Change change =
      workbench::plan({.kind = "group", .desired = desired, .actual = {.document = actual}});

  ASSERT_EQ(change.differences.size(), 2U);
  ASSERT_EQ(change.actions.size(), 2U);
  EXPECT_EQ(change.actions[0].path, "/api/2.0/preview/scim/v2/Groups/44");
  EXPECT_EQ(change.actions[0].body["Operations"][0]["path"],
            R"(entitlements[value eq "workspace-access"])");
  EXPECT_EQ(change.actions[1].body["Operations"][0],
            (Json{{"op", "remove"}, {"path", R"(members[value eq "6"])"}}));
}

TEST(KindGroup, BuiltInGroupsOnlyGainMembers) {
  Json desired = local_group("1", "admins");
  desired["members"] = values({"5"});
  Json actual = local_group("2", "admins");
  actual["members"] = values({"77"});

  const model::Change change =
      workbench::plan({.kind = "group", .desired = desired, .actual = {.document = actual}});

  ASSERT_EQ(change.actions.size(), 1U);
  EXPECT_EQ(change.actions[0].body["Operations"],
            Json::parse(R"([{"op":"add","path":"members","value":[{"value":"5"}]}])"));
  EXPECT_EQ(change.expected["members"], values({"5", "77"}));
  ASSERT_EQ(change.decisions.size(), 1U);
  EXPECT_EQ(change.decisions[0].rule, "built-in-group");

  // Once the member is there, nothing differs any more.
  actual["members"] = values({"5", "77"});
  const model::Change again =
      workbench::plan({.kind = "group", .desired = desired, .actual = {.document = actual}});
  EXPECT_TRUE(again.differences.empty());
  EXPECT_TRUE(again.actions.empty());
}

TEST(KindGroup, AMissingAccountGroupIsForTheAccountAdmin) {
  const model::Change change =
      workbench::plan({.kind = "group", .desired = account_group("2", "finance")});
  EXPECT_EQ(change.verb, model::Verb::manual);
  EXPECT_EQ(change.code, "account-group");
  EXPECT_EQ(change.owner, "account admin");
  EXPECT_TRUE(change.actions.empty());
}

TEST(KindGroup, APresentAccountGroupKeepsItsMembersAndGainsEntitlements) {
  Json desired = local_group("2", "finance");
  desired["members"] = values({"5"});
  desired["entitlements"] = values({"databricks-sql-access"});

  const model::Change change = workbench::plan(
      {.kind = "group", .desired = desired, .actual = {.document = account_group("8", "finance")}});

  EXPECT_EQ(change.verb, model::Verb::update);
  ASSERT_EQ(change.actions.size(), 1U);
  EXPECT_EQ(change.actions[0].body["Operations"].size(), 1U);
  EXPECT_EQ(change.actions[0].body["Operations"][0]["path"], "entitlements");
  ASSERT_EQ(change.decisions.size(), 1U);
  EXPECT_EQ(change.decisions[0].rule, "account-group");
}

TEST(KindGroup, ALocalGroupInTheAccountGroupsPlaceIsNotTouched) {
  const model::Change change =
      workbench::plan({.kind = "group",
                       .desired = account_group("2", "finance"),
                       .actual = {.document = local_group("8", "finance")}});
  EXPECT_EQ(change.verb, model::Verb::manual);
  EXPECT_EQ(change.code, "account-group-shadowed");
}

TEST(KindGroup, ManyMembersTravelInCallsOfAHundred) {
  Json desired = local_group("1", "everyone");
  for (int i = 1000; i < 1250; ++i) desired["members"].push_back({{"value", std::to_string(i)}});
  Json actual = local_group("9", "everyone");
  actual["members"] = values({"1"});

  const model::Change change =
      workbench::plan({.kind = "group", .desired = desired, .actual = {.document = actual}});

  ASSERT_EQ(change.actions.size(), 3U);
  std::size_t added = 0;
  for (const model::Action& action : change.actions)
    for (const Json& operation : action.body["Operations"])
      added += operation.contains("value") ? operation["value"].size() : 0;
  EXPECT_EQ(added, 250U);
  EXPECT_EQ(change.actions[2].body["Operations"].back()["op"], "remove");
}

}  // namespace
}  // namespace lakeshift
