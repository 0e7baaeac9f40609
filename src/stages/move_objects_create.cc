// Making a move of objects, and following its changes.
#include <fmt/format.h>

#include <algorithm>

#include "core/base/strings.h"
#include "stages/move_objects_run.h"

namespace lakeshift::stages {

using transfers::ObjectRoundReport;

namespace {

constexpr world::Millis kObjectPoll{2000};
constexpr world::Millis kObjectLook{100};
constexpr int kObjectRest = 4;  // times as long as a round took

Json round_facts(const ObjectRoundReport& round) {
  return {{"found", round.found},
          {"copied", round.copied},
          {"bytes", round.bytes},
          {"removed", round.removed},
          {"looked_at", round.same},
          {"moving", round.moving},
          {"excluded", round.excluded},
          {"folder_marks", round.folders},
          {"held", round.held},
          {"conflicts", round.conflicts.size()},
          {"blocks_of_earlier_runs", round.blocks_there}};
}

class ObjectCreation {
 public:
  explicit ObjectCreation(ObjectMoveRun& move) : move_(move) {}

  Result<bool> make() {
    LS_TRY(look());
    if (!move_.gates_open()) return false;
    if (move_.input.dry_run) {
      move_.report.steps = {
          "would keep the applications from writing to the target until the switch",
          fmt::format("would copy {} objects, {} MB", objects_, bytes_ >> 20),
          "would follow the changes by listing both sides, until stopped"};
      return true;
    }
    const bool is_new = move_.state.phase == "new";
    move_.state.phase = "creating";
    LS_TRY(move_.room->save(move_.state));
    if (is_new)
      LS_TRY(move_.did("preflight",
                       fmt::format("no obstacle: {} objects, {} MB", objects_, bytes_ >> 20),
                       {{"objects", objects_},
                        {"bytes", bytes_},
                        {"source", move_.side(false).address().to_text()},
                        {"target", move_.side(true).address().to_text()}}));
    LS_TRY(move_.fence_side(true, move_.run.stop, false));
    LS_TRY(copy());
    move_.state.phase = "following";
    LS_TRY(move_.room->save(move_.state));
    return true;
  }

 private:
  // What can be known from listings alone.
  Status look() {
    for (std::string next;;) {
      LS_ASSIGN(const stores::ListedPage page, move_.from().list(next, move_.run));
      for (const stores::ListedObject& object : page.objects) {
        if (object.is_folder || transfers::is_left_out(move_.config().leave_out, object.key))
          continue;
        ++objects_;
        bytes_ += object.size;
        LS_TRY(look_at(object));
      }
      next = page.next;
      if (next.empty()) break;
    }
    if (move_.state.phase == "new") LS_TRY(look_at_target());
    LS_ASSIGN(const std::int64_t versions, move_.from().count_versions(move_.run));
    if (versions > 0)
      add({"object-versions-stay", model::Severity::warning, "bucket",
           move_.from().address().to_text(), "",
           fmt::format("{} older versions and delete marks stay behind", versions),
           "keep the source as long as they are needed", ""});
    bool blocked = false;
    for (const model::Finding& finding : move_.report.findings)
      blocked = blocked || finding.severity == model::Severity::blocking;
    move_.add_gate("preflight", !blocked, blocked ? "obstacles stand in the way" : "no obstacle",
                   "follow the remedies of the findings, or name their codes in 'accept'");
    return {};
  }

  Status look_at(const stores::ListedObject& object) {
    std::optional<stores::Refusal> refusal = move_.to().name_refusal(object);
    if (!refusal) {
      LS_ASSIGN(refusal, move_.from().read_refusal(object, move_.run));
    }
    if (!refusal) return {};
    add({refusal->code, model::Severity::blocking, "object", printable(object.key), "",
         refusal->reason, refusal->remedy, ""});
    return {};
  }

  Status look_at_target() {
    LS_ASSIGN(const stores::ListedPage page, move_.to().list("", move_.run));
    std::int64_t there = 0;
    for (const stores::ListedObject& object : page.objects)
      if (!object.is_folder && !transfers::is_left_out(move_.config().leave_out, object.key))
        ++there;
    if (there > 0)
      add({"objects-target-not-empty", model::Severity::blocking, "bucket",
           move_.to().address().to_text(), "",
           fmt::format("{} objects or more are there, '{}' among them", there,
                       printable(page.objects.front().key)),
           "name another prefix or an empty container; accepted, they are never overwritten", ""});
    return {};
  }

  void add(model::Finding finding) {
    const auto& accept = move_.config().accept;
    if (std::find(accept.begin(), accept.end(), finding.code) != accept.end())
      finding.severity = model::Severity::info;
    move_.report.findings.push_back(std::move(finding));
  }

  Status copy() {
    const world::Instant began = move_.run.world.clock.now();
    LS_ASSIGN(const ObjectRoundReport done, move_.round(move_.run.stop));
    const auto took = std::max<long long>(1, (move_.run.world.clock.now() - began).count());
    return move_.did(
        "copy",
        fmt::format("copied {} objects, {} MB in {:.1f} s; {} changed meanwhile, {} left out by "
                    "name, {} marks of folders; {} blocks were there from a run before",
                    done.copied, done.bytes >> 20, static_cast<double>(took) / 1000.0, done.moving,
                    done.excluded, done.folders, done.blocks_there),
        round_facts(done));
  }

  ObjectMoveRun& move_;
  std::int64_t objects_ = 0, bytes_ = 0;
};

}  // namespace

Result<MoveOutcome> follow_object_leg(ObjectMoveRun& move, bool until_caught_up) {
  if (until_caught_up) {
    LS_ASSIGN(const ObjectRoundReport last, move.catch_up(false, move.run.stop));
    LS_TRY(move.did("caught up", fmt::format("caught up: {} objects at both sides", last.held),
                    round_facts(last)));
    move.report.gates.clear();
    LS_TRY(move.judge_left());
    return move.gates_open() ? MoveOutcome::done : MoveOutcome::blocked;
  }
  move.say(move.traffic() + "; following, stop with Ctrl-C");
  world::Instant listed{};
  world::Millis poll = kObjectPoll;
  while (!move.run.stop.stop_requested()) {
    if (move.room->wanted()) {
      move.say("another lakeshift goes on with this move");
      return MoveOutcome::done;
    }
    if (move.run.world.clock.now() - listed >= poll) {
      const world::Instant began = move.run.world.clock.now();
      const auto done = move.round(move.run.stop);
      if (!done && done.error().code == "cancelled") break;
      if (!done && done.error().retry == Retry::never) return fail(done.error());
      if (!done) move.say(done.error().to_text(), true);
      if (done && !done->quiet())
        move.say(fmt::format("{} objects copied, {} removed, {} still moving", done->copied,
                             done->removed, done->moving));
      listed = move.run.world.clock.now();
      poll = std::max(kObjectPoll, (listed - began) * kObjectRest);  // listings cost money
    }
    move.run.world.clock.sleep(kObjectLook, move.run.stop);
  }
  return MoveOutcome::interrupted;
}

Result<MoveReport> create_object_move(const MoveInput& input, world::Run& run) {
  ObjectMoveRun move(input, run, "create");
  LS_TRY(move.open(true));
  if (!input.dry_run) LS_TRY(move.settle_switch());
  if (move.state.phase == "new" || move.state.phase == "creating") {
    ObjectCreation creation(move);
    LS_ASSIGN(const bool made, creation.make());
    if (!made) return move.end(MoveOutcome::blocked, "something stands in the way");
  }
  if (input.dry_run) return move.end(MoveOutcome::done);
  LS_ASSIGN(const MoveOutcome outcome, follow_object_leg(move, input.until_caught_up));
  return move.end(outcome, outcome == MoveOutcome::blocked ? "not every object is carried" : "");
}

}  // namespace lakeshift::stages
