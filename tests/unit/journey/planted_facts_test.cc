// The twin judges the client: a wrong path, a wrong field and a wrong enum planted in a kind are
// each refused by it, and nothing but that object and what needs it fails.
#include <gtest/gtest.h>

#include "core/base/strings.h"
#include "tests/unit/journey/one_of_each.h"
#include "tests/unit/journey/two_workspaces.h"

namespace lakeshift::journey {
namespace {

using Plan = void (*)(const engine::PlanContext&, model::Change&);
Plan right_plan = nullptr;  // of the kind as it is

// Replaces a text in the body of every call of the change.
void replace_in_bodies(const engine::PlanContext& context, model::Change& change,
                       const std::string& right, const std::string& wrong) {
  right_plan(context, change);
  for (model::Action& action : change.actions) {
    const std::string text = dump_json(action.body);
    if (!contains(text, right)) continue;
    action.body = *parse_json(replace_all(text, right, wrong), "planted");
  }
}

struct Planted {
  std::string what;
  std::string kind;
  void (*plant)(engine::Kind&);
};

class PlantedFacts : public ::testing::TestWithParam<Planted> {};

TEST_P(PlantedFacts, are_refused_by_the_twin) {
  Journey journey("aws", "aws");
  put_one_of_each(journey.fake.files, "/estate");
  ASSERT_TRUE(journey.from.server->load("/estate"));
  journey.user = mapping_of_one_of_each();
  std::vector<engine::Kind> copies;
  std::vector<const engine::Kind*> kinds;
  copies.reserve(journey.kinds.size());
  for (const engine::Kind* kind : journey.kinds) {
    copies.push_back(*kind);
    if (kind->name == GetParam().kind) {
      right_plan = kind->plan_actions;
      GetParam().plant(copies.back());
    }
    kinds.push_back(&copies.back());
  }
  journey.kinds = kinds;
  ASSERT_TRUE(journey.look());
  const auto plan = journey.plan();
  ASSERT_TRUE(plan) << plan.error().to_text();
  const auto applied = journey.apply(*plan);
  ASSERT_TRUE(applied) << applied.error().to_text();
  EXPECT_FALSE(applied->complete());
  std::set<std::string> failed;
  for (const auto& [change, verb] : applied->walk.outcomes)
    if (verb == model::Verb::failed) failed.insert(change.substr(0, change.find(':')));
  EXPECT_EQ(failed, std::set<std::string>{GetParam().kind});
}

const Planted kPlanted[] = {
    {"path_of_jobs", "job",
     [](engine::Kind& kind) {
       kind.plan_actions = [](const engine::PlanContext& context, model::Change& change) {
         right_plan(context, change);
         for (model::Action& action : change.actions)
           action.path = replace_all(action.path, "/jobs/create", "/jobs/make");
       };
     }},
    {"field_of_clusters", "cluster",
     [](engine::Kind& kind) {
       kind.plan_actions = [](const engine::PlanContext& context, model::Change& change) {
         replace_in_bodies(context, change, "\"autotermination_minutes\"",
                           "\"auto_termination_minutes\"");
       };
     }},
    {"enum_of_pools", "instance_pool",
     [](engine::Kind& kind) {
       kind.plan_actions = [](const engine::PlanContext& context, model::Change& change) {
         replace_in_bodies(context, change, "\"ON_DEMAND\"", "\"ON_DEMAND_AZURE\"");
       };
     }},
    {"enum_of_warehouses", "sql_warehouse",
     [](engine::Kind& kind) {
       kind.plan_actions = [](const engine::PlanContext& context, model::Change& change) {
         replace_in_bodies(context, change, "\"PRO\"", "\"PROFESSIONAL\"");
       };
     }},
    {"member_of_users", "user",
     [](engine::Kind& kind) {
       kind.plan_actions = [](const engine::PlanContext& context, model::Change& change) {
         replace_in_bodies(context, change, "\"userName\"", "\"user_name\"");
       };
     }},
};

INSTANTIATE_TEST_SUITE_P(EachSort, PlantedFacts, ::testing::ValuesIn(kPlanted),
                         [](const auto& planted) { return planted.param.what; });

}  // namespace
}  // namespace lakeshift::journey
