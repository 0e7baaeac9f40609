#include "core/world/executor.h"

#include <utility>

namespace lakeshift::world {

Executor::Executor(std::size_t threads) {
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

void Executor::submit(std::function<void()> task) {
  {
    const std::scoped_lock lock(mutex_);
    queue_.push_back(std::move(task));
  }
  ready_.notify_one();
}

void Executor::work() {
  while (true) {
    std::function<void()> task;
    {
      std::unique_lock lock(mutex_);
      ready_.wait(lock, [this] { return closing_ || !queue_.empty(); });
      if (queue_.empty()) return;
      task = std::move(queue_.front());
      queue_.pop_front();
    }
    task();
  }
}

void TaskGroup::add(std::function<void()> task) {
  {
    const std::scoped_lock lock(mutex_);
    ++open_;
  }
  executor_.submit([this, task = std::move(task)]() mutable {
    task();
    task = nullptr;  // what the task holds is gone before wait() returns
    const std::scoped_lock lock(mutex_);
    // Notified under the lock: once wait() has returned, the group may be gone.
    if (--open_ == 0) done_.notify_all();
  });
}

void TaskGroup::wait() {
  std::unique_lock lock(mutex_);
  done_.wait(lock, [this] { return open_ == 0; });
}

}  // namespace lakeshift::world
