// A whole world for tests: virtual clock, files in memory, scripted http, seeded randomness, fixed
// environment.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>

#include "core/world/world.h"
#include "tests/unit/fakes/memory_files.h"
#include "tests/unit/fakes/scripted_transport.h"

namespace lakeshift::fakes {

// 2026-11-20T09:00:00Z
inline constexpr world::Instant kStart{std::chrono::milliseconds{1'795'165'200'000}};

struct FakeWorld {
  explicit FakeWorld(std::map<std::string, std::string> variables = {})
      : environment(world::make_fixed_environment(std::move(variables))) {}
  FakeWorld(const FakeWorld&) = delete;
  FakeWorld& operator=(const FakeWorld&) = delete;

  world::VirtualClock clock{kStart};
  ScriptedTransport http;
  MemoryFiles files;
  std::unique_ptr<world::Random> random = world::make_seeded_random(7);
  std::unique_ptr<world::Environment> environment;
  world::CollectEvents events;
  std::stop_source stop;
  world::World world{clock, http, files, *random, *environment};
  world::Run run{world, events, stop.get_token()};

  world::Millis elapsed() const { return clock.now() - kStart; }
};

}  // namespace lakeshift::fakes
