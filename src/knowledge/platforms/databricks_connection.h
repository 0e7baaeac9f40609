// Carries single calls to a Databricks workspace: signs, paces, retries, and says what is certain
// about their effect.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "core/engine/platform.h"
#include "core/world/pacer.h"
#include "knowledge/platforms/databricks.h"
#include "knowledge/platforms/databricks_limits.h"
#include "knowledge/platforms/databricks_login.h"

namespace lakeshift::platforms {

struct Answer {
  world::HttpResponse http;
  Json json;  // null when bytes were wanted
};

enum class Wanted : unsigned char { json, bytes };

// Thread safe.
class DatabricksConnection {
 public:
  DatabricksConnection(world::Run& run, std::unique_ptr<credentials::Credential> credential,
                       std::string host, const DatabricksOptions& options);

  // Bytes given as `body` go as they are; else call.body as JSON, when it is not null.
  Result<Answer> deliver(const engine::Call& call, std::string_view body, Wanted wanted,
                         std::stop_token stop);
  // Before: faults are told soon, nobody waits for a person. After: as the options say.
  void connected();
  const std::string& host() const { return host_; }
  std::string credential() const { return login_.describe(); }

 private:
  struct Sent {
    Result<Answer> answer;
    world::Millis retry_after{};
  };
  class Tries;

  Sent send(const engine::Call& call, const world::HttpRequest& request,
            const world::Secret& authorization, Wanted wanted, std::stop_token stop);
  Sent judge(const engine::Call& call, world::Pacer& pacer, Result<world::HttpResponse> response,
             const world::Secret& authorization, Wanted wanted);
  world::HttpRequest make_request(const engine::Call& call, std::string_view body) const;
  Result<bool> takes(const world::Secret& authorization);
  void tell_throttled(const engine::Call& call);

  world::Run& run_;
  const std::string host_;
  const DatabricksOptions options_;
  PacerSet pacers_;
  world::Gate own_gate_;
  world::Gate& gate_;
  Login login_;
  std::atomic<bool> connected_{false};
  std::atomic<long long> told_throttled_{0};  // when, in milliseconds
};

}  // namespace lakeshift::platforms
