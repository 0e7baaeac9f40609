// The twin a plan is rehearsed on: the target's present state and reference data, in this process,
// on a clock of its own.
#pragma once

#include <memory>

#include "surfaces/cli/sides.h"
#include "twin/twin.h"

namespace lakeshift::cli {

// What Twin::restore takes: {"<kind>": [documents, with "$content" in base64], "reference": {…}}.
Result<Json> twin_state_of(const model::Inventory& inventory, engine::KindSet kinds,
                           const std::function<Result<std::string>(const std::string&)>& content);

// A transport that is told later where requests go: the twin needs a world, and the world a
// transport.
class LateTransport final : public world::HttpTransport {
 public:
  Result<world::HttpResponse> send(const world::HttpRequest& request,
                                   std::stop_token stop) override;
  void connect(std::unique_ptr<world::HttpTransport> inner) { inner_ = std::move(inner); }

 private:
  std::unique_ptr<world::HttpTransport> inner_;
};

class RehearsalRoom {
 public:
  static Result<std::unique_ptr<RehearsalRoom>> open(Session& session, Migration& migration,
                                                     const model::Inventory& target);
  RehearsalRoom(const RehearsalRoom&) = delete;
  RehearsalRoom& operator=(const RehearsalRoom&) = delete;
  engine::Platform& platform() { return *platform_; }
  state::Journal& journal() { return *journal_; }
  world::Run& run() { return run_; }

 private:
  explicit RehearsalRoom(Session& session);
  Status open_scratch(const std::string& root);

  world::VirtualClock clock_;
  LateTransport transport_;
  world::World world_;
  world::Run run_;
  std::unique_ptr<twin::Twin> twin_;
  std::unique_ptr<engine::Platform> platform_;
  std::unique_ptr<state::WorkDir> scratch_;
  std::unique_ptr<state::Journal> journal_;
};

}  // namespace lakeshift::cli
