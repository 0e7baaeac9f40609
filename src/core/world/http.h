// HTTP as the product sees it: one request, one answer. Retries and pacing live above (engine,
// platforms).
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/world/environment.h"

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

// Thread safe. Errors: "unreachable" (the request certainly was not sent), "timeout",
// "connection-lost" (both: it may have arrived), "tls", "cancelled", "bad-request" (not a URL). An
// answer with any status, 5xx included, is a value. A request with a body is never sent twice by
// the transport itself, not even on a connection that had gone stale.
class HttpTransport {
 public:
  virtual ~HttpTransport() = default;
  virtual Result<HttpResponse> send(const HttpRequest& request, std::stop_token stop) = 0;
};

struct HttpOptions {
  std::string proxy;      // "" = from environment (https_proxy, HTTPS_PROXY, …) as libcurl does
  std::string no_proxy;   // hosts without proxy; "" = from environment (NO_PROXY) as libcurl does
  std::string ca_bundle;  // "" = the system's
  std::string user_agent = "lakeshift";
  long max_connections = 32;
};

// The variables that curl's own tool reads: CURL_CA_BUNDLE, SSL_CERT_FILE, HTTPS_PROXY (or
// https_proxy, ALL_PROXY).
HttpOptions http_options_from(const Environment& environment);

// libcurl with connection reuse, compression, HTTP/1.1 and 2. One instance serves the whole
// process.
std::unique_ptr<HttpTransport> make_curl_transport(const HttpOptions& options);

}  // namespace lakeshift::world
