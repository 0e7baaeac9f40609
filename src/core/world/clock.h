// Time. Nothing outside world/ asks the system for the time or sleeps by itself.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <string>

namespace lakeshift::world {

using Instant = std::chrono::sys_time<std::chrono::milliseconds>;
using Millis = std::chrono::milliseconds;

// Thread safe.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Instant now() const = 0;
  // Sleeps for `span` or until stop is requested; false when stopped.
  virtual bool sleep(Millis span, std::stop_token stop) = 0;
};

class SystemClock final : public Clock {
 public:
  Instant now() const override;
  bool sleep(Millis span, std::stop_token stop) override;
};

// For tests: sleeping advances the time at once.
class VirtualClock final : public Clock {
 public:
  explicit VirtualClock(Instant start) : now_(start) {}
  Instant now() const override;
  bool sleep(Millis span, std::stop_token stop) override;

 private:
  mutable std::mutex mutex_;
  Instant now_;
};

// "2026-11-20T09:30:00.000Z"
std::string to_iso8601(Instant instant);

}  // namespace lakeshift::world
