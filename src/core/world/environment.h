// Process environment: variables, terminal, signals. The only place that calls getenv.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

namespace lakeshift::world {

class Environment {
 public:
  virtual ~Environment() = default;
  virtual std::optional<std::string> variable(const std::string& name) const = 0;
  virtual bool is_terminal(int descriptor) const = 0;
  virtual int terminal_columns() const = 0;  // 80 when unknown
  virtual std::string home() const = 0;
};

std::unique_ptr<Environment> make_process_environment();
std::unique_ptr<Environment> make_fixed_environment(std::map<std::string, std::string> variables);

// First SIGINT/SIGTERM asks the source to stop; the second ends the process with exit code 130 at
// once.
void stop_on_signals(std::stop_source source);

}  // namespace lakeshift::world
