// HTTP as the product sees it: one request, one answer. Retries and pacing live above (engine, platforms).
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "core/base/result.h"

namespace lakeshift::world {

// Header names compare without case.
struct HeaderLess {
  using is_transparent = void;
  bool operator()(std::string_view a, std::string_view b) const;
};
using Headers = std::map<std::string, std::string, HeaderLess>;

struct HttpRequest {
  std::string method = "GET";
  std::string url;  // absolute, already percent-encoded
  Headers headers;
  std::string body;
  std::chrono::milliseconds timeout{60'000};
};

struct HttpResponse {
  int status = 0;
  Headers headers;
  std::string body;  // decoded (gzip/deflate undone)
};

// Thread safe. Errors: "unreachable", "timeout", "tls", "connection-lost" (retry=later), "cancelled".
// An answer with any status, 5xx included, is a value, not an error.
class HttpTransport {
 public:
  virtual ~HttpTransport() = default;
  virtual Result<HttpResponse> send(const HttpRequest& request, std::stop_token stop) = 0;
};

struct HttpOptions {
  std::string proxy;        // "" = from environment (HTTPS_PROXY, NO_PROXY) as libcurl does
  std::string ca_bundle;    // "" = the system's
  std::string user_agent = "lakeshift";
  long max_connections = 32;
};

// libcurl with connection reuse, compression, HTTP/1.1 and 2. One instance serves the whole process.
std::unique_ptr<HttpTransport> make_curl_transport(const HttpOptions& options);

}  // namespace lakeshift::world
