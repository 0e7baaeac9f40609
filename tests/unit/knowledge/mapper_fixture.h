// Documents, reference data and mappers for the mapper's tests. Field tables are the tests' own.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "core/base/json.h"
#include "core/base/strings.h"
#include "knowledge/clouds/mapper.h"

namespace lakeshift::clouds::testing {

using model::Field;
using model::Meaning;

inline Json json(std::string_view text) {
  auto parsed = parse_json(text, "test");
  EXPECT_TRUE(parsed) << text;
  return parsed ? *parsed : Json();
}

inline constexpr Field kClusterFields[] = {
    {.name = "$self", .meaning = Meaning::compute},
    {.name = "cluster_name"},
    {.name = "single_user_name", .meaning = Meaning::principal},
    {.name = "instance_pool_id", .meaning = Meaning::reference, .target = "instance_pool"},
};
inline constexpr Field kPoolFields[] = {{.name = "$self", .meaning = Meaning::pool_compute}};
inline constexpr Field kTask[] = {{.name = "new_cluster", .meaning = Meaning::compute},
                                  {.name = "notebook_path", .meaning = Meaning::tree_path},
                                  {.name = "parameters", .meaning = Meaning::free_text},
                                  {.name = "jar", .meaning = Meaning::storage_uri},
                                  {.name = "python_file", .meaning = Meaning::tree_path},
                                  {.name = "email", .meaning = Meaning::person}};
inline constexpr Field kJobFields[] = {{.name = "tasks", .fields = kTask, .array = true},
                                       {.name = "owner", .meaning = Meaning::principal},
                                       {.name = "watchers", .meaning = Meaning::person},
                                       {.name = "team", .meaning = Meaning::group},
                                       {.name = "application", .meaning = Meaning::application},
                                       {.name = "region", .meaning = Meaning::region},
                                       {.name = "profile", .meaning = Meaning::cloud_identity},
                                       {.name = "roles", .meaning = Meaning::cloud_identity},
                                       {.name = "image", .meaning = Meaning::image},
                                       {.name = "runtime", .meaning = Meaning::runtime},
                                       {.name = "node", .meaning = Meaning::node_type},
                                       {.name = "conf", .meaning = Meaning::conf},
                                       {.name = "environment", .meaning = Meaning::environment}};
inline constexpr Field kPolicyFields[] = {
    {.name = "definition", .meaning = Meaning::policy_rules},
    {.name = "policy_family_definition_overrides", .meaning = Meaning::policy_rules}};

inline engine::Kind kind_of(std::string_view name, std::span<const Field> fields) {
  engine::Kind kind{};
  kind.name = name;
  kind.fields = fields;
  return kind;
}

inline const engine::Kind& cluster_kind() {
  static const engine::Kind kind = kind_of("cluster", kClusterFields);
  return kind;
}
inline const engine::Kind& pool_kind() {
  static const engine::Kind kind = kind_of("instance_pool", kPoolFields);
  return kind;
}
inline const engine::Kind& job_kind() {
  static const engine::Kind kind = kind_of("job", kJobFields);
  return kind;
}
inline const engine::Kind& policy_kind() {
  static const engine::Kind kind = kind_of("cluster_policy", kPolicyFields);
  return kind;
}

inline Json runtimes() {
  return json(R"({"versions": [
    {"key": "13.3.x-scala2.12", "name": "13.3 LTS"}, {"key": "14.3.x-scala2.12", "name": "14.3 LTS"},
    {"key": "15.4.x-scala2.12", "name": "15.4 LTS"}, {"key": "16.0.x-scala2.12", "name": "16.0"},
    {"key": "15.4.x-gpu-ml-scala2.12", "name": "15.4 LTS ML GPU"}, {"key": "15.4.x-cpu-ml-scala2.12", "name": "15.4 LTS ML"},
    {"key": "13.3.x-aarch64-scala2.12", "name": "13.3 LTS aarch64"}, {"key": "13.3.x-photon-scala2.12", "name": "13.3 LTS Photon"}]})");
}

inline MappingContext context(std::string_view from, std::string_view to, UserMapping user = {}) {
  MappingContext result;
  result.from = find_cloud(from);
  result.to = find_cloud(to);
  result.source_platform = {{"host", "https://adb-1.2.azuredatabricks.net"}};
  result.target_platform = {{"host", "https://dbc-9.cloud.databricks.com"}};
  result.target_reference = {{"spark_versions", runtimes()}};
  if (to == "aws")
    result.target_reference["zones"] = json(R"({"zones": ["eu-west-1a", "eu-west-1b"]})");
  result.user = std::move(user);
  return result;
}

inline MappedDocument map(const engine::Kind& kind, std::string_view from, std::string_view to,
                          std::string_view document, UserMapping user = {}) {
  model::Object object;
  object.key = "thing";
  object.document = json(document);
  return Mapper(context(from, to, std::move(user))).map(kind, object);
}

inline bool has_finding(const MappedDocument& mapped, std::string_view code) {
  for (const model::Finding& finding : mapped.findings)
    if (finding.code == code) return true;
  return false;
}

inline const Blocker* blocker(const MappedDocument& mapped, std::string_view code) {
  for (const Blocker& each : mapped.blockers)
    if (each.code == code) return &each;
  return nullptr;
}

inline const model::Decision* decision(const MappedDocument& mapped, std::string_view path) {
  for (const model::Decision& each : mapped.decisions)
    if (each.path == path) return &each;
  return nullptr;
}

// Everything that is said about a document, for looking for words that must not be in it.
inline std::string records(const MappedDocument& mapped) {
  std::string all;
  for (const model::Decision& each : mapped.decisions)
    all += each.path + each.before.dump() + each.after.dump() + each.explanation + "\n";
  for (const model::Finding& each : mapped.findings)
    all += each.where + each.cause + each.remedy + each.evidence + "\n";
  for (const Blocker& each : mapped.blockers) all += each.path + each.reason + each.remedy + "\n";
  return all;
}

}  // namespace lakeshift::clouds::testing
