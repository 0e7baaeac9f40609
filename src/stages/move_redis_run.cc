#include "stages/move_redis_run.h"

#include <fmt/format.h>

#include "core/base/strings.h"
#include "knowledge/credentials/credential.h"
#include "knowledge/transfers/redis_fence.h"

namespace lakeshift::stages {

using databases::RedisAddress;
using databases::RedisNodes;
using databases::RedisReply;
using databases::RedisSession;

namespace {

constexpr int kRedisTries = 60;  // a server that is started again answers within half a minute
constexpr world::Millis kRedisPause{500};

Result<RedisAddress> find_side_of(world::World& world, const MoveConfig& move,
                                  const std::string& side, const std::string& text) {
  auto address = databases::find_redis_address(world, move.name + "_" + side, text);
  if (address) address->name = "lakeshift." + move.name;
  if (!address && address.error().code == "no-address")
    address.error().remedy = "write moves: {" + move.name + ": {" + side +
                             ": rediss://user@host:6379}} into lakeshift.yaml";
  return address;
}

}  // namespace

bool is_redis_move(world::World& world, const MoveConfig& move) {
  const auto redis = [&](const std::string& side, const std::string& text) {
    if (!text.empty()) return databases::is_redis_address(text);
    const auto variable =
        world.environment.variable(credentials::environment_prefix(move.name + "_" + side) + "URL");
    return variable && databases::is_redis_address(*variable);
  };
  return redis("source", move.source) || redis("target", move.target);
}

Status RedisMoveRun::open(bool drive) {
  if (config().is_staging() || !config().rehearsal_of.empty())
    return fail("bad-config", "a Redis has no masked staging copy: nothing would be masked",
                "move '" + config().name + "'",
                "take staging_of or rehearsal out of lakeshift.yaml");
  LS_ASSIGN(sides.source, find_side_of(run.world, config(), "source", config().source));
  LS_ASSIGN(sides.target, find_side_of(run.world, config(), "target", config().target));
  if (sides.source.to_text() == sides.target.to_text())
    return fail("bad-config", "source and target are the same, " + sides.source.to_text(),
                "move '" + config().name + "'", "name two different servers");
  LS_TRY(open_room(drive));
  if (drive && !input.dry_run) return end_own_sessions();
  return {};
}

Status RedisMoveRun::end_own_sessions() {
  for (const RedisAddress* side : {&sides.source, &sides.target}) {
    LS_ASSIGN(const Nodes nodes, connect_anyway(*side));
    for (const RedisAddress& primary : nodes->primaries()) {
      LS_ASSIGN(RedisSession* const session, nodes->session(primary));
      LS_ASSIGN(const RedisReply own, session->call({"CLIENT", "ID"}));
      LS_ASSIGN(const RedisReply list, session->call({"CLIENT", "LIST"}));
      for (const std::string& line : split(list.text, '\n')) {
        if (!contains(line, " name=" + side->name + " ") || !line.starts_with("id=")) continue;
        const std::string id = line.substr(3, line.find(' ') - 3);
        if (id == std::to_string(own.number())) continue;
        session->queue({"CLIENT", "KILL", "ID", id});
        LS_TRY(session->flush());
        LS_TRY(session->read());  // it may have ended by itself
      }
    }
  }
  return {};
}

Result<RedisMoveRun::Nodes> RedisMoveRun::connect_anyway(const RedisAddress& side) {
  for (int attempt = 1;; ++attempt) {
    auto nodes = RedisNodes::connect(side, {});
    if (nodes || nodes.error().retry != Retry::later || attempt == kRedisTries) return nodes;
    run.world.clock.sleep(kRedisPause, {});
  }
}

Result<databases::RedisPreflight> RedisMoveRun::preflight(bool target_empty) {
  LS_ASSIGN(const Nodes source, connect(sides.source));
  LS_ASSIGN(const Nodes target, connect(sides.target));
  databases::RedisPreflightOptions options;
  options.accept.insert(config().accept.begin(), config().accept.end());
  options.follow = config().follow;
  options.big_bytes = static_cast<std::int64_t>(config().big_key_mb) << 20;
  options.target_empty = target_empty;
  options.cold = config().cold;
  LS_ASSIGN(found, databases::run_redis_preflight(*source, *target, options));
  return found;
}

Status RedisMoveRun::save_positions(int leg, const transfers::RedisPositions& positions) {
  Json json = {{"nodes", Json::object()}, {"runs", positions.runs}};
  for (const auto& [node, position] : positions.nodes)
    json["nodes"][node] = {{"history", position.history},
                           {"offset", position.offset},
                           {"database", position.database}};
  return room->save_document("positions-" + std::to_string(leg), json);
}

bool RedisMoveRun::follows_from_start(int leg) const {
  const auto json = room->document("positions-" + std::to_string(leg));
  return json && *json && !member(**json, "nodes").empty() && found.psync;
}

Result<std::unique_ptr<transfers::RedisFollower>> RedisMoveRun::follow(int leg,
                                                                       std::stop_token stop,
                                                                       bool begins) {
  transfers::RedisFollowOptions options;
  options.way = found.psync ? transfers::RedisFollow::psync : transfers::RedisFollow::notifications;
  options.leave_out = config().leave_out;
  options.mover.workers = static_cast<std::size_t>(config().workers);
  options.mover.carry.big_bytes = static_cast<std::int64_t>(config().big_key_mb) << 20;
  options.mover.carry.payloads = found.payloads;
  options.mover.carry.measures = found.measures || leg > 0;
  options.snapshot = begins && found.psync && found.payloads;
  LS_ASSIGN(const std::optional<Json> known, room->document("positions-" + std::to_string(leg)));
  if (known && !begins && found.psync) {
    for (const auto& [node, position] : member(*known, "nodes").items())
      options.positions.nodes[node] = {text_at(position, "history"), int_at(position, "offset"),
                                       static_cast<int>(int_at(position, "database", -1))};
    for (const auto& [node, value] : member(*known, "runs").items())
      options.positions.runs[node] = scalar_text(value);
  }
  auto follower = std::make_unique<transfers::RedisFollower>(
      sides.from(leg), sides.to(leg), std::move(options), run, std::move(stop));
  LS_TRY(follower->start(
      [this](std::int64_t done, std::int64_t of) { progress("keys copied", done, of); }));
  return follower;
}

Status RedisMoveRun::patiently(const std::function<Status()>& work) {
  for (int attempt = 1;; ++attempt) {
    Status done = work();
    if (done || done.error().retry != Retry::later || attempt == kRedisTries) return done;
    if (!run.world.clock.sleep(kRedisPause, run.stop)) return done;
  }
}

Status RedisMoveRun::fill_gap(transfers::RedisFollower& follower) {
  const world::Instant began = run.world.clock.now();
  const auto before = follower.state().carried;
  LS_TRY(patiently([&] { return follower.copy_all({}, run.stop); }));
  const auto after = follower.state().carried;
  return did("compare anew",
             fmt::format("changes may have been missed: {} keys carried anew in {:.1f} s",
                         after.keys - before.keys,
                         static_cast<double>((run.world.clock.now() - began).count()) / 1000.0),
             {{"keys", after.keys - before.keys}, {"leg", state.leg}});
}

// A server whose writes are paused: the waiting writes of connections to the old side must not be
// done after the other side was opened, so those connections end before the pause does.
Status RedisMoveRun::hold_back(RedisNodes& side, bool held) {
  if (config().fence != "pause") return {};
  for (const RedisAddress& primary : side.primaries()) {
    LS_ASSIGN(RedisSession* const session, side.session(primary));
    if (held) LS_TRY(session->call({"CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"}));
    LS_TRY(session->call({"CLIENT", "UNPAUSE"}));
  }
  return {};
}

Status RedisMoveRun::go_back(const std::string& reason) {
  LS_ASSIGN(const Nodes from, connect_anyway(sides.from(state.leg)));
  LS_ASSIGN(const std::int64_t users, transfers::open_redis(*from, config().applications));
  LS_TRY(hold_back(*from, false));
  remember_switch("went back", reason);
  state.phase = "following";
  state.pause_began_ms = 0;
  LS_TRY(room->save(state));
  return did(
      "go-back", fmt::format("went back: {} takes the writes again", side_of(state.leg, true)),
      {{"reason", reason}, {"users", users}, {"pause_ms", report.pause_ms}, {"leg", state.leg}});
}

Status RedisMoveRun::open_other_side() {
  const int old = state.leg;
  if (config().fence == "pause") {
    // What waits at the old side ends before the new side is opened.
    LS_ASSIGN(const Nodes from, connect_anyway(sides.from(old)));
    LS_TRY(hold_back(*from, true));
  }
  LS_ASSIGN(const Nodes to, connect_anyway(sides.to(old)));
  LS_ASSIGN(const std::int64_t users, transfers::open_redis(*to, config().applications));
  remember_switch("switched", "");
  ++state.leg;
  state.phase = "following";
  state.pause_began_ms = 0;
  LS_TRY(room->save(state));
  return did(
      "open",
      fmt::format("{} takes the writes: {} users may write again", side_of(old, false), users),
      {{"users", users}, {"pause_ms", report.pause_ms}, {"leg", state.leg}});
}

}  // namespace lakeshift::stages
