#include "tests/unit/knowledge/kind_workbench.h"

namespace lakeshift {
namespace {

using workbench::Discovered;
using workbench::Planning;
using workbench::Table;

constexpr const char* kUsers = "/api/2.0/preview/scim/v2/Users";

Json person(const std::string& id, const std::string& mail) {
  return {{"id", id},
          {"userName", mail},
          {"displayName", "Ana Lima"},
          {"name", {{"givenName", "Ana"}, {"familyName", "Lima"}}},
          {"emails", Json::array({{{"type", "work"}, {"value", mail}, {"primary", true}}})},
          {"active", true}};
}

TEST(KindUser, IsReadFromTheListAlone) {
  Table table;
  Json ana = person("1", "Ana@Old.example");
  ana["groups"] = Json::array({{{"value", "3"}, {"$ref", "Groups/3"}, {"display", "data"}}});
  table.scim_list(kUsers, Json::array({ana, person("2", "bo@old.example")}));

  const Discovered found = workbench::discover(table, {"user"});

  EXPECT_EQ(found.listed.at("user"), 2);
  EXPECT_EQ(table.platform.calls().size(), 2U);
  const model::Object& object = found.at("user", "ana@old.example");
  EXPECT_EQ(object.name, "Ana@Old.example");
  EXPECT_FALSE(object.document["groups"][0].contains("$ref"));
}

TEST(KindUser, IsCreatedWithEverythingSettable) {
  Json desired = person("1", "ana@new.example");
  desired["entitlements"] = Json::array({{{"value", "allow-cluster-create"}, {"display", "x"}}});
  desired["externalId"] = "entra-1";

  const model::Change change = workbench::plan({.kind = "user", .desired = desired});

  ASSERT_EQ(change.actions.size(), 1U);
  const model::Action& create = change.actions[0];
  EXPECT_EQ(create.method + " " + create.path, "POST /api/2.0/preview/scim/v2/Users");
  EXPECT_EQ(create.effect, model::Effect::create);
  EXPECT_EQ(
      dump_json(create.body),
      R"({"active":true,"displayName":"Ana Lima","emails":[{"primary":true,"type":"work","value":"ana@new.example"}],)"
      R"("entitlements":[{"value":"allow-cluster-create"}],"name":{"familyName":"Lima","givenName":"Ana"},)"
      R"("schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"ana@new.example"})");
  EXPECT_NE(create.note.find("invitation"), std::string::npos);
  ASSERT_EQ(change.decisions.size(), 1U);
  EXPECT_EQ(change.decisions[0].path, "externalId");
}

TEST(KindUser, ADeactivatedUserStaysDeactivated) {
  Json desired = person("1", "gone@new.example");
  desired["active"] = false;
  const model::Change change = workbench::plan({.kind = "user", .desired = desired});
  ASSERT_EQ(change.actions.size(), 2U);
  EXPECT_EQ(change.actions[0].body["active"], false);
  EXPECT_EQ(change.actions[1].name, "deactivate");
  EXPECT_EQ(change.actions[1].path,
            "/api/2.0/preview/scim/v2/Users/${ref:user:gone@new.example:id}");
  EXPECT_EQ(change.actions[1].body["Operations"],
            Json::parse(R"([{"op":"replace","path":"active","value":false}])"));
}

TEST(KindUser, EverySettableFieldIsPatched) {
  const Json desired = person("1", "ana@new.example");
  Json actual = desired;
  actual["id"] = "70";
  actual["displayName"] = "A";
  actual["name"] = {{"givenName", "B"}, {"familyName", "C"}};
  actual["active"] = false;
  actual["emails"] = Json::array({{{"type", "home"}, {"value", "x@y.example"}}});
  actual["entitlements"] = Json::array({{{"value", "allow-cluster-create"}}});
  actual["roles"] = Json::array({{{"value", "arn:aws:iam::1:instance-profile/p"}}});

  const model::Change change =
      workbench::plan({.kind = "user", .desired = desired, .actual = {.document = actual}});

  ASSERT_EQ(change.actions.size(), 1U);
  EXPECT_EQ(change.actions[0].path, "/api/2.0/preview/scim/v2/Users/70");
  std::vector<std::string> operations;
  for (const Json& operation : change.actions[0].body["Operations"])
    operations.push_back(text_at(operation, "op") + " " + text_at(operation, "path"));
  EXPECT_EQ(operations, (std::vector<std::string>{
                            "replace displayName", "replace name.givenName",
                            "replace name.familyName", "replace active", "replace emails",
                            R"(remove entitlements[value eq "allow-cluster-create"])",
                            R"(remove roles[value eq "arn:aws:iam::1:instance-profile/p"])"}));
  EXPECT_EQ(change.differences.size(), 7U + 1U);  // emails: one too much, one too few
}

TEST(KindUser, AnAdoptedUserKeepsTheTargetsSpelling) {
  Json actual = person("70", "Ana@New.example");
  actual["emails"] = Json::array();
  Json desired = person("1", "ana@new.example");
  desired.erase("emails");
  const model::Change change =
      workbench::plan({.kind = "user", .desired = desired, .actual = {.document = actual}});
  EXPECT_TRUE(change.differences.empty());
  EXPECT_TRUE(change.actions.empty());
}

TEST(KindUser, TheCallerIsNeverDeactivated) {
  Json desired = person("1", "lead@new.example");
  desired["active"] = false;
  const Json actual = person("70", "Lead@new.example");
  const model::Change change =
      workbench::plan({.kind = "user", .desired = desired, .actual = {.document = actual}});
  EXPECT_TRUE(change.actions.empty() ||
              dump_json(change.actions[0].body).find("active") == std::string::npos);
  EXPECT_EQ(change.expected["active"], true);
  ASSERT_EQ(change.decisions.size(), 1U);
  EXPECT_EQ(change.decisions[0].rule, "caller");
}

}  // namespace
}  // namespace lakeshift
