#include "tests/unit/knowledge/kind_workbench.h"

namespace lakeshift {
namespace {

using workbench::Discovered;
using workbench::Table;

constexpr const char* kPath = "/api/2.0/preview/scim/v2/ServicePrincipals";

Json principal(const std::string& id, const std::string& name) {
  return {{"id", id}, {"displayName", name}, {"applicationId", "app-" + id}, {"active", true}};
}
const Json kAzureA = {{"cloud", "azure"}, {"account", "acc-1"}};
const Json kAzureB = {{"cloud", "azure"}, {"account", "acc-2"}};

TEST(KindServicePrincipal, IsReadFromTheListAlone) {
  Table table;
  table.scim_list(kPath,
                  Json::array({principal("1", "etl"), {{"id", "2"}, {"applicationId", "app-2"}}}));
  const Discovered found = workbench::discover(table, {"service_principal"});
  EXPECT_EQ(found.count("service_principal"), 2);
  EXPECT_NE(found.find("service_principal", "app-2"), nullptr);  // nameless
  EXPECT_EQ(table.platform.calls().size(), 2U);
}

TEST(KindServicePrincipal, TheTargetGeneratesTheApplicationId) {
  const model::Change change =
      workbench::plan({.kind = "service_principal", .desired = principal("1", "etl")});
  ASSERT_EQ(change.actions.size(), 1U);
  EXPECT_FALSE(change.actions[0].body.contains("applicationId"));
  EXPECT_EQ(change.actions[0].body["displayName"], "etl");
  ASSERT_EQ(change.decisions.size(), 1U);
  EXPECT_EQ(change.decisions[0].before, "app-1");
}

TEST(KindServicePrincipal, TheSameDirectoryKeepsTheApplicationId) {
  const model::Change same = workbench::plan({.kind = "service_principal",
                                              .desired = principal("1", "etl"),
                                              .source_platform = kAzureA,
                                              .target_platform = kAzureA});
  EXPECT_EQ(same.actions[0].body["applicationId"], "app-1");
  EXPECT_TRUE(same.decisions.empty());
  const model::Change other = workbench::plan({.kind = "service_principal",
                                               .desired = principal("1", "etl"),
                                               .source_platform = kAzureA,
                                               .target_platform = kAzureB});
  EXPECT_FALSE(other.actions[0].body.contains("applicationId"));
}

TEST(KindServicePrincipal, ApplicationIdsAreNoDifference) {
  Json actual = principal("9", "etl");
  actual["displayName"] = "etl";
  const model::Change change = workbench::plan({.kind = "service_principal",
                                                .desired = principal("1", "etl"),
                                                .actual = {.document = actual}});
  EXPECT_TRUE(change.differences.empty());
  EXPECT_TRUE(change.actions.empty());
}

TEST(KindServicePrincipal, FieldsArePatched) {
  Json actual = principal("9", "etl");
  actual["active"] = false;
  actual["entitlements"] = Json::array({{{"value", "workspace-access"}}});
  Json desired = principal("1", "etl");
  desired["roles"] = Json::array({{{"value", "arn:aws:iam::1:instance-profile/p"}}});
  const model::Change change = workbench::plan(
      {.kind = "service_principal", .desired = desired, .actual = {.document = actual}});
  ASSERT_EQ(change.actions.size(), 1U);
  EXPECT_EQ(
      dump_json(change.actions[0].body["Operations"]),
      R"([{"op":"replace","path":"active","value":true},)"
      R"({"op":"remove","path":"entitlements[value eq \"workspace-access\"]"},)"
      R"({"op":"add","path":"roles","value":[{"value":"arn:aws:iam::1:instance-profile/p"}]}])");
}

TEST(KindServicePrincipal, TheCallerStaysActive) {
  Json desired = principal("1", "mover");
  desired["active"] = false;
  const model::Change change =
      workbench::plan({.kind = "service_principal",
                       .desired = desired,
                       .actual = {.document = principal("9", "mover")},
                       .target_platform = {{"cloud", "aws"}, {"user", "APP-9"}}});
  EXPECT_TRUE(change.actions.empty());
  EXPECT_EQ(change.decisions.back().rule, "caller");
}

TEST(KindServicePrincipal, AnInterruptedCreateIsFoundAmongHomonyms) {
  Table table;
  table.scim_list(
      kPath, Json::array({principal("12", "etl"), principal("9", "etl"), principal("3", "other")}));
  const engine::Kind& kind = workbench::kind_named("service_principal");
  model::Change change;
  change.expected = principal("1", "etl");
  const auto find = [&](const std::string& key) {
    change.target_key = key;
    return kind.find(kind, table.platform, change, {}).value();
  };
  EXPECT_EQ(find("etl"), "9");
  EXPECT_EQ(find("etl#2"), "12");
  EXPECT_EQ(find("etl#3"), std::nullopt);
}

}  // namespace
}  // namespace lakeshift
