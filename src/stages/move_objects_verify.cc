// Comparing the two sides of a move of objects, byte by byte.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "core/base/strings.h"
#include "core/world/executor.h"
#include "knowledge/checks/object_content.h"
#include "stages/move_objects_run.h"

namespace lakeshift::stages {

using checks::ObjectComparison;
using transfers::ObjectLedger;
using transfers::ObjectTask;

namespace {

constexpr int kObjectLooks = 5;
constexpr std::size_t kObjectBatch = 256;
constexpr world::Millis kObjectPatience{1500};

struct ObjectApart {
  std::string key, what;
  std::string stamp;  // of the side that takes the writes, before it was compared
};
struct ObjectLook {
  std::vector<ObjectApart> different;
  std::vector<transfers::ComparedObject> equal;
  long long objects = 0, bytes = 0;
};

// Compares keys in several threads.
Result<ObjectLook> look_at_objects(ObjectMoveRun& move, const std::vector<std::string>& keys,
                                   world::Run& run) {
  world::Guarded<ObjectLook> look;
  world::Guarded<Status> failure;
  {
    world::Executor threads(static_cast<std::size_t>(move.config().workers));
    world::TaskGroup group(threads);
    for (const std::string& key : keys)
      group.add([&, key] {
        if (!failure.with([](const Status& status) { return status.has_value(); })) return;
        const auto found = checks::compare_object(move.side(false), move.side(true), key, run);
        if (!found) {
          failure.with([&](Status& status) {
            if (status) status = fail(found.error());
          });
          return;
        }
        look.with([&](ObjectLook& all) {
          ++all.objects;
          all.bytes += found->bytes;
          if (found->equal)
            all.equal.push_back({key, found->source_etag, found->target_etag});
          else
            all.different.push_back({key, found->difference, ""});
        });
      });
  }
  LS_TRY(failure.with([](const Status& status) { return status; }));
  return look.with([](ObjectLook& all) { return std::move(all); });
}

// Reads both listings again, and compares what both have; what one lacks is a difference.
class ObjectsCompared {
 public:
  ObjectsCompared(ObjectMoveRun& move, std::stop_token stop)
      : move_(move),
        run_{move.run.world, move.run.events, std::move(stop), move.run.parallel,
             move.run.in_flight} {}

  Result<ObjectLook> all(const std::vector<std::string>* only) {
    LS_ASSIGN(const auto ledger,
              ObjectLedger::open(move_.room->folder() + "/objects.sqlite", move_.state.forward()));
    LS_TRY(ledger->list(true, move_.from(), run_));
    LS_TRY(ledger->list(false, move_.to(), run_));
    LS_ASSIGN(const auto left, ledger->left());
    std::set<std::string> skipped;
    for (const auto& one : left)
      if (!one.carried) skipped.insert(one.key);
    std::set<std::string> wanted;
    if (only != nullptr) wanted.insert(only->begin(), only->end());
    ObjectLook whole;
    for (std::string after;;) {
      LS_ASSIGN(const std::vector<ObjectTask> tasks, ledger->next(after, true, kObjectBatch));
      if (tasks.empty()) return whole;
      after = tasks.back().key();
      std::vector<std::string> both;
      for (const ObjectTask& task : tasks) {
        if (only != nullptr && !wanted.contains(task.key())) continue;
        if (skipped.contains(task.key()) || is_apart(task)) continue;
        if (!task.from.key.empty() && !task.to.key.empty())
          both.push_back(task.key());
        else
          whole.different.push_back({task.key(), missing_text(task), ""});
      }
      LS_ASSIGN(const ObjectLook some, look_at_objects(move_, both, run_));
      LS_TRY(ledger->mark_compared(some.equal));
      whole.objects += some.objects;
      whole.bytes += some.bytes;
      whole.different.insert(whole.different.end(), some.different.begin(), some.different.end());
      std::map<std::string, std::string> stamps;
      for (const ObjectTask& task : tasks) stamps[task.key()] = task.from.stamp;
      for (ObjectApart& one : whole.different)
        if (const auto found = stamps.find(one.key); found != stamps.end())
          one.stamp = found->second;
      move_.progress("objects compared", whole.objects, ledger->listed(true));
    }
  }

 private:
  bool is_apart(const ObjectTask& task) {
    if (transfers::is_left_out(move_.config().leave_out, task.key())) return true;
    if (task.from.is_folder || task.to.is_folder) return true;
    // Never carried, because the side that took the writes then could not hold it.
    return task.from.key.empty() && move_.from().name_refusal(task.to).has_value();
  }
  std::string missing_text(const ObjectTask& task) const {
    const bool at_source = task.from.key.empty() != move_.state.forward();
    return at_source ? "missing at the target" : "only at the target";
  }

  ObjectMoveRun& move_;
  world::Run run_;
};

}  // namespace

Result<ObjectProof> ObjectMoveRun::prove(bool in_use, const std::vector<std::string>* only,
                                         std::stop_token stop) {
  ObjectsCompared compared(*this, stop);
  LS_ASSIGN(ObjectLook look, compared.all(only));
  ObjectProof proof;
  proof.objects = look.objects;
  proof.bytes = look.bytes;
  std::map<std::string, std::string> before;
  for (int looks = 1; in_use && !look.different.empty() && looks < kObjectLooks; ++looks) {
    if (room->locked()) {
      LS_TRY(round(stop));
    } else {
      run.world.clock.sleep(kObjectPatience, stop);
    }
    std::vector<std::string> keys;
    for (const ObjectApart& one : look.different) {
      keys.push_back(one.key);
      before[one.key] = one.stamp;
    }
    LS_ASSIGN(look, compared.all(&keys));
  }
  for (const ObjectApart& one : look.different) {
    const auto was = before.find(one.key);
    if (was != before.end() && was->second != one.stamp)
      proof.moving.push_back(one.key);
    else
      proof.differences.push_back("object '" + printable(one.key) + "': " + one.what);
  }
  std::sort(proof.differences.begin(), proof.differences.end());
  return proof;
}

Result<MoveReport> verify_object_move(const MoveInput& input, world::Run& run) {
  ObjectMoveRun move(input, run, "verify");
  LS_TRY(move.open(false));
  move.add_gate("made", move.state.phase == "following", "phase " + move.state.phase,
                "run 'lakeshift move create " + input.move.name + "' until it follows");
  if (!move.gates_open()) return move.end(MoveOutcome::blocked, "there is nothing to compare yet");
  if (input.dry_run) {
    move.report.steps = {"would read every object of both sides and compare it"};
    return move.end(MoveOutcome::done);
  }
  LS_ASSIGN(const bool drives, move.room->try_lock());
  if (drives) LS_TRY(move.catch_up(false, run.stop));
  LS_ASSIGN(const ObjectProof proof, move.prove(true, nullptr, run.stop));
  move.report.rows_proven = proof.objects;
  move.report.differences = proof.differences;
  const Json facts = {
      {"objects", proof.objects}, {"bytes", proof.bytes},
      {"equal", proof.equal()},   {"differences", proof.differences.size()},
      {"moving", proof.moving},   {"proof", "bytes of both sides read, fields compared"},
      {"leg", move.state.leg},    {"at", world::to_iso8601(run.world.clock.now())}};
  LS_TRY(move.room->save_document("verified", facts));
  LS_TRY(move.did(
      "verify",
      fmt::format("{} objects, {} MB of each side read and compared, {} differ, {} "
                  "changed at every look",
                  proof.objects, proof.bytes >> 20, proof.differences.size(), proof.moving.size()),
      facts));
  if (proof.equal()) return move.end(MoveOutcome::done);
  return move.end(MoveOutcome::blocked, fmt::format("{} objects differ", proof.differences.size()));
}

}  // namespace lakeshift::stages
