// Container images of one repository carried to another by digest: the verbs create, status,
// verify, complete and cancel of move.h. There is nothing to cut over: an image is the same by its
// digest at either place, and who runs it says where it is pulled from; so nobody is kept from
// pushing to the source either, and tags that are pushed anew are carried until `complete`.
#pragma once

#include "stages/move.h"

namespace lakeshift::stages {

// By the scheme of its addresses, in the configuration or in their variables.
bool is_image_move(world::World& world, const MoveConfig& move);

Result<MoveReport> create_image_move(const MoveInput& input, world::Run& run);
Result<MoveReport> image_move_status(const MoveInput& input, world::Run& run);
Result<MoveReport> verify_image_move(const MoveInput& input, world::Run& run);
Result<MoveReport> complete_image_move(const MoveInput& input, world::Run& run);
Result<MoveReport> cancel_image_move(const MoveInput& input, world::Run& run);
// Error "usage", with the reason.
Result<MoveReport> switch_image_move(const MoveInput& input, world::Run& run);

}  // namespace lakeshift::stages
