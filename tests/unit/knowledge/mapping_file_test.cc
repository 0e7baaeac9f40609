#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "core/base/strings.h"
#include "knowledge/clouds/mapper.h"

namespace lakeshift::clouds {
namespace {

TEST(MappingFile, EverySection) {
  auto mapping = mapping_from_yaml(R"yaml(
node_types: {Standard_DS3_v2: m6i.xlarge}
runtimes: {"12.2.x-scala2.12": "15.4.x-scala2.12"}
storage:
  abfss://raw@lake.dfs.core.windows.net/: s3://raw/
  /mnt/raw: /Volumes/main/raw/files
people: {"*@old.example": "*@new.example", ann@old.example: anna@new.example}
groups: {a: b}
applications: {a: b}
instance_profiles: {"arn:aws:iam::1:instance-profile/x": "", y:}
registries: {a.azurecr.io: b}
accounts: {111111111111: 222222222222}
hosts: {"https://a": "https://b"}
regions: {westeurope: eu-west-1}
zones: {us-east-1a: eu-west-1a}
conf: {a.b: drop, c: keep, d: =7}
allow_arm: true
fields:
  - {kind: cluster, object: "etl-*", path: num_workers, value: 3}
  - {kind: job, object: "*", path: settings.name, value: "4"}
  - {kind: job, object: "*", path: settings.tags, value: {a: [1, true, null, x]}}
)yaml",
                                   "mapping.yaml");
  ASSERT_TRUE(mapping) << mapping.error().to_text();
  EXPECT_EQ(mapping->node_types.at("Standard_DS3_v2"), "m6i.xlarge");
  EXPECT_EQ(mapping->storage.size(), 2u);
  EXPECT_EQ(mapping->people.size(), 2u);
  EXPECT_EQ(mapping->instance_profiles.at("y"), "");
  EXPECT_EQ(mapping->accounts.at("111111111111"), "222222222222");
  EXPECT_EQ(mapping->conf.at("d"), "=7");
  EXPECT_TRUE(mapping->allow_arm);
  ASSERT_EQ(mapping->fields.size(), 3u);
  EXPECT_EQ(mapping->fields[0].value_json, "3");
  EXPECT_EQ(mapping->fields[1].value_json, "\"4\"");
  EXPECT_EQ(mapping->fields[2].value_json, R"({"a":[1,true,null,"x"]})");
}

TEST(MappingFile, EmptyIsNothing) {
  for (const char* text : {"", "# only a remark\n", "storage:\npeople: {}\nfields:\n"}) {
    auto mapping = mapping_from_yaml(text, "mapping.yaml");
    ASSERT_TRUE(mapping) << text;
    EXPECT_TRUE(mapping->storage.empty());
  }
}

struct BadRow {
  const char* text;
  const char* about;
  const char* message;
  const char* remedy;
};
class BadMapping : public ::testing::TestWithParam<BadRow> {};

TEST_P(BadMapping, SaysWhereWhatAndHow) {
  const BadRow& row = GetParam();
  auto mapping = mapping_from_yaml(row.text, "mapping.yaml");
  ASSERT_FALSE(mapping);
  EXPECT_EQ(mapping.error().code, "bad-mapping");
  EXPECT_EQ(mapping.error().about, row.about);
  EXPECT_TRUE(contains(mapping.error().message, row.message)) << mapping.error().to_text();
  EXPECT_TRUE(contains(mapping.error().remedy, row.remedy)) << mapping.error().to_text();
}

INSTANTIATE_TEST_SUITE_P(
    Rows, BadMapping,
    ::testing::Values(
        BadRow{"a: b\n", "mapping.yaml, line 1", "no section 'a'", "the sections are"},
        BadRow{"people: {}\nnode_tpyes:\n  a: b\n", "mapping.yaml, line 2", "'node_tpyes'",
               "did you mean 'node_types'?"},
        BadRow{"storage:\n  lake: s3://x\n", "mapping.yaml, line 2", "'lake' is no location",
               "scheme"},
        BadRow{"people:\n  \"*@a\": bob@b\n", "mapping.yaml, line 2", "no domain pattern",
               "*@old.example"},
        BadRow{"people:\n  a@b: c\n\n  a@b: d\n", "mapping.yaml, line 4", "twice, as 'c' and 'd'",
               "keep one"},
        BadRow{"conf:\n  a: delete\n", "mapping.yaml, line 2", "has 'delete'",
               "keep, drop, or =value"},
        BadRow{"groups:\n  a:\n", "mapping.yaml, line 2", "no new value", "after the colon"},
        BadRow{"groups: [a]\n", "mapping.yaml, line 1", "is no map", "old: new"},
        BadRow{"groups:\n  a: [b]\n", "mapping.yaml, line 2", "no pair of texts", "old: new"},
        BadRow{"- a\n", "mapping.yaml, line 1", "a map of sections", "storage:"},
        BadRow{"allow_arm: perhaps\n", "mapping.yaml, line 1", "'perhaps'", "true or false"},
        BadRow{"groups: {}\ngroups: {}\n", "mapping.yaml, line 2", "there twice", "join"},
        BadRow{"fields:\n  - {kind: job, objekt: x}\n", "mapping.yaml, line 2", "no 'objekt'",
               "did you mean 'object'?"},
        BadRow{"fields:\n  - {kind: job, object: x, path: y}\n", "mapping.yaml, line 2",
               "has no 'value'", "kind, object"},
        BadRow{"people:\n  *@old: x\n", "mapping.yaml, line 2", "not yaml", "need quotes"}),
    [](const auto& test) { return "row_" + std::to_string(test.index); });

// The example that the guide shows must be readable.
TEST(MappingFile, ExampleIsValid) {
  std::ifstream file(LAKESHIFT_SOURCE_DIR "/examples/mapping.example.yaml");
  std::stringstream text;
  text << file.rdbuf();
  ASSERT_FALSE(text.str().empty());
  auto mapping = mapping_from_yaml(text.str(), "mapping.example.yaml");
  ASSERT_TRUE(mapping) << mapping.error().to_text();
  EXPECT_FALSE(mapping->storage.empty());
  EXPECT_FALSE(mapping->fields.empty());
}

}  // namespace
}  // namespace lakeshift::clouds
