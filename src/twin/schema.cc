#include "twin/schema.h"

#include <algorithm>
#include <charconv>

#include "core/base/strings.h"

namespace lakeshift::twin {
namespace {

using Base = TypeRef::Base;

bool reads_as_integer(std::string_view text) {
  long long value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() && !text.empty();
}

std::string_view json_kind(const Json& value) {
  if (value.is_string()) return "a string";
  if (value.is_boolean()) return "a boolean";
  if (value.is_number_float()) return "a number with a fraction";
  if (value.is_number()) return "an integer";
  if (value.is_array()) return "an array";
  if (value.is_object()) return "an object";
  return "null";
}

std::optional<Violation> expected(const std::string& path, std::string_view what,
                                  const Json& value) {
  return Violation{path,
                   "expected " + std::string(what) + ", got " + std::string(json_kind(value))};
}

std::optional<Violation> check_enumeration(const Api& api, const TypeRef& type, const Json& value,
                                           const std::string& path) {
  if (!value.is_string()) return expected(path, "a string", value);
  const auto* values = api.enumeration(type.name);
  const auto& text = value.get_ref<const std::string&>();
  if (values == nullptr || std::find(values->begin(), values->end(), text) != values->end())
    return std::nullopt;
  return Violation{path, "'" + text + "' is not one of " + join(*values, ", ")};
}

std::optional<Violation> check_base(const Api& api, const TypeRef& type, const Json& value,
                                    const std::string& path, bool strict) {
  switch (type.base) {
    case Base::any:
    case Base::raw:
      return std::nullopt;
    case Base::text:
      return value.is_string() ? std::nullopt : expected(path, "a string", value);
    case Base::integer:
      if (value.is_string() && reads_as_integer(value.get_ref<const std::string&>()))
        return std::nullopt;
      return value.is_number_integer() ? std::nullopt : expected(path, "an integer", value);
    case Base::number:
      return value.is_number() ? std::nullopt : expected(path, "a number", value);
    case Base::boolean:
      return value.is_boolean() ? std::nullopt : expected(path, "a boolean", value);
    case Base::enumeration:
      return check_enumeration(api, type, value, path);
    case Base::object:
      break;
  }
  if (!value.is_object()) return expected(path, "an object", value);
  const FieldMap* fields = api.type(type.name);
  return fields == nullptr ? std::nullopt : check_members(api, *fields, value, path, strict);
}

std::optional<Violation> check_wrapped(const Api& api, const TypeRef& type, std::size_t depth,
                                       const Json& value, const std::string& path, bool strict) {
  if (depth == type.wraps.size()) return check_base(api, type, value, path, strict);
  if (type.wraps[depth] == '[') {
    if (!value.is_array()) return expected(path, "an array", value);
    for (std::size_t i = 0; i < value.size(); ++i) {
      const std::string inner = path + "[" + std::to_string(i) + "]";
      if (auto bad = check_wrapped(api, type, depth + 1, value[i], inner, strict)) return bad;
    }
    return std::nullopt;
  }
  if (!value.is_object()) return expected(path, "an object", value);
  for (const auto& [key, item] : value.items()) {
    if (auto bad = check_wrapped(api, type, depth + 1, item, path + "." + key, strict)) return bad;
  }
  return std::nullopt;
}

}  // namespace

std::optional<Violation> check_value(const Api& api, const TypeRef& type, const Json& value,
                                     const std::string& path, bool strict) {
  return check_wrapped(api, type, 0, value, path, strict);
}

std::optional<Violation> check_members(const Api& api, const FieldMap& fields, const Json& object,
                                       const std::string& path, bool strict) {
  const std::string prefix = path.empty() ? "" : path + ".";
  for (const auto& [name, value] : object.items()) {
    const auto field = fields.find(name);
    if (field == fields.end()) {
      if (strict) return Violation{prefix + name, "unknown field '" + name + "'"};
      continue;
    }
    if (value.is_null()) continue;  // the platform reads null as absent
    if (auto bad = check_value(api, field->second, value, prefix + name, strict)) return bad;
  }
  for (const auto& [name, type] : fields) {
    if (type.required && member(object, name).is_null())
      return Violation{prefix + name, "missing required field '" + name + "'"};
  }
  return std::nullopt;
}

std::optional<Violation> check_query(const Api& api, const FieldMap& fields,
                                     const std::string& name, const std::string& value,
                                     bool strict) {
  const std::size_t dot = name.find('.');
  const auto field = fields.find(name.substr(0, dot));
  if (field == fields.end())
    return strict ? std::optional(Violation{name, "unknown query parameter '" + name + "'"})
                  : std::nullopt;
  const TypeRef& type = field->second;
  if (dot != std::string::npos) {
    const FieldMap* inner = type.base == Base::object ? api.type(type.name) : nullptr;
    if (inner == nullptr) return Violation{name, "'" + field->first + "' has no members"};
    return check_query(api, *inner, name.substr(dot + 1), value, strict);
  }
  if (type.base == Base::integer && !reads_as_integer(value))
    return Violation{name, "expected an integer, got '" + value + "'"};
  if (type.base == Base::boolean && to_lower(value) != "true" && to_lower(value) != "false")
    return Violation{name, "expected true or false, got '" + value + "'"};
  if (type.base == Base::enumeration) return check_enumeration(api, type, Json(value), name);
  return std::nullopt;
}

}  // namespace lakeshift::twin
