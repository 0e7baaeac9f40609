#include "stages/move_redis_run.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/strings.h"
#include "core/world/process.h"
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

Result<RedisAddress> find_redis_side(world::World& world, const MoveConfig& move,
                                     const std::string& side, const std::string& text) {
  auto address = databases::find_redis_address(world, move.name + "_" + side, text);
  if (address) address->name = "lakeshift." + move.name;
  if (!address && address.error().code == "no-address")
    address.error().remedy = "write moves: {" + move.name + ": {" + side +
                             ": rediss://user@host:6379}} into lakeshift.yaml";
  return address;
}

std::string next_of_redis(const MoveState& state, const std::string& name) {
  const std::string move = "lakeshift move ";
  if (state.phase == "completed" || state.phase == "cancelled") return "";
  if (state.phase != "following") return move + "create " + name;
  return state.forward()
             ? move + "verify " + name + ", then " + move + "cutover " + name
             : move + "rollback " + name + " to go back, or " + move + "complete " + name;
}

}  // namespace

std::string redis_side(int leg, bool from) { return (leg % 2 == 0) == from ? "source" : "target"; }

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
  LS_ASSIGN(sides.source, find_redis_side(run.world, config(), "source", config().source));
  LS_ASSIGN(sides.target, find_redis_side(run.world, config(), "target", config().target));
  if (sides.source.to_text() == sides.target.to_text())
    return fail("bad-config", "source and target are the same, " + sides.source.to_text(),
                "move '" + config().name + "'", "name two different servers");
  LS_ASSIGN(MoveRoom opened, MoveRoom::open(run.world, input.root, config().name));
  room = std::make_unique<MoveRoom>(std::move(opened));
  if (drive && !input.dry_run) LS_TRY(room->lock(verb));
  LS_ASSIGN(state, room->load());
  if (drive && (state.phase == "completed" || state.phase == "cancelled"))
    return fail("move-over", "this move was " + state.phase, "move '" + config().name + "'",
                "give a new move another name in lakeshift.yaml");
  LS_TRY(room->check_evidence());
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
                                                                       std::stop_token stop) {
  transfers::RedisFollowOptions options;
  options.way = found.psync ? transfers::RedisFollow::psync : transfers::RedisFollow::notifications;
  options.leave_out = config().leave_out;
  options.mover.workers = static_cast<std::size_t>(config().workers);
  options.mover.carry.big_bytes = static_cast<std::int64_t>(config().big_key_mb) << 20;
  options.mover.carry.payloads = found.payloads;
  options.mover.carry.measures = found.measures || leg > 0;
  LS_ASSIGN(const std::optional<Json> known, room->document("positions-" + std::to_string(leg)));
  if (known && found.psync) {
    for (const auto& [node, position] : member(*known, "nodes").items())
      options.positions.nodes[node] = {text_at(position, "history"), int_at(position, "offset"),
                                       static_cast<int>(int_at(position, "database", -1))};
    for (const auto& [node, value] : member(*known, "runs").items())
      options.positions.runs[node] = scalar_text(value);
  }
  auto follower = std::make_unique<transfers::RedisFollower>(
      sides.from(leg), sides.to(leg), std::move(options), run, std::move(stop));
  LS_TRY(follower->start());
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

Status RedisMoveRun::did(const std::string& step, const std::string& text, const Json& facts) {
  report.steps.push_back(text);
  say(text);
  return room->note(verb, step, facts);
}

void RedisMoveRun::say(const std::string& text, bool warning) {
  world::Event event;
  event.type = warning ? world::Event::Type::warning : world::Event::Type::notice;
  event.stage = "move";
  event.text = text;
  run.events.emit(event);
}

void RedisMoveRun::add_gate(const std::string& name, bool is_open, const std::string& text,
                            const std::string& remedy) {
  report.gates.push_back({name, is_open, text, is_open ? "" : remedy});
}

bool RedisMoveRun::gates_open() const {
  return std::all_of(report.gates.begin(), report.gates.end(),
                     [](const MoveGate& gate) { return gate.open; });
}

Status RedisMoveRun::call_hook(const std::string& point, world::Millis limit) {
  const auto hook = config().hooks.find(point);
  if (hook == config().hooks.end()) return {};
  const Json told = {{"move", config().name},
                     {"verb", verb},
                     {"point", point},
                     {"from", redis_side(state.leg, true)},
                     {"to", redis_side(state.leg, false)},
                     {"leg", state.leg}};
  const world::Instant began = run.world.clock.now();
  LS_ASSIGN(const world::Ended ended,
            world::run_process(hook->second, dump_json(told) + "\n", limit));
  LS_TRY(room->note(verb, "hook " + point,
                    {{"command", hook->second},
                     {"exit_code", ended.exit_code},
                     {"ms", (run.world.clock.now() - began).count()}}));
  if (ended.exit_code == 0) return {};
  return fail("hook-failed",
              fmt::format("it ended with exit code {}: {}", ended.exit_code,
                          printable(trim(ended.err.substr(0, 400)))),
              "hook " + point + " (" + join(hook->second, " ") + ")",
              "mend it, or take it out of lakeshift.yaml");
}

std::string RedisMoveRun::traffic() const {
  const auto at = [&](bool target) {
    return std::string(target ? "target " : "source ") +
           (target ? sides.target : sides.source).to_text();
  };
  const bool forward = state.forward();
  if (driven_elsewhere && (state.phase == "switching" || state.phase == "opening"))
    return "traffic: nowhere for a moment, a switch from " + at(!forward) + " is going on";
  if (state.phase == "switching")
    return "traffic: nowhere, a switch from " + at(!forward) +
           " was cut short; run 'lakeshift move create " + config().name + "'";
  if (state.phase == "opening") return "traffic: being opened at " + at(forward);
  if (state.phase == "completed") return "traffic: " + at(true) + "; the move is completed";
  if (state.phase == "cancelled") return "traffic: " + at(false) + "; the move was cancelled";
  if (state.phase != "following") return "traffic: " + at(false) + "; the target is being made";
  return "traffic: " + at(!forward) + "; " + at(forward) +
         (config().cold ? " is cold, nothing follows" : " follows");
}

void RedisMoveRun::remember_switch(const std::string& outcome, const std::string& reason) {
  const long long now = run.world.clock.now().time_since_epoch().count();
  report.pause_ms = std::max(0LL, now - state.pause_began_ms);
  state.history.push_back({{"verb", state.forward() ? "cutover" : "rollback"},
                           {"at", world::to_iso8601(run.world.clock.now())},
                           {"outcome", outcome},
                           {"pause_ms", report.pause_ms},
                           {"reason", reason}});
}

Status RedisMoveRun::settle_switch() {
  if (state.phase == "switching") {
    LS_TRY(go_back("the run that switched was cut short"));
    say(fmt::format("a switch that was cut short was undone; no side took writes for {} ms",
                    report.pause_ms),
        true);
  } else if (state.phase == "opening") {
    LS_TRY(open_other_side());
    say(fmt::format("a switch that was cut short was finished; no side took writes for {} ms",
                    report.pause_ms),
        true);
  }
  return {};
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
      "go-back", fmt::format("went back: {} takes the writes again", redis_side(state.leg, true)),
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
      fmt::format("{} takes the writes: {} users may write again", redis_side(old, false), users),
      {{"users", users}, {"pause_ms", report.pause_ms}, {"leg", state.leg}});
}

Result<MoveReport> RedisMoveRun::end(MoveOutcome outcome, const std::string& reason) {
  report.outcome = outcome;
  report.reason = reason;
  report.phase = state.phase;
  report.traffic = traffic();
  report.next = next_of_redis(state, config().name);
  if (!input.dry_run && verb != "status") LS_TRY(room->save_junit(verb, report));
  return report;
}

}  // namespace lakeshift::stages
