#include "core/world/executor.h"

#include <algorithm>
#include <utility>

namespace lakeshift::world {

Executor::Executor(std::size_t threads, std::size_t per_lane)
    : per_lane_(per_lane == 0 ? std::max<std::size_t>(threads, 1) : per_lane) {
  if (threads == 0) threads = 1;
  threads_.reserve(threads);
  for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
}

Executor::~Executor() {
  {
    const std::scoped_lock lock(mutex_);
    closing_ = true;
  }
  ready_.notify_all();
}

void Executor::submit(std::function<void()> task, std::size_t lane) {
  {
    const std::scoped_lock lock(mutex_);
    lanes_[lane].queue.push_back(std::move(task));
    ++waiting_;
  }
  ready_.notify_one();
}

Executor::Lane* Executor::next_lane() {
  if (waiting_ == 0) return nullptr;
  auto lane = lanes_.upper_bound(served_);
  for (std::size_t seen = 0; seen < lanes_.size(); ++seen, ++lane) {
    if (lane == lanes_.end()) lane = lanes_.begin();
    if (lane->second.queue.empty() || lane->second.running >= per_lane_) continue;
    served_ = lane->first;
    return &lane->second;
  }
  return nullptr;
}

void Executor::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    Lane* lane = nullptr;
    ready_.wait(lock,
                [&] { return (lane = next_lane()) != nullptr || (closing_ && waiting_ == 0); });
    if (lane == nullptr) return;
    std::function<void()> task = std::move(lane->queue.front());
    lane->queue.pop_front();
    --waiting_;
    ++lane->running;
    lock.unlock();
    task();
    task = nullptr;
    lock.lock();
    --lane->running;
    // A place in the lane is free: this thread looks first, others may be needed when it takes
    // another lane's task.
    if (!lane->queue.empty()) ready_.notify_one();
    if (closing_ && waiting_ == 0) ready_.notify_all();
  }
}

void TaskGroup::add_in(std::size_t lane, std::function<void()> task) {
  {
    const std::scoped_lock lock(mutex_);
    ++open_;
  }
  executor_.submit(
      [this, task = std::move(task)]() mutable {
        task();
        task = nullptr;  // what the task holds is gone before wait() returns
        const std::scoped_lock lock(mutex_);
        // Notified under the lock: once wait() has returned, the group may be gone.
        if (--open_ == 0) done_.notify_all();
      },
      lane);
}

void TaskGroup::wait() {
  std::unique_lock lock(mutex_);
  done_.wait(lock, [this] { return open_ == 0; });
}

}  // namespace lakeshift::world
