// Shared Key of Azure Storage (Blob).
// Source: Azure Storage services REST API reference, "Authorize with Shared Key".
#pragma once

#include <string>

#include "core/world/clock.h"
#include "core/world/http.h"
#include "core/world/secret.h"

namespace lakeshift::credentials {

// What is signed of a request of version 2015-02-21 or later. The URL's path is percent-encoded,
// its query's values too.
std::string shared_key_text(const world::HttpRequest& request, const std::string& account);

// Adds x-ms-date and Authorization. `key` is the account's key as the portal shows it (base64).
// Error "bad-credential": the key is no base64.
Status sign_shared_key(world::HttpRequest& request, const std::string& account,
                       const world::Secret& key, world::Instant now);

// "Fri, 26 Jun 2015 23:39:12 GMT"
std::string http_date(world::Instant now);

}  // namespace lakeshift::credentials
