// How moves stand, looked at from outside: reads only what the verbs leave in the work directory,
// so it needs no server and no password, takes no lock, and disturbs nobody.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/json.h"
#include "core/world/world.h"
#include "stages/config.h"

namespace lakeshift::stages {

struct MoveView {
  struct Running {  // a verb that some process runs now
    std::string verb;
    std::string told;  // the last that it said
    world::Millis since{0};
  };
  struct Proof {
    long long amount = 0;
    bool equal = false;
    std::string at;
  };
  struct Switch {
    std::string verb, outcome;  // "cutover", "rollback"; "switched", "went back"
    std::string at;
    long long pause_ms = 0;
  };
  std::string name;
  std::string unit;              // of what moves: "rows", "keys"
  std::string phase = "new";     // of MoveState
  std::string source, target;    // their addresses
  std::string writes_at;         // "source", "target", "nowhere"
  std::string follows = "none";  // the side that follows: "source", "target", "none"
  bool handed_over = false;      // by the evidence: the server follows by its own subscription
  bool is_copy = false;          // a masked staging copy: production keeps its traffic
  std::vector<Running> running;  // the longest first
  // What a running verb says of the side that follows; none when no process tells.
  std::optional<long long> bytes_behind, ms_behind, keys_behind, changes;
  long long copied = 0;              // of the copy that made the move, or of the one going on
  long long copying_of = 0;          // keys to copy, when that is known
  std::optional<long long> checked;  // compared so far by a comparison that is going on
  std::optional<Proof> proof;        // the last whole one
  std::vector<Switch> switches;
  int budget_ms = 0;
  std::optional<world::Millis> pause;  // no side takes writes, for so long by now
  bool is_over() const { return phase == "completed" || phase == "cancelled"; }
};

// Errors: those of WorkDir::open.
Result<MoveView> view_move(world::World& world, const std::string& root, const MoveConfig& move);
Json to_json(const MoveView& view);

}  // namespace lakeshift::stages
