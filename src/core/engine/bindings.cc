#include "core/engine/bindings.h"

#include <charconv>
#include <utility>

#include "core/base/strings.h"
#include "core/engine/lookup.h"

namespace lakeshift::engine {
namespace {

constexpr const char* kNativeId = "$id";  // the id as the answer spelled it, when that was a number

Json number_from(const std::string& text) {
  long long number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size()) return text;
  return number;
}

}  // namespace

std::string about_change(const model::Change& change) {
  return change.source.kind + " '" + change.key + "'";
}

Bindings::Bindings(const model::Plan& plan, KindSet kinds, Platform& target, std::stop_token stop)
    : kinds_(kinds), target_(target), stop_(std::move(stop)) {
  for (const model::Change& change : plan.changes) {
    changes_[change.id] = &change;
    std::vector<std::pair<std::string, std::string>> members;
    for (const model::Action& action : change.actions) {
      list_member_references(action.path, members);
      list_member_references(action.query, members);
      list_member_references(action.body, members);
    }
    for (auto& [id, field] : members) wanted_fields_[id].insert(std::move(field));
  }
}

Json Bindings::wanted_of(const model::Change& change, const Json& answer,
                         const std::string& binds) const {
  Json wanted = Json::object();
  if (const Json& native = at_path(answer, binds); !binds.empty() && native.is_number())
    wanted[kNativeId] = native;
  const auto fields = wanted_fields_.find(change.id);
  if (fields == wanted_fields_.end()) return wanted;
  for (const std::string& field : fields->second)
    if (const Json& value = at_path(answer, field); field != "id" && !value.is_null())
      wanted[field] = value;
  return wanted;
}

void Bindings::bind(const model::Change& change, const std::string& id, const Json& wanted) {
  const std::scoped_lock lock(mutex_);
  Known& known = known_[change.id];
  if (!id.empty()) known.id = id;
  if (wanted.is_object()) known.wanted.update(wanted);
}

std::string Bindings::id_of(const model::Change& change) const {
  const std::scoped_lock lock(mutex_);
  const auto found = known_.find(change.id);
  if (found != known_.end() && !found->second.id.empty()) return found->second.id;
  return change.target_id;
}

Result<Json> Bindings::value(const std::string& change_id, const std::string& field) {
  const auto found = changes_.find(change_id);
  if (found == changes_.end())
    return fail("dependency-failed",
                "the plan has no change '" + change_id + "' that this call refers to", "plan",
                "make the plan again");
  const model::Change& change = *found->second;
  const std::string id = id_of(change);
  if (id.empty())
    return fail("dependency-failed",
                "it refers to " + about_change(change) + ", which is not in the target" +
                    (change.reason.empty() ? std::string() : ": " + change.reason),
                about_change(change), "create it there, then make the plan again");
  const Kind* kind = find_kind(kinds_, change.source.kind);
  if (field == "id") {
    const std::scoped_lock lock(mutex_);
    const auto known = known_.find(change_id);
    if (known != known_.end())
      if (const Json& native = member(known->second.wanted, kNativeId); !native.is_null())
        return native;
    return kind != nullptr && kind->id_is_number ? number_from(id) : Json(id);
  }
  {
    const std::scoped_lock lock(mutex_);
    const auto known = known_.find(change_id);
    if (known != known_.end())
      if (const Json& value = member(known->second.wanted, field); !value.is_null()) return value;
  }
  return member_of_object(change, id, field);
}

// The answer did not say it, or another run made the object: asked for once, then remembered.
Result<Json> Bindings::member_of_object(const model::Change& change, const std::string& id,
                                        const std::string& field) {
  const Kind* kind = find_kind(kinds_, change.source.kind);
  if (kind == nullptr)
    return fail("bad-plan",
                "the plan has a change of the unknown kind '" + change.source.kind + "'", "plan");
  Result<Json> document = read_document(*kind, target_, id, stop_);
  if (!document)
    return fail_because(document.error(), about_change(change), "could not be read in the target");
  Json value = at_path(*document, field);
  if (value.is_null())
    return fail("unknown-member", "the target says nothing about its '" + field + "'",
                about_change(change), "please report this");
  bind(change, id, {{field, value}});
  return value;
}

std::set<std::string> Bindings::taken_by_others(const model::Change& change) const {
  std::set<std::string> taken;
  for (const auto& [id, other] : changes_)
    if (other != &change && other->source.kind == change.source.kind)
      if (const std::string their = id_of(*other); !their.empty()) taken.insert(their);
  return taken;
}

}  // namespace lakeshift::engine
