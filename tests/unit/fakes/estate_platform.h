// A platform in memory that answers with an error or dies at any call, before or after its effect.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "tests/unit/fakes/faults.h"
#include "tests/unit/fakes/stored_estate.h"

namespace lakeshift::fakes {

class EstatePlatform final : public engine::Platform, public StoredEstate {
 public:
  explicit EstatePlatform(world::Clock& clock, std::string side = "new")
      : StoredEstate(clock), side_(std::move(side)) {}

  Json about = {{"user", "me@x"}};

  void plan_fault(long long at_call, Fault fault, Life* life) {
    fault_at_ = at_call;
    fault_ = fault;
    life_ = life;
    calls_ = 0;
  }
  // Every call whose path contains `part` fails until it is cleared.
  void refuse_calls_with(const std::string& part, Error error) {
    refused_[part] = std::move(error);
  }
  void clear_refusals() { refused_.clear(); }
  std::function<void(const engine::Call&)> on_call;

  Result<Json> call(const engine::Call& call, std::stop_token stop) override {
    if (stop.stop_requested()) return fail("cancelled", "stopped");
    const std::scoped_lock lock(mutex_);
    if (life_ != nullptr && life_->dead) return fail("cancelled", "dead");
    ++calls_;
    log_.push_back(call.method + " " + call.path);
    if (on_call) on_call(call);
    for (const auto& [part, error] : refused_)
      if (contains(call.path, part)) return fail(error);
    const bool now = calls_ == fault_at_;
    if (now) fired_ = true;
    const Error lost{call.effect == model::Effect::create ? "in-doubt" : "unreachable",
                     "planted fault"};
    if (now && fault_ == Fault::die_before) return die();
    if (now && fault_ == Fault::refuse) return fail(lost);
    Result<Json> answer = serve(call);
    if (now && fault_ == Fault::die_after) return die();
    if (now && fault_ == Fault::lose) return fail(lost);
    return answer;
  }
  Result<std::string> call_bytes(const engine::Call& call, std::string_view body,
                                 std::stop_token stop) override {
    engine::Call with_body = call;
    with_body.body = {{"bytes", body}};
    LS_ASSIGN(const Json answer, this->call(with_body, stop));
    return dump_json(answer);
  }
  const std::string& side() const override { return side_; }
  const std::string& cloud() const override { return side_; }
  Json describe() const override { return about; }

  bool fault_fired() const { return fired_; }
  long long calls() const { return calls_; }
  std::vector<std::string> log() const { return log_; }

 private:
  Result<Json> die() {
    if (life_ != nullptr) life_->dead = true;
    return fail("cancelled", "dead");
  }

  std::string side_;
  std::mutex mutex_;
  long long calls_ = 0;
  long long fault_at_ = 0;
  Fault fault_ = Fault::none;
  bool fired_ = false;
  Life* life_ = nullptr;
  std::map<std::string, Error> refused_;
  std::vector<std::string> log_;
};

}  // namespace lakeshift::fakes
