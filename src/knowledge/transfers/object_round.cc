#include "knowledge/transfers/object_round.h"

#include <algorithm>

#include "core/base/strings.h"
#include "core/world/executor.h"

namespace lakeshift::transfers {
namespace {

constexpr std::size_t kBatch = 256;

using Kind = ObjectOutcome::Kind;

struct Decided {
  ObjectTask task;
  ObjectDecision decision;
};

class Round {
 public:
  Round(stores::ObjectStore& from, stores::ObjectStore& to, ObjectLedger& ledger,
        const ObjectRoundOptions& options, world::Run& run)
      : from_(from),
        to_(to),
        ledger_(ledger),
        options_(options),
        run_(run),
        threads_(options.workers) {}

  Result<ObjectRoundReport> go() {
    LS_TRY(ledger_.list(true, from_, run_));
    LS_TRY(ledger_.list(false, to_, run_));
    LS_TRY(ledger_.settle());
    report_.found = ledger_.listed(true);
    LS_ASSIGN(const std::vector<LeftObject> left, ledger_.left());
    for (const LeftObject& one : left) left_before_.insert(one.key);
    for (std::string after;;) {
      LS_ASSIGN(std::vector<ObjectTask> tasks, ledger_.next(after, false, kBatch));
      if (tasks.empty()) break;
      after = tasks.back().key();
      LS_TRY(take(std::move(tasks)));
      if (options_.progress) options_.progress(report_.copied);
    }
    LS_ASSIGN(report_.held, ledger_.held_count());
    return std::move(report_);
  }

 private:
  Status take(std::vector<ObjectTask> tasks) {
    std::vector<Decided> work;
    std::vector<HeldObject> intents;
    for (ObjectTask& task : tasks) {
      const std::string& key = task.key();
      if (is_left_out(options_.leave_out, key)) {
        report_.excluded += task.from.key.empty() ? 0 : 1;
        continue;
      }
      ObjectDecision decision = decide_object(task);
      if (decision.step == ObjectStep::conflict && task.from.key.empty() && stays(task)) continue;
      if (decision.step == ObjectStep::conflict)
        report_.conflicts.push_back(printable(key) + ": " + decision.reason);
      if (task.from.is_folder) ++report_.folders;
      if (decision.step != ObjectStep::copy && decision.step != ObjectStep::remove) continue;
      if (decision.step == ObjectStep::copy && !to_.name_refusal(task.from)) {
        HeldObject intent = task.held;
        intent.key = key;
        intent.writing = true;
        intents.push_back(std::move(intent));
      }
      work.push_back({std::move(task), std::move(decision)});
    }
    LS_TRY(ledger_.save(intents, {}, {}));
    return carry(work);
  }

  // The other side's object that never was to be carried: it was left when the traffic was there.
  bool stays(const ObjectTask& task) const {
    return left_before_.contains(task.to.key) || from_.name_refusal(task.to).has_value();
  }

  Status carry(const std::vector<Decided>& work) {
    world::Guarded<std::vector<ObjectOutcome>> outcomes;
    world::Guarded<Status> failure;
    {
      world::TaskGroup group(threads_);
      for (const Decided& one : work)
        group.add([&, this] {
          if (!failure.with([](const Status& status) { return status.has_value(); })) return;
          auto outcome = carry_object(from_, to_, one.task, one.decision, run_);
          if (outcome)
            outcomes.with([&](auto& all) { all.push_back(std::move(*outcome)); });
          else
            failure.with([&](Status& status) {
              if (status) status = fail(outcome.error());
            });
        });
    }
    LS_TRY(keep(outcomes.with([](auto& all) { return std::move(all); })));
    return failure.with([](const Status& status) { return status; });
  }

  Status keep(std::vector<ObjectOutcome> outcomes) {
    std::vector<HeldObject> rows;
    std::vector<std::string> gone;
    std::vector<LeftObject> left;
    for (ObjectOutcome& outcome : outcomes) {
      report_.blocks_there += outcome.blocks_there;
      if (outcome.kind == Kind::copied || outcome.kind == Kind::same) {
        const bool copied = outcome.kind == Kind::copied;
        report_.copied += copied ? 1 : 0;
        report_.bytes += outcome.bytes;
        report_.same += copied ? 0 : 1;
        if (outcome.left.carried) left.push_back(outcome.left);
        rows.push_back(std::move(outcome.held));
      } else if (outcome.kind == Kind::removed) {
        ++report_.removed;
        gone.push_back(outcome.held.key);
      } else if (outcome.kind == Kind::moving) {
        ++report_.moving;
      } else if (outcome.kind == Kind::left) {
        // What the other side has of it is of an earlier version.
        if (outcome.held.to_etag.empty()) gone.push_back(outcome.held.key);
        left.push_back(std::move(outcome.left));
      }
    }
    return ledger_.save(rows, gone, left);
  }

  stores::ObjectStore& from_;
  stores::ObjectStore& to_;
  ObjectLedger& ledger_;
  const ObjectRoundOptions& options_;
  world::Run& run_;
  world::Executor threads_;
  ObjectRoundReport report_;
  std::set<std::string> left_before_;
};

}  // namespace

bool is_left_out(const std::vector<std::string>& patterns, const std::string& key) {
  return std::any_of(patterns.begin(), patterns.end(),
                     [&](const std::string& pattern) { return matches_glob(key, pattern); });
}

Result<ObjectRoundReport> run_object_round(stores::ObjectStore& from, stores::ObjectStore& to,
                                           ObjectLedger& ledger, const ObjectRoundOptions& options,
                                           world::Run& run) {
  Round round(from, to, ledger, options, run);
  return round.go();
}

}  // namespace lakeshift::transfers
