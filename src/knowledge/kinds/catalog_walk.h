// Catalogs and their schemas, read once for every kind that lives in them.
#pragma once

#include <string>
#include <string_view>

#include "core/engine/kind.h"

namespace lakeshift::kinds {

inline constexpr std::string_view kCatalogFamily = "unity-catalog";
// max_results=0: pages of the server's own size; a page may be empty and still have a token.
inline constexpr engine::Listing kCatalogs{.path = "/api/2.1/unity-catalog/catalogs",
                                           .items = "catalogs",
                                           .paging = engine::Paging::token,
                                           .query = "max_results=0"};
inline constexpr engine::Listing kSchemas{.path = "/api/2.1/unity-catalog/schemas",
                                          .items = "schemas",
                                          .paging = engine::Paging::token,
                                          .query = "max_results=0"};

// Catalogs every workspace has (system, samples, hive_metastore): not part of the estate.
bool is_built_in_catalog(std::string_view name);

// Hook: the kind's list once per catalog. Foreign catalogs are not entered: their lists would ask
// the other database.
Status count_per_catalog(const engine::Kind& kind, engine::DiscoverContext& context);
// Hook: the kind's list once per schema.
Status count_per_schema(const engine::Kind& kind, engine::DiscoverContext& context);
// Hook of the schemas themselves.
Status count_schemas(const engine::Kind& kind, engine::DiscoverContext& context);

}  // namespace lakeshift::kinds
