// The few concurrency primitives of lakeshift. Cancellation is std::stop_token.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace lakeshift::world {

// A fixed number of threads that run tasks in the order given. Tasks may submit tasks.
// Thread safe. Tasks must not throw and must not block on other tasks (use TaskGroup::wait from
// outside only).
class Executor {
 public:
  explicit Executor(std::size_t threads);
  ~Executor();  // runs what was submitted, then joins
  Executor(const Executor&) = delete;
  Executor& operator=(const Executor&) = delete;
  void submit(std::function<void()> task);
  std::size_t size() const { return threads_.size(); }

 private:
  void work();
  std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<std::function<void()>> queue_;
  bool closing_ = false;
  std::vector<std::jthread> threads_;
};

// Counts a set of tasks on an executor; wait() returns when all of them, and those they added, are
// done.
class TaskGroup {
 public:
  explicit TaskGroup(Executor& executor) : executor_(executor) {}
  ~TaskGroup() { wait(); }
  void add(std::function<void()> task);
  void wait();

 private:
  Executor& executor_;
  std::mutex mutex_;
  std::condition_variable done_;
  std::size_t open_ = 0;
};

// A value that can only be reached while its lock is held.
template <typename T>
class Guarded {
 public:
  Guarded() = default;
  explicit Guarded(T value) : value_(std::move(value)) {}
  template <typename F>
  auto with(F&& use) {
    const std::scoped_lock lock(mutex_);
    return use(value_);
  }
  template <typename F>
  auto with(F&& use) const {
    const std::scoped_lock lock(mutex_);
    return use(static_cast<const T&>(value_));
  }

 private:
  mutable std::mutex mutex_;
  T value_;
};

}  // namespace lakeshift::world
