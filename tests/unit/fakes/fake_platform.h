// An engine::Platform that answers from a function and remembers the calls, for tests.
#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "core/engine/platform.h"

namespace lakeshift::fakes {

class FakePlatform final : public engine::Platform {
 public:
  using Handler = std::function<Result<Json>(const engine::Call&)>;
  explicit FakePlatform(Handler handler, std::string side = "old", std::string cloud = "azure")
      : handler_(std::move(handler)), side_(std::move(side)), cloud_(std::move(cloud)) {}

  Result<Json> call(const engine::Call& call, std::stop_token stop) override {
    {
      const std::scoped_lock lock(mutex_);
      calls_.push_back(call);
    }
    if (stop.stop_requested()) return fail("cancelled", "stopped on request", call.path);
    return handler_(call);
  }
  // The answer's text when it is one, else its JSON.
  Result<std::string> call_bytes(const engine::Call& call, std::string_view body,
                                 std::stop_token stop) override {
    {
      const std::scoped_lock lock(mutex_);
      bodies_.emplace_back(body);
    }
    LS_ASSIGN(const Json answer, this->call(call, stop));
    return answer.is_string() ? answer.get<std::string>() : dump_json(answer);
  }
  const std::string& side() const override { return side_; }
  const std::string& cloud() const override { return cloud_; }
  Json describe() const override {
    return {{"host", "https://" + side_ + ".example"}, {"cloud", cloud_}};
  }

  std::vector<engine::Call> calls() const {
    const std::scoped_lock lock(mutex_);
    return calls_;
  }
  std::vector<std::string> byte_bodies() const {
    const std::scoped_lock lock(mutex_);
    return bodies_;
  }

 private:
  Handler handler_;
  std::string side_, cloud_;
  mutable std::mutex mutex_;
  std::vector<engine::Call> calls_;
  std::vector<std::string> bodies_;
};

}  // namespace lakeshift::fakes
