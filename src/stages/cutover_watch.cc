#include "stages/cutover_watch.h"

#include <algorithm>

#include "core/base/json.h"
#include "stages/cutover_calls.h"
#include "stages/cutover_run.h"

namespace lakeshift::stages {
namespace {

constexpr world::Millis kPause{5000};

struct Watched {
  const Workload& workload;
  const engine::Kind& kind;
  std::optional<engine::RunSeen> seen = {};
  std::string trouble = {};  // why the runs could not be read, the last time
  bool ended() const { return seen && seen->state != engine::RunSeen::State::running; }
};

std::string outcome_of(const Watched& one) {
  using State = engine::RunSeen::State;
  if (!one.seen) return one.trouble.empty() ? "none" : "unknown";
  if (one.seen->state == State::running) return "running";
  return one.seen->state == State::succeeded ? "succeeded" : "failed";
}

Json to_json(const Watched& one) {
  Json json = {{"job", one.workload.key},
               {"kind", one.workload.kind},
               {"outcome", outcome_of(one)},
               {"message", one.seen ? one.seen->message : one.trouble}};
  if (one.seen) {
    json["run_id"] = one.seen->id;
    json["url"] = one.seen->url;
    json["result"] = one.seen->outcome;
  }
  return json;
}

std::string line_of(const Watched& one) {
  std::string line = "first run in the target: " + one.workload.label() + " ";
  if (one.ended() && one.seen->state == engine::RunSeen::State::failed) {
    line += "failed (" + one.seen->outcome + ")";
    if (!one.seen->message.empty()) line += ": " + one.seen->message;
    return one.seen->url.empty() ? line : line + ", see " + one.seen->url;
  }
  return line + (one.ended() ? "succeeded" : "still runs");
}

void look(const CutoverInput& input, Watched& one, world::Instant began, std::stop_token stop) {
  const model::Object object =
      object_of(one.workload, input.plan.target, true, one.workload.before);
  auto seen = one.kind.first_run(input.target_platform, object, began, stop);
  one.trouble = seen ? "" : seen.error().to_text();
  if (seen) one.seen = std::move(*seen);
}

void tell_the_rest(const std::vector<Watched>& watched, int seconds,
                   const std::function<void(std::string)>& told) {
  std::size_t unseen = 0;
  for (const Watched& one : watched) {
    if (!one.seen && one.trouble.empty()) ++unseen;
    if (!one.trouble.empty())
      told("the runs of " + one.workload.label() + " could not be read: " + one.trouble);
    else if (one.seen && !one.ended())
      told(line_of(one));
  }
  if (unseen > 0)
    told(objects_text(unseen) + " had no run within " + std::to_string(seconds) + " s");
}

}  // namespace

Json watch_first_runs(const CutoverInput& input, const std::vector<Workload>& workloads,
                      world::Instant began, const std::function<void(std::string)>& told,
                      world::Run& run) {
  std::vector<Watched> watched;
  for (const Workload& workload : workloads) {
    const engine::Kind* kind = engine::find_kind(input.kinds, workload.kind);
    if (kind != nullptr && kind->first_run != nullptr) watched.push_back({workload, *kind});
  }
  if (input.watch_seconds <= 0 || watched.empty()) return Json::array();
  const world::Instant end = run.world.clock.now() + std::chrono::seconds(input.watch_seconds);
  for (;;) {
    for (Watched& one : watched) {
      if (one.ended() || run.stop.stop_requested()) continue;
      look(input, one, began, run.stop);
      if (one.ended()) told(line_of(one));
    }
    const world::Millis left = end - run.world.clock.now();
    if (left <= world::Millis(0) ||
        std::all_of(watched.begin(), watched.end(), [](const Watched& one) { return one.ended(); }))
      break;
    if (!run.world.clock.sleep(std::min(kPause, left), run.stop)) break;
  }
  tell_the_rest(watched, input.watch_seconds, told);
  Json list = Json::array();
  for (const Watched& one : watched) list.push_back(to_json(one));
  return list;
}

}  // namespace lakeshift::stages
