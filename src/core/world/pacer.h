// Keeps one API family of one host within its limits: a token bucket and a concurrency gate that
// adapt to 429s.
#pragma once

#include <condition_variable>
#include <deque>
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

// A counting gate. A place that gets free goes to who has waited longest: nobody overtakes, or a
// call that others hang on (the list of a folder) could wait while its lane's neighbours take every
// place. Thread safe.
class Gate {
 public:
  explicit Gate(int places) : places_(places < 1 ? 1 : places) {}
  // Waits for a place; false: stopped. Who has waited for a rate limit goes `first`: its turn would
  // be lost, while calls without a limit catch up.
  bool enter(std::stop_token stop, bool first = false);
  void leave();
  int waiting() const;

 private:
  struct Waiter {
    std::condition_variable_any granted;
    bool has_place = false;
  };
  void leave_locked();

  mutable std::mutex mutex_;
  int places_;                  // free ones; none while somebody waits
  std::deque<Waiter*> firsts_;  // longest waiting in front
  std::deque<Waiter*> others_;
};

// Thread safe. enter() blocks until a call may start; leave() frees its place. throttled() halves
// the rate and the number of calls in flight, at most once a second (calls in flight are refused
// together), and, when the other side named a time, holds all calls back until then; calls that
// succeed raise both again by small steps (AIMD).
class Pacer {
 public:
  Pacer(Clock& clock, Limit limit);
  bool enter(std::stop_token stop);  // false: stopped
  void leave();
  void succeeded();
  void throttled(Millis retry_after);  // 0 = not named
  double rate() const;                 // calls per second now; 0 = unlimited
  int in_flight_limit() const;         // calls in flight allowed now; 0 = unlimited

 private:
  // Takes a token, in advance when there is none left; says when it may be used.
  Instant reserve();
  double recent_rate(Instant now) const;

  Clock& clock_;
  const Limit limit_;
  mutable std::mutex mutex_;
  std::condition_variable_any free_;
  double rate_;
  double tokens_;
  int in_flight_ = 0;
  int gate_;  // 0 = unlimited
  double gate_credit_ = 0;
  Instant refilled_;
  Instant held_until_{};
  Instant last_cut_{};
  Instant window_start_;  // calls started since then, to know the rate that was refused
  long long window_calls_ = 0;
};

}  // namespace lakeshift::world
