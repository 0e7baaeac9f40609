#include "core/model/field.h"

#include <algorithm>

namespace lakeshift::model {
namespace {

std::string member_path(const std::string& parent, std::string_view name) {
  return parent.empty() ? std::string(name) : parent + "." + std::string(name);
}

// One walker for constant and for mutable documents; `Value` is Json or const Json.
template <typename Value, typename Visitor>
class Walker {
 public:
  explicit Walker(const Visitor& visitor) : visit_(visitor) {}

  void object(Value& value, std::span<const Field> fields, const std::string& path,
              const std::string& pattern) {
    if (!value.is_object()) return;
    for (auto entry = value.begin(); entry != value.end(); ++entry) {
      const Field* field = field_of(fields, entry.key());
      // "*" is spelled as such in patterns: one pattern for all members of a map.
      const std::string_view in_pattern =
          field != nullptr && field->name == "*" ? field->name : std::string_view(entry.key());
      one(entry.value(), field, member_path(path, entry.key()), member_path(pattern, in_pattern));
    }
  }

 private:
  void one(Value& value, const Field* field, const std::string& path, const std::string& pattern) {
    if (!visit_(Visit{field, path, pattern}, value)) return;
    if (field == nullptr || field->fields.empty()) return;
    if (value.is_object()) object(value, field->fields, path, pattern);
    if (!value.is_array()) return;
    const Field* element = element_of(field->fields);
    for (std::size_t i = 0; i < value.size(); ++i) {
      const std::string element_path = path + "[" + std::to_string(i) + "]";
      if (element != nullptr)
        one(value[i], element, element_path, pattern + "[]");
      else
        object(value[i], field->fields, element_path, pattern + "[]");
    }
  }

  const Visitor& visit_;
};

using Keeps = bool (*)(Role);

Json keep(const Json& value, std::span<const Field> fields, Keeps keeps);

Json keep_elements(const Json& array, std::span<const Field> fields, Keeps keeps) {
  const Field* element = element_of(fields);
  const std::span<const Field> inner = element != nullptr ? element->fields : fields;
  Json kept = Json::array();
  for (const Json& item : array) kept.push_back(inner.empty() ? item : keep(item, inner, keeps));
  return kept;
}

Json keep(const Json& value, std::span<const Field> fields, Keeps keeps) {
  if (value.is_array()) return keep_elements(value, fields, keeps);
  if (!value.is_object()) return value;
  Json kept = Json::object();
  for (const auto& [name, inner] : value.items()) {
    const Field* field = field_of(fields, name);
    if (field == nullptr || !keeps(field->role)) continue;
    if (field->fields.empty()) {
      kept[name] = inner;
      continue;
    }
    Json part = keep(inner, field->fields, keeps);
    // An object that held nothing but dropped members says nothing.
    if (part.is_object() && part.empty() && !inner.empty()) continue;
    kept[name] = std::move(part);
  }
  return kept;
}

bool is_array_field(const Field& field) {
  return field.array || field.unordered || field.default_json.starts_with('[') ||
         element_of(field.fields) != nullptr;
}

class PatternLister {
 public:
  PatternLister(const std::function<void(const std::string&, const Field&)>& each, int depth)
      : each_(each), depth_(depth) {}

  void table(std::span<const Field> fields, const std::string& prefix) {
    if (std::count(open_.begin(), open_.end(), fields.data()) >= depth_) return;
    open_.push_back(fields.data());
    for (const Field& field : fields) {
      const std::string pattern =
          field.name.empty() ? prefix + "[]" : member_path(prefix, field.name);
      if (field.fields.empty())
        each_(pattern, field);
      else if (is_array_field(field) && element_of(field.fields) == nullptr)
        table(field.fields, pattern + "[]");
      else
        table(field.fields, pattern);
    }
    open_.pop_back();
  }

 private:
  const std::function<void(const std::string&, const Field&)>& each_;
  std::ptrdiff_t depth_;
  std::vector<const Field*> open_;
};

}  // namespace

const Field* field_of(std::span<const Field> fields, std::string_view member_name) {
  const Field* any = nullptr;
  for (const Field& field : fields) {
    if (field.name == member_name && !field.name.empty()) return &field;
    if (field.name == "*") any = &field;
  }
  return any;
}

const Field* element_of(std::span<const Field> fields) {
  for (const Field& field : fields)
    if (field.name.empty()) return &field;
  return nullptr;
}

void walk_fields(const Json& document, std::span<const Field> fields,
                 const std::function<void(const Visit&, const Json&)>& visit) {
  const auto visitor = [&](const Visit& at, const Json& value) {
    visit(at, value);
    return true;
  };
  Walker<const Json, decltype(visitor)>(visitor).object(document, fields, "", "");
}

void edit_fields(Json& document, std::span<const Field> fields,
                 const std::function<bool(const Visit&, Json&)>& visit) {
  Walker<Json, std::function<bool(const Visit&, Json&)>>(visit).object(document, fields, "", "");
}

void list_patterns(std::span<const Field> fields,
                   const std::function<void(const std::string&, const Field&)>& each, int depth) {
  PatternLister(each, depth).table(fields, "");
}

Json keep_for_create(const Json& document, std::span<const Field> fields) {
  return keep(document, fields, [](Role role) {
    return role == Role::settable || role == Role::create_only || role == Role::write_only ||
           role == Role::secret;
  });
}

Json keep_for_update(const Json& document, std::span<const Field> fields) {
  return keep(document, fields, [](Role role) {
    return role == Role::settable || role == Role::write_only || role == Role::secret;
  });
}

Json keep_for_compare(const Json& document, std::span<const Field> fields) {
  return keep(document, fields, [](Role role) {
    return role == Role::settable || role == Role::create_only || role == Role::observed ||
           role == Role::secret;
  });
}

}  // namespace lakeshift::model
