#include "stages/plan_calls.h"

#include <algorithm>

#include "core/engine/generic.h"
#include "core/engine/graph.h"
#include "core/engine/walk.h"
#include "stages/plan_compare.h"

namespace lakeshift::stages {
namespace {

using Pointer = Json::json_pointer;

bool is_created(const Draft& draft) {
  return !draft.decided && draft.change.verb == model::Verb::create;
}
bool has_calls(const Draft& draft) {
  return !draft.decided &&
         (draft.change.verb == model::Verb::create || draft.change.verb == model::Verb::update);
}

// Which references of a created draft must wait until a second call, because they close a cycle.
class Cycles {
 public:
  explicit Cycles(const Planning& planning) : planning_(planning), edges_(planning.drafts.size()) {
    for (std::size_t i = 0; i < planning.drafts.size(); ++i) {
      if (!is_created(planning.drafts[i])) continue;
      for (const std::size_t used : planning.drafts[i].uses)
        if (is_created(planning.drafts[used])) edges_[i].push_back(used);
    }
    for (std::size_t i = 0; i < edges_.size(); ++i)
      if (std::erase(edges_[i], i) > 0 && planning.drafts[i].uses_by_id.contains(i))
        deferred_[i].insert(i);
    while (break_one_of_each()) {
    }
  }

  // Drafts whose ids the draft learns only in its second call.
  const std::set<std::size_t>& deferred(std::size_t draft) const {
    static const std::set<std::size_t> kNone;
    const auto found = deferred_.find(draft);
    return found == deferred_.end() ? kNone : found->second;
  }
  // What the draft's first call waits for.
  const std::vector<std::size_t>& needs(std::size_t draft) const { return edges_[draft]; }

 private:
  bool break_one_of_each() {
    bool found = false;
    for (const std::vector<std::size_t>& component : engine::components(edges_)) {
      if (component.size() < 2) continue;
      found = true;
      break_at(chosen(component), component);
    }
    return found;
  }

  // A member that refers by id can be created first and completed later; names need no order at
  // all.
  std::size_t chosen(const std::vector<std::size_t>& component) const {
    std::size_t best = *std::min_element(component.begin(), component.end());
    for (const std::size_t member : component) {
      const bool by_id = refers_by_id(member, component),
                 best_by_id = refers_by_id(best, component);
      if ((by_id && !best_by_id) || (by_id == best_by_id && member < best)) best = member;
    }
    return best;
  }
  bool refers_by_id(std::size_t from, const std::vector<std::size_t>& component) const {
    return std::any_of(component.begin(), component.end(), [&](std::size_t to) {
      return planning_.drafts[from].uses_by_id.contains(to);
    });
  }
  void break_at(std::size_t member, const std::vector<std::size_t>& component) {
    for (const std::size_t other : component)
      if (std::erase(edges_[member], other) > 0 &&
          planning_.drafts[member].uses_by_id.contains(other))
        deferred_[member].insert(other);
  }

  const Planning& planning_;
  std::vector<std::vector<std::size_t>> edges_;
  std::map<std::size_t, std::set<std::size_t>> deferred_;
};

void make_actions(const engine::PlanContext& context, model::Change& change) {
  if (context.kind.plan_actions != nullptr)
    context.kind.plan_actions(context, change);
  else
    engine::plan_actions_generic(context, change);
}

// True when the value names one of the changes by a placeholder.
bool names_any(const Json& value, const std::set<std::string>& changes) {
  std::vector<std::string> named;
  engine::list_references(value, named);
  return std::any_of(named.begin(), named.end(),
                     [&](const std::string& id) { return changes.contains(id); });
}

// The document without the members that name the changes. A list element that only names one goes
// with it.
Json without(const Json& value, const std::set<std::string>& changes) {
  if (value.is_object() && !value.contains("$ref")) {
    Json kept = Json::object();
    for (const auto& [name, inner] : value.items()) {
      if (!names_any(inner, changes))
        kept[name] = inner;
      else if (inner.is_structured() && !inner.contains("$ref"))
        kept[name] = without(inner, changes);
    }
    return kept;
  }
  if (!value.is_array()) return value;
  Json kept = Json::array();
  for (const Json& inner : value)
    if (!names_any(inner, changes)) kept.push_back(inner);
  return kept;
}

// Creates what can be created now, then sets the rest by an update right after the call that binds
// the id.
void create_then_update(const Planning& planning, Draft& draft,
                        const std::set<std::string>& later) {
  const Json full = draft.desired;
  draft.desired = draft.kind->stub != nullptr ? draft.kind->stub(full) : without(full, later);
  make_actions(context_of(planning, draft), draft.change);

  model::Object created;
  created.id = {planning.input.target.side, std::string(draft.kind->name),
                engine::reference_text(draft.change.id)};
  created.document = draft.desired;
  created.document["$permissions"] = member(full, "$permissions");
  engine::add_stamp(*draft.kind, draft.source->id.to_text(), created.document);
  if (!draft.kind->id_field.empty())
    set_path(
        created.document, draft.kind->id_field,
        draft.kind->id_is_number ? engine::reference_to(draft.change.id) : Json(created.id.id));
  created.content = draft.source->content;
  draft.desired = full;
  engine::PlanContext context = context_of(planning, draft);
  context.actual = &created;
  model::Change second = draft.change;
  second.verb = model::Verb::update;
  second.actions.clear();
  second.target_id = created.id.id;
  second.differences = engine::differences_between(created.document, full, draft.kind->fields);
  make_actions(context, second);

  auto& actions = draft.change.actions;
  const auto binding =
      std::find_if(actions.begin(), actions.end(),
                   [](const model::Action& action) { return !action.binds.empty(); });
  auto place = binding == actions.end() ? actions.end() : binding + 1;
  for (model::Action& action : second.actions) {
    action.note = "completes the object: what it refers to was created meanwhile";
    place = actions.insert(place, std::move(action)) + 1;
  }
  draft.change.decisions.push_back(
      {"", "cycle", Json(), Json(),
       "it is part of a cycle of references: created without them, then completed"});
}

}  // namespace

void plan_calls(Planning& planning) {
  const Cycles cycles(planning);
  for (std::size_t i = 0; i < planning.drafts.size(); ++i) {
    Draft& draft = planning.drafts[i];
    if (!has_calls(draft)) continue;
    std::set<std::string> later;
    for (const std::size_t other : cycles.deferred(i))
      later.insert(planning.drafts[other].change.id);
    if (later.empty())
      make_actions(context_of(planning, draft), draft.change);
    else
      create_then_update(planning, draft, later);
    if (draft.change.actions.empty()) continue;
    std::set<std::string> needs;
    if (draft.change.verb == model::Verb::create) {
      for (const std::size_t used : cycles.needs(i)) needs.insert(planning.drafts[used].change.id);
    } else {
      for (const std::size_t used : draft.uses)
        if (is_created(planning.drafts[used])) needs.insert(planning.drafts[used].change.id);
    }
    model::Action& first = draft.change.actions.front();
    needs.insert(first.needs.begin(), first.needs.end());
    first.needs.assign(needs.begin(), needs.end());
  }
}

}  // namespace lakeshift::stages
