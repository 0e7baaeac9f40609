// Threads that carry the keys they are told, so often as they are told.
//
// Each key belongs to one worker, by its hash; a worker takes a key out of its queue before it
// reads it. So of one key nothing runs at the same time, and whoever adds a key after it changed
// knows that the target gets it as it was after that change, or later. A key that waits already is
// not added twice: ten thousand writes to one key are one transfer.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_set>
#include <vector>

#include "core/world/executor.h"
#include "core/world/world.h"
#include "knowledge/transfers/redis_carry.h"

namespace lakeshift::transfers {

struct RedisKey {
  int database = 0;
  std::string key;
  auto operator<=>(const RedisKey&) const = default;
};

struct RedisMoverOptions {
  RedisCarryOptions carry;
  std::size_t workers = 4;
  std::size_t batch = 500;             // keys of one pipeline
  std::size_t scanned_ahead = 20'000;  // keys of scans that wait, per worker
  std::size_t most_waiting = 500'000;  // keys that wait, per worker: whoever adds more waits too
  world::Millis patience{120'000};     // without success while a server is away
  std::map<std::string, std::string> runs{};  // of the target's servers, as far as known
  // A server of the target was started anew: what was carried there before may be lost.
  std::function<void()> on_restart{};
};

// Where all that was added by a moment stands in the queues.
using RedisMark = std::vector<std::uint64_t>;

// Thread safe.
class RedisMover {
 public:
  RedisMover(const databases::RedisAddress& from, const databases::RedisAddress& to,
             const RedisMoverOptions& options, world::Run& run, std::stop_token stop);
  ~RedisMover();  // stops and waits
  RedisMover(const RedisMover&) = delete;
  RedisMover& operator=(const RedisMover&) = delete;

  // False: stopped or failed. `scanned`: waits while many wait, which changes need not.
  bool add(const RedisKey& key, bool scanned);
  RedisMark mark() const;
  bool reached(const RedisMark& mark) const;
  std::size_t waiting() const;
  RedisCarried carried() const;
  // Of the target's servers, by "host:port": their run_id.
  std::map<std::string, std::string> runs() const;
  // The error that ended a worker; success while all run and when stopped.
  Status failure() const;
  bool running() const { return !failed_; }

 private:
  struct Worker {
    mutable std::mutex mutex;
    std::condition_variable_any filled, room;
    std::unordered_set<std::string> waiting;  // "database:key"
    std::deque<const std::string*> order;     // into `waiting`
    std::uint64_t added = 0, done = 0;
    RedisCarried carried;
  };
  void work(Worker& worker);
  std::vector<RedisKey> take(Worker& worker);
  Status look_at_runs(databases::RedisNodes& to);
  Status carry(RedisCarrier& carrier, const std::vector<RedisKey>& keys);

  const databases::RedisAddress from_, to_;
  const RedisMoverOptions options_;
  world::Run& run_;
  std::stop_source stop_;
  std::stop_callback<std::function<void()>> on_stop_;
  std::atomic<bool> failed_{false};
  world::Guarded<Status> failure_;
  world::Guarded<std::map<std::string, std::string>> runs_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::unique_ptr<world::Executor> threads_;
};

}  // namespace lakeshift::transfers
