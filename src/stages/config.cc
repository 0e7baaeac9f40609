#include "stages/config.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>

#include "core/base/strings.h"
#include "core/engine/generic.h"
#include "stages/config_reader.h"

namespace lakeshift::stages {
namespace {

bool is_side_name(const std::string& name) {
  return !name.empty() && name.size() <= 40 && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

Connection read_connection(ConfigReader& reader, const YAML::Node& at, const std::string& name,
                           const YAML::Node& body) {
  Connection connection;
  connection.name = name;
  if (!is_side_name(name)) {
    reader.complain(at, "'" + name + "' cannot be the name of a connection",
                    "use small letters, digits, '-' and '_', at most 40");
    return connection;
  }
  const std::string what = "connection '" + name + "'";
  if (body.IsNull()) return connection;
  if (!reader.check_names(body, what,
                          {"name", "profile", "host", "cloud", "account_id", "rate_limits"}))
    return connection;
  connection.profile = reader.text(body, "profile");
  connection.host = reader.text(body, "host");
  connection.account_id = reader.text(body, "account_id");
  std::vector<std::string> clouds = {""};
  for (const clouds::Cloud* cloud : clouds::all_clouds()) clouds.emplace_back(cloud->name);
  connection.cloud = reader.one_of(body, "cloud", "", clouds);
  connection.rate_limits = reader.one_of(body, "rate_limits", "", {"", "documented", "learned"});
  if (!connection.profile.empty() && !connection.host.empty())
    reader.complain(body,
                    what + " names both the profile '" + connection.profile + "' and the host '" +
                        connection.host + "'",
                    "keep one of them");
  return connection;
}

// A map from names, or a list whose entries have a 'name'.
void read_connections(ConfigReader& reader, const YAML::Node& root, Config& config) {
  const YAML::Node node = root["connections"];
  if (!node || (!node.IsMap() && !node.IsSequence())) {
    reader.complain(node ? node : root, "'connections' must be a map: a name for every workspace",
                    "write for example: connections: {old: {profile: OLD}, new: {profile: NEW}}");
    return;
  }
  for (const auto& entry : node) {
    if (node.IsMap()) {
      const std::string name = entry.first.IsScalar() ? entry.first.Scalar() : std::string();
      config.connections.push_back(read_connection(reader, entry.first, name, entry.second));
    } else {
      const YAML::Node item = entry;
      const std::string name = item.IsMap() ? reader.text(item, "name") : std::string();
      config.connections.push_back(read_connection(reader, item, name, item));
    }
    if (reader.error()) return;
  }
  std::sort(config.connections.begin(), config.connections.end(),
            [](const Connection& a, const Connection& b) { return a.name < b.name; });
  for (std::size_t i = 1; i < config.connections.size(); ++i)
    if (config.connections[i].name == config.connections[i - 1].name)
      reader.complain(node, "the connection '" + config.connections[i].name + "' is named twice");
}

void check_side(ConfigReader& reader, const YAML::Node& route, const char* end,
                const Config& config) {
  const std::string name = reader.text(route, end);
  if (name.empty()) {
    reader.complain(route, std::string("a route needs '") + end + "': the name of a connection");
    return;
  }
  if (config.connection(name) != nullptr) return;
  std::vector<std::string> names;
  for (const Connection& connection : config.connections) names.push_back(connection.name);
  reader.complain(route[end], "there is no connection '" + name + "'",
                  ConfigReader::suggestion(name, names));
}

Selection read_selection(ConfigReader& reader, const YAML::Node& node) {
  Selection selection;
  if (!node || node.IsNull()) return selection;
  if (!reader.check_names(node, "'select'", {"include", "exclude"})) return selection;
  selection.include = reader.texts(node, "include");
  selection.exclude = reader.texts(node, "exclude");
  for (const auto* patterns : {&selection.include, &selection.exclude})
    for (const std::string& pattern : *patterns)
      if (trim(pattern).empty())
        reader.complain(node, "an empty pattern selects nothing", "remove it");
  return selection;
}

void read_route(ConfigReader& reader, const YAML::Node& node, Config& config) {
  if (!reader.check_names(node, "a route", {"from", "to", "select", "on_clash", "prefix"})) return;
  Route route;
  check_side(reader, node, "from", config);
  check_side(reader, node, "to", config);
  route.from = reader.text(node, "from");
  route.to = reader.text(node, "to");
  route.select = read_selection(reader, node["select"]);
  const std::string clash = reader.one_of(node, "on_clash", "adopt", {"adopt", "block", "rename"});
  route.on_clash = clash == "rename"  ? OnClash::rename
                   : clash == "block" ? OnClash::block
                                      : OnClash::adopt;
  route.prefix = reader.text(node, "prefix");
  if (route.from == route.to)
    reader.complain(node, "the route goes from '" + route.from + "' to itself",
                    "name two different connections");
  if (route.on_clash == OnClash::rename && route.prefix.empty())
    reader.complain(node, "'on_clash: rename' needs a 'prefix' to put before the names",
                    "write for example: prefix: " + route.from + "-");
  if (route.on_clash != OnClash::rename && !route.prefix.empty())
    reader.complain(node["prefix"], "'prefix' is only used with 'on_clash: rename'", "remove it");
  for (const Route& other : config.routes)
    if (other.from == route.from && other.to == route.to)
      reader.complain(node,
                      "the route from '" + route.from + "' to '" + route.to + "' is there twice",
                      "join their selections");
  config.routes.push_back(std::move(route));
}

void read_routes(ConfigReader& reader, const YAML::Node& root, Config& config) {
  const YAML::Node routes = root["routes"];
  if (!routes || !routes.IsSequence() || routes.size() == 0) {
    reader.complain(routes ? routes : root, "'routes' must be a list of what moves where",
                    "write for example: routes: [{from: old, to: new}]");
    return;
  }
  for (const YAML::Node& route : routes) read_route(reader, route, config);
}

void read_waves(ConfigReader& reader, const YAML::Node& root, Config& config) {
  const YAML::Node waves = root["waves"];
  if (!waves || waves.IsNull()) return;
  if (!waves.IsMap()) {
    reader.complain(waves, "'waves' must be a map: a name for every wave",
                    "write for example: waves: {finance: [job/finance-*, 'tag:team=finance']}");
    return;
  }
  for (const auto& entry : waves) {
    const std::string name = entry.first.IsScalar() ? entry.first.Scalar() : std::string();
    std::vector<std::string> patterns = reader.texts(waves, name.c_str());
    std::erase_if(patterns, [](const std::string& pattern) { return trim(pattern).empty(); });
    if (name.empty() || patterns.empty())
      reader.complain(entry.first, "the wave '" + name + "' selects nothing",
                      "give it patterns, or remove it");
    config.waves[name] = std::move(patterns);
  }
}

void read_acceptance(ConfigReader& reader, const YAML::Node& root, Config& config) {
  config.gates = reader.texts(root, "gates");
  for (const std::string& gate : config.gates)
    if (gate != "accept")
      reader.complain(root["gates"], "there is no gate '" + gate + "'",
                      ConfigReader::suggestion(gate, {"accept"}));
  const YAML::Node node = root["accept"];
  if (!node || node.IsNull()) return;
  if (!reader.check_names(node, "'accept'",
                          {"cluster", "node_type", "runtime", "warehouse", "job", "package",
                           "folder", "table", "databases", "buckets", "timeout"}))
    return;
  AcceptanceOptions& accept = config.accept;
  accept.cluster_id = reader.text(node, "cluster");
  accept.node_type = reader.text(node, "node_type");
  accept.runtime = reader.text(node, "runtime");
  accept.warehouse_id = reader.text(node, "warehouse");
  accept.job_id = reader.text(node, "job");
  accept.package = reader.text(node, "package", accept.package);
  accept.folder = reader.text(node, "folder", accept.folder);
  accept.table = reader.text(node, "table", accept.table);
  accept.databases = reader.texts(node, "databases");
  accept.buckets = reader.texts(node, "buckets");
  accept.timeout_seconds = reader.number(node, "timeout", accept.timeout_seconds, 1, 86400);
}

Config read_config(ConfigReader& reader, const YAML::Node& root) {
  Config config;
  if (!root.IsMap()) {
    reader.complain(root, "the configuration is not a map of names and values",
                    "'lakeshift init' writes one to start from");
    return config;
  }
  if (!reader.check_names(
          root, "the configuration",
          {"connections", "routes", "mapping_file", "secrets_file", "secrets_from", "parallel",
           "allow_source_runs", "secrets_cluster", "waves", "accept", "gates", "moves"}))
    return config;
  read_moves(reader, root, config.moves);
  // Moves of databases need no workspaces.
  if (config.moves.empty() || root["connections"]) read_connections(reader, root, config);
  if (reader.error()) return config;
  if (config.moves.empty() || root["connections"] || root["routes"])
    read_routes(reader, root, config);
  read_waves(reader, root, config);
  read_acceptance(reader, root, config);
  config.mapping_file = reader.text(root, "mapping_file");
  config.secrets_file = reader.text(root, "secrets_file");
  config.secrets_from = reader.one_of(root, "secrets_from", "api", {"api", "file", "cluster"});
  config.secrets_cluster = reader.text(root, "secrets_cluster");
  config.parallel = reader.number(root, "parallel", 8, 1, 64);
  config.allow_source_runs = reader.truth(root, "allow_source_runs", false);
  if (config.secrets_from == "file" && config.secrets_file.empty())
    reader.complain(root["secrets_from"], "'secrets_from: file' needs 'secrets_file'",
                    "name the file that holds the values");
  if (config.secrets_from == "cluster" && !config.allow_source_runs)
    reader.complain(root["secrets_from"],
                    "reading secrets on a cluster of the source runs code there",
                    "allow it with 'allow_source_runs: true'");
  if (contains(config.secrets_file, ".lakeshift/"))
    reader.complain(root["secrets_file"],
                    "secret values cannot be kept in the work directory's state",
                    "move '" + config.secrets_file + "' outside .lakeshift");
  return config;
}

constexpr std::string_view kTag = "tag:";

bool matches_tag(std::string_view pattern, const Tags& tags) {
  const std::size_t equals = pattern.find('=');
  const std::string_view wanted = pattern.substr(0, equals);
  return std::any_of(tags.begin(), tags.end(), [&](const auto& tag) {
    return matches_glob(tag.first, wanted) &&
           (equals == std::string_view::npos ||
            matches_glob(tag.second, pattern.substr(equals + 1)));
  });
}

bool matches_pattern(const std::string& pattern, std::string_view kind, std::string_view key,
                     std::string_view name, const Tags& tags) {
  if (pattern.starts_with(kTag))
    return matches_tag(std::string_view(pattern).substr(kTag.size()), tags);
  const std::size_t slash = pattern.find('/');
  if (!matches_glob(kind, std::string_view(pattern).substr(0, slash))) return false;
  if (slash == std::string::npos) return true;
  const std::string_view wanted = std::string_view(pattern).substr(slash + 1);
  return matches_glob(key, wanted) || matches_glob(name, wanted);
}

}  // namespace

bool Selection::takes(std::string_view kind, std::string_view key, std::string_view name,
                      const Tags& tags) const {
  const auto matches = [&](const std::string& pattern) {
    return matches_pattern(pattern, kind, key, name, tags);
  };
  if (std::any_of(exclude.begin(), exclude.end(), matches)) return false;
  return include.empty() || std::any_of(include.begin(), include.end(), matches) ||
         needed.contains({std::string(kind), std::string(key)});
}

bool Selection::takes(engine::KindSet kinds, const model::Object& object) const {
  const engine::Kind* kind = engine::find_kind(kinds, object.id.kind);
  return takes(object.id.kind, object.key, object.name,
               kind == nullptr ? Tags() : engine::tags_of(*kind, object.document));
}

const Connection* Config::connection(std::string_view name) const {
  for (const Connection& connection : connections)
    if (connection.name == name) return &connection;
  return nullptr;
}

Result<Config> config_from_yaml(std::string_view text, std::string_view file_name) {
  if (!is_valid_utf8(text))
    return fail("bad-config", "the file is not UTF-8 text", std::string(file_name),
                "save it as UTF-8");
  ConfigReader reader(file_name);
  try {
    const YAML::Node root = YAML::Load(std::string(text));
    Config config = read_config(reader, root);
    if (reader.error()) return fail(*reader.error());
    return config;
  } catch (const YAML::Exception& exception) {
    return fail("bad-config", "not valid YAML: " + std::string(exception.msg),
                std::string(file_name) + ":" + std::to_string(exception.mark.line + 1),
                "check the indentation and quotes there");
  }
}

Result<Config> load_config(world::World& world, const std::string& root) {
  const std::string path = root + "/lakeshift.yaml";
  if (!world.files.exists(path))
    return fail("not-initialised", "there is no configuration", path, "run 'lakeshift init' first");
  LS_ASSIGN(const std::string text, world.files.read(path));
  return config_from_yaml(text, path);
}

Result<std::vector<std::string>> patterns_of_wave(const Config& config, const std::string& name) {
  const auto found = config.waves.find(name);
  if (found != config.waves.end()) return found->second;
  std::vector<std::string> names;
  for (const auto& [known, patterns] : config.waves) names.push_back(known);
  return fail("bad-selection", "there is no wave '" + name + "'", "--wave",
              names.empty() ? "define it in lakeshift.yaml, for example: waves: {" + name +
                                  ": [job/" + name + "-*]}"
                            : ConfigReader::suggestion(name, names));
}

Status check_selection(const Selection& selection, engine::KindSet kinds) {
  std::vector<std::string> names;
  for (const engine::Kind* kind : kinds) names.emplace_back(kind->name);
  for (const auto* patterns : {&selection.include, &selection.exclude}) {
    for (const std::string& pattern : *patterns) {
      if (pattern.starts_with(kTag)) {
        if (pattern.size() > kTag.size() && pattern[kTag.size()] != '=') continue;
        return fail("bad-selection", "the pattern names no tag", "selection '" + pattern + "'",
                    "write tag:NAME or tag:NAME=VALUE, for example tag:team=finance");
      }
      const std::string wanted = pattern.substr(0, pattern.find('/'));
      const bool known = std::any_of(names.begin(), names.end(), [&](const std::string& name) {
        return matches_glob(name, wanted);
      });
      if (!known)
        return fail("bad-selection", "there is no kind '" + wanted + "'",
                    "selection '" + pattern + "'", ConfigReader::suggestion(wanted, names));
    }
  }
  return {};
}

}  // namespace lakeshift::stages
