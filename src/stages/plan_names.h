// Who answers to an id or a name: drafts, source objects of kinds that are only counted, objects of
// the target.
#pragma once

#include <array>
#include <string_view>

#include "stages/plan_draft.h"

namespace lakeshift::stages {

// Kinds of objects that can hold a grant.
inline constexpr std::array<std::string_view, 3> kPrincipalKinds = {"user", "group",
                                                                    "service_principal"};

// What a reference leads to.
struct Referred {
  enum class State {
    draft,      // a source object of a kind that moves
    target,     // nothing of the source's, but an object that is in the target: `object`
    not_moved,  // something that lakeshift does not move: `why` names it
    not_read,   // perhaps there, but its kind could not be read
    dangling,   // nothing in the source
    unknown,    // nothing can be said: no such kind is known here
  } state = State::dangling;
  std::size_t draft = SIZE_MAX;
  const model::Object* object = nullptr;
  const engine::Kind* kind = nullptr;
  std::string why;
};

class Names {
 public:
  explicit Names(const Planning& planning);
  Referred find(const Reference& reference) const;

 private:
  struct Entry {
    std::size_t draft = SIZE_MAX;
    const model::Object* object = nullptr;  // of the source, of a kind that is only counted
  };
  using Key = std::pair<std::string, std::string>;
  void list_members();
  void add_drafts();
  void add_target();
  void add_counted();
  const Entry* by_id(const std::string& kind, const std::string& id) const;
  const Entry* by_member(const std::string& kind, const std::string& member,
                         const std::string& value) const;
  const Entry* by_key(const std::string& kind, const std::string& key) const;
  Referred from(const Entry& entry, const engine::Kind* kind) const;
  Referred nothing(const Reference& reference, const std::vector<std::string>& kinds) const;
  Referred on_tree(const Reference& reference, const std::vector<std::string>& kinds) const;
  Referred any_name(const Reference& reference) const;
  const model::Object* in_target(const std::string& kind, const std::string& key) const;

  const Planning& planning_;
  std::map<Key, Entry> ids_, source_keys_, target_keys_;
  std::set<Key> members_;                                       // (kind, member)
  std::map<std::string, std::map<std::string, Entry>> values_;  // kind + "." + member -> value
  std::map<std::string, std::map<std::string, const model::Object*>>
      target_values_;  // the same of the target
  std::map<Key, const model::Object*> in_target_;
  std::set<std::string> tree_roots_;
  std::map<std::string, const model::KindCount*> counts_;
};

}  // namespace lakeshift::stages
