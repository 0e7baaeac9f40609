// Two twins, the client connected to both without sockets, and the stages between them: journeys on
// a virtual clock.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>

#include "core/base/digest.h"
#include "core/state/journal.h"
#include "knowledge/clouds/mapper.h"
#include "knowledge/credentials/credential.h"
#include "knowledge/kinds/registry.h"
#include "knowledge/platforms/databricks.h"
#include "stages/apply.h"
#include "stages/discover.h"
#include "stages/journey.h"
#include "stages/plan.h"
#include "stages/verify.h"
#include "tests/unit/fakes/fake_world.h"
#include "tests/unit/fakes/faulty_transport.h"
#include "twin/twin.h"

namespace lakeshift::journey {

// One workspace: a twin, a transport to it, and the world and platform that see it.
struct Workspace {
  Workspace(fakes::FakeWorld& fake, const std::string& side, twin::TwinOptions options)
      : cloud(options.cloud) {
    auto made = twin::Twin::create(fake.world, options);
    if (!made) {
      ADD_FAILURE() << made.error().to_text();
      return;
    }
    server = std::move(*made);
    to_server = twin::make_twin_transport(*server);
    transport = std::make_unique<fakes::FaultyTransport>(*to_server);
    world = std::make_unique<world::World>(
        world::World{fake.clock, *transport, fake.files, *fake.random, *fake.environment});
    run = std::make_unique<world::Run>(world::Run{*world, fake.events, fake.stop.get_token()});
    connect(side, options.token);
  }
  void connect(const std::string& side, const std::string& token) {
    const std::map<std::string, std::string> suffixes = {{"azure", "adb-1.1.azuredatabricks.net"},
                                                         {"aws", "dbc-1.cloud.databricks.com"},
                                                         {"gcp", "1.gcp.databricks.com"}};
    credentials::Access access;
    access.host = "https://" + suffixes.at(cloud);
    access.token = world::Secret(token);
    auto credential = credentials::make_credential(access);
    ASSERT_TRUE(credential) << credential.error().to_text();
    platforms::DatabricksOptions options;
    options.side = side;
    options.cloud = cloud;
    options.documented_limits = false;
    auto connected =
        platforms::connect_databricks(*run, std::move(*credential), access.host, options);
    ASSERT_TRUE(connected) << connected.error().to_text();
    platform = std::move(*connected);
  }
  std::string cloud;
  std::unique_ptr<twin::Twin> server;
  std::unique_ptr<world::HttpTransport> to_server;
  std::unique_ptr<fakes::FaultyTransport> transport;  // to_server, until a fault is planned
  std::unique_ptr<world::World> world;
  std::unique_ptr<world::Run> run;
  std::unique_ptr<engine::Platform> platform;
};

class Journey {
 public:
  Journey(const std::string& from_cloud, const std::string& to_cloud)
      : from(fake, "old", options_of(from_cloud)), to(fake, "new", options_of(to_cloud)) {
    auto opened = state::Journal::open_in_memory();
    if (opened) journal = std::move(*opened);
  }
  static twin::TwinOptions options_of(const std::string& cloud) {
    twin::TwinOptions options;
    options.cloud = cloud;
    return options;
  }

  Result<model::Inventory> discover(Workspace& workspace) {
    const auto put = [this](std::string_view bytes) -> Result<std::string> {
      const std::string digest = sha256_hex(bytes);
      contents.with([&](auto& all) { all[digest] = std::string(bytes); });
      return digest;
    };
    LS_ASSIGN(stages::DiscoverResult result,
              stages::discover(*workspace.platform, kinds, *workspace.run, put));
    LS_TRY(stages::check_whole(result));
    return std::move(result.inventory);
  }
  Status look() {
    LS_ASSIGN(source, discover(from));
    LS_ASSIGN(target, discover(to));
    return {};
  }
  clouds::Mapper mapper() const {
    clouds::MappingContext context;
    context.from = clouds::find_cloud(from.cloud);
    context.to = clouds::find_cloud(to.cloud);
    context.source_platform = source.platform;
    context.target_platform = target.platform;
    context.source_reference = source.reference;
    context.target_reference = target.reference;
    context.user = user;
    context.applications = clouds::pair_applications(
        source, target, journal->rows().value_or(std::vector<state::LedgerRow>{}));
    return clouds::Mapper(std::move(context));
  }
  template <typename Use>
  auto with_input(const Use& use) {
    const clouds::Mapper map = mapper();
    const stages::Route route{.from = "old", .to = "new"};
    const stages::Selection all;
    const auto ledger = journal->rows().value_or(std::vector<state::LedgerRow>{});
    const auto read = [this](const std::string& digest) { return content(digest); };
    return use(stages::PlanInput{source, target, kinds, map, route, all, ledger, read, true});
  }
  Result<model::Plan> plan() {
    return with_input([](const stages::PlanInput& input) { return stages::make_plan(input); });
  }
  Result<stages::ApplyResult> apply(const model::Plan& plan) { return apply(plan, *journal); }
  Result<stages::ApplyResult> apply(const model::Plan& plan, state::Journal& into) {
    return stages::apply(plan, kinds, *to.platform, into, supplies(), *to.run, nullptr);
  }
  Result<stages::VerifyResult> verify(const model::Plan& plan) {
    const auto ledger = journal->rows().value_or(std::vector<state::LedgerRow>{});
    const auto expected =
        stages::expected_differences().value_or(std::vector<model::ExpectedDifference>{});
    return stages::verify({plan, source, target, kinds, ledger, expected, nullptr, false});
  }
  engine::Supplies supplies() {
    engine::Supplies supplies;
    supplies.content = [this](const std::string& digest) { return content(digest); };
    supplies.secret = [](const Json& reference) -> Result<std::string> {
      return "value of " + text_at(reference, "scope") + "/" + text_at(reference, "key");
    };
    return supplies;
  }
  Result<std::string> content(const std::string& digest) {
    return contents.with([&](auto& all) -> Result<std::string> {
      const auto found = all.find(digest);
      if (found == all.end()) return fail("not-found", "no such content", digest);
      return found->second;
    });
  }

  fakes::FakeWorld fake;
  Workspace from, to;
  engine::KindSet kinds = kinds::all_kinds();
  world::Guarded<std::map<std::string, std::string>> contents;
  std::unique_ptr<state::Journal> journal;
  clouds::UserMapping user;
  model::Inventory source, target;
};

}  // namespace lakeshift::journey
