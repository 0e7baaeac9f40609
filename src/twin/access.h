// The permission model: direct grants per object, inheritance, owners.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "twin/context.h"

namespace lakeshift::twin {

// A type of object that has permissions. Levels ascend; sources: SDK's PermissionLevel enum for the
// words, the Terraform provider's permission table (databricks_permissions documentation, read
// 2026-11) for levels by type.
struct ObjectType {
  std::string_view name;    // of the API path: "clusters", "authorization/tokens"
  std::string_view kind;    // in the store; empty: singletons
  std::string_view single;  // "cluster": object_type in answers
  std::span<const std::string_view> levels;
  bool has_owner = false;           // exactly one IS_OWNER, never a group
  std::string_view tree_type = {};  // nodes of the tree: NOTEBOOK, DIRECTORY, FILE, REPO
};

const ObjectType* find_object_type(std::string_view name);
std::span<const ObjectType> object_types();

// The object's direct grants: [{user_name|group_name|service_principal_name, permission_level}],
// sorted.
Json grants_of(const Store& store, std::string_view type, std::string_view id);
void set_grants(Store& store, std::string_view type, std::string_view id, Json grants);
// Of whatever type the object with this id is.
void forget_grants(Store& store, std::string_view id);
// A principal was renamed (new_name) or deleted (empty).
void rename_in_grants(Store& store, std::string_view member_name, std::string_view name,
                      std::string_view new_name);

// Grants a new object starts with: its creator owns or manages it.
void grant_to_creator(Context& context, std::string_view type, std::string_view id,
                      const Principal& creator);
// Who owns the object; nobody when it has no owner entry.
Principal owner_of(const Store& store, std::string_view type, std::string_view id);
// "user_name" for a user, and so on.
std::string_view member_name_of(const Principal& principal);

// As the permissions API answers: direct and inherited.
Result<Json> permissions_answer(const Context& context, const ObjectType& type,
                                const std::string& id);
// Checks principals, levels and the owner rule, then replaces (PUT) or merges (PATCH).
Status change_grants(Context& context, const ObjectType& type, const std::string& id,
                     const Json& list, bool replace);

}  // namespace lakeshift::twin
