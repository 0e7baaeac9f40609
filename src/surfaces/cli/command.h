// A command of the program: one file per command under commands/, found by the registry
// (cmake/Registry.cmake).
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/json.h"
#include "core/base/result.h"

namespace lakeshift::cli {

class Session;

// Stable exit codes; docs/guide/exit-codes.md.
enum class Exit : int {
  done = 0,
  failed = 1,
  usage = 2,
  blocked = 3,    // findings block, a gate is closed, verify or rehearse found something
  partly = 4,     // partly done and resumable: run the same command again
  changes = 5,    // plan --detailed-exitcode: there is something to do
  went_back = 6,  // move: a switch took too long or failed, and was undone by itself
  interrupted = 130,
};

// How a command ended: the exit code, and the members of the final JSON line.
struct Ending {
  Exit exit = Exit::done;
  Json result = Json::object();
  bool own_lines = false;  // the command printed its JSON lines itself: no final one
};

// Binds options to variables; hides the parser's library from the commands. `names` like
// "-a,--all"; without a dash a positional argument.
class Options {
 public:
  virtual ~Options() = default;
  virtual void flag(const std::string& names, bool& to, const std::string& help) = 0;
  virtual void text(const std::string& names, std::string& to, const std::string& help) = 0;
  virtual void number(const std::string& names, int& to, const std::string& help, int least,
                      int most) = 0;
  virtual void list(const std::string& names, std::vector<std::string>& to,
                    const std::string& help) = 0;
  virtual void choice(const std::string& names, std::string& to, const std::string& help,
                      const std::vector<std::string>& allowed) = 0;
};

// One call of a command: holds its options, then runs.
class Invocation {
 public:
  virtual ~Invocation() = default;
  virtual void declare(Options&) {}
  virtual Result<Ending> run(Session& session) = 0;
};

struct Command {
  std::string_view name;
  int order;                  // in the list of commands: the order of the journey
  std::string_view summary;   // one line
  std::string_view details;   // paragraphs, shown by --help
  std::string_view examples;  // lines of commands, shown by --help
  bool selects;               // takes --select and --exclude
  bool remote;                // takes --parallel and --ca-bundle
  bool waves = false;         // takes --wave, even when it takes no --select
  std::unique_ptr<Invocation> (*make)();
};

template <typename T>
std::unique_ptr<Invocation> make_invocation() {
  return std::make_unique<T>();
}

}  // namespace lakeshift::cli
