// Words for writing field tables: one row per member, read like a sentence.
#pragma once

#include <array>
#include <span>
#include <string_view>

#include "core/model/field.h"

namespace lakeshift::kinds {

using model::Field;
using model::Meaning;
using model::Role;

// A settable value that is copied as it is. `absent` is the JSON that an absent member stands for.
constexpr Field plain(std::string_view name, std::string_view absent = {}) {
  Field row{};
  row.name = name;
  row.default_json = absent;
  return row;
}
// A settable value that means something in another cloud.
constexpr Field means(std::string_view name, Meaning meaning, std::string_view target = {}) {
  Field row{};
  row.name = name;
  row.meaning = meaning;
  row.target = target;
  return row;
}
constexpr Field refers(std::string_view name, std::string_view target) {
  return means(name, Meaning::reference, target);
}
// An object with a table of its own.
constexpr Field part(std::string_view name, std::span<const Field> fields,
                     Meaning meaning = Meaning::none) {
  Field row{};
  row.name = name;
  row.fields = fields;
  row.meaning = meaning;
  return row;
}
// A map whose values all mean the same.
constexpr Field map_of(std::string_view name, std::span<const Field> any_value) {
  Field row = part(name, any_value);
  row.default_json = "{}";
  return row;
}
// An array of objects, or of texts when the table has one row "".
constexpr Field list_of(std::string_view name, std::span<const Field> element) {
  Field row = part(name, element);
  row.default_json = "[]";
  row.array = true;
  return row;
}
// The same where order says nothing.
constexpr Field set_of(std::string_view name, std::span<const Field> element) {
  Field row = list_of(name, element);
  row.unordered = true;
  return row;
}
constexpr Field read_only(std::string_view name) {
  Field row{};
  row.name = name;
  row.role = Role::read_only;
  return row;
}
constexpr Field as(Role role, Field row) {
  row.role = role;
  return row;
}
constexpr Field or_absent(std::string_view json, Field row) {
  row.default_json = json;
  return row;
}
// The pseudo row at the head of a table whose documents are translated as a whole.
constexpr Field whole(Meaning meaning) {
  Field row = read_only("$self");
  row.meaning = meaning;
  return row;
}

template <std::size_t A, std::size_t B>
constexpr std::array<Field, A + B> joined(const std::array<Field, A>& first,
                                          const std::array<Field, B>& second) {
  std::array<Field, A + B> all{};
  for (std::size_t i = 0; i < A; ++i) all[i] = first[i];
  for (std::size_t i = 0; i < B; ++i) all[A + i] = second[i];
  return all;
}

// Tables for arrays of texts and for maps.
inline constexpr Field kPersonTexts[] = {means("", Meaning::person)};
inline constexpr Field kFreeTexts[] = {means("", Meaning::free_text)};
inline constexpr Field kStorageTexts[] = {means("", Meaning::storage_uri)};
inline constexpr Field kFreeValues[] = {means("*", Meaning::free_text)};

// "$permissions": the direct grants (engine/generic.h).
inline constexpr Field kGrant[] = {
    means("user_name", Meaning::person, "user"),
    means("group_name", Meaning::group, "group"),
    means("service_principal_name", Meaning::application, "service_principal"),
    plain("permission_level"),
};
constexpr Field permissions_row() { return as(Role::observed, set_of("$permissions", kGrant)); }

}  // namespace lakeshift::kinds
