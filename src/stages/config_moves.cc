// The section `moves` of lakeshift.yaml.
#include "knowledge/stores/registry.h"
#include "knowledge/stores/store_address.h"
#include "stages/config_reader.h"

namespace lakeshift::stages {
namespace {

constexpr const char* kHookPoints[] = {"before-fence", "after-fence", "before-open", "after-open",
                                       "after-going-back"};
constexpr int kObjectPauseBudget = 60'000;  // both sides are listed in it

bool is_move_name(const std::string& name) {
  return !name.empty() && name.size() <= 30 && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
}

bool is_redis(const std::string& address) {
  return address.starts_with("redis://") || address.starts_with("rediss://");
}

bool is_objects(const std::string& address) { return stores::is_store_address(address); }

bool is_images(const std::string& address) { return stores::is_registry_address(address); }

// What moves, by its addresses; and the names that only such a move has.
struct MoveKind {
  const char* of;  // for messages
  bool (*is_address)(const std::string& address);
  std::vector<std::string> own_names;
  std::string remedy;  // when the sides are not of one kind
};

std::vector<MoveKind> other_kinds() {
  return {{"Redis",
           is_redis,
           {"applications", "follow", "fence", "big_key_mb", "cold", "lag_limit_ms"},
           "write both as rediss://user@host:6379"},
          {"objects",
           is_objects,
           {"source_writers", "target_writers", "fence"},
           "write both as s3://bucket/prefix or az://account/container/prefix"},
          {"images", is_images, {}, "write both as oci://registry.example.com/team/app"}};
}

const MoveKind kPostgres = {
    "",
    nullptr,
    {"applications", "lag_limit_ms", "sequence_headroom", "staging_of", "masks", "unknown",
     "subset", "mask_key_file", "rehearsal", "verify_rows_per_second", "verify_chunk_rows",
     "follow", "source_for_target", "target_for_source"},
    {}};

std::vector<std::string> known_names(const MoveKind& kind) {
  std::vector<std::string> names = {"source",  "target",          "leave_out", "accept",
                                    "workers", "pause_budget_ms", "rehearsed", "hooks"};
  names.insert(names.end(), kind.own_names.begin(), kind.own_names.end());
  return names;
}

MoveKind kind_of(const MoveConfig& move) {
  for (MoveKind& kind : other_kinds())
    if (kind.is_address(move.source) || kind.is_address(move.target)) return std::move(kind);
  return kPostgres;
}

void read_hooks(ConfigReader& reader, const YAML::Node& body, MoveConfig& move) {
  const YAML::Node hooks = body["hooks"];
  if (!hooks || hooks.IsNull()) return;
  const std::vector<std::string> known(std::begin(kHookPoints), std::end(kHookPoints));
  if (!reader.check_names(hooks, "'hooks'", known)) return;
  for (const std::string& point : known) {
    std::vector<std::string> command = reader.texts(hooks, point.c_str());
    if (!command.empty()) move.hooks[point] = std::move(command);
  }
}

// Two kinds of moves say how changes are followed, each in words of its own.
std::string read_follow(ConfigReader& reader, const YAML::Node& body, bool redis) {
  const std::vector<std::string> of_redis = {"auto", "psync", "notifications"};
  const std::vector<std::string> of_postgres = {"stream", "subscription"};
  const auto& mine = redis ? of_redis : of_postgres;
  const auto& others = redis ? of_postgres : of_redis;
  const std::string value = reader.text(body, "follow");
  if (std::find(others.begin(), others.end(), value) == others.end())
    return reader.one_of(body, "follow", mine.front(), mine);
  reader.complain(
      body["follow"],
      "'follow' is '" + value + "', which is of a move of " + (redis ? "PostgreSQL" : "Redis"),
      "write one of: " + join(mine, ", "));
  return mine.front();
}

void read_following(ConfigReader& reader, const YAML::Node& body, const std::string& of,
                    MoveConfig& move) {
  if (!of.empty() && of != "Redis") return;
  move.follow = read_follow(reader, body, !of.empty());
  if (!of.empty()) return;
  move.source_for_target = reader.text(body, "source_for_target");
  move.target_for_source = reader.text(body, "target_for_source");
  if (body["staging_of"] && move.by_subscription()) {
    reader.complain(body["follow"], "a masked staging copy cannot follow by subscription",
                    "leave 'follow' out: only lakeshift's own apply masks rows on their way");
    return;
  }
  for (const char* door : {"source_for_target", "target_for_source"})
    if (body[door] && !move.by_subscription())
      reader.complain(body[door], std::string("'") + door + "' is for 'follow: subscription'",
                      "add follow: subscription; else no server reaches the other");
}

MoveConfig read_move(ConfigReader& reader, const YAML::Node& at, const std::string& name,
                     const YAML::Node& body) {
  MoveConfig move;
  move.name = name;
  if (!is_move_name(name)) {
    reader.complain(at, "'" + name + "' cannot be the name of a move",
                    "use small letters, digits and '_', at most 30: replication slots are named by "
                    "it");
    return move;
  }
  if (body.IsMap()) {
    move.source = reader.text(body, "source");
    move.target = reader.text(body, "target");
  }
  const MoveKind kind = kind_of(move);
  const std::string of = kind.of;
  if (!reader.check_names(body, "move '" + name + "'" + (of.empty() ? "" : " of " + of),
                          known_names(kind)))
    return move;
  for (const std::string* side : {&move.source, &move.target})
    if (kind.is_address != nullptr && !side->empty() && !kind.is_address(*side))
      reader.complain(body, "move '" + name + "': one side is " + of + ", the other is not",
                      kind.remedy);
  const bool objects = of == "objects";
  move.applications = reader.texts(body, "applications");
  move.source_writers = reader.texts(body, "source_writers");
  move.target_writers = reader.texts(body, "target_writers");
  move.leave_out = reader.texts(body, "leave_out");
  move.accept = reader.texts(body, "accept");
  move.workers = reader.number(body, "workers", move.workers, 1, 64);
  move.pause_budget_ms =
      reader.number(body, "pause_budget_ms", move.pause_budget_ms, 50, 3'600'000);
  move.lag_limit_ms = reader.number(body, "lag_limit_ms", move.lag_limit_ms, 10, 3'600'000);
  move.headroom = reader.number(body, "sequence_headroom", move.headroom, 0, 1'000'000'000);
  move.verify_rows_per_second =
      reader.number(body, "verify_rows_per_second", move.verify_rows_per_second, 0, 2'000'000'000);
  move.verify_chunk_rows =
      reader.number(body, "verify_chunk_rows", move.verify_chunk_rows, 100, 100'000'000);
  move.rehearsed = reader.truth(body, "rehearsed", false);
  read_following(reader, body, of, move);
  if (objects) {
    if (!body["pause_budget_ms"]) move.pause_budget_ms = kObjectPauseBudget;
    move.fence = reader.one_of(body, "fence", "policy", {"policy", "hooks", "read-only"});
  } else {
    move.fence = reader.one_of(body, "fence", move.fence, {"acl", "pause"});
  }
  move.big_key_mb = reader.number(body, "big_key_mb", move.big_key_mb, 1, 4096);
  move.cold = reader.truth(body, "cold", false);
  read_hooks(reader, body, move);
  read_staging(reader, body, move);
  for (const std::string& role : move.applications)
    if (trim(role).empty())
      reader.complain(body["applications"], "an application's role has no name", "remove it");
  return move;
}

}  // namespace

void read_moves(ConfigReader& reader, const YAML::Node& root,
                std::map<std::string, MoveConfig>& moves) {
  const YAML::Node node = root["moves"];
  if (!node || node.IsNull()) return;
  if (!node.IsMap()) {
    reader.complain(
        node, "'moves' must be a map: a name for every database that moves",
        "write for example: moves: {shop: {source: postgresql://mover@old/shop, target: "
        "postgresql://mover@new/shop, applications: [shop_app]}}");
    return;
  }
  for (const auto& entry : node) {
    const std::string name = entry.first.IsScalar() ? entry.first.Scalar() : std::string();
    moves[name] = read_move(reader, entry.first, name, entry.second);
  }
  for (const auto& entry : node) join_staging(reader, entry.first, moves);
}

}  // namespace lakeshift::stages
