// The time in which no side of a move takes writes, and its budget.
#pragma once

#include <algorithm>
#include <atomic>
#include <functional>
#include <stop_token>

#include "core/world/executor.h"
#include "core/world/world.h"

namespace lakeshift::stages {

// Stops what runs in the pause when the budget is over or the user stops. Thread safe.
class PauseWatch {
 public:
  PauseWatch(world::Run& run, world::Millis budget)
      : began_(run.world.clock.now()),
        budget_(budget),
        clock_(run.world.clock),
        on_stop_(run.stop, [this] { stop_.request_stop(); }),
        thread_(1) {
    thread_.submit([this] {
      if (!clock_.sleep(budget_, done_.get_token())) return;
      over_ = true;
      stop_.request_stop();
    });
  }
  ~PauseWatch() { done_.request_stop(); }
  PauseWatch(const PauseWatch&) = delete;
  PauseWatch& operator=(const PauseWatch&) = delete;
  std::stop_token token() const { return stop_.get_token(); }
  bool over() const { return over_ || clock_.now() - began_ >= budget_; }
  world::Millis left() const {
    return std::max(world::Millis(1), budget_ - (clock_.now() - began_));
  }

 private:
  const world::Instant began_;
  const world::Millis budget_;
  world::Clock& clock_;
  std::stop_source stop_, done_;
  std::atomic<bool> over_{false};
  std::stop_callback<std::function<void()>> on_stop_;
  world::Executor thread_;
};

}  // namespace lakeshift::stages
