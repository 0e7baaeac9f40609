// `lakeshift twin`: serves a simulated workspace until it is stopped.
#pragma once

#include <string>

#include "core/world/world.h"
#include "twin/twin.h"

namespace lakeshift::cli {

// Loads `load_dir` (unless empty), prints one line "twin azure listening on http://127.0.0.1:PORT" and serves until
// SIGINT or SIGTERM. `port` 0 takes any. Returns the exit code.
int run_twin(world::World& world, const twin::TwinOptions& options, const std::string& load_dir, int port);

}  // namespace lakeshift::cli
