// Drives one kind without stages: discovery against a scripted platform, planning of one change,
// and the question which fields of a table a body holds.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/base/strings.h"
#include "core/engine/generic.h"
#include "core/world/executor.h"
#include "tests/unit/fakes/fake_platform.h"
#include "tests/unit/fakes/fake_world.h"

namespace lakeshift::probe {

using fakes::FakePlatform;

struct Found {
  std::vector<model::Object> objects;  // by key, then id
  std::vector<std::string> out_of_scope;
  std::vector<model::Finding> findings;
  std::map<std::string, std::string> contents;  // sha256 -> bytes
  long long listed = 0;
  Status status;

  const model::Object* by_id(const std::string& id) const {
    for (const model::Object& object : objects)
      if (object.id.id == id) return &object;
    return nullptr;
  }
  bool has_finding(const std::string& code, const std::string& where) const {
    return std::any_of(findings.begin(), findings.end(),
                       [&](const model::Finding& f) { return f.code == code && f.where == where; });
  }
};

inline Found discover(const engine::Kind& kind, FakePlatform& platform) {
  Found found;
  fakes::FakeWorld world;
  std::mutex mutex;
  {
    world::Executor executor(2);
    world::TaskGroup tasks(executor);
    engine::SharedReads shared;
    const auto locked = [&](auto&& change) {
      const std::scoped_lock lock(mutex);
      change();
    };
    engine::DiscoverContext context{
        platform,
        world.run,
        tasks,
        tasks,
        shared,
        [&](std::string_view bytes) -> Result<std::string> {
          std::string digest = "sha-" + std::to_string(bytes.size());
          locked([&] { found.contents[digest] = std::string(bytes); });
          return digest;
        },
        [&](model::Object object) { locked([&] { found.objects.push_back(std::move(object)); }); },
        [&](long long count) { locked([&] { found.listed += count; }); },
        [&](std::string reason) {
          locked([&] { found.out_of_scope.push_back(std::move(reason)); });
        },
        [&](model::Finding finding) {
          locked([&] { found.findings.push_back(std::move(finding)); });
        }};
    found.status = kind.discover != nullptr ? kind.discover(kind, context)
                                            : engine::discover_generic(kind, context);
    tasks.wait();
  }
  std::sort(found.objects.begin(), found.objects.end(), [](const auto& a, const auto& b) {
    return std::tie(a.key, a.id.id) < std::tie(b.key, b.id.id);
  });
  return found;
}

inline const Json& azure_platform() {
  static const Json platform = {
      {"cloud", "azure"}, {"host", "https://old.example"}, {"user", "mover@new.example"}};
  return platform;
}

// Plans one change: create when `actual` is null, else update with the differences the engine sees.
inline model::Change plan(const engine::Kind& kind, Json desired,
                          const model::Object* actual = nullptr) {
  model::Change change;
  change.id = std::string(kind.name) + ":probe";
  change.key = change.target_key = engine::natural_key_of(kind, desired);
  const Json source = desired;
  const engine::PlanContext context{kind,
                                    desired,
                                    source,
                                    actual,
                                    azure_platform(),
                                    azure_platform(),
                                    "old/" + std::string(kind.name) + "/1"};
  if (actual != nullptr && kind.respect_target != nullptr)
    kind.respect_target(context, desired, change);
  if (kind.make_inert != nullptr) kind.make_inert(desired);
  change.expected = desired;
  if (actual != nullptr) {
    change.target_id = actual->id.id;
    change.differences = engine::differences_between(actual->document, desired, kind.fields);
    change.verb = change.differences.empty() ? model::Verb::unchanged : model::Verb::update;
  }
  if (kind.classify != nullptr) kind.classify(context, change);
  if (change.verb != model::Verb::create && change.verb != model::Verb::update) return change;
  if (kind.plan_actions != nullptr)
    kind.plan_actions(context, change);
  else
    engine::plan_actions_generic(context, change);
  return change;
}

inline std::vector<std::string> names(const model::Change& change) {
  std::vector<std::string> all;
  for (const model::Action& action : change.actions) all.push_back(action.name);
  return all;
}

inline const model::Action* action(const model::Change& change, const std::string& name) {
  for (const model::Action& each : change.actions)
    if (each.name == name) return &each;
  return nullptr;
}

// A value for every leaf of the table whose role `takes`; arrays get one element, maps one member
// "k".
inline Json full_document(std::span<const model::Field> fields, bool (*takes)(model::Role),
                          int depth = 3) {
  if (const model::Field* element = model::element_of(fields))
    return Json::array(
        {element->fields.empty() ? Json("v") : full_document(element->fields, takes, depth)});
  Json document = Json::object();
  for (const model::Field& field : fields) {
    if (field.name.starts_with("$") || !takes(field.role)) continue;
    const std::string name = field.name == "*" ? "k" : std::string(field.name);
    if (field.fields.empty()) {
      document[name] = field.default_json.starts_with('[')   ? Json::array({name})
                       : field.default_json.starts_with('{') ? Json{{"k", name}}
                                                             : Json(name);
      continue;
    }
    if (depth == 0) continue;
    Json inner = full_document(field.fields, takes, name == "for_each_task" ? depth - 2 : depth);
    const bool wraps = field.array && !inner.is_array();
    document[name] = wraps ? Json::array({std::move(inner)}) : std::move(inner);
  }
  return document;
}

inline bool sent_at_creation(model::Role role) {
  return role == model::Role::settable || role == model::Role::create_only;
}
inline bool generated(model::Role role) { return role == model::Role::read_only; }

// Paths of all leaves, for comparing documents by what they hold.
inline void leaves(const Json& value, const std::string& path, std::set<std::string>& all) {
  if (value.is_object() && !value.contains("$ref") && !value.contains("$content"))
    for (const auto& [name, inner] : value.items())
      leaves(inner, path.empty() ? name : path + "." + name, all);
  else if (value.is_array())
    for (const Json& inner : value) leaves(inner, path + "[]", all);
  else
    all.insert(path);
}
inline std::set<std::string> leaves_of(const Json& value) {
  std::set<std::string> all;
  leaves(value, "", all);
  return all;
}

// Every settable leaf of the table is in the body, and nothing that the platform generates.
inline void expect_complete(const engine::Kind& kind, const Json& document, const Json& body) {
  EXPECT_EQ(leaves_of(model::keep_for_create(document, kind.fields)), leaves_of(body)) << kind.name;
}

}  // namespace lakeshift::probe
