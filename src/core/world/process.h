// Other programs. Nothing secret goes into arguments or environments, which everybody can read:
// what the program needs goes through its standard input.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/world/clock.h"

namespace lakeshift::world {

struct Ended {
  int exit_code = 0;  // 128 + signal when a signal ended it
  std::string out, err;
};

// Runs command[0] (found by PATH) with the input, in an environment of PATH and LANG only, until it
// ends. Errors: "cannot-start"; "timeout" when the limit is over, then it is killed. Thread safe.
Result<Ended> run_process(const std::vector<std::string>& command, std::string_view input,
                          Millis limit);

}  // namespace lakeshift::world
