#include "stages/cutover_calls.h"

#include <utility>

#include "core/base/strings.h"
#include "core/engine/lookup.h"

namespace lakeshift::stages {
namespace {

// Short runs end soon, and the pause must not outlast them by much.
constexpr world::Millis kFirstDrainPause{1000}, kDrainPause{5000};

std::string name_labels(const std::vector<std::string>& labels) {
  std::string text;
  for (std::size_t i = 0; i < labels.size() && i < 5; ++i) text += (i == 0 ? "" : ", ") + labels[i];
  if (labels.size() > 5) text += " and " + std::to_string(labels.size() - 5) + " more";
  return text;
}

// Which of the workloads have active runs now.
Result<std::vector<const Workload*>> count_active(const CutoverInput& input,
                                                  engine::Platform& platform, bool in_target,
                                                  const std::vector<const Workload*>& workloads,
                                                  world::Run& run) {
  std::vector<std::optional<Result<long long>>> counts(workloads.size());
  {
    world::Executor executor(static_cast<std::size_t>(std::max(1, run.parallel)));
    world::TaskGroup tasks(executor);
    for (std::size_t i = 0; i < workloads.size(); ++i)
      tasks.add([&, i] {
        const engine::Kind* kind = engine::find_kind(input.kinds, workloads[i]->kind);
        if (kind == nullptr || kind->active_runs == nullptr) return;
        // What catching up did not make yet runs nowhere.
        if (in_target && workloads[i]->target_id.empty()) return;
        counts[i] = kind->active_runs(
            platform, object_of(*workloads[i], platform.side(), in_target, workloads[i]->before),
            run.stop);
      });
    tasks.wait();
  }
  std::vector<const Workload*> active;
  for (std::size_t i = 0; i < workloads.size(); ++i) {
    if (!counts[i]) continue;
    const Result<long long>& count = *counts[i];
    if (!count && count.error().code == "not-found") continue;  // it is gone, so nothing of it runs
    if (!count && (count.error().code == "cancelled" || run.stop.stop_requested()))
      return fail("interrupted", "stopped while waiting for running work", workloads[i]->label(),
                  "run the same command again");
    if (!count)
      return fail_because(count.error(), workloads[i]->label(),
                          "its active runs could not be counted");
    if (*count > 0) active.push_back(workloads[i]);
  }
  return active;
}

}  // namespace

Result<std::map<std::string, Error>> carry_calls(
    const CutoverInput& input, engine::Platform& platform, const std::string& run_name,
    const std::string& step, const std::vector<WorkCall>& calls, world::Run& run) {
  model::Plan plan;
  plan.source = plan.target = platform.side();
  std::map<std::string, std::string> labels;
  for (const WorkCall& call : calls) {
    if (call.actions.empty()) continue;
    model::Change change;
    const std::string kind = call.workload == nullptr ? "freeze" : call.workload->kind;
    change.key = call.workload == nullptr ? call.name : call.workload->key;
    change.id = step + ":" + kind + ":" + change.key;
    change.source = {platform.side(), kind, change.key};
    change.verb = model::Verb::update;
    change.target_id = change.key;
    change.actions = call.actions;
    labels[change.id] = call.workload == nullptr ? call.name : call.workload->label();
    plan.changes.push_back(std::move(change));
  }
  LS_ASSIGN(const engine::WalkResult walk,
            engine::carry_out(plan, input.kinds, platform, input.journal, run_name, input.supplies,
                              run, {.ledger = false}));
  if (walk.shut_out) return fail(*walk.shut_out);
  if (walk.stopped)
    return fail("interrupted", "stopped before every call was made", run_name,
                "run the same command again");
  std::map<std::string, Error> errors;
  for (const auto& [id, error] : walk.errors) errors[labels[id]] = error;
  return errors;
}

tl::unexpected<Error> first_of(const std::map<std::string, Error>& errors, const std::string& code,
                               const std::string& what, const std::string& remedy) {
  std::vector<std::string> labels;
  for (const auto& [label, error] : errors) labels.push_back(label);
  Error error{code, what + ": " + name_labels(labels)};
  error.remedy = remedy;
  error.cause = std::make_shared<const Error>(errors.begin()->second);
  return fail(std::move(error));
}

Result<std::vector<std::string>> drain(const CutoverInput& input, engine::Platform& platform,
                                       bool in_target,
                                       const std::vector<const Workload*>& workloads, int seconds,
                                       world::Run& run) {
  const world::Instant end = run.world.clock.now() + std::chrono::seconds(seconds);
  std::vector<const Workload*> active = workloads;
  world::Millis pause = kFirstDrainPause;
  while (true) {
    LS_ASSIGN(active, count_active(input, platform, in_target, active, run));
    if (active.empty()) return std::vector<std::string>();
    world::Event event;
    event.type = world::Event::Type::progress;
    event.stage = "cutover";
    event.subject = "waiting for running work";
    event.total = static_cast<long long>(workloads.size());
    event.done = event.total - static_cast<long long>(active.size());
    run.events.emit(event);
    if (run.world.clock.now() >= end) break;
    if (!run.world.clock.sleep(std::exchange(pause, std::min(2 * pause, kDrainPause)), run.stop))
      return fail("interrupted", "stopped while waiting for running work", platform.side(),
                  "run the same command again");
  }
  std::vector<std::string> labels;
  for (const Workload* workload : active) labels.push_back(workload->label());
  return labels;
}

model::Object object_of(const Workload& workload, const model::Side& side, bool in_target,
                        Json document) {
  model::Object object;
  object.id = {side, workload.kind, in_target ? workload.target_id : workload.source_id};
  object.key = workload.key;
  object.name = workload.name;
  object.document = std::move(document);
  object.content = in_target ? workload.target_content : workload.content;
  return object;
}

Result<Json> read_now(const CutoverInput& input, engine::Platform& platform,
                      const Workload& workload, bool in_target, std::stop_token stop) {
  const engine::Kind* kind = engine::find_kind(input.kinds, workload.kind);
  if (kind == nullptr)
    return fail("unknown-kind", "this lakeshift does not know the kind", workload.label());
  Result<Json> document = engine::read_document(
      *kind, platform, in_target ? workload.target_id : workload.source_id, stop);
  if (document) return document;
  return fail_because(document.error(), workload.label(),
                      "could not be read on side '" + platform.side() + "'");
}

void say(world::Run& run, CutoverReport& report, std::string line) {
  world::Event event;
  event.type = world::Event::Type::notice;
  event.stage = "cutover";
  event.text = line;
  run.events.emit(event);
  report.lines.push_back(std::move(line));
}

}  // namespace lakeshift::stages
