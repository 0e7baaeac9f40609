#include <gtest/gtest.h>

#include "core/engine/generic.h"

namespace lakeshift::engine {
namespace {

using model::Field;
using model::Role;

const Field kTask[] = {{.name = "key"},
                       {.name = "timeout", .default_json = "0"},
                       {.name = "run_id", .role = Role::read_only}};
const Field kMail[] = {{.name = "on_failure", .unordered = true},
                       {.name = "quiet", .default_json = "false"}};
const Field kTable[] = {{.name = "id", .role = Role::read_only},
                        {.name = "name"},
                        {.name = "zone", .role = Role::create_only},
                        {.name = "minutes", .default_json = "60"},
                        {.name = "mail", .fields = kMail},
                        {.name = "tasks", .fields = kTask, .unordered = true},
                        {.name = "steps", .fields = kTask, .array = true},
                        {.name = "tags"},
                        {.name = "password", .role = Role::write_only},
                        {.name = "modes", .default_json = R"(["a"])"},
                        {.name = "$permissions", .role = Role::observed, .unordered = true}};

std::string compare(const char* actual, const char* desired) {
  std::string text;
  for (const model::Difference& difference :
       differences_between(Json::parse(actual), Json::parse(desired), kTable))
    text += difference.path + " " + dump_json(difference.before) + ">" +
            dump_json(difference.after) + (difference.replaces ? "!" : "") + ";";
  return text;
}

TEST(Differences, of_a_document_with_itself_are_none) {
  const char* document =
      R"({"id":1,"name":"n","minutes":5,"mail":{"on_failure":["a"]},"tasks":[{"key":"a"}],"tags":{"x":"y"}})";
  EXPECT_EQ(compare(document, document), "");
}

TEST(Differences, name_path_and_both_values) {
  EXPECT_EQ(compare(R"({"name":"a"})", R"({"name":"b"})"), R"(name "a">"b";)");
  EXPECT_EQ(compare(R"({"name":"a"})", R"({})"), R"(name "a">null;)");
  EXPECT_EQ(compare(R"({"zone":"a"})", R"({"zone":"b"})"), R"(zone "a">"b"!;)");
}

TEST(Differences, know_defaults_on_either_side) {
  EXPECT_EQ(compare(R"({"minutes":60})", R"({})"), "");
  EXPECT_EQ(compare(R"({})", R"({"minutes":60})"), "");
  EXPECT_EQ(compare(R"({})", R"({"minutes":5})"), "minutes 60>5;");
  EXPECT_EQ(compare(R"({"mail":{"quiet":false}})", R"({})"), "");
  EXPECT_EQ(compare(R"({})", R"({"mail":{"quiet":true}})"), "mail.quiet false>true;");
  EXPECT_EQ(compare(R"({"modes":["a"]})", R"({})"), "");
  EXPECT_EQ(compare(R"({"modes":[]})", R"({})"), R"(modes []>["a"];)");
}

const Field kTag[] = {{.name = "key"}, {.name = "value"}};
const Field kTagged[] = {{.name = "tags", .fields = kTag, .unordered = true},
                         {.name = "$owner", .role = Role::observed}};

TEST(Differences, ignore_stamps_in_lists_of_tags) {
  const Json stamped = Json::parse(
      R"({"tags":[{"key":"lakeshift:source","value":"old/x/1"},{"key":"a","value":"1"}]})");
  EXPECT_TRUE(
      differences_between(stamped, Json::parse(R"({"tags":[{"key":"a","value":"1"}]})"), kTagged)
          .empty());
  const auto found =
      differences_between(stamped, Json::parse(R"({"tags":[{"key":"a","value":"2"}]})"), kTagged);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].path, "tags[0].value");
}

TEST(Differences, want_nothing_of_an_observed_member_that_was_never_read) {
  const Json owned = Json::parse(R"({"$owner":"a"})");
  EXPECT_TRUE(differences_between(owned, Json::object(), kTagged).empty());
  EXPECT_EQ(differences_between(owned, Json::parse(R"({"$owner":[]})"), kTagged).size(), 1u);
  EXPECT_EQ(differences_between(owned, Json::parse(R"({"$owner":"b"})"), kTagged).size(), 1u);
}

TEST(Differences, treat_null_and_empty_as_absent) {
  EXPECT_EQ(compare(R"({"name":null,"tags":{},"tasks":[]})", "{}"), "");
}

TEST(Differences, ignore_what_the_platform_makes_and_what_it_never_returns) {
  EXPECT_EQ(compare(R"({"id":1,"unknown":1})", R"({"id":2,"password":"x","unknown":2})"), "");
  EXPECT_EQ(compare(R"({"tasks":[{"key":"a","run_id":1}]})", R"({"tasks":[{"key":"a"}]})"), "");
}

TEST(Differences, ignore_stamps_but_no_other_tags) {
  EXPECT_EQ(compare(R"({"tags":{"lakeshift:source":"old/x/1"}})", "{}"), "");
  EXPECT_EQ(compare(R"({"tags":{"lakeshift:source":"s","t":"1"}})", R"({"tags":{"t":"1"}})"), "");
  EXPECT_NE(compare(R"({"tags":{"lakeshift:source":"s","t":"1"}})", R"({"tags":{"t":"2"}})"), "");
}

TEST(Differences, of_sets_do_not_depend_on_order) {
  EXPECT_EQ(compare(R"({"mail":{"on_failure":["a","b"]}})", R"({"mail":{"on_failure":["b","a"]}})"),
            "");
  EXPECT_EQ(compare(R"({"tasks":[{"key":"a"},{"key":"b","timeout":1}]})",
                    R"({"tasks":[{"key":"b","timeout":1},{"key":"a","timeout":0}]})"),
            "");
  EXPECT_EQ(compare(R"({"$permissions":[{"user_name":"a"},{"user_name":"b"}]})",
                    R"({"$permissions":[{"user_name":"b"},{"user_name":"a"}]})"),
            "");
}

TEST(Differences, of_sets_pair_elements_by_their_first_member) {
  EXPECT_EQ(compare(R"({"tasks":[{"key":"a","timeout":1},{"key":"b"}]})",
                    R"({"tasks":[{"key":"b"},{"key":"a","timeout":2}]})"),
            "tasks[1].timeout 1>2;");
  EXPECT_EQ(compare(R"({"tasks":[{"key":"a"},{"key":"gone"}]})",
                    R"({"tasks":[{"key":"new"},{"key":"a"}]})"),
            R"(tasks[0] null>{"key":"new"};tasks[1] {"key":"gone"}>null;)");
  EXPECT_EQ(compare(R"({"tasks":[{"key":"a"}]})", R"({"tasks":[{"key":"a"},{"key":"a"}]})"),
            R"(tasks[1] null>{"key":"a"};)");
}

TEST(Differences, of_lists_depend_on_order) {
  EXPECT_EQ(compare(R"({"steps":[{"key":"a"},{"key":"b"}]})", R"({"steps":[{"key":"b"}]})"),
            R"(steps[0].key "a">"b";steps[1] {"key":"b"}>null;)");
}

TEST(Differences, of_placeholders_are_equal_to_nothing_but_themselves) {
  EXPECT_EQ(compare(R"({"name":"5"})", R"({"name":{"$ref":{"change":"x","field":"id"}}})"),
            R"(name "5">{"$ref":{"change":"x","field":"id"}};)");
  EXPECT_EQ(compare(R"({"name":{"$ref":{"change":"x","field":"id"}}})",
                    R"({"name":{"$ref":{"change":"x","field":"id"}}})"),
            "");
  EXPECT_EQ(compare(R"({"mail":{"on_failure":["a"]}})", R"({"mail":{"$secret":{"scope":"s"}}})"),
            R"(mail {"on_failure":["a"]}>{"$secret":{"scope":"s"}};)");
}

TEST(Differences, survive_documents_of_another_shape) {
  EXPECT_EQ(compare(R"({"tasks":"text"})", R"({"tasks":[{"key":"a"}]})"),
            R"(tasks "text">[{"key":"a"}];)");
  EXPECT_EQ(compare(R"({"steps":[1]})", R"({"steps":[{"key":"a"}]})"),
            R"(steps[0] 1>{"key":"a"};)");
  EXPECT_EQ(compare("[]", R"({"name":"a"})"), R"(name null>"a";)");
}

// A document holds references to secrets, never the secrets; not every platform gives them back.
TEST(Differences, of_references_to_secrets_are_seen_where_both_sides_have_one) {
  const Field login[] = {{.name = "user"}, {.name = "password", .role = Role::secret}};
  const Field table[] = {{.name = "login", .fields = login}};
  const auto found = [&](const char* actual, const char* desired) {
    return differences_between(Json::parse(actual), Json::parse(desired), table);
  };
  const auto changed = found(R"({"login":{"user":"a","password":"<one>"}})",
                             R"({"login":{"user":"a","password":"<two>"}})");
  ASSERT_EQ(changed.size(), 1U);
  EXPECT_EQ(changed[0].path, "login.password");
  EXPECT_TRUE(
      found(R"({"login":{"user":"a"}})", R"({"login":{"user":"a","password":"<two>"}})").empty());
  EXPECT_TRUE(found(R"({})", R"({"login":{"password":"<two>"}})").empty());
}

// apply(diff(a, b), a) = b for every pair of a small set of documents: a difference is reported
// exactly when they differ.
TEST(Differences, are_found_for_every_pair_of_unequal_documents) {
  const std::vector<std::string> documents = {R"({})",
                                              R"({"name":"a"})",
                                              R"({"name":"b","minutes":1})",
                                              R"({"mail":{"quiet":true}})",
                                              R"({"mail":{"on_failure":["x"]}})",
                                              R"({"tasks":[{"key":"a"}]})",
                                              R"({"tasks":[{"key":"a","timeout":3}]})",
                                              R"({"steps":[{"key":"a"},{"key":"b"}]})",
                                              R"({"steps":[{"key":"b"},{"key":"a"}]})",
                                              R"({"tags":{"k":"v"}})",
                                              R"({"modes":["z"]})",
                                              R"({"zone":"z"})"};
  for (std::size_t i = 0; i < documents.size(); ++i)
    for (std::size_t j = 0; j < documents.size(); ++j)
      EXPECT_EQ(compare(documents[i].c_str(), documents[j].c_str()).empty(), i == j)
          << documents[i] << documents[j];
}

}  // namespace
}  // namespace lakeshift::engine
