// How a move of objects stands, and how it ends.
#include <fmt/format.h>

#include "core/base/strings.h"
#include "stages/move_objects_run.h"

namespace lakeshift::stages {

namespace {

Result<MoveReport> end_object_move(const MoveInput& input, world::Run& run, bool complete) {
  ObjectMoveRun move(input, run, complete ? "complete" : "cancel");
  LS_TRY(move.open(true));
  if (!input.dry_run) LS_TRY(move.settle_switch());
  const std::string& phase = move.state.phase;
  if (complete)
    move.add_gate("cut over", phase == "following" && !move.state.forward(), move.traffic(),
                  "run 'lakeshift move cutover " + input.move.name + "' first");
  else
    move.add_gate("traffic at the source", move.state.forward() && phase != "opening",
                  move.traffic(),
                  "run 'lakeshift move rollback " + input.move.name + "' first, or complete it");
  if (!move.gates_open()) return move.end(MoveOutcome::blocked, "a gate is closed");
  if (input.dry_run) {
    move.report.steps = {"would stop following; the other side keeps its objects and its fence"};
    return move.end(MoveOutcome::done);
  }
  move.state.phase = complete ? "completed" : "cancelled";
  LS_TRY(move.room->save(move.state));
  LS_TRY(move.did(move.verb, complete
                                 ? "completed: the source stays fenced, with all its objects"
                                 : "cancelled: the source goes on alone; the target keeps what was "
                                   "copied, fenced"));
  return move.end(MoveOutcome::done);
}

// What a side says of itself; an unreachable one is a finding, no error.
void look_at_bucket(ObjectMoveRun& move, bool target) {
  stores::ObjectStore& store = move.side(target);
  const std::string name = target ? "target" : "source";
  std::int64_t objects = 0, bytes = 0;
  const Status looked = [&]() -> Status {
    std::string next;
    do {
      LS_ASSIGN(const stores::ListedPage page, store.list(next, move.run));
      for (const stores::ListedObject& object : page.objects) {
        ++objects;
        bytes += object.size;
      }
      next = page.next;
    } while (!next.empty());
    return {};
  }();
  if (looked) {
    move.report.steps.push_back(fmt::format("{} {}: {} objects, {} MB", name,
                                            store.address().to_text(), objects, bytes >> 20));
    return;
  }
  model::Finding finding;
  finding.code = "object-side-unreachable";
  finding.kind = "server";
  finding.key = store.address().to_text();
  finding.where = name;
  finding.cause = looked.error().to_text();
  move.report.findings.push_back(std::move(finding));
}

}  // namespace

Result<MoveReport> object_move_status(const MoveInput& input, world::Run& run) {
  ObjectMoveRun move(input, run, "status");
  LS_TRY(move.open(false));
  LS_ASSIGN(const bool free, move.room->try_lock());
  move.driven_elsewhere = !free;
  move.report.steps.push_back(free ? "no lakeshift follows the changes now"
                                   : "another lakeshift drives this move now");
  look_at_bucket(move, false);
  look_at_bucket(move, true);
  for (const Json& one : move.state.history)
    move.report.steps.push_back(
        fmt::format("{} {}: {}, {} ms without writes{}", text_at(one, "at"), text_at(one, "verb"),
                    text_at(one, "outcome"), int_at(one, "pause_ms"),
                    text_at(one, "reason").empty() ? "" : " (" + text_at(one, "reason") + ")"));
  return move.end(MoveOutcome::done);
}

Result<MoveReport> complete_object_move(const MoveInput& input, world::Run& run) {
  return end_object_move(input, run, true);
}

Result<MoveReport> cancel_object_move(const MoveInput& input, world::Run& run) {
  return end_object_move(input, run, false);
}

}  // namespace lakeshift::stages
