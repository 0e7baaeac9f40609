// The command line, parsed: which command, with which options. The only user of CLI11.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "surfaces/cli/command.h"
#include "surfaces/cli/session.h"

namespace lakeshift::cli {

struct Parsed {
  const Command* command =
      nullptr;  // null: `text` is to be printed (help, version) and the program ends
  std::unique_ptr<Invocation> invocation;
  CommonOptions common;
  std::string text;
};

// Error "usage" names the wrong word and the closest valid one.
Result<Parsed> parse_command_line(const std::vector<std::string>& words);

// For completion scripts: every command with its summary, option names, their help, and fixed
// values.
struct OptionShape {
  std::vector<std::string> names;  // "--json", "-a"
  std::string help;
  bool takes_value = false;
  std::vector<std::string> values;
};
struct CommandShape {
  std::string name, summary;
  std::vector<OptionShape> options;
};
std::vector<CommandShape> command_shapes();

}  // namespace lakeshift::cli
