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

}  // namespace lakeshift::model
