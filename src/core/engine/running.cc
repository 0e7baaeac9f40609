#include "core/engine/running.h"

#include <algorithm>

#include "core/base/digest.h"

namespace lakeshift::engine {
namespace {

std::string below(const std::string& path, const std::string& name) {
  return path.empty() ? name : path + "." + name;
}

void restore(const Json& inert, const Json& actual, Json& desired) {
  if (inert == actual) return;
  if (inert.is_object() && actual.is_object() && desired.is_object()) {
    for (const auto& [name, value] : actual.items()) {
      const auto still = inert.find(name);
      const auto wanted = desired.find(name);
      if (still == inert.end())
        desired[name] = value;
      else if (wanted != desired.end())
        restore(*still, value, *wanted);
    }
    for (const auto& [name, value] : inert.items())
      if (!actual.contains(name)) desired.erase(name);
    return;
  }
  if (inert.is_array() && actual.is_array() && desired.is_array() &&
      inert.size() == actual.size() && actual.size() == desired.size()) {
    for (std::size_t i = 0; i < actual.size(); ++i) restore(inert[i], actual[i], desired[i]);
    return;
  }
  desired = actual;
}

void compare(const Json& before, const Json& after, const std::string& path,
             std::vector<Muted>& muted) {
  if (before == after) return;
  if (before.is_object() && after.is_object()) {
    for (const auto& [name, value] : before.items())
      compare(value, member(after, name), below(path, name), muted);
    for (const auto& [name, value] : after.items())
      if (!before.contains(name)) muted.push_back({below(path, name), Json(), value});
    return;
  }
  if (before.is_array() && after.is_array() && before.size() == after.size()) {
    for (std::size_t i = 0; i < before.size(); ++i)
      compare(before[i], after[i], path + "[" + std::to_string(i) + "]", muted);
    return;
  }
  muted.push_back({path, before, after});
}

}  // namespace

Json inert_copy(const Kind& kind, const Json& document) {
  Json copy = document;
  if (kind.make_inert != nullptr) kind.make_inert(copy);
  return copy;
}

void keep_running_state(const Kind& kind, const Json& actual, Json& desired) {
  if (kind.make_inert != nullptr) restore(inert_copy(kind, actual), actual, desired);
}

std::vector<Muted> what_was_muted(const Json& before, const Json& after) {
  std::vector<Muted> muted;
  compare(before, after, "", muted);
  return muted;
}

std::string fingerprint_of(const Kind& kind, const model::Object& object) {
  const bool holds_secret =
      std::any_of(kind.fields.begin(), kind.fields.end(),
                  [](const model::Field& field) { return field.role == model::Role::secret; });
  // A secret's value is not in its document: only the platform's own members (a time) tell that it
  // changed.
  const Json kept = holds_secret
                        ? object.document
                        : model::keep_for_compare(inert_copy(kind, object.document), kind.fields);
  return sha256_hex(dump_json(kept) + "\n" + object.content);
}

}  // namespace lakeshift::engine
