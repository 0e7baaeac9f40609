#include "stages/plan_match.h"

#include <algorithm>

#include "core/base/strings.h"
#include "core/engine/generic.h"
#include "core/engine/running.h"
#include "core/engine/stamp.h"

namespace lakeshift::stages {
namespace {

using KindAndText = std::pair<std::string_view, std::string>;

class Matcher {
 public:
  explicit Matcher(Planning& planning) : planning_(planning) {
    read_ledger();
    read_target();
  }

  void execute() {
    for (Draft& draft : planning_.drafts) by_ledger(draft);
    for (Draft& draft : planning_.drafts)
      if (draft.actual == nullptr) by_stamp(draft);
    join_same_targets();
    for (Draft& draft : planning_.drafts)
      if (draft.actual == nullptr && draft.same_as == SIZE_MAX) by_key(draft);
    for (auto& [key, drafts] : homonyms_) among_homonyms(drafts);
  }

 private:
  const model::Side& target_side() const { return planning_.input.target.side; }

  void read_ledger() {
    for (const state::LedgerRow& row : planning_.input.ledger) {
      if (row.target_side != target_side() || row.target_id.empty()) continue;
      rows_[row.source] = &row;
      owners_[{row.source.kind, row.target_id}].push_back(&row);
    }
  }

  void read_target() {
    for (const model::Object& object : planning_.input.target.objects) {
      const engine::Kind* kind = engine::find_kind(planning_.input.kinds, object.id.kind);
      if (kind == nullptr || !kind->moves) continue;
      if (const std::string stamp = engine::stamp_of(*kind, object.document); !stamp.empty())
        stamped_[{kind->name, stamp}].push_back(&object);
      keyed_[{kind->name, folded(*kind, object.key)}] = &object;
      plain_[{kind->name, folded(*kind, plain_key_of(*kind, object))}].push_back(&object);
    }
  }

  static std::string folded(const engine::Kind& kind, const std::string& key) {
    return kind.key_ignores_case ? to_lower(key) : key;
  }
  static std::string plain_key_of(const engine::Kind& kind, const model::Object& object) {
    const std::string plain = engine::natural_key_of(kind, object.document);
    return plain.empty() ? object.key : plain;
  }

  void by_ledger(Draft& draft) {
    const auto found = rows_.find(draft.source->id);
    if (found == rows_.end()) return;
    draft.row = found->second;
    const model::Object* object = planning_.target.by_id(draft.kind->name, draft.row->target_id);
    if (object != nullptr) {
      take(draft, object, true);
      keep_rename(draft, *object);
    } else if (is_done_state(draft.row->state) && !draft.decided) {
      add_finding(planning_, draft, "vanished-from-target", model::Severity::warning, "",
                  "the target's " + std::string(draft.kind->title) + " " + draft.row->target_id +
                      ", which lakeshift made, is not there any more",
                  "it is planned again; exclude it when it was removed on purpose");
    }
  }

  void by_stamp(Draft& draft) {
    const std::string stamp = draft.source->id.to_text();
    auto found = stamped_.find({draft.kind->name, stamp});
    if (found == stamped_.end())
      found = stamped_.find({draft.kind->name, engine::label_of_stamp(stamp)});
    if (found == stamped_.end()) return;
    std::vector<const model::Object*> free;
    for (const model::Object* object : found->second)
      if (!taken_.contains(object)) free.push_back(object);
    if (free.size() == 1) {
      take(draft, free.front(), true);
      keep_rename(draft, *free.front());
    }
    if (free.size() > 1) ambiguous(draft, free, "carry its stamp");
  }

  // Two source objects that are one object in the target, because the mapping file joins them.
  void join_same_targets() {
    std::map<KindAndText, std::size_t> first;
    for (std::size_t i = 0; i < planning_.drafts.size(); ++i) {
      Draft& draft = planning_.drafts[i];
      if (draft.decided && draft.change.verb == model::Verb::excluded) continue;
      const KindAndText key{draft.kind->name, folded(*draft.kind, draft.change.target_key)};
      const auto [place, is_first] = first.emplace(key, i);
      if (is_first || draft.actual != nullptr) continue;
      const Draft& other = planning_.drafts[place->second];
      draft.same_as = place->second;
      const std::string reason = "it would be the same as " + Planning::title_of(other) +
                                 ": both become '" + draft.change.target_key + "'";
      if (!draft.decided)
        add_finding(
            planning_, draft, "same-target", model::Severity::warning, "", reason,
            "references to it lead to the other one; map one of them to another name to keep both");
      decide(draft, model::Verb::blocked, "same-target", reason);
    }
  }

  // The other source object that the ledger says this one was made for; "" when there is none.
  std::string stranger_of(const model::Object& object, const Draft& draft) const {
    const auto owners = owners_.find({object.id.kind, object.id.id});
    if (owners == owners_.end()) return {};
    for (const state::LedgerRow* row : owners->second)
      if (row->source != draft.source->id) return row->source.to_text();
    return {};
  }

  void by_key(Draft& draft) {
    const engine::Kind& kind = *draft.kind;
    if (!kind.key_is_unique) {
      const std::string plain = engine::natural_key_of(kind, draft.desired);
      homonyms_[{kind.name, folded(kind, plain.empty() ? draft.change.target_key : plain)}]
          .push_back(&draft);
      return;
    }
    const auto found = keyed_.find({kind.name, folded(kind, draft.change.target_key)});
    if (found == keyed_.end() || taken_.contains(found->second)) return;
    meet(draft, *found->second);
  }

  // An object of that name is there, and lakeshift has no record of having made it for this source.
  void meet(Draft& draft, const model::Object& object) {
    const bool rename = planning_.input.route.on_clash == OnClash::rename && !draft.decided;
    if (rename && can_rename(*draft.kind)) {
      rename_draft(draft);
      return;
    }
    take(draft, &object, false);
    draft.claimed_by = stranger_of(object, draft);
  }

  // Only names that nothing refers to by name may change; others would break what refers to them.
  bool can_rename(const engine::Kind& kind) const {
    if (kind.key_field.empty() || kind.natural_key != nullptr) return false;
    bool referred = false;
    const auto look = [&](const std::string&, const model::Field& field) {
      if (field.meaning == model::Meaning::reference || field.target.empty()) return;
      const auto targets = split(field.target, '|');
      referred = referred || std::find(targets.begin(), targets.end(), kind.name) != targets.end();
    };
    for (const engine::Kind* other : planning_.input.kinds)
      model::list_patterns(other->fields, look);
    return !referred;
  }

  // An object that this route once made under another name keeps that name.
  void keep_rename(Draft& draft, const model::Object& object) {
    if (planning_.input.route.on_clash != OnClash::rename || draft.decided ||
        !can_rename(*draft.kind))
      return;
    const std::string wanted = scalar_text(at_path(draft.desired, draft.kind->key_field));
    const std::string there = scalar_text(at_path(object.document, draft.kind->key_field));
    if (there == planning_.input.route.prefix + wanted)
      give_prefix(draft, "it was made under this name: the plain one was taken");
  }

  std::string give_prefix(Draft& draft, const std::string& why) {
    const std::string before = scalar_text(at_path(draft.desired, draft.kind->key_field));
    const std::string after = planning_.input.route.prefix + before;
    set_path(draft.desired, draft.kind->key_field, after);
    draft.change.target_key = planning_.input.route.prefix + draft.change.target_key;
    draft.change.decisions.push_back(
        {std::string(draft.kind->key_field), "rename", before, after, why});
    return after;
  }

  void rename_draft(Draft& draft) {
    const std::string before = scalar_text(at_path(draft.desired, draft.kind->key_field));
    const std::string after =
        give_prefix(draft, "the target has one of that name that lakeshift did not make");
    const auto found =
        keyed_.find({draft.kind->name, folded(*draft.kind, draft.change.target_key)});
    if (found == keyed_.end() || taken_.contains(found->second)) return;
    decide(draft, model::Verb::blocked, "name-taken",
           "the target has both '" + before + "' and '" + after + "', and lakeshift made neither");
    add_finding(planning_, draft, "name-taken", model::Severity::blocking,
                std::string(draft.kind->key_field), draft.change.reason,
                "choose another 'prefix' in the route, or rename one of them");
  }

  // Objects of equal names, where the platform allows them: one and one are the same; else only
  // equal content tells.
  void among_homonyms(std::vector<Draft*>& drafts) {
    const auto found = plain_.find({drafts.front()->kind->name, homonym_key(*drafts.front())});
    if (found == plain_.end()) return;
    std::vector<const model::Object*> free;
    for (const model::Object* object : found->second)
      if (!taken_.contains(object) && stranger_of(*object, *drafts.front()).empty())
        free.push_back(object);
    if (free.empty()) return;
    if (drafts.size() == 1 && free.size() == 1) {
      meet(*drafts.front(), *free.front());
      return;
    }
    if (planning_.input.route.on_clash == OnClash::rename && can_rename(*drafts.front()->kind)) {
      for (Draft* draft : drafts)
        if (!draft->decided) rename_draft(*draft);
      return;
    }
    std::erase_if(drafts, [&](Draft* draft) { return by_content(*draft, free); });
    if (free.empty()) return;
    for (Draft* draft : drafts) ambiguous(*draft, free, "have its name");
  }

  std::string homonym_key(const Draft& draft) const {
    const std::string plain = engine::natural_key_of(*draft.kind, draft.desired);
    return folded(*draft.kind, plain.empty() ? draft.change.target_key : plain);
  }

  bool by_content(Draft& draft, std::vector<const model::Object*>& free) {
    std::vector<const model::Object*> equal;
    for (const model::Object* object : free)
      if (is_alike(draft, *object)) equal.push_back(object);
    if (equal.size() != 1) return false;
    take(draft, equal.front(), false);
    std::erase(free, equal.front());
    return true;
  }

  // Equal but for references, which have other values on every side.
  static bool is_alike(const Draft& draft, const model::Object& object) {
    if (draft.source->content != object.content) return false;
    const Json actual = engine::inert_copy(*draft.kind, object.document);
    const Json desired = engine::inert_copy(*draft.kind, draft.desired);
    for (const model::Difference& difference :
         engine::differences_between(actual, desired, draft.kind->fields)) {
      bool is_reference = false;
      model::walk_fields(draft.desired, draft.kind->fields,
                         [&](const model::Visit& visit, const Json&) {
                           if (visit.path == difference.path && visit.field != nullptr)
                             is_reference = visit.field->meaning == model::Meaning::reference ||
                                            visit.field->meaning == model::Meaning::application;
                         });
      if (!is_reference && !difference.path.starts_with('$')) return false;
    }
    return true;
  }

  void ambiguous(Draft& draft, const std::vector<const model::Object*>& candidates,
                 const std::string& what) {
    std::vector<std::string> ids;
    for (const model::Object* object : candidates) ids.push_back(object->id.id);
    std::sort(ids.begin(), ids.end());
    const std::string reason = std::to_string(ids.size()) + " objects of the target " + what +
                               " (" + join(ids, ", ") + "), and nothing tells which one is meant";
    if (!draft.decided)
      add_finding(planning_, draft, "ambiguous-match", model::Severity::blocking, "", reason,
                  "rename or remove the others in the target, or rename it in the source");
    decide(draft, model::Verb::blocked, "ambiguous-match", reason);
  }

  void take(Draft& draft, const model::Object* object, bool owned) {
    draft.actual = object;
    draft.owned = owned;
    draft.change.target_id = object->id.id;
    taken_.insert(object);
  }

  Planning& planning_;
  std::map<model::ObjectId, const state::LedgerRow*> rows_;
  std::map<std::pair<std::string, std::string>, std::vector<const state::LedgerRow*>> owners_;
  std::map<KindAndText, std::vector<const model::Object*>> stamped_, plain_;
  std::map<KindAndText, const model::Object*> keyed_;
  std::map<KindAndText, std::vector<Draft*>> homonyms_;
  std::set<const model::Object*> taken_;
};

}  // namespace

void match_drafts(Planning& planning) { Matcher(planning).execute(); }

}  // namespace lakeshift::stages
