// A connection to a scripted workspace, for the tests of this folder.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "knowledge/platforms/databricks.h"
#include "tests/unit/fakes/fake_world.h"

namespace lakeshift::platforms {

using engine::Call;
using fakes::answer;
using fakes::answer_json;
using fakes::broken;
using fakes::FakeWorld;
using model::Effect;
using world::Millis;

inline constexpr char kPath[] = "/home/ana/.databrickscfg";

inline world::HttpResponse me(bool admin = true) {
  Json body = {{"id", "7"}, {"userName", "ana@x.example"}, {"groups", Json::array()}};
  if (admin) body["groups"].push_back({{"display", "admins"}});
  return answer(200, dump_json(body), {{"X-Databricks-Org-Id", "1234"}});
}

inline world::HttpResponse refused(int status, const std::string& error_code,
                                   world::Headers headers = {}) {
  return answer(status, dump_json({{"error_code", error_code}, {"message", "no"}}),
                std::move(headers));
}

inline Call get(std::string path = "/api/2.0/x", std::string family = "misc") {
  return {.path = std::move(path), .family = std::move(family)};
}
inline Call create() {
  return {.method = "POST",
          .path = "/api/2.0/x/create",
          .body = {{"name", "n"}},
          .effect = Effect::create};
}
inline Call put() {
  return {
      .method = "PUT", .path = "/api/2.0/x", .body = {{"name", "n"}}, .effect = Effect::idempotent};
}

struct Connection : ::testing::Test {
  FakeWorld fake{std::map<std::string, std::string>{{"HOME", "/home/ana"}}};
  DatabricksOptions options{.side = "old", .cloud = "azure", .documented_limits = false};

  void SetUp() override { write_profile("token=canary-1"); }
  void write_profile(const std::string& lines) {
    fake.files.put(kPath, "[OLD]\nhost=https://adb-1.azuredatabricks.net\n" + lines + "\n");
  }
  Result<std::unique_ptr<engine::Platform>> try_connect() {
    auto access = credentials::access_from_profile(fake.world, "OLD");
    auto credential = credentials::make_credential(*access);
    return connect_databricks(fake.run, *std::move(credential), access->host, options);
  }
  std::unique_ptr<engine::Platform> connect() {
    fake.http.then(me());
    auto platform = try_connect();
    EXPECT_TRUE(platform) << platform.error().to_text();
    return *std::move(platform);
  }
  std::size_t calls() const { return fake.http.requests().size() - 1; }  // after who-am-i
  std::vector<std::string> warnings() const {
    std::vector<std::string> texts;
    for (const auto& event : fake.events.events())
      if (event.type == world::Event::Type::warning) texts.push_back(event.text);
    return texts;
  }
};

}  // namespace lakeshift::platforms
