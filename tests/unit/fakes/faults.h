// What can break in a process, for tests that break it everywhere.
#pragma once

#include <atomic>

namespace lakeshift::fakes {

enum class Fault {
  none,
  refuse,      // an error, without effect
  lose,        // the effect, then an error
  die_before,  // nothing happens any more, from this call on
  die_after,   // the effect, then nothing happens any more
};

// Shared by all that dies together: a process.
struct Life {
  std::atomic<bool> dead = false;
};

}  // namespace lakeshift::fakes
