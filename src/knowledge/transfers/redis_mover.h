// Threads that carry the keys they are told, so often as they are told.
//
// Each key belongs to one worker, by its hash; a worker takes a key out of its queue before it
// reads it, and carries in the order of adding. So of one key nothing runs at the same time, and
// whoever adds a key after it changed knows that the target gets it as it was after that change, or
// later. A change of a key of which a change waits already is not added again: ten thousand writes
// to one key are one transfer.
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
#include <string_view>
#include <unordered_set>
#include <vector>

#include "core/world/executor.h"
#include "core/world/world.h"
#include "knowledge/transfers/redis_carry.h"
#include "knowledge/transfers/redis_parcel.h"

namespace lakeshift::transfers {

struct RedisKey {
  int database = 0;
  std::string key;
  auto operator<=>(const RedisKey&) const = default;
};

struct RedisMoverOptions {
  RedisCarryOptions carry;
  std::size_t workers = 4;
  std::size_t batch = 500;            // keys of one pipeline
  std::size_t batch_bytes = 1 << 20;  // of values that came along
  // That wait, per worker. Few keys of scans: the server has them in its caches, having just told
  // them.
  std::size_t scanned_ahead = 1000;
  std::size_t bytes_ahead = 2 << 20;
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

  // A key that changed. False: stopped or failed.
  bool add(const RedisKey& key);
  RedisMark mark() const;
  bool reached(const RedisMark& mark) const;
  std::size_t waiting() const;
  RedisCarried carried() const;
  // Of the target's servers, by "host:port": their run_id.
  std::map<std::string, std::string> runs() const;
  // Whether they are the ones known, or were started anew and may have lost what they held.
  Status look_at_runs(databases::RedisNodes& to);
  // The error that ended a worker; success while all run and when stopped.
  Status failure() const;
  bool running() const { return !failed_; }

  // What a scan or a snapshot finds, gathered for each worker. Not thread safe; flush() before it
  // ends, and before anything that must come later is added. add() waits while many keys wait.
  class Loader {
   public:
    Loader(RedisMover& mover, int database) : mover_(mover), database_(database) {}
    // False: stopped or failed.
    bool add(std::string_view key, std::string_view payload = {},
             std::int64_t expiry = kRedisNoExpiry);
    bool flush();

   private:
    RedisMover& mover_;
    int database_;
    std::vector<RedisParcel> parcels_ = std::vector<RedisParcel>(mover_.workers_.size());
  };

 private:
  struct Worker {
    mutable std::mutex mutex;
    std::condition_variable_any filled, room;
    std::unordered_set<std::string> waiting;  // changes, "database:key"
    std::deque<RedisParcel> order;
    std::size_t bytes = 0;  // of `order`
    std::uint64_t added = 0, taken = 0, done = 0;
    RedisCarried carried;
  };
  std::size_t owner(int database, std::string_view key) const;
  bool add(RedisParcel parcel, Worker& worker);
  void work(Worker& worker);
  RedisParcel take(Worker& worker);

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
