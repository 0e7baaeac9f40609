// HTTP/1.1 as bytes: reading requests and writing answers, without sockets.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/world/http.h"

namespace lakeshift::twin {

struct WireRequest {
  world::HttpRequest request;  // url absolute, from the Host header
  bool keep_alive = true;
};

// Collects the bytes of one connection and cuts requests out of them.
class WireReader {
 public:
  void add(std::string_view bytes) { buffer_.append(bytes); }
  // The next complete request; nullopt: more bytes are needed. Errors: "bad-request", "too-large".
  Result<std::optional<WireRequest>> next();
  // Whether the client waits for "100 Continue" before it sends the body.
  bool wants_continue();

 private:
  std::string buffer_;
  bool continued_ = false;
};

// The whole answer, head and body in one piece. Bodies above 4 KiB are compressed when the client
// takes gzip.
std::string wire_answer(const world::HttpResponse& response, const WireRequest& request);

}  // namespace lakeshift::twin
