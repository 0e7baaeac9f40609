// Keeps one API family of one host within its limits: a token bucket and a concurrency gate that adapt to 429s.
#pragma once

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>

#include "core/world/clock.h"

namespace lakeshift::world {

struct Limit {
  double per_second = 0;  // 0 = no documented limit
  int in_flight = 0;      // 0 = only the process-wide bound
  double burst = 0;       // 0 = max(1, per_second)
};

// Thread safe. enter() blocks until a call may start; leave() frees its place; throttled() halves the rate and,
// when the other side named a time, holds all calls back until then; calls that succeed raise the rate again (AIMD).
class Pacer {
 public:
  Pacer(Clock& clock, Limit limit);
  bool enter(std::stop_token stop);  // false: stopped
  void leave();
  void succeeded();
  void throttled(Millis retry_after);  // 0 = not named
  double rate() const;                 // calls per second now; 0 = unlimited

 private:
  Clock& clock_;
  Limit limit_;
  mutable std::mutex mutex_;
  std::condition_variable_any free_;
  double rate_;
  double tokens_;
  int in_flight_ = 0;
  Instant refilled_;
  Instant held_until_{};
};

}  // namespace lakeshift::world
