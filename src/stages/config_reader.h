// Reading lakeshift.yaml: for config.cc and its parts.
#pragma once

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/strings.h"
#include "stages/config.h"

namespace lakeshift::stages {

// Reads one file. Remembers the first error, so that the readers below stay flat.
class ConfigReader {
 public:
  explicit ConfigReader(std::string_view file_name) : file_(file_name) {}

  void complain(const YAML::Node& node, const std::string& message, std::string remedy = {}) {
    if (error_) return;
    const int line = node.Mark().line;
    error_ = Error{"bad-config", message, line < 0 ? file_ : file_ + ":" + std::to_string(line + 1),
                   std::move(remedy)};
  }
  const std::optional<Error>& error() const { return error_; }

  // True when `map` is a map that has only known names.
  bool check_names(const YAML::Node& map, const std::string& what, std::vector<std::string> known) {
    if (!map.IsMap()) {
      complain(map, what + " must be a map of names and values");
      return false;
    }
    for (const auto& entry : map) {
      const std::string name = entry.first.IsScalar() ? entry.first.Scalar() : std::string("?");
      if (std::find(known.begin(), known.end(), name) != known.end()) continue;
      complain(entry.first, "unknown name '" + name + "' in " + what, suggestion(name, known));
      return false;
    }
    return true;
  }

  static std::string suggestion(const std::string& name, const std::vector<std::string>& known) {
    const std::string near = closest(name, known);
    if (!near.empty()) return "did you mean '" + near + "'?";
    return "known names: " + join(known, ", ");
  }

  std::string text(const YAML::Node& map, const char* name, std::string fallback = {}) {
    const YAML::Node node = map[name];
    if (!node || node.IsNull()) return fallback;
    if (!node.IsScalar()) complain(node, std::string("'") + name + "' must be a text");
    return node.IsScalar() ? node.Scalar() : fallback;
  }

  bool truth(const YAML::Node& map, const char* name, bool fallback) {
    const YAML::Node node = map[name];
    if (!node || node.IsNull()) return fallback;
    bool value = fallback;
    if (!node.IsScalar() || !YAML::convert<bool>::decode(node, value))
      complain(node, std::string("'") + name + "' must be true or false");
    return value;
  }

  int number(const YAML::Node& map, const char* name, int fallback, int least, int most) {
    const YAML::Node node = map[name];
    if (!node || node.IsNull()) return fallback;
    int value = fallback;
    if (!node.IsScalar() || !YAML::convert<int>::decode(node, value) || value < least ||
        value > most)
      complain(node, std::string("'") + name + "' must be a number from " + std::to_string(least) +
                         " to " + std::to_string(most));
    return value;
  }

  std::string one_of(const YAML::Node& map, const char* name, const std::string& fallback,
                     const std::vector<std::string>& choices) {
    std::string value = text(map, name, fallback);
    if (std::find(choices.begin(), choices.end(), value) != choices.end()) return value;
    complain(map[name], std::string("'") + name + "' is '" + value + "'",
             suggestion(value, choices));
    return fallback;
  }

  std::vector<std::string> texts(const YAML::Node& map, const char* name) {
    std::vector<std::string> values;
    const YAML::Node node = map[name];
    if (!node || node.IsNull()) return values;
    if (node.IsScalar()) return {node.Scalar()};
    if (!node.IsSequence()) {
      complain(node, std::string("'") + name + "' must be a list of texts");
      return values;
    }
    for (const YAML::Node& item : node) {
      if (item.IsScalar())
        values.push_back(item.Scalar());
      else
        complain(item, std::string("'") + name + "' must be a list of texts");
    }
    return values;
  }

 private:
  std::string file_;
  std::optional<Error> error_;
};

// The section `moves` (config_moves.cc).
void read_moves(ConfigReader& reader, const YAML::Node& root,
                std::map<std::string, MoveConfig>& moves);

// A staging copy's masks and a move's rehearsal (config_masks.cc); and what a staging copy takes
// over from the move that it is of, when all are read.
void read_staging(ConfigReader& reader, const YAML::Node& body, MoveConfig& move);
void join_staging(ConfigReader& reader, const YAML::Node& name,
                  std::map<std::string, MoveConfig>& moves);

}  // namespace lakeshift::stages
