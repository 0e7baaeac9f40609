#include "stages/config.h"

#include <gtest/gtest.h>

#include "tests/unit/fakes/fake_world.h"
#include "tests/unit/stages/small_estate.h"

namespace lakeshift::stages {
namespace {

constexpr const char* kGood = R"(connections:
  old: {profile: OLD}
  new:
    host: https://dbc-1.cloud.databricks.com
    cloud: aws
routes:
  - from: old
    to: new
    select:
      include: ["job/*"]
      exclude: job/tmp-*
    on_clash: rename
    prefix: old-
mapping_file: mapping.yaml
parallel: 4
)";

Error error_of(const std::string& text) {
  const auto config = config_from_yaml(text, "lakeshift.yaml");
  EXPECT_FALSE(config) << text;
  return config ? Error{} : config.error();
}

std::string with(const std::string& line) {
  return "connections: {old: {}, new: {}}\nroutes: [{from: old, to: new}]\n" + line;
}

TEST(Config, ReadsEverySetting) {
  const auto config = config_from_yaml(kGood, "lakeshift.yaml");
  ASSERT_TRUE(config) << config.error().to_text();
  ASSERT_EQ(config->connections.size(), 2u);
  EXPECT_EQ(config->connection("old")->profile, "OLD");
  EXPECT_EQ(config->connection("new")->cloud, "aws");
  ASSERT_EQ(config->routes.size(), 1u);
  EXPECT_EQ(config->routes[0].on_clash, OnClash::rename);
  EXPECT_EQ(config->routes[0].prefix, "old-");
  EXPECT_EQ(config->routes[0].select.exclude, std::vector<std::string>{"job/tmp-*"});
  EXPECT_EQ(config->parallel, 4);
  EXPECT_EQ(config->secrets_from, "api");
}

TEST(Config, ManySourcesIntoOneTarget) {
  const auto config = config_from_yaml(
      "connections: {a: {}, b: {}, c: {}}\nroutes:\n- {from: a, to: c}\n- {from: b, to: c, "
      "on_clash: block}\n",
      "f");
  ASSERT_TRUE(config) << config.error().to_text();
  EXPECT_EQ(config->routes.size(), 2u);
  EXPECT_EQ(config->routes[1].on_clash, OnClash::block);
}

TEST(Config, ConnectionsMayBeAList) {
  const auto config = config_from_yaml(
      "connections: [{name: old}, {name: new}]\nroutes: [{from: old, to: new}]\n", "f");
  ASSERT_TRUE(config) << config.error().to_text();
  EXPECT_NE(config->connection("new"), nullptr);
  EXPECT_NE(error_of("connections: [{name: old}, {name: old}]\nroutes: [{from: old, to: new}]\n")
                .message.find("twice"),
            std::string::npos);
}

TEST(Config, ATypoNamesLineAndTheClosestName) {
  const Error error = error_of(with("paralel: 4\n"));
  EXPECT_EQ(error.code, "bad-config");
  EXPECT_EQ(error.about, "lakeshift.yaml:3");
  EXPECT_NE(error.message.find("'paralel'"), std::string::npos);
  EXPECT_EQ(error.remedy, "did you mean 'parallel'?");
}

TEST(Config, EachMistakeNamesItsRemedy) {
  EXPECT_NE(error_of(with("secrets_from: clutser\n")).remedy.find("'cluster'"), std::string::npos);
  EXPECT_NE(error_of("connections: {old: {}, new: {}}\nroutes: [{from: odl, to: new}]\n")
                .remedy.find("'old'"),
            std::string::npos);
  EXPECT_NE(error_of("connections: {old: {}, new: {}}\nroutes: [{from: old, to: old}]\n")
                .message.find("to itself"),
            std::string::npos);
  EXPECT_NE(
      error_of(
          "connections: {old: {}, new: {}}\nroutes: [{from: old, to: new, on_clash: rename}]\n")
          .remedy.find("prefix"),
      std::string::npos);
  EXPECT_NE(error_of("connections: {old: {}, new: {}}\n").remedy.find("routes:"),
            std::string::npos);
  EXPECT_NE(error_of(with("parallel: 0\n")).message.find("1 to 64"), std::string::npos);
  EXPECT_NE(error_of(with("parallel: many\n")).message.find("number"), std::string::npos);
  EXPECT_NE(error_of(with("secrets_from: file\n")).message.find("secrets_file"), std::string::npos);
  EXPECT_NE(error_of(with("secrets_from: cluster\n")).remedy.find("allow_source_runs"),
            std::string::npos);
  EXPECT_NE(error_of(with("secrets_file: .lakeshift/s.yaml\n")).remedy.find("outside"),
            std::string::npos);
  EXPECT_NE(error_of("connections: {Old: {}}\nroutes: []\n").message.find("'Old'"),
            std::string::npos);
  EXPECT_NE(error_of("connections: {old: {profile: A, host: B}}\nroutes: [{from: old, to: old}]\n")
                .remedy.find("one of them"),
            std::string::npos);
  EXPECT_EQ(error_of("connections: [\n").code, "bad-config");
  EXPECT_EQ(error_of("- a\n- b\n").code, "bad-config");
  EXPECT_EQ(error_of("").code, "bad-config");
  EXPECT_EQ(error_of("\xff\xfe").code, "bad-config");
}

TEST(Config, TheTemplateIsAConfiguration) {
  const auto config = config_from_yaml(config_template("OLD", "NEW"), "lakeshift.yaml");
  ASSERT_TRUE(config) << config.error().to_text();
  EXPECT_EQ(config->connection("old")->profile, "OLD");
  EXPECT_EQ(config->connection("new")->profile, "NEW");
  EXPECT_EQ(config->routes.size(), 1u);
}

TEST(Config, LoadsFromTheWorkFolder) {
  fakes::FakeWorld fake;
  EXPECT_EQ(load_config(fake.world, "/work").error().code, "not-initialised");
  fake.files.put("/work/lakeshift.yaml", kGood);
  EXPECT_TRUE(load_config(fake.world, "/work"));
}

TEST(Moves, are_read_without_workspaces) {
  const auto config = config_from_yaml(
      "moves:\n  shop:\n    source: postgresql://mover@old/shop\n    target: "
      "postgresql://mover@new/shop\n"
      "    applications: [shop_app, jobs]\n    pause_budget_ms: 700\n    hooks:\n"
      "      before-open: [./switch, new]\n",
      "lakeshift.yaml");
  ASSERT_TRUE(config) << config.error().to_text();
  const MoveConfig& move = config->moves.at("shop");
  EXPECT_EQ(move.source, "postgresql://mover@old/shop");
  EXPECT_EQ(move.applications, (std::vector<std::string>{"shop_app", "jobs"}));
  EXPECT_EQ(move.pause_budget_ms, 700);
  EXPECT_EQ(move.hooks.at("before-open"), (std::vector<std::string>{"./switch", "new"}));
  EXPECT_FALSE(move.rehearsed);
}

TEST(Moves, mistakes_are_named) {
  EXPECT_EQ(error_of("moves: [shop]").about, "lakeshift.yaml:1");
  EXPECT_EQ(error_of("moves:\n  Shop: {}").message, "'Shop' cannot be the name of a move");
  EXPECT_EQ(error_of("moves: {shop: {sauce: x}}").remedy, "did you mean 'source'?");
  EXPECT_EQ(error_of("moves: {shop: {hooks: {before-opening: x}}}").remedy,
            "did you mean 'before-open'?");
  EXPECT_EQ(error_of("moves: {shop: {pause_budget_ms: 1}}").message,
            "'pause_budget_ms' must be a number from 50 to 3600000");
}

TEST(Moves, follow_in_the_words_of_their_kind) {
  const std::string shop =
      "source: 'postgresql://mover@old/shop', target: "
      "'postgresql://mover@new/shop'";
  const auto follow_of = [&](const std::string& body) {
    const auto config = config_from_yaml("moves: {m: {" + body + "}}", "lakeshift.yaml");
    return config ? config->moves.at("m").follow : config.error().to_text();
  };
  EXPECT_EQ(follow_of(shop), "stream");
  EXPECT_EQ(follow_of(shop + ", follow: subscription, source_for_target: 'postgresql://m@in/shop'"),
            "subscription");
  EXPECT_EQ(follow_of("source: 'redis://m@a', target: 'redis://m@b'"), "auto");
  const Error psync = error_of("moves: {m: {" + shop + ", follow: psync}}");
  EXPECT_EQ(psync.message, "'follow' is 'psync', which is of a move of Redis");
  EXPECT_EQ(psync.remedy, "write one of: stream, subscription");
  EXPECT_EQ(error_of("moves: {m: {source: 'redis://m@a', target: 'redis://m@b', follow: stream}}")
                .message,
            "'follow' is 'stream', which is of a move of PostgreSQL");
  EXPECT_EQ(error_of("moves: {m: {" + shop + ", follow: subscripton}}").remedy,
            "did you mean 'subscription'?");
  EXPECT_EQ(
      error_of("moves: {m: {" + shop + ", target_for_source: 'postgresql://m@in/shop'}}").message,
      "'target_for_source' is for 'follow: subscription'");
  EXPECT_EQ(error_of("moves: {m: {" + shop +
                     "}, copy: {staging_of: m, target: 'postgresql://m@c/shop', follow: "
                     "subscription}}")
                .message,
            "a masked staging copy cannot follow by subscription");
}

TEST(Selection, PatternsOfKindsAndNames) {
  Selection selection;
  EXPECT_TRUE(selection.takes("job", "x", "x"));
  selection.include = {"job", "notebook//Shared/*"};
  selection.exclude = {"*/tmp-*"};
  EXPECT_TRUE(selection.takes("job", "nightly", "nightly"));
  EXPECT_FALSE(selection.takes("job", "tmp-1", "tmp-1"));
  EXPECT_TRUE(selection.takes("notebook", "/Shared/a/b", "b"));
  EXPECT_FALSE(selection.takes("notebook", "/Users/a", "a"));
  EXPECT_FALSE(selection.takes("user", "a", "a"));
}

TEST(Selection, UnknownKindsAreNamed) {
  Selection selection;
  selection.include = {"pol/x"};
  const Status status = check_selection(selection, small::kinds());
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, "bad-selection");
  EXPECT_EQ(status.error().remedy, "did you mean 'pool'?");
  selection.include = {"*/x", "job"};
  EXPECT_TRUE(check_selection(selection, small::kinds()));
}

constexpr std::string_view kSides =
    "connections: {old: {}, new: {}}\nroutes: [{from: old, to: new}]\n";

TEST(Waves, are_named_lists_of_patterns) {
  const auto config = config_from_yaml(
      std::string(kSides) + "waves: {finance: [job/finance-*, tag:team=finance], one: job/x}\n",
      "f");
  ASSERT_TRUE(config) << config.error().to_text();
  EXPECT_EQ(*patterns_of_wave(*config, "finance"),
            (std::vector<std::string>{"job/finance-*", "tag:team=finance"}));
  EXPECT_EQ(patterns_of_wave(*config, "one")->size(), 1U);
  const auto wrong = patterns_of_wave(*config, "finanse");
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().remedy, "did you mean 'finance'?");
  for (const char* text : {"waves: [a]\n", "waves: {a: []}\n", "waves: {a: {b: c}}\n"})
    EXPECT_FALSE(config_from_yaml(std::string(kSides) + text, "f")) << text;
}

TEST(Gates, are_known_names_and_acceptance_has_options) {
  const auto config = config_from_yaml(
      std::string(kSides) + "gates: [accept]\naccept: {databases: ['db:1'], timeout: 5}\n", "f");
  ASSERT_TRUE(config) << config.error().to_text();
  EXPECT_EQ(config->accept.databases, std::vector<std::string>{"db:1"});
  EXPECT_EQ(config->accept.timeout_seconds, 5);
  EXPECT_EQ(config_from_yaml(std::string(kSides) + "gates: [acept]\n", "f").error().remedy,
            "did you mean 'accept'?");
  EXPECT_FALSE(config_from_yaml(std::string(kSides) + "accept: {warehose: x}\n", "f"));
}

TEST(Selection, by_tag_names_a_tag) {
  EXPECT_TRUE(check_selection({{"tag:team=finance"}, {"tag:team"}}, {}));
  for (const char* pattern : {"tag:", "tag:=x"})
    EXPECT_EQ(check_selection({{pattern}, {}}, {}).error().code, "bad-selection");
}

}  // namespace
}  // namespace lakeshift::stages
