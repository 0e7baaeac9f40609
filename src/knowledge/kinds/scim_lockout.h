// Keeping people out of a workspace for a while: without an access entitlement nobody who is no
// administrator can use it. docs.databricks.com "Manage entitlements" (read 2026-11): "to access a
// workspace, a user must have at least one access entitlement"; everybody has those of the group
// `users`; an administrator keeps access whatever the entitlements say.
#pragma once

#include "core/engine/kind.h"

namespace lakeshift::kinds::scim {

// One PATCH per object of the kind that holds an access entitlement and is no administrator; `path`
// is that of the kind's objects. The groups `admins` and what is inside it, and the caller, are
// left alone.
std::vector<engine::Lockout> keep_out(const model::Inventory& side, std::string_view kind,
                                      std::string_view path);

}  // namespace lakeshift::kinds::scim
