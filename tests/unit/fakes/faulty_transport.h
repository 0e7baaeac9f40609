// A way to a server on which the n-th request is refused, lost or the end of the process.
#pragma once

#include <mutex>
#include <string>
#include <vector>

#include "core/world/http.h"
#include "tests/unit/fakes/faults.h"

namespace lakeshift::fakes {

// Thread safe. Counts every request, reads too.
class FaultyTransport final : public world::HttpTransport {
 public:
  explicit FaultyTransport(world::HttpTransport& inner) : inner_(inner) {}

  // Counts from 1 again. `life` dies with Fault::die_before and Fault::die_after.
  void plan_fault(long long at_call, Fault fault, Life* life) {
    const std::scoped_lock lock(mutex_);
    fault_at_ = at_call;
    fault_ = fault;
    life_ = life;
    calls_ = 0;
    methods_.clear();
    hurt_.clear();
  }
  // Of every request since then, in their order.
  std::vector<std::string> methods() const {
    const std::scoped_lock lock(mutex_);
    return methods_;
  }
  long long calls() const {
    const std::scoped_lock lock(mutex_);
    return calls_;
  }
  // "POST /api/…" of the request that was hurt; empty: none was.
  std::string hurt() const {
    const std::scoped_lock lock(mutex_);
    return hurt_;
  }

  Result<world::HttpResponse> send(const world::HttpRequest& request,
                                   std::stop_token stop) override {
    Fault fault = Fault::none;
    {
      const std::scoped_lock lock(mutex_);
      if (life_ != nullptr && life_->dead) return gone();
      methods_.push_back(request.method);
      if (++calls_ == fault_at_) {
        fault = fault_;
        hurt_ = request.method + " " + request.url;
      }
    }
    if (fault == Fault::die_before) return die();
    if (fault == Fault::refuse) return passing("unreachable", "planted: not sent", request.url);
    Result<world::HttpResponse> answer = inner_.send(request, stop);
    if (fault == Fault::die_after) return die();
    if (fault == Fault::lose) return passing("connection-lost", "planted: no answer", request.url);
    return answer;
  }

 private:
  // As the real transport tells them.
  static tl::unexpected<Error> passing(const char* code, const char* message,
                                       const std::string& url) {
    Error error{code, message, url};
    error.retry = Retry::later;
    return fail(std::move(error));
  }
  static tl::unexpected<Error> gone() { return fail("cancelled", "the process is gone"); }
  Result<world::HttpResponse> die() {
    const std::scoped_lock lock(mutex_);
    if (life_ != nullptr) life_->dead = true;
    return gone();
  }

  world::HttpTransport& inner_;
  mutable std::mutex mutex_;
  long long calls_ = 0;
  std::vector<std::string> methods_;
  long long fault_at_ = 0;
  Fault fault_ = Fault::none;
  Life* life_ = nullptr;
  std::string hurt_;
};

}  // namespace lakeshift::fakes
