// A queue between two threads that holds at most so much.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <stop_token>
#include <utility>

#include "core/world/clock.h"

namespace lakeshift::world {

// Items weigh what their giver says; one that is heavier than the whole queue waits until it is
// empty. Thread safe.
template <typename T>
class BoundedQueue {
 public:
  explicit BoundedQueue(std::size_t capacity) : capacity_(capacity) {}

  // Waits for room. False: the queue is closed or stop was requested; the item is dropped.
  bool push(T item, std::size_t weight, std::stop_token stop) {
    std::unique_lock lock(mutex_);
    if (!room_.wait(lock, stop,
                    [&] { return closed_ || held_ == 0 || held_ + weight <= capacity_; }))
      return false;
    if (closed_) return false;
    held_ += weight;
    items_.emplace_back(std::move(item), weight);
    filled_.notify_one();
    return true;
  }
  // False: there is no room now.
  bool has_room(std::size_t weight) const {
    const std::scoped_lock lock(mutex_);
    return held_ == 0 || held_ + weight <= capacity_;
  }

  // None: nothing came within the limit, or the queue is closed and empty.
  std::optional<T> pop(Millis limit) {
    std::unique_lock lock(mutex_);
    filled_.wait_for(lock, limit, [&] { return closed_ || !items_.empty(); });
    if (items_.empty()) return std::nullopt;
    T item = std::move(items_.front().first);
    held_ -= items_.front().second;
    items_.pop_front();
    room_.notify_all();
    return item;
  }

  // Nothing goes in any more; what is inside can still be taken.
  void close() {
    const std::scoped_lock lock(mutex_);
    closed_ = true;
    room_.notify_all();
    filled_.notify_all();
  }
  bool closed_and_empty() const {
    const std::scoped_lock lock(mutex_);
    return closed_ && items_.empty();
  }

 private:
  const std::size_t capacity_;
  mutable std::mutex mutex_;
  std::condition_variable_any room_;
  std::condition_variable_any filled_;
  std::deque<std::pair<T, std::size_t>> items_;
  std::size_t held_ = 0;
  bool closed_ = false;
};

}  // namespace lakeshift::world
