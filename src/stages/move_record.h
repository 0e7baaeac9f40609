// Everything that is known of a move, as one document: for its report. Pure reading, but for
// junit.xml.
#pragma once

#include <string>

#include "core/base/json_fwd.h"
#include "core/world/world.h"
#include "stages/move.h"

namespace lakeshift::stages {

// {"move", "kind", "source", "target", "phase", "traffic", "leg", "budget_ms",
//  "chain": {"intact", "text", "lines", "head"},
//  "runs": [{"verb", "at", "outcome", "reason", "traffic", "pause_ms", "gates", "findings",
//            "steps": [{"at", "step", "text", "facts", "ms"}]}], in the order of their ends; the
//            last may have no outcome: it was cut short, or goes on;
//  "switches": [{"verb", "at", "outcome", "pause_ms", "budget_ms", "reason"}],
//  "compared_at", "equal", "method", "rows" (keys, objects), "differing" (how many), "tables":
//  [{"table", "rows", "bytes", "equal", "differences", "not_judged", "taken_over"}], "differences":
//  […], "copied": {"tables", "rows", "bytes", "ms"} (keys of a Redis), "not_done": [{"what",
//  "count", "why", "names"}]: whatever was left out, refused or put off}
// An evidence file that was changed is read as far as it can be, and said.
Result<Json> move_record(world::World& world, const std::string& root, const MoveConfig& move);
// <room>/junit.xml; returns where the report belongs.
Result<std::string> save_move_junit(world::World& world, const std::string& root,
                                    const std::string& move, const Json& record);

}  // namespace lakeshift::stages
