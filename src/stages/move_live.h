// What a running verb of a move tells others of itself, in
// <root>/.lakeshift/moves/<name>/live-<verb>.json, for whoever watches (move_watch.h).
//
// It is news, not evidence: written anew while the verb runs, taken away when it ends. A process
// that was killed leaves its last news behind, which are told apart by their age.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>

#include "core/base/json.h"
#include "core/world/executor.h"
#include "core/world/world.h"

namespace lakeshift::stages {

// News older than this come from a process that is gone.
constexpr world::Millis kLiveAge{3000};

// Thread safe. Passes all events on, and remembers what they tell.
class MoveLive final : public world::EventSink {
 public:
  MoveLive(world::World& world, world::EventSink& to) : world_(world), to_(to) {}
  ~MoveLive() override;  // the verb has ended
  MoveLive(const MoveLive&) = delete;
  MoveLive& operator=(const MoveLive&) = delete;

  // From here on the news are written into this folder, a few times a second.
  void begin(const std::string& folder, const std::string& verb);
  void emit(const world::Event& event) override;
  // What rises and falls: "bytes_behind".
  void measure(const std::string& name, long long value);

 private:
  struct News {
    std::string told;
    std::map<std::string, std::pair<long long, long long>> progress;  // done, total
    std::map<std::string, long long> measures;
  };
  void write(const std::string& verb, world::Instant began);

  world::World& world_;
  world::EventSink& to_;
  world::Guarded<News> news_;
  std::string file_;
  std::stop_source ended_;
  std::unique_ptr<world::Executor> thread_;
};

}  // namespace lakeshift::stages
