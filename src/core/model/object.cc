#include "core/model/object.h"

#include <algorithm>
#include <tuple>

namespace lakeshift::model {

void Inventory::sort() {
  std::stable_sort(objects.begin(), objects.end(), [](const Object& a, const Object& b) {
    return std::tie(a.id.kind, a.key, a.id.id) < std::tie(b.id.kind, b.key, b.id.id);
  });
  std::stable_sort(counts.begin(), counts.end(),
                   [](const KindCount& a, const KindCount& b) { return a.kind < b.kind; });
}

const Object* Inventory::find(std::string_view kind, std::string_view id) const {
  for (const Object& object : objects)
    if (object.id.kind == kind && object.id.id == id) return &object;
  return nullptr;
}

const Object* Inventory::find_key(std::string_view kind, std::string_view key) const {
  for (const Object& object : objects)
    if (object.id.kind == kind && object.key == key) return &object;
  return nullptr;
}

InventoryIndex::InventoryIndex(const Inventory& inventory) : inventory_(inventory) {
  for (const Object& object : inventory.objects) {
    ids_.emplace(std::pair(object.id.kind, object.id.id), &object);
    keys_.emplace(std::pair(object.id.kind, object.key), &object);
  }
}

const Object* InventoryIndex::by_id(std::string_view kind, std::string_view id) const {
  const auto found = ids_.find(std::pair(std::string(kind), std::string(id)));
  return found == ids_.end() ? nullptr : found->second;
}

const Object* InventoryIndex::by_key(std::string_view kind, std::string_view key) const {
  const auto found = keys_.find(std::pair(std::string(kind), std::string(key)));
  return found == keys_.end() ? nullptr : found->second;
}

PerKind held_by(const Inventory& inventory) {
  PerKind held;
  for (const Object& object : inventory.objects) ++held[object.id.kind];
  return held;
}

std::string disagreement_of(const PerKind& said, std::string_view said_word, const PerKind& held,
                            std::string_view held_word) {
  std::map<std::string, std::pair<long long, long long>> both;
  for (const auto& [kind, amount] : said) both[kind].first = amount;
  for (const auto& [kind, amount] : held) both[kind].second = amount;
  std::string wrong;
  for (const auto& [kind, amounts] : both)
    if (amounts.first != amounts.second)
      wrong += (wrong.empty() ? "" : "; ") + kind + ": " + std::string(said_word) + " " +
               std::to_string(amounts.first) + ", " + std::string(held_word) + " " +
               std::to_string(amounts.second);
  return wrong;
}

}  // namespace lakeshift::model
