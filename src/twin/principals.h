// Users, groups and service principals, and who is a member of what.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "twin/context.h"

namespace lakeshift::twin {

inline constexpr std::string_view kAdmins = "admins";
inline constexpr std::string_view kUsers = "users";

// By the member names of access control lists: user_name, group_name, service_principal_name.
const Row* find_user(const Store& store, std::string_view user_name);
const Row* find_group(const Store& store, std::string_view display_name);
const Row* find_service_principal(const Store& store, std::string_view application_id);
// A user, service principal or group of this name, as principals are named in secret ACLs and
// owners.
std::optional<Principal> find_principal(const Store& store, std::string_view name);
// By SCIM id.
std::optional<Principal> find_principal_by_id(const Store& store, std::string_view id);

// Ids of the groups that have the principal as a direct member; built-in `users` included for
// people and applications.
std::vector<std::string> direct_groups(const Store& store, std::string_view id);
// Whether the principal is in the group, through other groups too.
bool is_member(const Store& store, std::string_view id, std::string_view group_name);
// Whether the principal may use the workspace at all: "to access a workspace, a user must have at
// least one access entitlement", its own or a group's; workspace admins always may.
// docs.databricks.com "Manage entitlements" (read 2026-11).
bool has_access(const Store& store, const Principal& principal);
bool is_admin(const Store& store, const Principal& principal);

// The workspace as it is when it is new: built-in groups, the caller's own user, the tree's first
// folders.
Status found_workspace(Context& context);
// The user that the twin's token belongs to.
inline constexpr std::string_view kOwnUser = "admin@example.com";

}  // namespace lakeshift::twin
