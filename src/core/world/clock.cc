#include "core/world/clock.h"

#include <fmt/format.h>

namespace lakeshift::world {

Instant SystemClock::now() const {
  return std::chrono::time_point_cast<Millis>(std::chrono::system_clock::now());
}

bool SystemClock::sleep(Millis span, std::stop_token stop) {
  // Measured on the steady clock: a sleep must not change when somebody sets the time.
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock(mutex);
  never.wait_for(lock, stop, span, [] { return false; });
  return !stop.stop_requested();
}

Instant VirtualClock::now() const {
  const std::scoped_lock lock(mutex_);
  return now_;
}

bool VirtualClock::sleep(Millis span, std::stop_token stop) {
  if (stop.stop_requested()) return false;
  const std::scoped_lock lock(mutex_);
  if (span > Millis::zero()) now_ += span;
  return true;
}

std::string to_iso8601(Instant instant) {
  const auto day = std::chrono::floor<std::chrono::days>(instant);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(instant - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     time.hours().count(), time.minutes().count(), time.seconds().count(),
                     time.subseconds().count());
}

}  // namespace lakeshift::world
