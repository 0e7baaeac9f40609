// What the verbs of a move of Redis share: its room, sides and state, its follower, the proof of
// keys, and the undoing or finishing of a switch that was cut short.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "knowledge/databases/redis_nodes.h"
#include "knowledge/databases/redis_preflight.h"
#include "knowledge/transfers/redis_follow.h"
#include "stages/move_redis.h"
#include "stages/move_room.h"

namespace lakeshift::stages {

struct RedisSides {
  databases::RedisAddress source, target;
  // Of a leg: the side that takes the writes, and the one that follows.
  const databases::RedisAddress& from(int leg) const { return leg % 2 == 0 ? source : target; }
  const databases::RedisAddress& to(int leg) const { return leg % 2 == 0 ? target : source; }
};

// One verb's run. Not thread safe, not movable.
class RedisMoveRun {
 public:
  RedisMoveRun(const MoveInput& wanted, world::Run& within, std::string called)
      : input(wanted), run(within), verb(std::move(called)) {}
  RedisMoveRun(const RedisMoveRun&) = delete;
  RedisMoveRun& operator=(const RedisMoveRun&) = delete;

  // Opens room, sides and state; drives (takes the lock) when asked to. Errors: "move-over" unless
  // it only looks; those of the parts.
  Status open(bool drive);
  // Ends the connections of a killed run: what they sent may not be done yet. For who drives.
  Status end_own_sessions();
  Status settle_switch();
  // Lets the old side's writers write again. Works after a stop.
  Status go_back(const std::string& reason);
  // Lets the new side's writers write: from here on the leg is the next one.
  Status open_other_side();

  using Nodes = std::unique_ptr<databases::RedisNodes>;
  Result<Nodes> connect(const databases::RedisAddress& side) {
    return databases::RedisNodes::connect(side, run.stop);
  }
  Result<Nodes> connect_anyway(const databases::RedisAddress& side);
  Result<databases::RedisPreflight> preflight(bool target_empty);

  // The follower of a leg, started where a run before has been; true: nothing it knows is missing.
  Result<std::unique_ptr<transfers::RedisFollower>> follow(int leg, std::stop_token stop);
  bool follows_from_start(int leg) const;
  Status save_positions(int leg, const transfers::RedisPositions& positions);
  // Again and again while a server is away. Not in a pause: that has its own budget.
  Status patiently(const std::function<Status()>& work);
  // Everything is carried and compared anew when the stream has a gap.
  Status fill_gap(transfers::RedisFollower& follower);

  Status did(const std::string& step, const std::string& text, const Json& facts = Json::object());
  void say(const std::string& text, bool warning = false);
  void add_gate(const std::string& name, bool open, const std::string& text,
                const std::string& remedy);
  bool gates_open() const;
  Status call_hook(const std::string& point, world::Millis limit);
  std::string traffic() const;
  Result<MoveReport> end(MoveOutcome outcome, const std::string& reason = {});
  const MoveConfig& config() const { return input.move; }

  const MoveInput& input;
  world::Run& run;
  const std::string verb;
  std::unique_ptr<MoveRoom> room;
  RedisSides sides;
  MoveState state;
  MoveReport report;
  databases::RedisPreflight found;  // of the last preflight()
  bool driven_elsewhere = false;

 private:
  Status hold_back(databases::RedisNodes& side, bool held);
  void remember_switch(const std::string& outcome, const std::string& reason);
};

std::string redis_side(int leg, bool from);  // "source", "target"

// Follows the present leg until stopped, until another process wants to drive, or until the other
// side is up to date.
Result<MoveOutcome> follow_redis_leg(RedisMoveRun& move, bool until_caught_up);

struct RedisProof {
  long long keys = 0;
  long long expiring = 0;
  std::vector<std::string> differences;
  std::vector<std::string> moving;  // changed each time they were looked at
  bool equal() const { return differences.empty(); }
};
// Compares the sides: all keys and functions, or only some. `settle` (live) waits until the
// following side has what was written before; without it both sides are at rest.
using RedisSettle = std::function<Status()>;
Result<RedisProof> prove_redis(RedisMoveRun& move, const RedisSettle& settle,
                               const std::vector<transfers::RedisKey>* only, std::stop_token stop);

}  // namespace lakeshift::stages
