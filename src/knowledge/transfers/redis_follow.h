// Makes one Redis (or cluster) the same as another, and keeps it so.
//
// The streams of all primaries tell which keys change (redis_stream.h), the mover carries them
// (redis_mover.h). A whole difference (every key of either side is carried again) makes up for
// whatever no stream told: it follows each gap, and begins a move where the source's snapshot is
// not to be had.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "core/world/executor.h"
#include "core/world/world.h"
#include "knowledge/transfers/redis_mover.h"
#include "knowledge/transfers/redis_stream.h"

namespace lakeshift::transfers {

struct RedisPositions {
  std::map<std::string, RedisPosition> nodes;  // by "host:port" of the primary that is followed
  // Of the following side's primaries: which run of the server it was. After another start it may
  // have lost what it had.
  std::map<std::string, std::string> runs;
};

struct RedisFollowOptions {
  RedisFollow way = RedisFollow::psync;
  RedisMoverOptions mover;
  std::vector<std::string> leave_out;  // keys, with shell patterns
  RedisPositions positions;            // where a run before has been; empty: from now on
  bool functions = true;
  bool snapshot = false;  // begin with all that the source holds, from its snapshot
  std::size_t most_touched = 200'000;
};

struct RedisFollowState {
  std::int64_t changes = 0;  // that the streams told
  std::int64_t gaps = 0;
  std::int64_t reconnects = 0;
  std::size_t waiting = 0;
  RedisCarried carried;
};

// Keys that changed since they were asked for last.
struct RedisTouched {
  std::set<RedisKey> keys;
  bool whole = false;  // too many: any of them
};

// Thread safe but for start(), copy_all() and drain(): one thread at a time calls those.
class RedisFollower {
 public:
  RedisFollower(const databases::RedisAddress& from, const databases::RedisAddress& to,
                RedisFollowOptions options, world::Run& run, std::stop_token stop);
  ~RedisFollower();  // stops and waits
  RedisFollower(const RedisFollower&) = delete;
  RedisFollower& operator=(const RedisFollower&) = delete;

  using Progress = std::function<void(std::int64_t done, std::int64_t of)>;
  // When it returns, every change from now on is told. With a snapshot it returns when that was
  // read; then copy_all() only waits. One that cannot be read to its end is no error.
  Status start(const Progress& progress = {});
  bool has_snapshot() const { return has_snapshot_; }
  // Why not, if it was tried.
  const std::string& snapshot_failure() const { return snapshot_failure_; }
  // Something may differ that no stream told: copy_all() is due.
  bool has_gap() const { return gaps_ != covered_; }
  // Carries every key of either side, and the functions. Returns when all of it is there.
  Status copy_all(const Progress& progress, std::stop_token stop);
  // Returns when the other side has all that was written to this one before the call; makes up for
  // gaps first.
  Status drain(std::stop_token stop);
  // What may be gone on from after this run, whatever ends it.
  RedisPositions safe_positions() const;
  RedisFollowState state() const;
  RedisTouched take_touched();
  // Success while it runs and when stopped.
  Status failure() const;

 private:
  struct Node {
    databases::RedisAddress address;
    std::unique_ptr<RedisStream> stream;
    RedisPosition read, safe, checkpoint;
    RedisMark mark;
    bool has_checkpoint = false;
    std::mutex mutex;  // of the positions
  };
  RedisMoverOptions mover_options();
  Status look_at_target(std::stop_token stop);
  Result<std::int64_t> count_keys(databases::RedisNodes& nodes);
  Status begin(Node& node);
  void begun(Node& node);
  Status take_snapshots(databases::RedisNodes& from, const Progress& progress);
  Status take_snapshot(Node& node);
  void follow(Node& node);
  void look_at_checkpoint(Node& node);
  bool is_ours(int database, std::string_view key) const;
  void told(RedisKey key);
  Status carry_functions();
  Status scan(databases::RedisNodes& nodes, std::int64_t& found, const Progress& progress,
              std::int64_t of, std::stop_token stop, const std::string& type = {});
  Status wait_told(Node& node, std::stop_token stop);
  Status carry_silent(std::stop_token stop);
  Status wait_carried(std::stop_token stop);

  const databases::RedisAddress from_, to_;
  const RedisFollowOptions options_;
  world::Run& run_;
  std::stop_source stop_;
  std::stop_callback<std::function<void()>> on_stop_;
  std::atomic<std::int64_t> changes_{0}, gaps_{0}, covered_{0}, reconnects_{0};
  RedisMover mover_;
  std::vector<std::unique_ptr<Node>> nodes_;
  bool has_snapshot_ = false;
  std::string snapshot_failure_;
  std::atomic<bool> functions_changed_{false};
  world::Guarded<RedisTouched> touched_;
  world::Guarded<Status> failure_;
  std::unique_ptr<world::Executor> threads_;
};

// Databases that hold keys, or the one that the address names.
Result<std::vector<int>> redis_databases(databases::RedisSession& session);
// Keys of one database of one server, page by page, until `page` fails. `type`: only those.
Status scan_redis(databases::RedisSession& session, int database,
                  const std::function<Status(std::vector<std::string> keys)>& page,
                  const std::string& type = {});

}  // namespace lakeshift::transfers
