// The two sides of a move, and the apply of a leg's changes running beside whatever else is done.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/world/executor.h"
#include "core/world/world.h"
#include "knowledge/databases/postgres_slot.h"
#include "knowledge/transfers/postgres_apply.h"
#include "stages/config.h"
#include "stages/move_live.h"

namespace lakeshift::stages {

struct MoveSides {
  databases::PostgresAddress source, target;
  // The same for a subscription of the other server (MoveConfig).
  databases::PostgresAddress source_for_target, target_for_source;
  // Of a leg: the side that takes the writes, and the one that follows.
  const databases::PostgresAddress& from(int leg) const { return leg % 2 == 0 ? source : target; }
  const databases::PostgresAddress& to(int leg) const { return leg % 2 == 0 ? target : source; }
  const databases::PostgresAddress& door(int leg) const {  // from(), as to() reaches it
    return leg % 2 == 0 ? source_for_target : target_for_source;
  }
};
// Errors "no-address", "bad-connection", "secret-in-config".
Result<MoveSides> find_sides(world::World& world, const MoveConfig& move);
std::string slot_of(const MoveConfig& move, int leg);  // "lakeshift_shop_0"
std::string publication_of(const MoveConfig& move);    // "lakeshift_shop", on either side
std::string subscription_of(const MoveConfig& move);   // "lakeshift_shop", on the following side

// Rows that the apply wrote since it was asked last.
struct TouchedRows {
  using Table = std::pair<std::string, std::string>;
  using Key = std::vector<std::pair<std::string, std::string>>;  // columns and values
  std::map<Table, std::set<Key>> keys;
  // Any of their rows: how many were added, when nothing else happened to them.
  std::map<Table, std::optional<std::int64_t>> whole;
  std::size_t amount() const;
  void add(transfers::TouchedRow row);
  void add_whole(const Table& table, std::optional<std::int64_t> added);
  void add(const TouchedRows& more);
};

// Views of both sides of a leg that hold exactly the same transactions, for sessions to join as
// long as this lives. Both servers keep row versions for them.
struct StillPoint {
  databases::SlotSnapshot from;
  std::unique_ptr<databases::PostgresSession> to;
  std::string to_name;
  TouchedRows touched;  // by changes before it, since these were taken last
};

// Thread safe. Applies one leg's changes in a thread of its own until stopped or at the end.
class MoveFollower {
 public:
  // `notes_rows`: for take_touched(). `live` is told how far it is behind.
  MoveFollower(const MoveSides& sides, const MoveConfig& move, int leg, world::Run& run,
               MoveLive& live, bool notes_rows = false);
  ~MoveFollower();  // stops and waits
  MoveFollower(const MoveFollower&) = delete;
  MoveFollower& operator=(const MoveFollower&) = delete;

  transfers::ApplyState state() const;
  // The error that ended the apply; success while it runs and when it was stopped.
  Status failure() const;
  bool running() const { return !ended_; }
  // Until the following side holds all that the other committed before `position`. Errors: that of
  // the apply; "cancelled".
  Status wait_applied(databases::Lsn position, std::stop_token stop);
  // The same, and then the apply ends: nothing more is written by it.
  Status drain(databases::Lsn position, std::stop_token stop);
  // Measured: the following side's delay for a change made now, in milliseconds.
  Result<long long> measure_lag(databases::PostgresSession& from, std::stop_token stop);
  void stop();
  TouchedRows take_touched();
  // The apply waits while the view of the side that takes the writes is made, and goes on. Error
  // "no-still-point" after some seconds: a transaction there is open for long, or no slot is free.
  // One at a time.
  Result<std::unique_ptr<StillPoint>> stand_still(std::stop_token stop);

 private:
  world::Run& run_;
  std::stop_source stop_;
  std::stop_callback<std::function<void()>> on_stop_;
  transfers::ApplyOptions options_;
  Status make_views(StillPoint& point, std::stop_token stop);
  void join_still_point();

  const databases::PostgresAddress from_, to_;
  std::atomic<databases::Lsn> until_{0}, awaited_{0}, hold_{0};
  struct Wanted {
    StillPoint* point = nullptr;
    std::optional<Status> joined;
  };
  world::Guarded<Wanted> wanted_;
  std::atomic<bool> ended_{false};
  world::Guarded<transfers::ApplyState> state_;
  world::Guarded<Status> failure_;
  world::Guarded<TouchedRows> touched_;
  std::unique_ptr<world::Executor> thread_;
};

}  // namespace lakeshift::stages
