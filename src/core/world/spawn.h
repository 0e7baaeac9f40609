// Starting a program that another source talks with. Only PATH and the language are handed on.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "core/base/result.h"

namespace lakeshift::world {

// Descriptors for the program's standard streams; `errors` below zero: they go to a file made anew.
struct Streams {
  int in = -1;
  int out = -1;
  int errors = -1;
  std::string error_file{};
};

// The number of the process, for the caller to wait for. `cannot-start` where there is no such
// program.
Result<pid_t> spawn(const std::vector<std::string>& command, const Streams& streams);

// That error, with the system's number for it.
tl::unexpected<Error> cannot_start(const std::vector<std::string>& command, int number);

}  // namespace lakeshift::world
