// What a command works with: the world, the output, the options that every command takes.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/state/journal.h"
#include "core/state/work_dir.h"
#include "core/world/world.h"
#include "surfaces/cli/output.h"

namespace lakeshift::cli {

struct CommonOptions {
  std::string dir = ".";
  bool json = false;
  bool quiet = false;
  bool no_color = false;
  int parallel = 0;  // 0 = as configured
  std::string ca_bundle;
  int login_wait_minutes = 15;
  std::vector<std::string> select, exclude;
  std::string wave;
};

class Session {
 public:
  Session(world::World& world, Output& output, CommonOptions common, std::stop_token stop)
      : run{world, output, std::move(stop), 8}, out(output), options(std::move(common)) {}

  bool interrupted() const { return run.stop.stop_requested(); }

  world::Run run;
  Output& out;
  CommonOptions options;
};

std::string version_text();

}  // namespace lakeshift::cli
