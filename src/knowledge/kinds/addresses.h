// Under which addresses programs reach compute: for the mapping documents of a cutover.
#pragma once

#include "core/engine/kind.h"

namespace lakeshift::kinds {

using Addresses = std::vector<std::pair<std::string, std::string>>;

// http_path and jdbc_url. Source: the vendor's JDBC driver page (connection URL of a cluster), read
// 2026-11-20.
Addresses cluster_addresses(const Json& document, const Json& platform);
// What the warehouse itself says: jdbc_url, odbc_params.hostname and .path.
Addresses warehouse_addresses(const Json& document, const Json& platform);

}  // namespace lakeshift::kinds
