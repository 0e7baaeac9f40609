// What the verbs of a move of Redis share: its sides, its follower, the proof of keys, and the
// parts of a switch.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "knowledge/databases/redis_nodes.h"
#include "knowledge/databases/redis_preflight.h"
#include "knowledge/transfers/redis_follow.h"
#include "stages/move_redis.h"
#include "stages/move_verb.h"

namespace lakeshift::stages {

struct RedisSides {
  databases::RedisAddress source, target;
  // Of a leg: the side that takes the writes, and the one that follows.
  const databases::RedisAddress& from(int leg) const { return leg % 2 == 0 ? source : target; }
  const databases::RedisAddress& to(int leg) const { return leg % 2 == 0 ? target : source; }
};

// One verb's run. Not thread safe, not movable.
class RedisMoveRun final : public MoveVerb {
 public:
  using MoveVerb::MoveVerb;

  // Opens room, sides and state; drives (takes the lock) when asked to. Errors: "move-over" unless
  // it only looks; those of the parts.
  Status open(bool drive);
  // Ends the connections of a killed run: what they sent may not be done yet. For who drives.
  Status end_own_sessions();
  Status go_back(const std::string& reason) override;
  Status open_other_side() override;

  using Nodes = std::unique_ptr<databases::RedisNodes>;
  Result<Nodes> connect(const databases::RedisAddress& side) {
    return databases::RedisNodes::connect(side, run.stop);
  }
  Result<Nodes> connect_anyway(const databases::RedisAddress& side);
  Result<databases::RedisPreflight> preflight(bool target_empty);

  // The follower of a leg, started where a run before has been; or, when the move begins, with the
  // source's snapshot where that is to be had.
  Result<std::unique_ptr<transfers::RedisFollower>> follow(int leg, std::stop_token stop,
                                                           bool begins = false);
  bool follows_from_start(int leg) const;
  Status save_positions(int leg, const transfers::RedisPositions& positions);
  // Again and again while a server is away. Not in a pause: that has its own budget.
  Status patiently(const std::function<Status()>& work);
  // Everything is carried and compared anew when the stream has a gap.
  Status fill_gap(transfers::RedisFollower& follower);

  const MoveConfig& config() const { return input.move; }

  RedisSides sides;
  databases::RedisPreflight found;  // of the last preflight()

 private:
  Status hold_back(databases::RedisNodes& side, bool held);
  std::string address_text(bool target) const override {
    return (target ? sides.target : sides.source).to_text();
  }
  std::string follows_text() const override {
    return config().cold ? " is cold, nothing follows" : " follows";
  }
};

// Follows the present leg until stopped, until another process wants to drive, or until the other
// side is up to date. With a follower that follows already, or one of its own.
Result<MoveOutcome> follow_redis_leg(RedisMoveRun& move, bool until_caught_up,
                                     std::unique_ptr<transfers::RedisFollower> follower = {});

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
