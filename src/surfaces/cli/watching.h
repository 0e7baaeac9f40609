// Watching moves: a view that is drawn anew on a terminal, lines elsewhere.
#pragma once

#include <string>
#include <vector>

#include "stages/config.h"
#include "surfaces/cli/command.h"
#include "surfaces/cli/session.h"

namespace lakeshift::cli {

struct WatchOptions {
  bool once = false;   // one look
  std::string beside;  // a file whose first lines are shown below, read anew each time
};

// Until all of these moves are over, or stopped; both are success. Errors: those of view_move().
Result<Ending> watch_moves(Session& session, const std::vector<const stages::MoveConfig*>& moves,
                           const WatchOptions& options);

}  // namespace lakeshift::cli
