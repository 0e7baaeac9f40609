// A live move of a bucket or container, or of what is below a prefix of it: the verbs of move.h,
// which says what legs, phases and outcomes are.
//
// Changes are followed by rounds: both sides are listed, and what differs from what was carried
// (objects.sqlite) is carried. So a leg needs no position: the way back is the same with the sides
// changed, from the same file.
#pragma once

#include "stages/move.h"

namespace lakeshift::stages {

// By the scheme of its addresses, in the configuration or in their variables.
bool is_object_move(world::World& world, const MoveConfig& move);

Result<MoveReport> create_object_move(const MoveInput& input, world::Run& run);
Result<MoveReport> object_move_status(const MoveInput& input, world::Run& run);
Result<MoveReport> verify_object_move(const MoveInput& input, world::Run& run);
Result<MoveReport> cut_over_object_move(const MoveInput& input, world::Run& run);
Result<MoveReport> roll_back_object_move(const MoveInput& input, world::Run& run);
Result<MoveReport> complete_object_move(const MoveInput& input, world::Run& run);
Result<MoveReport> cancel_object_move(const MoveInput& input, world::Run& run);

}  // namespace lakeshift::stages
