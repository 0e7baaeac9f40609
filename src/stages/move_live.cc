#include "stages/move_live.h"

namespace lakeshift::stages {
namespace {

constexpr world::Millis kTellEvery{400};

}  // namespace

MoveLive::~MoveLive() {
  if (!thread_) return;
  ended_.request_stop();
  thread_.reset();
  // News that cannot be taken away are old in a moment.
  if (world_.files.exists(file_)) (void)world_.files.remove(file_);
}

void MoveLive::begin(const std::string& folder, const std::string& verb) {
  if (thread_) return;
  file_ = folder + "/live-" + verb + ".json";
  thread_ = std::make_unique<world::Executor>(1);
  thread_->submit([this, verb, began = world_.clock.now()] {
    do {
      write(verb, began);
    } while (world_.clock.sleep(kTellEvery, ended_.get_token()));
  });
}

void MoveLive::emit(const world::Event& event) {
  using Type = world::Event::Type;
  news_.with([&](News& news) {
    if (event.type == Type::progress)
      news.progress[event.subject] = {event.done, event.total};
    else if (event.type == Type::notice || event.type == Type::warning)
      news.told = event.text;
  });
  to_.emit(event);
}

void MoveLive::measure(const std::string& name, long long value) {
  news_.with([&](News& news) { news.measures[name] = value; });
}

void MoveLive::write(const std::string& verb, world::Instant began) {
  Json json = {{"verb", verb},
               {"at_ms", world_.clock.now().time_since_epoch().count()},
               {"began_ms", began.time_since_epoch().count()},
               {"progress", Json::object()},
               {"measures", Json::object()}};
  news_.with([&](const News& news) {
    json["told"] = news.told;
    for (const auto& [subject, amount] : news.progress)
      json["progress"][subject] = {{"done", amount.first}, {"total", amount.second}};
    for (const auto& [name, value] : news.measures) json["measures"][name] = value;
  });
  // Whoever watches sees older news; that is no reason to end a move.
  (void)world_.files.write_atomically(file_, dump_json(json) + "\n");
}

}  // namespace lakeshift::stages
