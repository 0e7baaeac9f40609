// lakeshift.yaml: what the user says about a migration.
#pragma once

#include <string>
#include <vector>

#include "core/world/world.h"
#include "knowledge/clouds/mapper.h"
#include "knowledge/credentials/credential.h"

namespace lakeshift::stages {

struct Connection {
  std::string name;  // the side's name
  std::string
      profile;  // of ~/.databrickscfg; empty: host below, or the environment LAKESHIFT_<NAME>_…
  std::string host;
  std::string cloud;  // empty: found out
  std::string account_id;
};

struct Selection {
  // "kind", "kind/name-pattern" or "*/name-pattern" with shell patterns; empty include =
  // everything.
  std::vector<std::string> include, exclude;
  bool takes(std::string_view kind, std::string_view key, std::string_view name) const;
};

enum class OnClash { adopt, block, rename };

struct Route {
  std::string from, to;  // sides
  Selection select;
  OnClash on_clash =
      OnClash::adopt;  // an object of the same natural key that lakeshift did not make
  std::string prefix;  // for rename: put before the name
};

struct Config {
  std::vector<Connection> connections;
  std::vector<Route> routes;
  std::string mapping_file;          // relative to the configuration
  std::string secrets_file;          // user's values, outside the work directory
  std::string secrets_from = "api";  // api | file | cluster
  int parallel = 8;
  bool allow_source_runs = false;  // opt-in effects on the source
  const Connection* connection(std::string_view name) const;
};

// Errors: "bad-config" with file, line, the unknown name and the closest valid one.
Result<Config> config_from_yaml(std::string_view text, std::string_view file_name);
// Reads <root>/lakeshift.yaml. Errors: "not-initialised" (says to run init), "bad-config".
Result<Config> load_config(world::World& world, const std::string& root);
// The text `lakeshift init` writes: every setting with its meaning, the optional ones commented
// out.
std::string config_template(std::string_view from_profile, std::string_view to_profile);
// Kinds named in patterns must exist: error "bad-selection" with the closest kind name.
Status check_selection(const Selection& selection, engine::KindSet kinds);

}  // namespace lakeshift::stages
