#include <gtest/gtest.h>

#include <map>
#include <set>

#include "core/model/field.h"

namespace lakeshift::model {
namespace {

extern const Field kTask[4];
const Field kLoop[] = {{.name = "inputs"}, {.name = "task", .fields = kTask}};
const Field kPerson[] = {{.name = "", .meaning = Meaning::person}};
const Field kMail[] = {{.name = "on_failure", .fields = kPerson, .unordered = true}};
const Field kTask[4] = {{.name = "task_key"},
                        {.name = "path", .meaning = Meaning::tree_path},
                        {.name = "for_each_task", .fields = kLoop},
                        {.name = "email", .fields = kMail}};
const Field kTag[] = {{.name = "*"}};
const Field kTable[] = {{.name = "id", .role = Role::read_only},
                        {.name = "tasks", .fields = kTask, .array = true},
                        {.name = "tags", .fields = kTag},
                        {.name = "zone", .role = Role::create_only},
                        {.name = "value", .role = Role::secret},
                        {.name = "password", .role = Role::write_only},
                        {.name = "$permissions", .role = Role::observed},
                        {.name = "conf"}};

Json sample() {
  return Json::parse(R"({
    "id": 7, "zone": "z", "value": "s", "password": "p", "$permissions": [], "new_thing": {"a": 1},
    "conf": {"k": "v"}, "tags": {"Team": "x", "Cost": "y"},
    "tasks": [{"task_key": "a", "path": "/x", "email": {"on_failure": ["m@x", "n@x"]}},
              {"task_key": "b", "for_each_task": {"task": {"task_key": "c", "path": "/y"}}}]})");
}

TEST(WalkFields, visits_parents_before_children_with_paths_and_patterns) {
  std::map<std::string, std::string> patterns;
  std::vector<std::string> order;
  walk_fields(sample(), kTable, [&](const Visit& visit, const Json&) {
    patterns[visit.path] = visit.pattern;
    order.push_back(visit.path);
  });
  EXPECT_EQ(patterns.at("tasks[0].email.on_failure[1]"), "tasks[].email.on_failure[]");
  EXPECT_EQ(patterns.at("tasks[1].for_each_task.task.path"), "tasks[].for_each_task.task.path");
  EXPECT_EQ(patterns.at("tags.Team"), "tags.*");
  EXPECT_LT(std::find(order.begin(), order.end(), "tasks"),
            std::find(order.begin(), order.end(), "tasks[0].task_key"));
  EXPECT_FALSE(patterns.contains("conf.k")) << "a member without sub-fields is a leaf";
}

TEST(WalkFields, reports_unknown_members_without_a_field_and_does_not_enter_them) {
  std::map<std::string, bool> known;
  walk_fields(sample(), kTable,
              [&](const Visit& visit, const Json&) { known[visit.path] = visit.field != nullptr; });
  ASSERT_TRUE(known.contains("new_thing"));
  EXPECT_FALSE(known["new_thing"]);
  EXPECT_FALSE(known.contains("new_thing.a"));
  EXPECT_TRUE(known["zone"]);
}

TEST(WalkFields, survives_shapes_that_the_table_does_not_expect) {
  int visits = 0;
  walk_fields(Json::parse(R"({"tasks": "text", "tags": [1, 2], "zone": {"a": []}})"), kTable,
              [&](const Visit&, const Json&) { ++visits; });
  EXPECT_EQ(visits, 3);
  walk_fields(Json(3), kTable, [&](const Visit&, const Json&) { ++visits; });
  EXPECT_EQ(visits, 3);
}

TEST(EditFields, changes_values_in_place_and_skips_children_when_told) {
  Json document = sample();
  edit_fields(document, kTable, [](const Visit& visit, Json& value) {
    if (visit.field != nullptr && visit.field->meaning == Meaning::person) value = "new@x";
    return visit.pattern != "tags";
  });
  EXPECT_EQ(document["tasks"][0]["email"]["on_failure"], Json({"new@x", "new@x"}));
  int tags = 0;
  edit_fields(document, kTable, [&](const Visit& visit, Json&) {
    tags += visit.pattern == "tags.*" ? 1 : 0;
    return visit.pattern != "tags";
  });
  EXPECT_EQ(tags, 0);
}

TEST(ListPatterns, enters_recursive_tables_a_bounded_number_of_times) {
  std::set<std::string> patterns;
  list_patterns(kTable,
                [&](const std::string& pattern, const Field&) { patterns.insert(pattern); });
  EXPECT_TRUE(patterns.contains("tasks[].path"));
  EXPECT_TRUE(patterns.contains("tasks[].email.on_failure[]"));
  EXPECT_TRUE(patterns.contains("tasks[].for_each_task.task.path"));
  EXPECT_TRUE(patterns.contains("tags.*"));
  EXPECT_FALSE(patterns.contains("tasks"));
  EXPECT_FALSE(patterns.contains("tasks[].for_each_task.task.for_each_task.task.path"));
}

TEST(Keep, sends_and_compares_by_role) {
  const Json create = keep_for_create(sample(), kTable);
  EXPECT_FALSE(create.contains("id"));
  EXPECT_FALSE(create.contains("$permissions"));
  EXPECT_FALSE(create.contains("new_thing"));
  EXPECT_TRUE(create.contains("zone") && create.contains("password") && create.contains("value"));
  EXPECT_EQ(create["tasks"], sample()["tasks"]);

  const Json update = keep_for_update(sample(), kTable);
  EXPECT_FALSE(update.contains("zone"));
  EXPECT_TRUE(update.contains("password"));

  const Json compare = keep_for_compare(sample(), kTable);
  EXPECT_TRUE(compare.contains("$permissions") && compare.contains("zone"));
  EXPECT_FALSE(compare.contains("password"));
  EXPECT_TRUE(compare.contains("value"));  // a reference to a secret
}

TEST(Keep, drops_objects_that_hold_only_dropped_members) {
  const Field inner[] = {{.name = "state", .role = Role::read_only}};
  const Field table[] = {{.name = "status", .fields = inner}};
  EXPECT_EQ(keep_for_create(Json::parse(R"({"status": {"state": "UP"}})"), table), Json::object());
  EXPECT_EQ(keep_for_create(Json::parse(R"({"status": {}})"), table).size(), 1U);
}

}  // namespace
}  // namespace lakeshift::model
