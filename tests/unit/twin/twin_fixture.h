// A twin in process on a virtual clock, without disk and sockets.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "core/base/json.h"
#include "core/world/clock.h"
#include "core/world/environment.h"
#include "core/world/files.h"
#include "core/world/random.h"
#include "core/world/world.h"
#include "twin/twin.h"

namespace lakeshift::twin {

class NoTransport final : public world::HttpTransport {
 public:
  Result<world::HttpResponse> send(const world::HttpRequest& request, std::stop_token) override {
    return fail("unreachable", "a unit test calls nothing outside", request.url);
  }
};

class TwinFixture : public testing::Test {
 protected:
  // 2026-11-20T09:30:00Z
  static constexpr long long kStart = 1'795'167'000'000;

  void open(TwinOptions options = {}) {
    auto made = Twin::create(world_, options);
    ASSERT_TRUE(made) << made.error().to_text();
    twin_ = std::move(*made);
  }

  world::HttpResponse send(const std::string& method, const std::string& path,
                           const Json& body = nullptr, const std::string& token = "twin-token") {
    world::HttpRequest request;
    request.method = method;
    request.url = "http://twin" + path;
    request.headers["authorization"] = "Bearer " + token;
    if (!body.is_null()) request.body = dump_json(body);
    return twin_->handle(request);
  }
  // The answer's body; fails the test when the status is another.
  Json ask(const std::string& method, const std::string& path, const Json& body = nullptr,
           int status = 200) {
    const world::HttpResponse response = send(method, path, body);
    EXPECT_EQ(response.status, status) << method << " " << path << ": " << response.body;
    if (response.body.empty()) return nullptr;
    auto json = parse_json(response.body, "answer");
    EXPECT_TRUE(json) << response.body;
    return json ? *json : Json();
  }
  void steer(const Json& order) {
    world::HttpRequest request;
    request.method = "POST";
    request.url = "http://twin/twin/control";
    request.headers["x-twin-control"] = "1";
    request.body = dump_json(order);
    EXPECT_EQ(twin_->handle(request).status, 200);
  }
  void wait(long long milliseconds) { clock_.sleep(world::Millis(milliseconds), {}); }

  world::VirtualClock clock_{world::Instant(world::Millis(kStart))};
  NoTransport http_;
  std::unique_ptr<world::Files> files_ = world::make_disk_files();
  std::unique_ptr<world::Random> random_ = world::make_seeded_random(1);
  std::unique_ptr<world::Environment> environment_ = world::make_fixed_environment({});
  world::World world_{clock_, http_, *files_, *random_, *environment_};
  std::unique_ptr<Twin> twin_;
};

}  // namespace lakeshift::twin
