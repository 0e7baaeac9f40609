// The few concurrency primitives of lakeshift. Cancellation is std::stop_token.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace lakeshift::world {

// A fixed number of threads. Tasks of one lane start in the order given, at most `per_lane` of them
// run at once; lanes take turns. So a lane whose tasks wait for their turn at a slow API does not
// hold up the others: bring as many threads as lanes may wait at once. Tasks may submit tasks.
// Thread safe. Tasks must not throw and must not block on other tasks (use TaskGroup::wait from
// outside only).
class Executor {
 public:
  explicit Executor(std::size_t threads,
                    std::size_t per_lane = 0);  // 0 = as many as there are threads
  ~Executor();                                  // runs what was submitted, then joins
  Executor(const Executor&) = delete;
  Executor& operator=(const Executor&) = delete;
  void submit(std::function<void()> task, std::size_t lane = 0);
  std::size_t size() const { return threads_.size(); }

 private:
  struct Lane {
    std::deque<std::function<void()>> queue;
    std::size_t running = 0;
  };
  void work();
  // The next lane, after the one served last, that may start a task; null when there is none.
  Lane* next_lane();

  std::mutex mutex_;
  std::condition_variable ready_;
  std::map<std::size_t, Lane> lanes_;
  const std::size_t per_lane_;
  std::size_t served_ = 0;
  std::size_t waiting_ = 0;  // tasks in all queues
  bool closing_ = false;
  std::vector<std::jthread> threads_;
};

// Counts a set of tasks on an executor; wait() returns when all of them, and those they added, are
// done.
class TaskGroup {
 public:
  explicit TaskGroup(Executor& executor) : executor_(executor) {}
  // Another lane of `whole`, which counts its tasks too and outlives it.
  TaskGroup(TaskGroup& whole, std::size_t lane)
      : executor_(whole.executor_), whole_(&whole), lane_(lane) {}
  ~TaskGroup() { wait(); }
  TaskGroup(const TaskGroup&) = delete;
  TaskGroup& operator=(const TaskGroup&) = delete;
  void add(std::function<void()> task) {
    (whole_ != nullptr ? *whole_ : *this).add_in(lane_, std::move(task));
  }
  void wait();  // of a lane: nothing to wait for, its tasks are the whole's

 private:
  void add_in(std::size_t lane, std::function<void()> task);

  Executor& executor_;
  TaskGroup* whole_ = nullptr;
  std::size_t lane_ = 0;
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
