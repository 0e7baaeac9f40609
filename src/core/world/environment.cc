#include "core/world/environment.h"

#include <pthread.h>
#include <pwd.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <thread>
#include <utility>

namespace lakeshift::world {
namespace {

constexpr int kUnknownColumns = 80;
constexpr int kInterruptedExitCode = 130;

class ProcessEnvironment final : public Environment {
 public:
  std::optional<std::string> variable(const std::string& name) const override {
    const char* value = ::getenv(name.c_str());
    if (value == nullptr) return std::nullopt;
    return std::string(value);
  }
  bool is_terminal(int descriptor) const override { return ::isatty(descriptor) == 1; }
  int terminal_columns() const override {
    winsize size{};
    if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
    if (const auto columns = variable("COLUMNS")) {
      const int wanted = std::atoi(columns->c_str());
      if (wanted > 0) return wanted;
    }
    return kUnknownColumns;
  }
  std::string home() const override {
    if (auto home = variable("HOME"); home && !home->empty()) return *std::move(home);
    const passwd* entry = ::getpwuid(::getuid());
    return entry != nullptr && entry->pw_dir != nullptr ? entry->pw_dir : "/";
  }
};

class FixedEnvironment final : public Environment {
 public:
  explicit FixedEnvironment(std::map<std::string, std::string> variables)
      : variables_(std::move(variables)) {}
  std::optional<std::string> variable(const std::string& name) const override {
    const auto found = variables_.find(name);
    if (found == variables_.end()) return std::nullopt;
    return found->second;
  }
  bool is_terminal(int) const override { return false; }
  int terminal_columns() const override { return kUnknownColumns; }
  std::string home() const override { return variable("HOME").value_or("/home/user"); }

 private:
  std::map<std::string, std::string> variables_;
};

}  // namespace

std::unique_ptr<Environment> make_process_environment() {
  return std::make_unique<ProcessEnvironment>();
}

std::unique_ptr<Environment> make_fixed_environment(std::map<std::string, std::string> variables) {
  return std::make_unique<FixedEnvironment>(std::move(variables));
}

// A thread of its own waits for the signals: asking a stop_source to stop runs callbacks and takes
// locks, which a signal handler must not do. Threads started later inherit the mask.
void stop_on_signals(std::stop_source source) {
  sigset_t awaited;
  ::sigemptyset(&awaited);
  ::sigaddset(&awaited, SIGINT);
  ::sigaddset(&awaited, SIGTERM);
  ::pthread_sigmask(SIG_BLOCK, &awaited, nullptr);
  std::thread([source = std::move(source), awaited]() mutable {
    int signal = 0;
    if (::sigwait(&awaited, &signal) == 0) source.request_stop();
    if (::sigwait(&awaited, &signal) == 0) ::_exit(kInterruptedExitCode);
  }).detach();
}

}  // namespace lakeshift::world
