#include "stages/part.h"

#include <algorithm>

namespace lakeshift::stages {
namespace {

bool holds_secret(engine::KindSet kinds, const model::Change& change) {
  const engine::Kind* kind = engine::find_kind(kinds, change.source.kind);
  return kind != nullptr &&
         std::any_of(kind->fields.begin(), kind->fields.end(),
                     [](const model::Field& field) { return field.role == model::Role::secret; });
}

}  // namespace

std::set<std::string> part_of(const model::Plan& plan, const model::Inventory& source,
                              engine::KindSet kinds, const Selection& selection) {
  const model::InventoryIndex index(source);
  std::set<std::string> part;
  std::vector<const model::Change*> open;
  const auto take = [&](const model::Change* change) {
    if (change != nullptr && part.insert(change->id).second) open.push_back(change);
  };
  std::map<std::string_view, std::vector<const model::Change*>> values;  // by what they are in
  std::map<std::string_view, const model::Change*> by_id;
  for (const model::Change& change : plan.changes) {
    by_id[change.id] = &change;
    if (holds_secret(kinds, change))
      for (const std::string& owner : change.requires_changes) values[owner].push_back(&change);
    const model::Object* object = index.by_id(change.source.kind, change.source.id);
    if (object != nullptr ? selection.takes(kinds, *object)
                          : selection.takes(change.source.kind, change.key, change.name))
      take(&change);
  }
  while (!open.empty()) {
    const model::Change* change = open.back();
    open.pop_back();
    for (const std::string& id : change->requires_changes)
      if (const auto needed = by_id.find(id); needed != by_id.end()) take(needed->second);
    if (const auto inside = values.find(change->id); inside != values.end())
      for (const model::Change* value : inside->second) take(value);
  }
  return part;
}

std::function<bool(const std::string&, const std::string&)> concerns_of(
    const model::Plan& plan, const std::set<std::string>& part) {
  std::set<std::pair<std::string, std::string>> objects;
  for (const model::Change& change : plan.changes)
    if (part.contains(change.id)) objects.emplace(change.source.kind, change.key);
  return [objects = std::move(objects)](const std::string& kind, const std::string& key) {
    return objects.contains({kind, key});
  };
}

}  // namespace lakeshift::stages
