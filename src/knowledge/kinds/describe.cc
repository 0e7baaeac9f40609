#include "knowledge/kinds/describe.h"

#include "core/base/strings.h"

namespace lakeshift::kinds {
namespace {

void put(Json& object, const char* name, std::string_view value) {
  if (!value.empty()) object[name] = value;
}

Json endpoints_of(const engine::Kind& kind) {
  Json endpoints = Json::object();
  if (!kind.list.path.empty())
    endpoints["list"] = std::string(kind.list.method) + " " + std::string(kind.list.path);
  if (!kind.get.empty()) endpoints["get"] = "GET " + std::string(kind.get);
  put(endpoints, "create", kind.create);
  put(endpoints, "update", kind.update);
  put(endpoints, "remove", kind.remove);
  return endpoints;
}

// What an object is, its members are: nothing inside a read-only object can be set.
model::Role role_along(std::span<const model::Field> fields, const std::string& pattern) {
  model::Role role = model::Role::settable;
  for (const std::string& step : split(replace_all(pattern, "[]", ""), '.')) {
    const model::Field* field = model::field_of(fields, step);
    if (field == nullptr) return role;
    role = field->role;
    if (role != model::Role::settable) return role;
    fields = field->fields;
  }
  return role;
}

Json line_of(std::span<const model::Field> table, const std::string& pattern,
             const model::Field& field) {
  Json line = {{"pattern", pattern}, {"role", to_text(role_along(table, pattern))}};
  if (field.meaning != model::Meaning::none) line["meaning"] = to_text(field.meaning);
  put(line, "target", field.target);
  put(line, "target_field", field.target_field);
  put(line, "default", field.default_json);
  if (field.unordered) line["unordered"] = true;
  return line;
}

}  // namespace

std::string_view to_text(model::Role role) {
  switch (role) {
    case model::Role::settable:
      return "settable";
    case model::Role::create_only:
      return "create_only";
    case model::Role::read_only:
      return "read_only";
    case model::Role::write_only:
      return "write_only";
    case model::Role::secret:
      return "secret";
    case model::Role::observed:
      return "observed";
  }
  return "";
}

std::string_view to_text(model::Meaning meaning) {
  using model::Meaning;
  switch (meaning) {
    case Meaning::none:
      return "none";
    case Meaning::reference:
      return "reference";
    case Meaning::reference_key:
      return "reference_key";
    case Meaning::person:
      return "person";
    case Meaning::group:
      return "group";
    case Meaning::application:
      return "application";
    case Meaning::principal:
      return "principal";
    case Meaning::node_type:
      return "node_type";
    case Meaning::runtime:
      return "runtime";
    case Meaning::compute:
      return "compute";
    case Meaning::pool_compute:
      return "pool_compute";
    case Meaning::policy_rules:
      return "policy_rules";
    case Meaning::storage_uri:
      return "storage_uri";
    case Meaning::image:
      return "image";
    case Meaning::conf:
      return "conf";
    case Meaning::environment:
      return "environment";
    case Meaning::tree_path:
      return "tree_path";
    case Meaning::free_text:
      return "free_text";
    case Meaning::cloud_identity:
      return "cloud_identity";
    case Meaning::region:
      return "region";
  }
  return "";
}

Json describe_kind(const engine::Kind& kind) {
  Json out = {{"name", kind.name},
              {"title", kind.title},
              {"plural", kind.plural},
              {"wave", kind.wave},
              {"moves", kind.moves},
              {"id", kind.id_field},
              {"key", kind.key_field},
              {"key_is_unique", kind.key_is_unique},
              {"runs_by_itself", kind.runs_by_itself != nullptr},
              {"endpoints", endpoints_of(kind)},
              {"fields", Json::array()}};
  put(out, "permissions", kind.permissions);
  put(out, "stamp", kind.stamp_field);
  model::list_patterns(kind.fields, [&](const std::string& pattern, const model::Field& field) {
    if (field.name != "$self") out["fields"].push_back(line_of(kind.fields, pattern, field));
  });
  return out;
}

Json describe_kinds(engine::KindSet kinds) {
  Json out = {{"kinds", Json::array()}};
  for (const engine::Kind* kind : kinds) out["kinds"].push_back(describe_kind(*kind));
  return out;
}

}  // namespace lakeshift::kinds
