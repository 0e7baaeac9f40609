// The twin itself: one lock around a store, and the way of a request through it.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "twin/faults.h"
#include "twin/limits.h"
#include "twin/request_log.h"
#include "twin/service.h"
#include "twin/tokens.h"
#include "twin/twin.h"

namespace lakeshift::twin {

class TwinServer final : public Twin {
 public:
  TwinServer(world::World& world, TwinOptions options)
      : world_(world), options_(std::move(options)) {}
  Status start();
  world::HttpResponse handle(const world::HttpRequest& request) override;
  Status load(const std::string& directory) override;
  Json dump() override;
  Status restore(const Json& dump) override;

 private:
  struct Address {
    std::string host;  // with scheme
    std::string path;
    std::multimap<std::string, std::string, std::less<>> query;
  };
  static Address address_of(const std::string& url);
  Context context(const std::string& host);
  Principal own_user() const;

  world::HttpResponse answer(const world::HttpRequest& request, const Address& address,
                             LogEntry& entry);
  Result<Answer> dispatch(Context& context, Call& call, LogEntry& entry);
  Result<Call> read_call(const world::HttpRequest& request, const Address& address);
  Status validate(const Call& call) const;
  world::HttpResponse control(const world::HttpRequest& request, const Address& address);
  world::HttpResponse steer(const Json& order);
  Status settle();
  long long now_ms() const;

  world::World& world_;
  TwinOptions options_;
  std::shared_ptr<const Api> api_;
  Reference reference_;
  std::string workspace_id_;
  std::mutex mutex_;
  std::unique_ptr<Store> store_;
  Memberships memberships_;
  Faults faults_;
  Limits limits_;
  Tokens tokens_;
  RequestLog log_;
  std::atomic<int> in_flight_{0};
};

}  // namespace lakeshift::twin
