// Moves as a screen that is drawn anew, and as lines for a log. Pure.
#pragma once

#include <string>
#include <vector>

#include "core/world/clock.h"
#include "stages/move_watch.h"
#include "surfaces/report/style.h"

namespace lakeshift::report {

// One block per move; no line is wider than the style's columns.
std::vector<std::string> move_screen(const std::vector<stages::MoveView>& moves, const Style& style,
                                     world::Instant now);
// One line for a log, without its move's addresses.
std::string move_line(const stages::MoveView& move, world::Instant now);
// What a log tells at once when it changes: all but amounts.
std::string move_turn(const stages::MoveView& move);

}  // namespace lakeshift::report
