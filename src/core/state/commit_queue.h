// Group commit: writers that arrive while a commit is on its way to the disk share the next one.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "core/state/database.h"

namespace lakeshift::state {

// Thread safe. Owns the connection.
class CommitQueue {
 public:
  explicit CommitQueue(std::unique_ptr<Database> database) : database_(std::move(database)) {}

  // Durable when it returns. A failing write has no effect and does not disturb the others of its
  // group.
  Status write(const std::function<Status(Database&)>& operation);
  // Runs while no write does.
  template <typename F>
  auto read(F&& use) {
    const std::scoped_lock lock(database_mutex_);
    return use(*database_);
  }
  long long commits() const;  // transactions so far: fewer than writes when they were shared

 private:
  struct Request {
    const std::function<Status(Database&)>* operation;
    Status status;
    bool done = false;
  };
  void commit(const std::vector<Request*>& group);

  std::unique_ptr<Database> database_;
  std::mutex database_mutex_;
  mutable std::mutex mutex_;
  std::condition_variable finished_;
  std::vector<Request*> waiting_;
  bool committing_ = false;
  long long commits_ = 0;
};

}  // namespace lakeshift::state
