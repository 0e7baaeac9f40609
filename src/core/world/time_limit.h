// A time after which whatever heeds a stop token ends.
#pragma once

#include <algorithm>
#include <atomic>
#include <functional>
#include <stop_token>
#include <utility>

#include "core/world/clock.h"
#include "core/world/executor.h"

namespace lakeshift::world {

// Its token is stopped when the time is over, or when `also` is. Thread safe.
class TimeLimit {
 public:
  TimeLimit(Clock& clock, Millis span, std::stop_token also = {})
      : began_(clock.now()),
        span_(span),
        clock_(clock),
        on_stop_(std::move(also), [this] { stop_.request_stop(); }),
        thread_(1) {
    thread_.submit([this] {
      if (!clock_.sleep(span_, done_.get_token())) return;
      over_ = true;
      stop_.request_stop();
    });
  }
  ~TimeLimit() { done_.request_stop(); }
  TimeLimit(const TimeLimit&) = delete;
  TimeLimit& operator=(const TimeLimit&) = delete;
  std::stop_token token() const { return stop_.get_token(); }
  bool over() const { return over_ || clock_.now() - began_ >= span_; }
  Millis left() const { return std::max(Millis(1), span_ - (clock_.now() - began_)); }

 private:
  const Instant began_;
  const Millis span_;
  Clock& clock_;
  std::stop_source stop_, done_;
  std::atomic<bool> over_{false};
  std::stop_callback<std::function<void()>> on_stop_;
  Executor thread_;
};

}  // namespace lakeshift::world
