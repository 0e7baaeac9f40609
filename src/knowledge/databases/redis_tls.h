// The TLS layer of a Redis session, between memory and memory: the session moves the bytes.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/base/result.h"
#include "knowledge/databases/redis_address.h"

namespace lakeshift::databases {

// Not thread safe. Errors "tls", with the reason that OpenSSL names.
class RedisTls {
 public:
  static Result<std::unique_ptr<RedisTls>> make(const RedisAddress& address);
  ~RedisTls();
  RedisTls(const RedisTls&) = delete;
  RedisTls& operator=(const RedisTls&) = delete;

  bool established() const { return established_; }
  // Goes on with the handshake as far as the bytes received allow.
  Status shake_hands();
  // Bytes that came from the network; what they say is appended to `plain`.
  Status received(std::string_view wire, std::string& plain);
  // Appends to `wire` what must go out for `plain`.
  Status send(std::string_view plain);
  // Bytes that are to be sent.
  void take_outgoing(std::string& wire);

 private:
  struct State;
  explicit RedisTls(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
  bool established_ = false;
};

}  // namespace lakeshift::databases
