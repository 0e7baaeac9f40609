// A live move of one Redis (server, database of it, or cluster): the verbs of move.h, which says
// what legs, phases and outcomes are.
//
// What a leg needs is the position in the stream of commands of the side that takes the writes from
// which every change is still to come (positions-<leg>.json). It is taken before that side's first
// write; when the server no longer has the stream from there, everything is compared and carried
// anew, which is slower and as right.
#pragma once

#include "stages/move.h"

namespace lakeshift::stages {

// By the scheme of its addresses, in the configuration or in their variables.
bool is_redis_move(world::World& world, const MoveConfig& move);

Result<MoveReport> create_redis_move(const MoveInput& input, world::Run& run);
Result<MoveReport> redis_move_status(const MoveInput& input, world::Run& run);
Result<MoveReport> verify_redis_move(const MoveInput& input, world::Run& run);
Result<MoveReport> cut_over_redis_move(const MoveInput& input, world::Run& run);
Result<MoveReport> roll_back_redis_move(const MoveInput& input, world::Run& run);
Result<MoveReport> complete_redis_move(const MoveInput& input, world::Run& run);
Result<MoveReport> cancel_redis_move(const MoveInput& input, world::Run& run);

}  // namespace lakeshift::stages
