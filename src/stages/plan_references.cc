#include "stages/plan_references.h"

#include <algorithm>
#include <deque>

#include "core/base/strings.h"
#include "core/engine/generic.h"
#include "stages/plan_names.h"
#include "stages/plan_owners.h"

namespace lakeshift::stages {
namespace {

using Pointer = Json::json_pointer;

class Resolver {
 public:
  explicit Resolver(Planning& planning) : planning_(planning), names_(planning) {}

  void execute() {
    referred_.resize(planning_.drafts.size());
    for (std::size_t i = 0; i < planning_.drafts.size(); ++i) collect(i);
    for (std::size_t i = 0; i < planning_.drafts.size(); ++i) judge(i);
    spread();
    for (std::size_t i = 0; i < planning_.drafts.size(); ++i) replace(i);
  }

 private:
  void collect(std::size_t index) {
    Draft& draft = planning_.drafts[index];
    draft.references = references_in(draft.desired, draft.kind->fields);
    for (const clouds::Need& need : draft.needs) {
      Reference reference;
      reference.path = need.path;
      reference.kinds = need.kind;
      reference.text = need.key;
      reference.by = Reference::By::key;
      reference.in_text = true;
      draft.references.push_back(std::move(reference));
    }
    if (draft.kind->implied_needs != nullptr)
      for (auto& [kind, key] : draft.kind->implied_needs(draft.source->document)) {
        Reference reference;
        reference.path = "implied";
        reference.kinds = kind;
        reference.text = key;
        reference.by = Reference::By::key;
        reference.quiet = true;
        reference.has_place = false;
        draft.references.push_back(std::move(reference));
      }
    for (const Reference& reference : draft.references)
      referred_[index].push_back(names_.find(reference));
  }

  // Decides a draft by the references that lead nowhere; notes the ones that lead to other drafts.
  void judge(std::size_t index) {
    Draft& draft = planning_.drafts[index];
    for (std::size_t r = 0; r < draft.references.size(); ++r) {
      const Reference& reference = draft.references[r];
      const Referred& referred = referred_[index][r];
      if (referred.state == Referred::State::draft) {
        draft.change.requires_changes.push_back(planning_.drafts[referred.draft].change.id);
        if (reference.entry) continue;
        draft.uses.insert(referred.draft);
        users_[referred.draft].push_back(index);
      } else if (!draft.decided && !reference.entry) {
        judge_lost(draft, reference, referred);
      }
    }
    std::sort(draft.change.requires_changes.begin(), draft.change.requires_changes.end());
    draft.change.requires_changes.erase(
        std::unique(draft.change.requires_changes.begin(), draft.change.requires_changes.end()),
        draft.change.requires_changes.end());
  }

  void judge_lost(Draft& draft, const Reference& reference, const Referred& referred) {
    const std::string where = "'" + reference.path + "'";
    if (referred.state == Referred::State::not_moved) {
      decide(draft, model::Verb::blocked, "dependency-not-moved",
             where + " needs the " + referred.why + ", which lakeshift does not move");
      add_finding(planning_, draft, "dependency-not-moved", model::Severity::blocking,
                  reference.path,
                  where + " needs the " + referred.why + ", which lakeshift does not move",
                  "make it in the target under the same name and plan again, or exclude this " +
                      std::string(draft.kind->title));
    } else if (referred.state == Referred::State::not_read) {
      decide(draft, model::Verb::blocked, "dependency-not-read",
             where + " needs the " + referred.why);
      add_finding(planning_, draft, "dependency-not-read", model::Severity::blocking,
                  reference.path, where + " needs the " + referred.why,
                  "repair the cause and discover again");
    } else if (referred.state == Referred::State::dangling && !reference.quiet) {
      judge_dangling(draft, reference);
    }
  }

  void judge_dangling(Draft& draft, const Reference& reference) {
    const std::string what = replace_all(reference.kinds, "|", " or ");
    const std::string cause = "'" + reference.path + "' refers to the " + what + " '" +
                              reference.text + "', which the source does not have";
    // An id of the source means nothing in the target, or worse: something else.
    const bool needed = reference.by == Reference::By::id || reference.by == Reference::By::member;
    if (needed) decide(draft, model::Verb::blocked, "dangling-reference", cause);
    add_finding(
        planning_, draft, "dangling-reference",
        needed ? model::Severity::blocking : model::Severity::warning, reference.path, cause,
        needed ? "repair it in the source and discover again, or exclude it"
               : "nothing changes: the value is kept and will not work in the target either",
        reference.text);
  }

  // What needs something that will not be there is blocked, transitively.
  void spread() {
    std::deque<std::size_t> missing;
    for (std::size_t i = 0; i < planning_.drafts.size(); ++i)
      if (!planning_.drafts[i].exists_later()) missing.push_back(i);
    while (!missing.empty()) {
      const std::size_t lost = missing.front();
      missing.pop_front();
      const Draft& cause = planning_.drafts[lost];
      for (const std::size_t user : users_[lost]) {
        Draft& draft = planning_.drafts[user];
        const bool was_there = draft.exists_later();
        if (user == lost) continue;
        if (draft.decided && draft.change.code != "dependency-not-moved") continue;
        decide(draft, model::Verb::blocked, "dependency-not-moved",
               "it needs " + Planning::title_of(cause) + ", which is " +
                   std::string(model::to_text(cause.change.verb)) + " (" + cause.change.code + ")");
        if (was_there && !draft.exists_later()) missing.push_back(user);
      }
    }
  }

  void replace(std::size_t index) {
    Draft& draft = planning_.drafts[index];
    if (draft.decided) return;
    std::vector<Pointer> dropped;
    for (std::size_t r = 0; r < draft.references.size(); ++r) {
      const Reference& reference = draft.references[r];
      const Referred& referred = referred_[index][r];
      if (reference.entry && !will_be_there(referred))
        drop(draft, reference, referred, dropped);
      else if (reference.in_text)
        replace_in_text(draft, reference, referred);
      else if (reference.has_place)
        replace_value(draft, reference, referred);
      if (reference.entry && referred.state == Referred::State::draft)
        draft.uses.insert(referred.draft);
    }
    remove_entries(draft.desired, dropped);
    if (!dropped.empty()) repair_owner(planning_, draft);
  }

  bool will_be_there(const Referred& referred) const {
    if (referred.state == Referred::State::draft)
      return planning_.drafts[referred.draft].exists_later();
    return referred.state == Referred::State::target || referred.state == Referred::State::unknown;
  }

  void drop(Draft& draft, const Reference& reference, const Referred& referred,
            std::vector<Pointer>& dropped) {
    std::string why = "is not in the source any more";
    if (referred.state == Referred::State::draft) {
      const model::Change& change = planning_.drafts[referred.draft].change;
      why = "is " + std::string(model::to_text(change.verb)) + " (" + change.code + ")";
    } else if (referred.state != Referred::State::dangling) {
      why = "is not moved";
    }
    const std::string list = reference.path.substr(0, reference.path.rfind('['));
    const std::string who = referred.state == Referred::State::draft
                                ? Planning::title_of(planning_.drafts[referred.draft])
                                : "'" + reference.text + "'";
    dropped.push_back(*reference.entry);
    draft.change.decisions.push_back(
        {reference.path.substr(0, reference.path.rfind(']') + 1), "principal-not-moved",
         draft.desired.contains(*reference.entry) ? draft.desired[*reference.entry] : Json(),
         Json(), who + " " + why + ": the entry is left out of " + list});
    add_finding(planning_, draft, "principal-not-moved", model::Severity::warning, reference.path,
                who + " " + why + ": its entry in '" + list + "' is left out",
                "map the principal to another in the mapping file, or make it in the target, and "
                "plan again");
  }

  static void remove_entries(Json& document, std::vector<Pointer>& entries) {
    // From the back: earlier places stay right.
    std::sort(entries.begin(), entries.end(), [](const Pointer& a, const Pointer& b) {
      const Pointer parent_a = a.parent_pointer(), parent_b = b.parent_pointer();
      if (parent_a != parent_b) return parent_a.to_string() > parent_b.to_string();
      return std::stoul(a.back()) > std::stoul(b.back());
    });
    entries.erase(std::unique(entries.begin(), entries.end()), entries.end());
    for (const Pointer& entry : entries) {
      if (!document.contains(entry)) continue;
      Json& list = document[entry.parent_pointer()];
      if (list.is_array()) list.erase(std::stoul(entry.back()));
    }
  }

  // The value in the target: known, or a placeholder.
  Json value_for(const Json& before, const Reference& reference, const Referred& referred) {
    const std::string field =
        reference.by == Reference::By::member || reference.by == Reference::By::any_name
            ? reference.member
            : "id";
    const model::Object* object = referred.object;
    const engine::Kind* kind = referred.kind;
    if (referred.state == Referred::State::draft) {
      const Draft& other = planning_.drafts[referred.draft];
      object = other.actual;
      kind = other.kind;
      if (object == nullptr) {
        if (before.is_string() && kind->id_is_number && field == "id")
          return engine::reference_text(other.change.id, field);
        return engine::reference_to(other.change.id, field);
      }
    }
    if (object == nullptr) return before;
    if (field != "id")
      return at_path(object->document, field).is_null() ? before : at_path(object->document, field);
    if (before.is_number()) {
      auto number = parse_json(object->id.id, "id");
      if (number && number->is_number()) return *number;
    }
    return object->id.id;
  }

  void replace_value(Draft& draft, const Reference& reference, const Referred& referred) {
    const bool by_value =
        reference.by == Reference::By::id || reference.by == Reference::By::member ||
        (reference.by == Reference::By::any_name && is_application(referred, reference));
    if (!by_value || !draft.desired.contains(reference.place)) return;
    Json& value = draft.desired[reference.place];
    value = value_for(value, reference, referred);
    note_id(draft, referred);
  }

  static bool is_application(const Referred& referred, const Reference& reference) {
    return referred.kind != nullptr && referred.kind->name == "service_principal" &&
           !contains(reference.text, "@");
  }

  void note_id(Draft& draft, const Referred& referred) {
    if (referred.state == Referred::State::draft &&
        planning_.drafts[referred.draft].actual == nullptr)
      draft.uses_by_id.insert(referred.draft);
  }

  // Ids inside texts (policy definitions): every occurrence of the source's id.
  void replace_in_text(Draft& draft, const Reference& reference, const Referred& referred) {
    if (referred.state != Referred::State::draft) return;
    const Draft& other = planning_.drafts[referred.draft];
    const std::string& id = other.source->id.id;
    if (reference.text != id || reference.text == other.source->key) return;
    const Json& now = at_path(draft.desired, reference.path);
    if (!now.is_string()) return;
    const std::string to =
        other.actual != nullptr ? other.actual->id.id : engine::reference_text(other.change.id);
    set_path(draft.desired, reference.path, replace_all(now.get<std::string>(), id, to));
    note_id(draft, referred);
  }

  Planning& planning_;
  Names names_;
  std::vector<std::vector<Referred>> referred_;
  std::map<std::size_t, std::vector<std::size_t>> users_;
};

}  // namespace

void resolve_references(Planning& planning) { Resolver(planning).execute(); }

}  // namespace lakeshift::stages
