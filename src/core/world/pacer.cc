#include "core/world/pacer.h"

#include <algorithm>
#include <cmath>

namespace lakeshift::world {
namespace {

constexpr double kLeastRate = 0.5;
constexpr Millis kCutInterval{1000};
constexpr Millis kRateWindow{1000};

double seconds(Millis span) { return static_cast<double>(span.count()) / 1000.0; }

double burst_of(const Limit& limit, double rate) {
  return limit.burst > 0 ? limit.burst : std::max(1.0, rate);
}

}  // namespace

bool Gate::enter(std::stop_token stop, bool first) {
  std::unique_lock lock(mutex_);
  if (stop.stop_requested()) return false;
  if (places_ > 0) {
    --places_;
    return true;
  }
  std::deque<Waiter*>& queue = first ? firsts_ : others_;
  Waiter self;
  queue.push_back(&self);
  self.granted.wait(lock, stop, [&] { return self.has_place; });
  if (!self.has_place) {
    std::erase(queue, &self);
    return false;
  }
  if (!stop.stop_requested()) return true;
  leave_locked();
  return false;
}

void Gate::leave() {
  const std::scoped_lock lock(mutex_);
  leave_locked();
}

void Gate::leave_locked() {
  std::deque<Waiter*>& queue = firsts_.empty() ? others_ : firsts_;
  if (queue.empty()) {
    ++places_;
    return;
  }
  Waiter& next = *queue.front();
  queue.pop_front();
  next.has_place = true;
  // Under the lock: once it is released, the waiter may be gone.
  next.granted.notify_one();
}

int Gate::waiting() const {
  const std::scoped_lock lock(mutex_);
  return static_cast<int>(firsts_.size() + others_.size());
}

Pacer::Pacer(Clock& clock, Limit limit)
    : clock_(clock),
      limit_(limit),
      rate_(limit.per_second),
      tokens_(burst_of(limit, limit.per_second)),
      gate_(limit.in_flight),
      refilled_(clock.now()),
      window_start_(refilled_) {}

bool Pacer::enter(std::stop_token stop) {
  std::unique_lock lock(mutex_);
  if (!free_.wait(lock, stop, [this] { return gate_ == 0 || in_flight_ < gate_; })) return false;
  ++in_flight_;
  Instant start = reserve();
  while (true) {
    start = std::max(start, held_until_);
    const Instant now = clock_.now();
    if (now >= start && !stop.stop_requested()) break;
    lock.unlock();
    const bool slept = !stop.stop_requested() && clock_.sleep(start - now, stop);
    lock.lock();
    if (!slept) {
      --in_flight_;
      free_.notify_one();
      return false;
    }
  }
  const Instant now = clock_.now();
  if (now - window_start_ >= 2 * kRateWindow) {
    window_start_ = now - kRateWindow;
    window_calls_ /= 2;
  }
  ++window_calls_;
  return true;
}

Instant Pacer::reserve() {
  const Instant now = clock_.now();
  if (rate_ <= 0) return now;
  tokens_ = std::min(burst_of(limit_, rate_), tokens_ + seconds(now - refilled_) * rate_);
  refilled_ = now;
  tokens_ -= 1;
  if (tokens_ >= 0) return now;
  return now + Millis(static_cast<long long>(std::ceil(-tokens_ / rate_ * 1000.0)));
}

void Pacer::leave() {
  {
    const std::scoped_lock lock(mutex_);
    --in_flight_;
  }
  free_.notify_one();
}

void Pacer::succeeded() {
  bool wider = false;
  {
    const std::scoped_lock lock(mutex_);
    const bool below_limit = limit_.per_second <= 0 || rate_ < limit_.per_second;
    if (rate_ > 0 && below_limit) {
      // About a tenth more per second of calls that went well, and never slower than one more call
      // a second.
      rate_ += std::max(1.0, rate_ / 10) / rate_;
      if (limit_.per_second > 0) rate_ = std::min(rate_, limit_.per_second);
    }
    if (gate_ > 0 && (limit_.in_flight == 0 || gate_ < limit_.in_flight)) {
      gate_credit_ += 1.0 / gate_;
      if (gate_credit_ >= 1) {
        gate_credit_ = 0;
        ++gate_;
        wider = true;
      }
    }
  }
  if (wider) free_.notify_one();
}

double Pacer::recent_rate(Instant now) const {
  return static_cast<double>(window_calls_) / std::max(1.0, seconds(now - window_start_));
}

void Pacer::throttled(Millis retry_after) {
  const std::scoped_lock lock(mutex_);
  const Instant now = clock_.now();
  if (retry_after > Millis::zero()) held_until_ = std::max(held_until_, now + retry_after);
  if (now - last_cut_ < kCutInterval) return;
  last_cut_ = now;
  const double refused = rate_ > 0 ? rate_ : recent_rate(now);
  if (rate_ <= 0) tokens_ = 0;
  rate_ = std::max(kLeastRate, refused / 2);
  tokens_ = std::min(tokens_, 1.0);
  refilled_ = now;
  gate_ = std::max(1, std::max(in_flight_, 1) / 2);
  gate_credit_ = 0;
}

double Pacer::rate() const {
  const std::scoped_lock lock(mutex_);
  return rate_;
}

int Pacer::in_flight_limit() const {
  const std::scoped_lock lock(mutex_);
  return gate_;
}

}  // namespace lakeshift::world
