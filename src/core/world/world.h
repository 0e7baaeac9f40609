// Everything outside the process, handed down from main. No globals.
#pragma once

#include <stop_token>

#include "core/world/clock.h"
#include "core/world/environment.h"
#include "core/world/events.h"
#include "core/world/files.h"
#include "core/world/http.h"
#include "core/world/pacer.h"
#include "core/world/random.h"

namespace lakeshift::world {

// References outlive every Run. All members are thread safe.
struct World {
  Clock& clock;
  HttpTransport& http;
  Files& files;
  Random& random;
  Environment& environment;
};

// What every long call receives.
struct Run {
  World& world;
  EventSink& events;
  std::stop_token stop;
  int parallel = 8;  // remote calls in flight, process-wide
  // Shared by the platforms of a process that works on several at once; null: each has a gate of
  // `parallel` of its own.
  Gate* in_flight = nullptr;
};

}  // namespace lakeshift::world
