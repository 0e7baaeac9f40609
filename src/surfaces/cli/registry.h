// All commands. The array is generated from the files of commands/.
#pragma once

#include <span>

#include "surfaces/cli/command.h"

namespace lakeshift::cli {
std::span<const Command* const> all_commands();
}  // namespace lakeshift::cli
