#include <gtest/gtest.h>

#include <algorithm>

#include "core/engine/generic.h"

namespace lakeshift::engine {
namespace {

const model::Field kFields[] = {{.name = "job_id", .role = model::Role::read_only},
                                {.name = "name"}};
const Kind kJob = {.name = "job",
                   .id_field = "job_id",
                   .key_field = "name",
                   .create = "POST /api/create",
                   .update = "POST /api/edit",
                   .bind = "job_id",
                   .id_in_body = "job_id",
                   .permissions = "jobs",
                   .stamp_field = "settings.tags",
                   .fields = kFields,
                   .id_is_number = true};
const Kind kCluster = {.name = "cluster",
                       .id_field = "cluster_id",
                       .key_field = "name",
                       .create = "POST /api/create",
                       .permissions = "clusters",
                       .fields = kFields};

TEST(DirectPermissions, look_at_every_level_and_drop_inherited_ones_and_admins) {
  const Json answer = Json::parse(R"({"access_control_list": [
    {"user_name": "z@x", "all_permissions": [{"permission_level": "CAN_VIEW", "inherited": true},
                                              {"permission_level": "CAN_MANAGE", "inherited": false}]},
    {"group_name": "team", "all_permissions": [{"permission_level": "CAN_VIEW", "inherited": true}]},
    {"group_name": "admins", "all_permissions": [{"permission_level": "CAN_MANAGE"}]},
    {"service_principal_name": "app", "permission_level": "IS_OWNER"},
    {"nobody": 1}]})");
  EXPECT_EQ(direct_permissions(answer, "jobs"), Json::parse(R"([
    {"permission_level": "CAN_MANAGE", "user_name": "z@x"},
    {"permission_level": "IS_OWNER", "service_principal_name": "app"}])"));
  EXPECT_EQ(direct_permissions(answer, "authorization/passwords").size(), 3U);
  EXPECT_EQ(direct_permissions(Json("x"), "jobs"), Json::array());
}

long owners(const Json& grants) {
  return std::count_if(grants.begin(), grants.end(),
                       [](const Json& grant) { return grant["permission_level"] == "IS_OWNER"; });
}

TEST(SettlePermissions, keep_exactly_one_owner_whatever_is_wanted) {
  const std::vector<const char*> wanted = {
      R"([])",
      R"([{"user_name":"a@x","permission_level":"IS_OWNER"}])",
      R"([{"group_name":"g","permission_level":"IS_OWNER"}])",
      R"([{"user_name":"a@x","permission_level":"IS_OWNER"},{"user_name":"b@x","permission_level":"IS_OWNER"}])",
      R"([{"user_name":"me@x","permission_level":"CAN_VIEW"}])",
      R"([{"service_principal_name":{"$ref":{"change":"sp","field":"applicationId"}},"permission_level":"IS_OWNER"}])"};
  for (const char* text : wanted) {
    Json grants = Json::parse(text);
    std::vector<model::Decision> decisions;
    settle_permissions(kJob, grants, nullptr, {{"user", "me@x"}}, &decisions);
    EXPECT_EQ(owners(grants), 1) << text << dump_json(grants);
    for (const Json& grant : grants)
      EXPECT_FALSE(grant["permission_level"] == "IS_OWNER" && grant.contains("group_name"));
    Json again = grants;
    settle_permissions(kJob, again, grants, {{"user", "me@x"}}, nullptr);
    EXPECT_EQ(again, grants) << "settling twice is settling once";
  }
}

TEST(SettlePermissions, explain_every_change_of_meaning) {
  Json grants = Json::parse(R"([{"group_name":"g","permission_level":"IS_OWNER"}])");
  std::vector<model::Decision> decisions;
  settle_permissions(kJob, grants, nullptr, {{"user", "me@x"}}, &decisions);
  ASSERT_EQ(decisions.size(), 2U);
  EXPECT_EQ(decisions[0].explanation, "groups cannot own objects");
  EXPECT_EQ(grants[0], Json({{"group_name", "g"}, {"permission_level", "CAN_MANAGE"}}));
}

TEST(SettlePermissions, leave_types_without_owners_alone_and_prefer_the_present_owner) {
  Json grants = Json::parse(R"([{"group_name":"g","permission_level":"CAN_MANAGE"}])");
  const Json before = grants;
  settle_permissions(kCluster, grants, nullptr, {{"user", "me@x"}}, nullptr);
  EXPECT_EQ(grants, before);
  settle_permissions(kJob, grants,
                     Json::parse(R"([{"user_name":"o@x","permission_level":"IS_OWNER"}])"),
                     {{"user", "me@x"}}, nullptr);
  EXPECT_EQ(grants.size(), 2U);
  EXPECT_EQ(grants[1]["user_name"], "o@x");
}

struct Planned {
  Json desired, source, target = {{"user", "me@x"}};
  model::Object object;
  model::Change change;
  void plan(const Kind& kind, bool exists) {
    change.id = "job:n";
    change.verb = exists ? model::Verb::update : model::Verb::create;
    const PlanContext context{kind,   desired, source,     exists ? &object : nullptr,
                              source, target,  "old/job/1"};
    if (exists) change.differences = differences_between(object.document, desired, kind.fields);
    plan_actions_generic(context, change);
  }
};

TEST(PlanActions, create_with_a_stamp_then_set_permissions_by_reference) {
  Planned planned;
  planned.desired = Json::parse(
      R"({"name":"n","job_id":1,"$permissions":[{"user_name":"a@x","permission_level":"IS_OWNER"}]})");
  planned.plan(kJob, false);
  ASSERT_EQ(planned.change.actions.size(), 2U);
  const model::Action& create = planned.change.actions[0];
  EXPECT_EQ(create.effect, model::Effect::create);
  EXPECT_EQ(create.binds, "job_id");
  EXPECT_EQ(create.body, Json::parse(R"({"name":"n","tags":{"lakeshift:source":"old/job/1"}})"));
  EXPECT_EQ(planned.change.actions[1].method, "PUT");
  EXPECT_EQ(planned.change.actions[1].path, "/api/2.0/permissions/jobs/${ref:job:n:id}");
}

TEST(PlanActions, update_by_native_id_and_keep_the_stamp) {
  Planned planned;
  planned.desired = Json::parse(R"({"name":"n"})");
  planned.object.id = {"new", "job", "77"};
  planned.object.document =
      Json::parse(R"({"job_id":77,"name":"o","tags":{"lakeshift:source":"other/job/5"}})");
  planned.plan(kJob, true);
  ASSERT_EQ(planned.change.actions.size(), 1U);
  EXPECT_EQ(planned.change.actions[0].body,
            Json::parse(R"({"name":"n","job_id":77,"tags":{"lakeshift:source":"other/job/5"}})"));
  EXPECT_EQ(planned.change.actions[0].effect, model::Effect::idempotent);
}

TEST(PlanActions, set_only_permissions_when_nothing_else_differs) {
  Planned planned;
  planned.desired = Json::parse(
      R"({"name":"n","$permissions":[{"user_name":"b@x","permission_level":"CAN_VIEW"}]})");
  planned.object.id = {"new", "job", "77"};
  planned.object.document = Json::parse(
      R"({"job_id":77,"name":"n","$permissions":[{"user_name":"a@x","permission_level":"IS_OWNER"}]})");
  planned.plan(kJob, true);
  ASSERT_EQ(planned.change.actions.size(), 1U);
  EXPECT_EQ(planned.change.actions[0].path, "/api/2.0/permissions/jobs/77");
  EXPECT_EQ(owners(planned.change.actions[0].body["access_control_list"]), 1);
  // Converged: the present grants equal the wanted ones in another order.
  Planned again;
  again.desired = Json::parse(
      R"({"name":"n","$permissions":[{"user_name":"b@x","permission_level":"CAN_VIEW"}]})");
  again.object = planned.object;
  again.object.document["$permissions"] = Json::parse(
      R"([{"user_name":"a@x","permission_level":"IS_OWNER"},{"user_name":"b@x","permission_level":"CAN_VIEW"}])");
  again.plan(kJob, true);
  EXPECT_TRUE(again.change.actions.empty());
}

TEST(PlanActions, never_put_permissions_without_an_owner) {
  Planned planned;
  planned.target = Json::object();
  planned.desired = Json::parse(
      R"({"name":"n","$permissions":[{"user_name":"b@x","permission_level":"CAN_VIEW"}]})");
  planned.plan(kJob, false);
  ASSERT_EQ(planned.change.actions.size(), 2U);
  EXPECT_EQ(planned.change.actions[1].method, "PATCH");
  EXPECT_FALSE(planned.change.actions[1].note.empty());
}

TEST(Stamps, go_into_documents_inner_parts_and_lists) {
  Json document = Json::parse(R"({"settings":{"name":"n"}})");
  add_stamp(kJob, "s/t/1", document);
  EXPECT_EQ(stamp_of(kJob, document), "s/t/1");
  EXPECT_EQ(document["settings"]["tags"]["lakeshift:source"], "s/t/1");
  const Kind pairs = {.name = "w", .stamp_field = "tags.custom_tags"};
  Json warehouse = Json::parse(
      R"({"tags":{"custom_tags":[{"key":"a","value":"b"},{"key":"lakeshift:source","value":"x"}]}})");
  add_stamp(pairs, "s/t/1", warehouse);
  EXPECT_EQ(stamp_of(pairs, warehouse), "s/t/1");
  EXPECT_EQ(warehouse["tags"]["custom_tags"].size(), 2U);
}

}  // namespace
}  // namespace lakeshift::engine
