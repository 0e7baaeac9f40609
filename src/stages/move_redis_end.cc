// How a move of Redis stands, and how it ends.
#include <fmt/format.h>

#include "core/base/strings.h"
#include "knowledge/transfers/redis_fence.h"
#include "stages/move_redis_run.h"

namespace lakeshift::stages {

using databases::RedisAddress;

namespace {

Result<MoveReport> end_redis_move(const MoveInput& input, world::Run& run, bool complete) {
  RedisMoveRun move(input, run, complete ? "complete" : "cancel");
  LS_TRY(move.open(true));
  if (!input.dry_run) LS_TRY(move.settle_switch());
  move.add_end_gate(complete);
  if (!move.gates_open()) return move.end(MoveOutcome::blocked, "a gate is closed");
  const std::string left = complete ? "source" : "target";
  if (input.dry_run) {
    move.report.steps = {
        "would stop following; nothing of the move is in the servers but the "
        "fence of the " +
        left};
    return move.end(MoveOutcome::done);
  }
  for (int leg = 0; leg <= move.state.leg + 1; ++leg) LS_TRY(move.save_positions(leg, {}));
  LS_TRY(move.mark_ended(complete, "keys"));
  return move.end(MoveOutcome::done);
}

// What a side says of itself; an unreachable one is a finding, no error.
void look_at_redis(RedisMoveRun& move, const RedisAddress& address, const std::string& name) {
  const Status looked = [&]() -> Status {
    RedisAddress looking = address;
    looking.name = "lakeshift.look";
    LS_ASSIGN(const auto nodes, move.connect(looking));
    LS_ASSIGN(const databases::RedisServerFacts facts, databases::read_redis_facts(*nodes));
    std::string fenced = "not known (no right to list users)";
    if (const auto users = transfers::fenced_redis_users(*nodes))
      fenced = users->empty() ? "nobody" : join(*users, ", ");
    move.report.steps.push_back(fmt::format("{} {}: version {}, {} keys, fenced: {}", name,
                                            address.to_text(), facts.version_text, facts.keys,
                                            fenced));
    return {};
  }();
  if (looked) return;
  model::Finding finding;
  finding.code = "redis-side-unreachable";
  finding.kind = "server";
  finding.key = address.to_text();
  finding.where = name;
  finding.cause = looked.error().to_text();
  move.report.findings.push_back(std::move(finding));
}

}  // namespace

Result<MoveReport> redis_move_status(const MoveInput& input, world::Run& run) {
  RedisMoveRun move(input, run, "status");
  LS_TRY(move.open(false));
  LS_TRY(move.look_who_drives());
  move.report.steps.push_back(move.driven_elsewhere ? "another lakeshift drives this move now"
                                                    : "no lakeshift follows the changes now");
  look_at_redis(move, move.sides.source, "source");
  look_at_redis(move, move.sides.target, "target");
  move.tell_switches();
  return move.end(MoveOutcome::done);
}

Result<MoveReport> complete_redis_move(const MoveInput& input, world::Run& run) {
  return end_redis_move(input, run, true);
}

Result<MoveReport> cancel_redis_move(const MoveInput& input, world::Run& run) {
  return end_redis_move(input, run, false);
}

}  // namespace lakeshift::stages
