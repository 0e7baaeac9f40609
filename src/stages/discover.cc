#include "stages/discover.h"

#include <atomic>
#include <deque>

#include "core/engine/generic.h"
#include "knowledge/platforms/availability.h"
#include "knowledge/platforms/reference_data.h"
#include "stages/discover_keys.h"

namespace lakeshift::stages {
namespace {

constexpr const char* kStage = "discover";
constexpr std::size_t kThreadsPerCall = 6;

// Counts the calls; hands everything else on. Once the workspace no longer takes the login nothing
// more is asked: what would be read then is not what is there.
class CountedPlatform final : public engine::Platform {
 public:
  explicit CountedPlatform(engine::Platform& inner) : inner_(inner) {}
  Result<Json> call(const engine::Call& call, std::stop_token stop) override {
    if (auto lost = lost_login()) return fail(*std::move(lost));
    ++calls_;
    return watched(inner_.call(call, stop));
  }
  Result<std::string> call_bytes(const engine::Call& call, std::string_view body,
                                 std::stop_token stop) override {
    if (auto lost = lost_login()) return fail(*std::move(lost));
    ++calls_;
    return watched(inner_.call_bytes(call, body, stop));
  }
  const std::string& side() const override { return inner_.side(); }
  const std::string& cloud() const override { return inner_.cloud(); }
  Json describe() const override { return inner_.describe(); }
  long long calls() const { return calls_; }
  std::optional<Error> lost_login() {
    return lost_login_.with([](const std::optional<Error>& error) { return error; });
  }

 private:
  template <typename T>
  Result<T> watched(Result<T> answer) {
    if (!answer && answer.error().retry == Retry::after_login)
      lost_login_.with([&](std::optional<Error>& error) {
        if (!error) error = answer.error();
      });
    return answer;
  }
  engine::Platform& inner_;
  std::atomic<long long> calls_ = 0;
  world::Guarded<std::optional<Error>> lost_login_;
};

// What tasks of all kinds fill together.
struct Collected {
  std::vector<model::Object> objects;
  std::vector<model::Finding> findings;
  std::map<std::string, model::KindCount> counts;
  std::map<std::string, long long> found;  // per kind
  Json reference = Json::object();
};

model::Finding list_failed(const engine::Kind& kind, const Error& error) {
  model::Finding finding;
  finding.kind = kind.name;
  finding.evidence = error.to_text();
  if (platforms::means_not_offered(error.code)) {
    finding.code = "kind-not-available";
    finding.severity = model::Severity::info;
    finding.cause =
        "the workspace does not offer " + std::string(kind.plural) + ": " + error.message;
    finding.remedy = "nothing to do when the workspace never had any; else check its tier";
    return finding;
  }
  finding.code = "kind-not-read";
  finding.severity = kind.moves ? model::Severity::blocking : model::Severity::warning;
  finding.cause = "the " + std::string(kind.plural) + " could not be listed: " + error.message;
  finding.remedy =
      error.remedy.empty() ? "repair the cause and run 'lakeshift discover' again" : error.remedy;
  return finding;
}

class Discovery {
 public:
  Discovery(engine::Platform& platform, engine::KindSet kinds, world::Run& run,
            const std::function<Result<std::string>(std::string_view)>& put_content)
      : platform_(platform), kinds_(kinds), run_(run), put_content_(put_content) {}

  Result<DiscoverResult> execute() {
    emit(world::Event::Type::stage_started, platform_.side(), 0, 0);
    {
      // The platform bounds the calls in flight. More threads than that, and a lane for each kind,
      // so that a kind that waits for its API's rate limit does not hold up the others; one thread
      // keeps the calls in one order.
      const auto parallel = static_cast<std::size_t>(std::max(1, run_.parallel));
      world::Executor executor(parallel == 1 ? 1 : kThreadsPerCall * parallel, parallel + 2);
      world::TaskGroup tasks(executor);
      // Lists first: they tell how much there is to read, and their pages follow each other.
      for (const engine::Kind* kind : kinds_)
        tasks.add([this, kind, &tasks] { read_kind(*kind, tasks); });
      for (const platforms::ReferenceReading& reading : platforms::reference_readings())
        tasks.add([this, &reading] { read_reference(reading); });
      tasks.wait();
    }
    if (run_.stop.stop_requested())
      return fail("interrupted", "discovery was stopped before it had read everything",
                  "side '" + platform_.side() + "'", "run 'lakeshift discover' again");
    if (auto lost = platform_.lost_login()) return fail(*std::move(lost));
    return gather();
  }

 private:
  void read_kind(const engine::Kind& kind, world::TaskGroup& tasks) {
    const std::string name(kind.name);
    collected_.with([&](Collected& all) {
      all.counts[name].kind = name;
      all.counts[name].moves = kind.moves;
    });
    if (run_.stop.stop_requested()) return;
    engine::DiscoverContext& context = context_of(kind, tasks);
    const Status status = kind.discover != nullptr ? kind.discover(kind, context)
                                                   : engine::discover_generic(kind, context);
    if (status) return;
    collected_.with([&](Collected& all) {
      all.counts[name].unavailable = status.error().code + ": " + status.error().message;
      all.findings.push_back(list_failed(kind, status.error()));
    });
  }

  world::TaskGroup& permission_lane_of(world::TaskGroup& tasks) {
    return *lanes_.with([&](auto& lanes) {
      if (lanes.empty()) lanes.emplace_back(tasks, 1);
      return &lanes.front();
    });
  }

  // Contexts live until the discovery ends: tasks of the kind hold references to them.
  engine::DiscoverContext& context_of(const engine::Kind& kind, world::TaskGroup& tasks) {
    const std::string name(kind.name);
    world::TaskGroup& permission_lane = permission_lane_of(tasks);
    world::TaskGroup* lane =
        lanes_.with([&](auto& lanes) { return &lanes.emplace_back(tasks, lanes.size() + 1); });
    auto context = std::make_unique<engine::DiscoverContext>(engine::DiscoverContext{
        platform_, run_, *lane, permission_lane, shared_, put_content_, {}, {}, {}, {}});
    context->found = [this, name, &kind](model::Object object) { found(kind, std::move(object)); };
    context->listed = [this, name](long long more) {
      collected_.with([&](Collected& all) { all.counts[name].listed += more; });
    };
    context->out_of_scope = [this, name](std::string reason) {
      collected_.with([&](Collected& all) {
        ++all.counts[name].out_of_scope;
        ++all.counts[name].out_of_scope_reasons[reason];
      });
    };
    context->finding = [this, name](model::Finding finding) {
      if (finding.kind.empty()) finding.kind = name;
      collected_.with([&](Collected& all) { all.findings.push_back(std::move(finding)); });
    };
    return *contexts_.with([&](auto& contexts) -> engine::DiscoverContext* {
      contexts.push_back(std::move(context));
      return contexts.back().get();
    });
  }

  void found(const engine::Kind& kind, model::Object object) {
    object.id.side = platform_.side();
    object.id.kind = kind.name;
    if (object.id.id.empty()) object.id.id = engine::id_of(kind, object.document);
    if (object.key.empty()) object.key = engine::natural_key_of(kind, object.document);
    if (object.key.empty()) object.key = object.id.id;
    if (object.name.empty()) object.name = engine::display_name_of(kind, object.document);
    long long done = 0, total = 0;
    collected_.with([&](Collected& all) {
      done = ++all.found[object.id.kind];
      const model::KindCount& count = all.counts[object.id.kind];
      total = count.listed - count.out_of_scope;
      all.objects.push_back(std::move(object));
    });
    emit(world::Event::Type::progress, std::string(kind.name), done, total);
  }

  void read_reference(const platforms::ReferenceReading& reading) {
    if (run_.stop.stop_requested()) return;
    auto value = platforms::read_reference(platform_, reading, run_.stop);
    collected_.with([&](Collected& all) {
      if (value) {
        all.reference[std::string(reading.member)] = std::move(*value);
        return;
      }
      model::Finding finding;
      finding.code = "reference-data-not-read";
      finding.severity = model::Severity::warning;
      finding.where = reading.member;
      finding.cause = "the workspace's " + std::string(reading.member) +
                      " could not be read: " + value.error().message;
      finding.remedy =
          "run 'lakeshift discover' again; until then the mapping knows only its own tables";
      finding.evidence = value.error().to_text();
      all.findings.push_back(std::move(finding));
    });
  }

  Result<DiscoverResult> gather() {
    DiscoverResult result;
    Collected all = collected_.with([](Collected& collected) { return std::move(collected); });
    result.inventory.side = platform_.side();
    result.inventory.platform = platform_.describe();
    result.inventory.reference = std::move(all.reference);
    result.inventory.objects = std::move(all.objects);
    for (auto& [kind, count] : all.counts) result.inventory.counts.push_back(std::move(count));
    make_keys_unique(result.inventory.objects);
    result.inventory.sort();
    model::Diagnostics diagnostics;
    for (model::Finding& finding : all.findings) diagnostics.add(std::move(finding));
    result.findings = diagnostics.sorted();
    result.calls = platform_.calls();
    LS_TRY(check_discovered(result.inventory));
    run_.events.emit({.type = world::Event::Type::stage_finished,
                      .stage = kStage,
                      .subject = platform_.side(),
                      .text = std::to_string(result.inventory.objects.size()) +
                              " objects read from '" + platform_.side() + "' with " +
                              std::to_string(result.calls) + " calls",
                      .done = static_cast<long long>(result.inventory.objects.size()),
                      .total = static_cast<long long>(result.inventory.objects.size())});
    return result;
  }

  void emit(world::Event::Type type, std::string subject, long long done, long long total) {
    run_.events.emit({.type = type,
                      .stage = kStage,
                      .subject = std::move(subject),
                      .done = done,
                      .total = total});
  }

  CountedPlatform platform_;
  engine::KindSet kinds_;
  world::Run& run_;
  const std::function<Result<std::string>(std::string_view)>& put_content_;
  engine::SharedReads shared_;
  world::Guarded<Collected> collected_;
  world::Guarded<std::deque<world::TaskGroup>> lanes_;
  world::Guarded<std::deque<std::unique_ptr<engine::DiscoverContext>>> contexts_;
};

}  // namespace

Result<DiscoverResult> discover(
    engine::Platform& platform, engine::KindSet kinds, world::Run& run,
    const std::function<Result<std::string>(std::string_view)>& put_content) {
  return Discovery(platform, kinds, run, put_content).execute();
}

Status check_whole(const DiscoverResult& result) {
  for (const model::Finding& finding : result.findings)
    if (finding.code == "kind-not-read" && finding.severity == model::Severity::blocking)
      return fail("not-read", finding.cause, "side '" + result.inventory.side + "'",
                  finding.remedy);
  return {};
}

Status check_discovered(const model::Inventory& inventory) {
  model::PerKind held = model::held_by(inventory);
  std::string wrong;
  for (const model::KindCount& count : inventory.counts) {
    const long long objects = held[count.kind];
    held.erase(count.kind);
    // A kind that is only counted may keep its objects or not; a list that broke off is a finding
    // of its own.
    if ((!count.moves && objects == 0) || !count.unavailable.empty()) continue;
    if (count.listed == objects + count.out_of_scope) continue;
    wrong += (wrong.empty() ? "" : "; ") + count.kind + ": listed " + std::to_string(count.listed) +
             ", read " + std::to_string(objects) + ", out of scope " +
             std::to_string(count.out_of_scope);
  }
  for (const auto& [kind, objects] : held)
    if (objects > 0)
      wrong += (wrong.empty() ? "" : "; ") + kind + ": " + std::to_string(objects) +
               " objects nobody listed";
  if (wrong.empty()) return {};
  return fail("accounting", "the counts do not add up: " + wrong,
              "inventory of '" + inventory.side + "'",
              "this is a defect of lakeshift; please report it");
}

}  // namespace lakeshift::stages
