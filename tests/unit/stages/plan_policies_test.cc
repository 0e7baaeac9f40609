#include <gtest/gtest.h>

#include "tests/unit/stages/small_estate.h"

namespace lakeshift::stages {
namespace {

using model::Field;
using model::Meaning;

constexpr Field kRuleFields[] = {{.name = "id", .role = model::Role::read_only},
                                 {.name = "name"},
                                 {.name = "definition", .meaning = Meaning::policy_rules}};
constexpr engine::Kind kPolicy{.name = "policy",
                               .title = "policy",
                               .plural = "policies",
                               .wave = 5,
                               .id_field = "id",
                               .key_field = "name",
                               .list = {.path = "/policies", .items = "items"},
                               .create = "POST /policies",
                               .bind = "id",
                               .fields = kRuleFields};
constexpr Field kMachineFields[] = {
    {.name = "id", .role = model::Role::read_only},
    {.name = "$self", .meaning = Meaning::compute},
    {.name = "name"},
    {.name = "node_type_id", .meaning = Meaning::node_type},
    {.name = "size"},
    {.name = "aws_attributes"},
    {.name = "azure_attributes"},
    {.name = "policy_id", .meaning = Meaning::reference, .target = "policy"}};
constexpr engine::Kind kMachine{.name = "machine",
                                .title = "machine",
                                .plural = "machines",
                                .wave = 6,
                                .id_field = "id",
                                .key_field = "name",
                                .list = {.path = "/machines", .items = "items"},
                                .create = "POST /machines",
                                .bind = "id",
                                .fields = kMachineFields};
constexpr const engine::Kind* kBoth[] = {&kMachine, &kPolicy};

model::Inventory estate(const std::string& side, const std::string& definition,
                        const std::string& machine) {
  model::Inventory inventory;
  inventory.side = side;
  inventory.platform = {{"cloud", side}};
  for (const engine::Kind* kind : kBoth) {
    model::KindCount count;
    count.kind = kind->name;
    count.listed = definition.empty() ? 0 : 1;
    inventory.counts.push_back(count);
  }
  if (definition.empty()) return inventory;
  auto add = [&](const engine::Kind& kind, Json document) {
    model::Object object;
    object.id = {side, std::string(kind.name), "1"};
    object.key = object.name = text_at(document, "name");
    object.document = std::move(document);
    object.document["id"] = "1";
    inventory.objects.push_back(std::move(object));
  };
  Json spec = Json::parse(machine);
  spec["name"] = "m";
  spec["policy_id"] = "1";
  add(kMachine, std::move(spec));
  add(kPolicy, {{"name", "p"}, {"definition", definition}});
  return inventory;
}

std::vector<model::Finding> violations(const std::string& definition, const std::string& machine,
                                       clouds::UserMapping user = {}) {
  const model::Inventory source = estate("azure", definition, machine),
                         target = estate("aws", "", "");
  clouds::MappingContext context;
  context.from = clouds::find_cloud("azure");
  context.to = clouds::find_cloud("aws");
  context.user = std::move(user);
  const clouds::Mapper mapper(std::move(context));
  const Route route{.from = "azure", .to = "aws"};
  const Selection only;
  const std::vector<state::LedgerRow> ledger;
  const auto plan = make_plan({source, target, kBoth, mapper, route, only, ledger, nullptr, true});
  EXPECT_TRUE(plan) << plan.error().to_text();
  std::vector<model::Finding> found;
  if (plan)
    for (const model::Finding& finding : plan->findings)
      if (finding.code == "policy-violated") found.push_back(finding);
  return found;
}

constexpr const char* kRules =
    R"({"node_type_id": {"type": "allowlist", "values": ["Standard_DS3_v2", "Standard_L8s_v2"]},
  "azure_attributes.availability": {"type": "fixed", "value": "SPOT_AZURE"}})";
constexpr const char* kObedient =
    R"({"node_type_id": "Standard_DS3_v2", "azure_attributes": {"availability": "SPOT_AZURE"}})";

TEST(PlanPolicies, WhatObeyedGoesOnObeying) { EXPECT_TRUE(violations(kRules, kObedient).empty()); }

TEST(PlanPolicies, AMappingThatBreaksThePolicyIsReported) {
  clouds::UserMapping user;
  user.fields.push_back({"machine", "m", "node_type_id", "\"r5.2xlarge\""});
  const auto found = violations(kRules, kObedient, user);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].key, "m");
  EXPECT_EQ(found[0].evidence, "node_type_id");
  EXPECT_NE(found[0].cause.find("r5.2xlarge"), std::string::npos) << found[0].cause;
}

TEST(PlanPolicies, WhatTheSourceBreaksIsNoNews) {
  EXPECT_TRUE(violations(R"({"size": {"type": "range", "maxValue": 3}})",
                         R"({"node_type_id": "Standard_L8s_v2", "size": 9})")
                  .empty());
}

}  // namespace
}  // namespace lakeshift::stages
