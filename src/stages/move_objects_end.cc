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
  move.add_end_gate(complete);
  if (!move.gates_open()) return move.end(MoveOutcome::blocked, "a gate is closed");
  if (input.dry_run) {
    move.report.steps = {"would stop following; the other side keeps its objects and its fence"};
    return move.end(MoveOutcome::done);
  }
  LS_TRY(move.mark_ended(complete, "objects"));
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
  LS_TRY(move.look_who_drives());
  move.report.steps.push_back(move.driven_elsewhere ? "another lakeshift drives this move now"
                                                    : "no lakeshift follows the changes now");
  look_at_bucket(move, false);
  look_at_bucket(move, true);
  move.tell_switches();
  return move.end(MoveOutcome::done);
}

Result<MoveReport> complete_object_move(const MoveInput& input, world::Run& run) {
  return end_object_move(input, run, true);
}

Result<MoveReport> cancel_object_move(const MoveInput& input, world::Run& run) {
  return end_object_move(input, run, false);
}

}  // namespace lakeshift::stages
