// Field by field comparison of two documents of a kind.
#include <algorithm>
#include <set>

#include "core/engine/generic.h"
#include "core/engine/stamp.h"

namespace lakeshift::engine {
namespace {

using model::Field;
using model::Role;
using Fields = std::span<const Field>;

bool says_nothing(const Json& value) {
  return value.is_null() || (value.is_structured() && value.empty());
}

// A stamp among tags that are a list of {key, value}.
bool is_stamp(const Json& element) {
  return element.is_object() && is_stamp_key(text_at(element, "key"));
}

// Secrets among the fields of a document are references to secrets, or not there: what is a secret
// itself never enters a document.
bool is_compared(Role role) {
  return role == Role::settable || role == Role::create_only || role == Role::observed ||
         role == Role::secret;
}

bool is_placeholder(const Json& value) {
  return value.is_object() && value.size() == 1 &&
         (value.contains("$ref") || value.contains("$content") || value.contains("$secret"));
}

Json default_of(const Field& field) {
  if (field.default_json.empty()) return nullptr;
  Json value = Json::parse(field.default_json, nullptr, false);
  return value.is_discarded() ? Json() : value;
}

Fields elements_of(Fields fields) {
  const Field* element = model::element_of(fields);
  return element != nullptr ? element->fields : fields;
}

bool is_unordered(const Field& field) {
  const Field* element = model::element_of(field.fields);
  return field.unordered || (element != nullptr && element->unordered);
}

// The comparable part of a value: defaults, empty parts and stamps removed. Equal documents give
// equal results.
Json normalised(const Json& value, Fields fields);

Json normalised_member(const Json& value, const Field& field) {
  if (is_placeholder(value)) return value;
  Json result;
  if (field.fields.empty()) {
    result = value;
    if (result.is_object())
      for (const std::string_view key : {kStampKey, kLabelStampKey}) result.erase(std::string(key));
  } else {
    result = normalised(value, field.fields);
  }
  if (is_unordered(field) && result.is_array()) std::sort(result.begin(), result.end());
  if (says_nothing(result)) result = nullptr;
  Json usual = default_of(field);
  if (!field.fields.empty() && !usual.is_null()) usual = normalised(usual, field.fields);
  if (is_unordered(field) && usual.is_array()) std::sort(usual.begin(), usual.end());
  if (says_nothing(usual)) usual = nullptr;
  return result == usual ? Json() : result;
}

Json normalised(const Json& value, Fields fields) {
  if (value.is_array()) {
    const Fields inner = elements_of(fields);
    Json result = Json::array();
    for (const Json& item : value)
      if (!is_stamp(item)) result.push_back(inner.empty() ? item : normalised(item, inner));
    return result;
  }
  if (!value.is_object() || is_placeholder(value)) return value;
  Json result = Json::object();
  for (const auto& [name, inner] : value.items()) {
    const Field* field = model::field_of(fields, name);
    if (field == nullptr || is_stamp_key(name)) continue;
    if (!is_compared(field->role)) continue;
    Json part = normalised_member(inner, *field);
    // Absence and the default are the same, but an explicit empty value is not a default that is
    // not empty.
    if (part.is_null() && !says_nothing(default_of(*field)) && says_nothing(inner) &&
        !inner.is_null())
      part = inner;
    if (!part.is_null()) result[name] = std::move(part);
  }
  return result;
}

class Comparison {
 public:
  std::vector<model::Difference> differences;

  void objects(const Json& actual, const Json& desired, Fields fields, const std::string& path,
               bool replaces) {
    std::set<std::string> names;
    for (const Json* side : {&actual, &desired})
      if (side->is_object())
        for (const auto& [name, value] : side->items()) names.insert(name);
    for (const std::string& name : names) {
      const Field* field = model::field_of(fields, name);
      if (field == nullptr || is_stamp_key(name)) continue;
      if (!is_compared(field->role)) continue;
      // A platform need not give back what it was told.
      if (field->role == Role::secret &&
          (member(actual, name).is_null() || member(desired, name).is_null()))
        continue;
      // Nothing is wanted of what was never read ("$owner" of an object whose owner nobody knows).
      if (field->role == Role::observed && !desired.contains(name)) continue;
      values(member(actual, name), member(desired, name), *field,
             path.empty() ? name : path + "." + name, replaces || field->role == Role::create_only);
    }
  }

 private:
  void values(const Json& actual, const Json& desired, const Field& field, const std::string& path,
              bool replaces) {
    if (same(actual, desired, field)) return;
    const bool nested =
        !field.fields.empty() && !is_placeholder(actual) && !is_placeholder(desired);
    const auto fits = [&](const Json& value, Json::value_t type) {
      return value.type() == type || says_nothing(value);
    };
    if (nested && fits(actual, Json::value_t::object) && fits(desired, Json::value_t::object))
      return objects(or_default(actual, field), or_default(desired, field), field.fields, path,
                     replaces);
    if (nested && fits(actual, Json::value_t::array) && fits(desired, Json::value_t::array) &&
        !elements_of(field.fields).empty())
      return arrays(actual, desired, field, path, replaces);
    add(path, or_default(actual, field), or_default(desired, field), replaces);
  }

  static bool same(const Json& actual, const Json& desired, const Field& field) {
    const Json a =
        normalised(Json{{std::string(field.name.empty() ? "*" : field.name), actual}}, {&field, 1});
    const Json b = normalised(Json{{std::string(field.name.empty() ? "*" : field.name), desired}},
                              {&field, 1});
    return a == b;
  }

  static Json or_default(const Json& value, const Field& field) {
    if (value.is_null()) return default_of(field);
    return value;
  }

  void add(const std::string& path, Json before, Json after, bool replaces) {
    differences.push_back({path, std::move(before), std::move(after), "", replaces});
  }

  void element(const Json& actual, const Json& desired, const Field& field, const std::string& path,
               bool replaces) {
    const Fields inner = elements_of(field.fields);
    if (actual.is_object() && desired.is_object() && !is_placeholder(actual) &&
        !is_placeholder(desired))
      objects(actual, desired, inner, path, replaces);
    else if (actual != desired)
      add(path, actual, desired, replaces);
  }

  void arrays(const Json& actual, const Json& desired, const Field& field, const std::string& path,
              bool replaces) {
    const auto at = [&](std::size_t index) { return path + "[" + std::to_string(index) + "]"; };
    if (!is_unordered(field)) {
      for (std::size_t i = 0; i < std::max(actual.size(), desired.size()); ++i) {
        if (i < actual.size() && i < desired.size())
          element(actual[i], desired[i], field, at(i), replaces);
        else
          add(at(i), i < actual.size() ? actual[i] : Json(),
              i < desired.size() ? desired[i] : Json(), replaces);
      }
      return;
    }
    std::vector<std::size_t> lone_actual, lone_desired;
    pair_equals(actual, desired, field, lone_actual, lone_desired);
    const std::string_view identity = elements_of(field.fields).front().name;
    for (const std::size_t wanted : lone_desired) {
      const auto partner = std::find_if(lone_actual.begin(), lone_actual.end(), [&](std::size_t i) {
        const Json& a = member(actual[i], identity);
        return !a.is_null() && a == member(desired[wanted], identity);
      });
      if (partner == lone_actual.end()) {
        add(at(wanted), nullptr, desired[wanted], replaces);
        continue;
      }
      element(actual[*partner], desired[wanted], field, at(wanted), replaces);
      lone_actual.erase(partner);
    }
    for (const std::size_t extra : lone_actual) add(at(extra), actual[extra], nullptr, replaces);
  }

  // Leaves the indexes of the elements that have no equal on the other side.
  static void pair_equals(const Json& actual, const Json& desired, const Field& field,
                          std::vector<std::size_t>& lone_actual,
                          std::vector<std::size_t>& lone_desired) {
    const Fields inner = elements_of(field.fields);
    std::multiset<std::string> have;
    std::vector<std::string> texts;
    for (const Json& item : actual) {
      texts.push_back(dump_json(normalised(item, inner)));
      have.insert(texts.back());
    }
    for (std::size_t i = 0; i < desired.size(); ++i) {
      if (is_stamp(desired[i])) continue;
      const auto match = have.find(dump_json(normalised(desired[i], inner)));
      if (match == have.end())
        lone_desired.push_back(i);
      else
        have.erase(match);
    }
    for (std::size_t i = 0; i < actual.size(); ++i) {
      const auto left = have.find(texts[i]);
      if (left == have.end() || is_stamp(actual[i])) continue;
      have.erase(left);
      lone_actual.push_back(i);
    }
  }
};

}  // namespace

std::vector<model::Difference> differences_between(const Json& actual, const Json& desired,
                                                   Fields fields) {
  Comparison comparison;
  comparison.objects(actual, desired, fields, "", false);
  return std::move(comparison.differences);
}

}  // namespace lakeshift::engine
