#include "surfaces/cli/twin_command.h"

#include <cstdio>

#include "core/world/environment.h"

namespace lakeshift::cli {

int run_twin(world::World& world, const twin::TwinOptions& options, const std::string& load_dir, int port) {
  auto served = twin::Twin::create(world, options);
  if (!served) {
    std::fprintf(stderr, "error: %s\n", served.error().to_text().c_str());
    return 1;
  }
  if (!load_dir.empty()) {
    if (const Status loaded = (*served)->load(load_dir); !loaded) {
      std::fprintf(stderr, "error: %s\n", loaded.error().to_text().c_str());
      return 1;
    }
  }
  std::stop_source stop;
  world::stop_on_signals(stop);
  const auto ready = [&options](int bound) {
    std::printf("twin %s listening on http://127.0.0.1:%d\n", options.cloud.c_str(), bound);
    std::fflush(stdout);
  };
  if (const Status done = twin::serve(**served, port, stop.get_token(), ready); !done) {
    std::fprintf(stderr, "error: %s\n", done.error().to_text().c_str());
    return 1;
  }
  return 0;
}

}  // namespace lakeshift::cli
