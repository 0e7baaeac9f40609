#include "core/state/commit_queue.h"

namespace lakeshift::state {

Status CommitQueue::write(const std::function<Status(Database&)>& operation) {
  Request request{&operation, {}};
  std::unique_lock lock(mutex_);
  waiting_.push_back(&request);
  while (!request.done) {
    if (committing_) {
      finished_.wait(lock);
      continue;
    }
    // Whoever comes first commits for all that wait.
    committing_ = true;
    std::vector<Request*> group;
    group.swap(waiting_);
    lock.unlock();
    commit(group);
    lock.lock();
    for (Request* each : group) each->done = true;
    committing_ = false;
    finished_.notify_all();
  }
  return request.status;
}

void CommitQueue::commit(const std::vector<Request*>& group) {
  const std::scoped_lock lock(database_mutex_);
  const auto together = [&](const std::vector<Request*>& requests) {
    ++commits_;
    return database_->transact([&]() -> Status {
      for (Request* each : requests) LS_TRY((*each->operation)(*database_));
      return {};
    });
  };
  const Status all = together(group);
  if (all) return;
  if (group.size() == 1) {
    group.front()->status = all;
    return;
  }
  // One of them failed and took the others with it: each alone finds out which.
  for (Request* each : group) each->status = together({each});
}

long long CommitQueue::commits() const { return commits_; }

}  // namespace lakeshift::state
