#include "stages/plan_names.h"

#include "core/base/strings.h"

namespace lakeshift::stages {
namespace {

std::string folded_key(const engine::Kind* kind, const std::string& key) {
  return kind != nullptr && kind->key_ignores_case ? to_lower(key) : key;
}

// "/Workspace/Users/x" and "/Users/x" are one path.
std::string plain_tree_path(const std::string& path) {
  constexpr std::string_view kPrefix = "/Workspace/";
  return path.starts_with(kPrefix) ? path.substr(kPrefix.size() - 1) : path;
}

std::string first_part(const std::string& path) { return path.substr(0, path.find('/', 1)); }

}  // namespace

Names::Names(const Planning& planning) : planning_(planning) {
  for (const model::KindCount& count : planning.input.source.counts) counts_[count.kind] = &count;
  list_members();
  add_target();
  add_drafts();
  add_counted();
}

// Members other than ids that some kind's table refers by.
void Names::list_members() {
  members_.insert({"service_principal", "applicationId"});
  for (const engine::Kind* kind : planning_.input.kinds)
    model::list_patterns(kind->fields, [&](const std::string&, const model::Field& field) {
      if (field.target_field.empty()) return;
      for (const std::string& target : split(field.target, '|'))
        members_.insert({target, std::string(field.target_field)});
    });
}

void Names::add_target() {
  for (const model::Object& object : planning_.input.target.objects) {
    const std::string& kind = object.id.kind;
    in_target_[{kind, folded_key(engine::find_kind(planning_.input.kinds, kind), object.key)}] =
        &object;
    for (auto wanted = members_.lower_bound({kind, ""});
         wanted != members_.end() && wanted->first == kind; ++wanted)
      if (const std::string value = scalar_text(at_path(object.document, wanted->second));
          !value.empty())
        target_values_[kind + "." + wanted->second][value] = &object;
  }
}

void Names::add_drafts() {
  for (std::size_t i = 0; i < planning_.drafts.size(); ++i) {
    const Draft& draft = planning_.drafts[i];
    const std::string kind(draft.kind->name);
    const Entry entry{i, nullptr};
    ids_[{kind, draft.source->id.id}] = entry;
    source_keys_[{kind, folded_key(draft.kind, draft.source->key)}] = entry;
    target_keys_.try_emplace({kind, folded_key(draft.kind, draft.change.target_key)}, entry);
    if (draft.source->key.starts_with('/')) tree_roots_.insert(first_part(draft.change.target_key));
    for (auto wanted = members_.lower_bound({kind, ""});
         wanted != members_.end() && wanted->first == kind; ++wanted)
      if (const std::string value = scalar_text(at_path(draft.source->document, wanted->second));
          !value.empty())
        values_[kind + "." + wanted->second][value] = entry;
  }
}

void Names::add_counted() {
  for (const model::Object& object : planning_.input.source.objects) {
    const engine::Kind* kind = engine::find_kind(planning_.input.kinds, object.id.kind);
    if (kind != nullptr && kind->moves) continue;
    const Entry entry{SIZE_MAX, &object};
    ids_[{object.id.kind, object.id.id}] = entry;
    const bool is_path = object.key.starts_with('/');
    const std::string mapped =
        is_path ? planning_.input.mapper.map_tree_path(object.key) : object.key;
    source_keys_[{object.id.kind, folded_key(kind, object.key)}] = entry;
    target_keys_.try_emplace({object.id.kind, folded_key(kind, mapped)}, entry);
  }
}

const Names::Entry* Names::by_id(const std::string& kind, const std::string& id) const {
  const auto found = ids_.find({kind, id});
  return found == ids_.end() ? nullptr : &found->second;
}

const Names::Entry* Names::by_member(const std::string& kind, const std::string& name,
                                     const std::string& value) const {
  const auto values = values_.find(kind + "." + name);
  if (values == values_.end()) return nullptr;
  const auto found = values->second.find(value);
  return found == values->second.end() ? nullptr : &found->second;
}

const Names::Entry* Names::by_key(const std::string& kind, const std::string& key) const {
  const std::string folded = folded_key(engine::find_kind(planning_.input.kinds, kind), key);
  if (const auto found = target_keys_.find({kind, folded}); found != target_keys_.end())
    return &found->second;
  if (const auto found = source_keys_.find({kind, folded}); found != source_keys_.end())
    return &found->second;
  return nullptr;
}

const model::Object* Names::in_target(const std::string& kind, const std::string& key) const {
  const auto found =
      in_target_.find({kind, folded_key(engine::find_kind(planning_.input.kinds, kind), key)});
  return found == in_target_.end() ? nullptr : found->second;
}

Referred Names::from(const Entry& entry, const engine::Kind* kind) const {
  Referred referred;
  referred.kind = kind;
  if (entry.draft != SIZE_MAX) {
    referred.state = Referred::State::draft;
    referred.draft = entry.draft;
    while (planning_.drafts[referred.draft].same_as != SIZE_MAX)
      referred.draft = planning_.drafts[referred.draft].same_as;
    return referred;
  }
  // Not moved by lakeshift, but somebody may have made it in the target already.
  const model::Object& object = *entry.object;
  const bool is_path = object.key.starts_with('/');
  referred.object = in_target(
      object.id.kind, is_path ? planning_.input.mapper.map_tree_path(object.key) : object.key);
  referred.state =
      referred.object != nullptr ? Referred::State::target : Referred::State::not_moved;
  const std::string title = kind != nullptr ? std::string(kind->title) : object.id.kind;
  referred.why =
      title + " '" + (object.name.empty() ? object.key : object.name) + "' (" + object.id.id + ")";
  return referred;
}

Referred Names::nothing(const Reference& reference, const std::vector<std::string>& kinds) const {
  Referred referred;
  bool any_known = false;
  const bool by_name = reference.by != Reference::By::id && reference.by != Reference::By::member;
  for (const std::string& name : kinds) {
    const engine::Kind* kind = engine::find_kind(planning_.input.kinds, name);
    any_known = any_known || kind != nullptr;
    if (by_name)
      if (const model::Object* object = in_target(name, reference.text); object != nullptr) {
        referred.state = Referred::State::target;
        referred.object = object;
        referred.kind = kind;
        return referred;
      }
    // A value of the target, because the mapping file says so.
    if (reference.by == Reference::By::member)
      if (const auto values = target_values_.find(name + "." + reference.member);
          values != target_values_.end())
        if (const auto object = values->second.find(reference.text);
            object != values->second.end()) {
          referred.state = Referred::State::target;
          referred.object = object->second;
          referred.kind = kind;
          return referred;
        }
    const auto count = counts_.find(name);
    const std::string title = kind != nullptr ? std::string(kind->title) : name;
    if (count != counts_.end() && !count->second->unavailable.empty()) {
      referred.state = Referred::State::not_read;
      referred.why = title + " '" + reference.text + "': the " + title + "s could not be read (" +
                     count->second->unavailable + ")";
    } else if (!by_name && (kind == nullptr || !kind->moves)) {
      referred.state = Referred::State::not_moved;
      referred.why = title + " '" + reference.text + "'";
    }
  }
  if (by_name && !any_known && referred.state == Referred::State::dangling)
    referred.state = Referred::State::unknown;
  return referred;
}

// The object itself, or the nearest of its parents that holds it without listing it (a git folder).
Referred Names::on_tree(const Reference& reference, const std::vector<std::string>& kinds) const {
  const std::string path = plain_tree_path(reference.text);
  Referred referred;
  if (!path.starts_with('/')) return referred.state = Referred::State::unknown, referred;
  for (std::string at = path; at.size() > 1; at = at.substr(0, at.rfind('/'))) {
    for (const std::string& name : kinds) {
      const Entry* entry = by_key(name, at);
      if (entry == nullptr) continue;
      const engine::Kind* kind = engine::find_kind(planning_.input.kinds, name);
      if (at == path || entry->draft == SIZE_MAX) return from(*entry, kind);
    }
  }
  if (!tree_roots_.contains(first_part(path)))
    return referred.state = Referred::State::unknown, referred;
  Reference exact = reference;
  exact.text = path;
  return nothing(exact, kinds);
}

Referred Names::any_name(const Reference& reference) const {
  if (const Entry* entry = by_member("service_principal", "applicationId", reference.text);
      entry != nullptr)
    return from(*entry, engine::find_kind(planning_.input.kinds, "service_principal"));
  for (const std::string_view name : kPrincipalKinds)
    if (const Entry* entry = by_key(std::string(name), reference.text); entry != nullptr)
      return from(*entry, engine::find_kind(planning_.input.kinds, name));
  return nothing(reference, {kPrincipalKinds.begin(), kPrincipalKinds.end()});
}

Referred Names::find(const Reference& reference) const {
  if (reference.by == Reference::By::any_name) return any_name(reference);
  const std::vector<std::string> kinds = split(reference.kinds, '|');
  if (reference.by == Reference::By::tree_path) return on_tree(reference, kinds);
  for (const std::string& name : kinds) {
    const Entry* entry = nullptr;
    if (reference.by == Reference::By::id) entry = by_id(name, reference.text);
    if (reference.by == Reference::By::member)
      entry = by_member(name, reference.member, reference.text);
    if (reference.by == Reference::By::key) entry = by_key(std::string(name), reference.text);
    // What the mapper finds inside texts is a key or an id, as the text has it.
    if (entry == nullptr && reference.by == Reference::By::key && reference.in_text)
      entry = by_id(name, reference.text);
    if (entry != nullptr) return from(*entry, engine::find_kind(planning_.input.kinds, name));
  }
  return nothing(reference, kinds);
}

}  // namespace lakeshift::stages
