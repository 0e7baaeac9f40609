// AWS Signature Version 4, in the Authorization header.
// Source: Amazon S3 API reference, "Authenticating Requests: Using the Authorization Header".
#pragma once

#include <string>

#include "core/world/clock.h"
#include "core/world/http.h"
#include "core/world/secret.h"

namespace lakeshift::credentials {

struct AwsKeys {
  std::string access_key;
  world::Secret secret_key;
  world::Secret session_token;  // of temporary keys; else empty
};

// Adds x-amz-date, x-amz-content-sha256 (of the body, so that the far side checks it), the session
// token and Authorization. All headers but Accept-Encoding are signed; the host is taken from the
// URL, whose path is signed as it is. Pure but for the time that it is given.
void sign_v4(world::HttpRequest& request, const AwsKeys& keys, const std::string& region,
             const std::string& service, world::Instant now);

}  // namespace lakeshift::credentials
