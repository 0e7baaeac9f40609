// A plan in the making: one draft per source object, filled phase by phase (draft, match,
// references, compare, calls).
#pragma once

#include <optional>
#include <set>

#include "core/model/verdict.h"
#include "stages/plan.h"

namespace lakeshift::stages {

// A reference found in a draft's document or told by its kind or the mapper.
struct Reference {
  Json::json_pointer place;  // in the mapped document
  std::string path;          // the same for people; "implied" when no member holds it
  std::string kinds;         // alternatives, "user|group"
  std::string text;          // the value met
  enum class By { id, member, key, tree_path, any_name } by = By::id;
  std::string member;  // for By::member
  std::optional<Json::json_pointer>
      entry;              // element of a list of principals it stands in: may be dropped
  bool quiet = false;     // nothing to say when nothing of the source answers to it
  bool in_text = false;   // inside a text (policy definition): replaced as text
  bool has_place = true;  // false: implied, nothing to replace
};

struct Draft {
  const model::Object* source = nullptr;
  const engine::Kind* kind = nullptr;
  model::Change change;
  Json desired;                           // mapped, then inert, then with resolved references
  const model::Object* actual = nullptr;  // in the target
  const state::LedgerRow* row = nullptr;
  bool owned = false;               // lakeshift made or adopted `actual` for this source before
  std::string claimed_by;           // another source object that `actual` belongs to
  bool decided = false;             // the verb is final, nothing will be called
  std::size_t same_as = SIZE_MAX;   // another draft that has the same target object
  std::vector<clouds::Need> needs;  // from the mapper
  std::vector<Reference> references;
  std::set<std::size_t> uses;        // drafts this one refers to
  std::set<std::size_t> uses_by_id;  // of these, by a value that is known only when they exist
  bool exists_later() const { return actual != nullptr || !decided; }
};

struct Planning {
  explicit Planning(const PlanInput& planned);
  const PlanInput& input;
  model::InventoryIndex source, target;
  std::vector<Draft> drafts;  // sorted by (kind, key)
  model::Diagnostics findings;
  std::vector<model::ExpectedDifference>
      expected;           // the platform's own doing, which is no difference
  std::string direction;  // "<cloud>-><cloud>"
  // "<kind> 'name'" for people.
  static std::string title_of(const Draft& draft);
};

// Ends a draft: nothing will be called for it. The first reason stays the code; others are added to
// the text.
void decide(Draft& draft, model::Verb verb, const std::string& code, const std::string& reason);
void add_finding(Planning& planning, const Draft& draft, std::string code, model::Severity severity,
                 std::string where, std::string cause, std::string remedy,
                 std::string evidence = {});

// Phase 1: a draft for every source object of a moving kind, mapped; excluded, unread and unmapped
// ones are decided.
void make_drafts(Planning& planning);
// The change id of a source object: "<kind>:<key>", without what would end a placeholder.
std::string change_id_of(std::string_view kind, std::string_view key);
// What apply recorded as done for the object.
bool is_done_state(std::string_view ledger_state);

}  // namespace lakeshift::stages
