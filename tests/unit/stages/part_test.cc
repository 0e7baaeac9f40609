#include "stages/part.h"

#include <gtest/gtest.h>

namespace lakeshift::stages {
namespace {

const engine::Kind kJob = {.name = "job", .stamp_field = "settings.tags"};
const engine::Kind kScope = {.name = "scope"};
constexpr model::Field kValue[] = {{.name = "value", .role = model::Role::secret}};
const engine::Kind kSecret = {.name = "secret", .fields = kValue};
const engine::Kind kWarehouse = {.name = "warehouse", .stamp_field = "tags.custom_tags"};
const engine::Kind* const kKinds[] = {&kJob, &kScope, &kSecret, &kWarehouse};

struct Estate {
  model::Plan plan;
  model::Inventory source;

  void add(const std::string& kind, const std::string& key, std::vector<std::string> needs,
           Json document = Json::object()) {
    model::Change change;
    change.id = kind + ":" + key;
    change.key = change.name = key;
    change.source = {"old", kind, key};
    change.requires_changes = std::move(needs);
    plan.changes.push_back(change);
    model::Object object;
    object.id = change.source;
    object.key = object.name = key;
    object.document = std::move(document);
    source.objects.push_back(object);
  }

  std::set<std::string> part(std::vector<std::string> include,
                             std::vector<std::string> exclude = {}) {
    return part_of(plan, source, kKinds, {std::move(include), std::move(exclude)});
  }
};

Estate small_estate() {
  Estate estate;
  estate.add("job", "close", {"job:step", "scope:keys"},
             {{"settings", {{"tags", {{"team", "finance"}, {"lakeshift:source", "x"}}}}}});
  estate.add("job", "step", {"job:close"});
  estate.add("job", "other", {}, {{"settings", {{"tags", {{"team", "people"}}}}}});
  estate.add("scope", "keys", {});
  estate.add("scope", "unused", {});
  estate.add("secret", "keys/one", {"scope:keys"});
  estate.add("secret", "unused/two", {"scope:unused"});
  estate.add("warehouse", "wh", {},
             {{"tags", {{"custom_tags", {{{"key", "team"}, {"value", "finance"}}}}}}});
  return estate;
}

TEST(Part, brings_what_it_needs_and_the_values_of_a_scope) {
  const std::set<std::string> wanted = {"job:close", "job:step", "scope:keys", "secret:keys/one"};
  EXPECT_EQ(small_estate().part({"job/close"}), wanted);
}

TEST(Part, is_chosen_by_tags_in_maps_and_lists) {
  Estate estate = small_estate();
  EXPECT_TRUE(estate.part({"tag:team=finance"}).contains("job:close"));
  EXPECT_TRUE(estate.part({"tag:team=finance"}).contains("warehouse:wh"));
  EXPECT_FALSE(estate.part({"tag:team=finance"}).contains("job:other"));
  EXPECT_TRUE(estate.part({"tag:te*"}).contains("job:other"));
  EXPECT_TRUE(estate.part({"tag:lakeshift:source"}).empty()) << "the stamp is nobody's tag";
  EXPECT_FALSE(estate.part({"tag:team"}, {"tag:team=people"}).contains("job:other"));
}

}  // namespace
}  // namespace lakeshift::stages
