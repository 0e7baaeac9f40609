#include "core/engine/lookup.h"

#include "core/base/strings.h"
#include "core/engine/generic.h"
#include "core/engine/stamp.h"

namespace lakeshift::engine {
namespace {

std::string about_change(const Kind& kind, const model::Change& change) {
  return std::string(kind.title) + " '" + change.key + "'";
}

std::string wanted_key(const Kind& kind, const model::Change& change) {
  if (change.expected.is_object())
    if (std::string key = natural_key_of(kind, change.expected); !key.empty()) return key;
  const std::string& key = change.target_key.empty() ? change.key : change.target_key;
  return kind.key_ignores_case ? to_lower(key) : key;
}

// The stamp of a listed object; lists may leave the tags out.
Result<std::string> stamp_of_listed(const Kind& kind, Platform& platform, Json& item,
                                    std::stop_token stop) {
  std::string stamp = stamp_of(kind, item);
  if (!stamp.empty() || kind.get.empty()) return stamp;
  Result<Json> whole = platform.call(get_call(kind, id_of(kind, item)), stop);
  if (!whole && whole.error().code == "not-found") return std::string();
  if (!whole) return fail(whole.error());
  item = std::move(*whole);
  return stamp_of(kind, item);
}

}  // namespace

Call get_call(const Kind& kind, const std::string& id) {
  Call call;
  call.path = replace_all(std::string(kind.get), "{id}", url_encode(id));
  call.family = std::string(kind.family);
  if (!kind.get_query.empty()) {
    std::string_view parameter = kind.get_query;
    if (parameter.starts_with("id=")) parameter.remove_prefix(3);
    call.query[std::string(parameter)] = id;
  }
  return call;
}

Result<Json> read_document(const Kind& kind, Platform& platform, const std::string& id,
                           std::stop_token stop) {
  if (!kind.get.empty()) return platform.call(get_call(kind, id), stop);
  std::optional<Json> found;
  if (!kind.list.path.empty())
    LS_TRY(each_item(platform, kind.list, Json::object(), kind.family, stop,
                     [&](Json&& item) -> Status {
                       if (!found && id_of(kind, item) == id) found = std::move(item);
                       return {};
                     }));
  if (found) return std::move(*found);
  return fail("not-found", "the target does not list it",
              std::string(kind.title) + " '" + id + "'");
}

bool needs_look_before(const Kind& kind) {
  return !kind.key_is_unique && kind.stamp_field.empty() && kind.find == nullptr &&
         !kind.list.path.empty();
}

Result<std::set<std::string>> ids_of_same_key(const Kind& kind, Platform& platform,
                                              const model::Change& change, std::stop_token stop) {
  const std::string key = wanted_key(kind, change);
  std::set<std::string> ids;
  LS_TRY(
      each_item(platform, kind.list, Json::object(), kind.family, stop, [&](Json&& item) -> Status {
        if (natural_key_of(kind, item) == key) ids.insert(id_of(kind, item));
        return {};
      }));
  return ids;
}

Result<std::optional<LookedUp>> look_up(const Kind& kind, Platform& platform,
                                        const model::Change& change,
                                        const std::set<std::string>& taken, std::stop_token stop) {
  if (kind.find != nullptr) {
    LS_ASSIGN(std::optional<std::string> id, kind.find(kind, platform, change, stop));
    if (!id) return std::nullopt;
    return LookedUp{std::move(*id), nullptr};
  }
  if (kind.list.path.empty())
    return fail(
        "in-doubt",
        "it is not known whether an interrupted call created it, and this kind cannot be listed",
        about_change(kind, change),
        "look in the target; remove it there if it exists, then run apply again");
  const std::string key = wanted_key(kind, change);
  const std::string stamp = change.source.to_text();
  std::vector<Json> same_key;
  std::optional<LookedUp> stamped;
  LS_TRY(
      each_item(platform, kind.list, Json::object(), kind.family, stop, [&](Json&& item) -> Status {
        if (!kind.stamp_field.empty() && is_same_stamp(stamp_of(kind, item), stamp))
          stamped = LookedUp{id_of(kind, item), item};
        if (natural_key_of(kind, item) == key) same_key.push_back(std::move(item));
        return {};
      }));
  if (stamped) return stamped;
  std::vector<LookedUp> candidates;
  for (Json& item : same_key) {
    const std::string id = id_of(kind, item);
    if (taken.contains(id)) continue;
    if (!kind.stamp_field.empty()) {
      // Without our stamp it is somebody else's.
      LS_ASSIGN(const std::string has, stamp_of_listed(kind, platform, item, stop));
      if (!is_same_stamp(has, stamp)) continue;
    }
    candidates.push_back({id, std::move(item)});
  }
  if (candidates.empty()) return std::nullopt;
  if (candidates.size() == 1) return std::move(candidates.front());
  return fail("ambiguous",
              std::to_string(candidates.size()) + " objects named '" + key +
                  "' are in the target, and it is not known which one an interrupted call created",
              about_change(kind, change),
              "remove the one that should not be there, then run apply again");
}

}  // namespace lakeshift::engine
