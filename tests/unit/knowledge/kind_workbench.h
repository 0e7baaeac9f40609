// Runs the hooks of kinds as the stages do, against a platform that answers from a table: for tests
// of kinds.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/digest.h"
#include "core/base/json.h"
#include "core/engine/generic.h"
#include "core/engine/kind.h"
#include "knowledge/kinds/registry.h"
#include "tests/unit/fakes/fake_world.h"
#include "tests/unit/knowledge/answer_table.h"

namespace lakeshift::workbench {

inline const engine::Kind& kind_named(std::string_view name) {
  const engine::Kind* kind = engine::find_kind(kinds::all_kinds(), name);
  if (kind == nullptr) throw std::runtime_error("no kind '" + std::string(name) + "'");
  return *kind;
}

struct Discovered {
  std::vector<model::Object> objects;  // sorted by kind, key
  std::map<std::string, long long> listed;
  std::map<std::string, std::map<std::string, long long>> out_of_scope;
  std::vector<model::Finding> findings;
  std::map<std::string, std::string> contents;  // by sha256
  std::map<std::string, Error> errors;          // of the hooks, by kind

  const model::Object* find(std::string_view kind, std::string_view key) const {
    for (const model::Object& object : objects)
      if (object.id.kind == kind && object.key == key) return &object;
    return nullptr;
  }
  const model::Object& at(std::string_view kind, std::string_view key) const {
    const model::Object* object = find(kind, key);
    if (object == nullptr)
      throw std::runtime_error("not discovered: " + std::string(kind) + " " + std::string(key));
    return *object;
  }
  long long count(std::string_view kind) const {
    return std::count_if(objects.begin(), objects.end(),
                         [&](const model::Object& object) { return object.id.kind == kind; });
  }
  bool has_finding(std::string_view code) const {
    const auto has_code = [&](const model::Finding& finding) { return finding.code == code; };
    return std::any_of(findings.begin(), findings.end(), has_code);
  }
};

inline Discovered discover(Table& table, const std::vector<std::string>& kinds) {
  fakes::FakeWorld world;
  engine::SharedReads shared;
  world::Guarded<Discovered> result;
  std::vector<std::unique_ptr<engine::DiscoverContext>> contexts;
  world::Executor executor(2);
  world::TaskGroup tasks(executor);
  const std::function<Result<std::string>(std::string_view)> put_content =
      [&](std::string_view bytes) {
        const std::string sha = sha256_hex(bytes);
        result.with([&](Discovered& all) { all.contents[sha] = std::string(bytes); });
        return Result<std::string>(sha);
      };
  for (const std::string& name : kinds) {
    auto context = std::make_unique<engine::DiscoverContext>(engine::DiscoverContext{
        table.platform, world.run, tasks, tasks, shared, put_content, {}, {}, {}, {}});
    context->found = [&result](model::Object object) {
      result.with([&](Discovered& all) { all.objects.push_back(std::move(object)); });
    };
    context->listed = [&result, name](long long more) {
      result.with([&](Discovered& all) { all.listed[name] += more; });
    };
    context->out_of_scope = [&result, name](const std::string& reason) {
      result.with([&](Discovered& all) { ++all.out_of_scope[name][reason]; });
    };
    context->finding = [&result](model::Finding finding) {
      result.with([&](Discovered& all) { all.findings.push_back(std::move(finding)); });
    };
    contexts.push_back(std::move(context));
    engine::DiscoverContext& there = *contexts.back();
    tasks.add([&result, &there, name] {
      const engine::Kind& kind = kind_named(name);
      const Status status = kind.discover != nullptr ? kind.discover(kind, there)
                                                     : engine::discover_generic(kind, there);
      if (!status) result.with([&](Discovered& all) { all.errors.emplace(name, status.error()); });
    });
  }
  tasks.wait();
  Discovered all = result.with([](Discovered& collected) { return std::move(collected); });
  std::sort(all.objects.begin(), all.objects.end(),
            [](const model::Object& a, const model::Object& b) {
              return std::tie(a.id.kind, a.key) < std::tie(b.id.kind, b.key);
            });
  return all;
}

// What the plan stage does with one object whose mapped document is `desired`.
struct Planning {
  std::string kind;
  Json desired;
  Json source = nullptr;      // null: the same as desired
  model::Object actual = {};  // document null: the target has none
  std::string content = {};
  Json source_platform = {{"cloud", "azure"}, {"account", "acc-1"}, {"user", "lead@old.example"}};
  Json target_platform = {{"cloud", "aws"}, {"account", "acc-2"}, {"user", "lead@new.example"}};
};

inline model::Change plan(const Planning& planning) {
  const engine::Kind& kind = kind_named(planning.kind);
  const bool exists = !planning.actual.document.is_null();
  Json desired = planning.desired;
  const Json source = planning.source.is_null() ? desired : planning.source;
  model::Change change;
  change.key = engine::natural_key_of(kind, source);
  change.target_key = engine::natural_key_of(kind, desired);
  change.id = planning.kind + ":" + change.key;
  change.source = {"old", planning.kind, engine::id_of(kind, source)};
  change.content = planning.content;
  change.verb = exists ? model::Verb::update : model::Verb::create;
  model::Object actual = planning.actual;
  if (exists && actual.id.id.empty()) actual.id.id = engine::id_of(kind, actual.document);
  const engine::PlanContext context{kind,
                                    desired,
                                    source,
                                    exists ? &actual : nullptr,
                                    planning.source_platform,
                                    planning.target_platform,
                                    "old/" + planning.kind + "/" + change.source.id};
  if (kind.make_inert != nullptr) kind.make_inert(desired);
  if (exists && kind.respect_target != nullptr) kind.respect_target(context, desired, change);
  if (exists)
    change.differences = engine::differences_between(actual.document, desired, kind.fields);
  if (kind.classify != nullptr) kind.classify(context, change);
  change.expected = desired;
  if (change.verb != model::Verb::create && change.verb != model::Verb::update) return change;
  if (kind.plan_actions != nullptr)
    kind.plan_actions(context, change);
  else
    engine::plan_actions_generic(context, change);
  return change;
}

// "POST /api/… {body}" per action, for readable expectations.
inline std::vector<std::string> calls_of(const model::Change& change) {
  std::vector<std::string> lines;
  for (const model::Action& action : change.actions) {
    std::string line = action.method + " " + action.path;
    if (!action.query.empty()) line += "?" + dump_json(action.query);
    if (!action.body.is_null()) line += " " + dump_json(action.body);
    lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace lakeshift::workbench
