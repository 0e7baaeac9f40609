// Objects and inventories: what was found, as it was found.
#pragma once

#include <compare>
#include <map>
#include <string>
#include <vector>

#include "core/base/json.h"

namespace lakeshift::model {

// Where an object lives: the name the user gave to a connection ("old", "new"); never just "source"
// or "target", so that many sources can move into many targets.
using Side = std::string;

// Identity inside one side. `id` is the platform's own (opaque).
struct ObjectId {
  Side side;
  std::string kind;
  std::string id;
  auto operator<=>(const ObjectId&) const = default;
  std::string to_text() const { return side + "/" + kind + "/" + id; }
};

// One object as read. `document` is what the platform returned, plus aspects read by further calls
// under keys that start with '$' ("$permissions", "$libraries"). Secret values are never in it.
struct Object {
  ObjectId id;
  std::string
      key;  // natural key: what identifies the object across platforms; unique within (side, kind)
  std::string name;  // what a person calls it; may repeat
  Json document;
  std::string content;  // sha256 of the bytes in the content store; empty when the object has none
  // Set when the object was listed but could not be read completely; then `document` holds what is
  // known.
  std::string unread_code;
  std::string unread_reason;
};

// A kind that was seen on a side: how many the platform listed. Kinds that lakeshift does not move
// yet are here too.
struct KindCount {
  std::string kind;
  long long listed = 0;  // what the platform's lists named
  long long out_of_scope =
      0;  // named, but not part of the estate (job clusters, built-in groups), with reasons below
  std::map<std::string, long long> out_of_scope_reasons;
  bool moves = true;        // false: counted only
  std::string unavailable;  // why it could not be listed ("feature-disabled: not on this tier");
                            // empty when it was
};

// All objects of one side, sorted by (kind, key).
struct Inventory {
  Side side;
  Json platform;   // cloud, host, account id, workspace id, tier: no secrets
  Json reference;  // node types, runtimes, zones as the platform lists them
  std::vector<Object> objects;
  std::vector<KindCount> counts;

  void sort();
  const Object* find(std::string_view kind, std::string_view id) const;       // by native id
  const Object* find_key(std::string_view kind, std::string_view key) const;  // by natural key
};

// O(log n) look-ups over an inventory that does not change any more. Keeps pointers into it.
class InventoryIndex {
 public:
  explicit InventoryIndex(const Inventory& inventory);
  const Object* by_id(std::string_view kind, std::string_view id) const;
  const Object* by_key(std::string_view kind, std::string_view key) const;
  const Inventory& inventory() const { return inventory_; }

 private:
  const Inventory& inventory_;
  std::map<std::pair<std::string, std::string>, const Object*, std::less<>> ids_, keys_;
};

// Objects per kind, and the one check that two such counts are the same.
using PerKind = std::map<std::string, long long>;
PerKind held_by(const Inventory& inventory);
// Empty when they are; else "job: saved 3, found 2; …" with the words for either. A kind that one
// does not name has 0 there.
std::string disagreement_of(const PerKind& said, std::string_view said_word, const PerKind& held,
                            std::string_view held_word);

}  // namespace lakeshift::model
