// Lists that several kinds of one discovery need (secret scopes, catalogs): each is read once.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/engine/kind.h"

namespace lakeshift::kinds {

// Every item of the list. The first caller reads it, others wait for its answer and get the same,
// errors too.
Result<std::vector<Json>> list_once(engine::DiscoverContext& context,
                                    const engine::Listing& listing, const Json& parameters,
                                    std::string_view family);

inline constexpr engine::Listing kScopes{.path = "/api/2.0/secrets/scopes/list", .items = "scopes"};
inline constexpr std::string_view kKeyVault = "AZURE_KEYVAULT";  // SecretScope.backend_type

}  // namespace lakeshift::kinds
