// What kinds must know of the cloud a platform (as it describes itself) runs on.
#pragma once

#include "core/base/json_fwd.h"

namespace lakeshift::kinds {

// Service principals get a new application id there, whatever the caller would like.
bool generates_application_ids(const Json& platform);
// Secret scopes that are views of a key vault exist there.
bool has_key_vault_scopes(const Json& platform);
// Instance profiles can be registered there.
bool has_instance_profiles(const Json& platform);

}  // namespace lakeshift::kinds
