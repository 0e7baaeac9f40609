// 429s, documented limits, and how many calls are in flight.
#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "tests/unit/knowledge/connection_fixture.h"

namespace lakeshift::platforms {
namespace {

using Pacing = Connection;

TEST_F(Pacing, A429WithATimeHoldsTheFamilyBack) {
  const auto platform = connect();
  fake.http.then(refused(429, "REQUEST_LIMIT_EXCEEDED", {{"Retry-After", "20"}}));
  fake.http.then(answer_json({{"ok", 1}}));
  EXPECT_TRUE(platform->call(get(), {}));
  EXPECT_GE(fake.elapsed(), Millis{20'000});
  EXPECT_LE(fake.elapsed(), Millis{22'000});
}

TEST_F(Pacing, A429WithoutATimeIsWaitedOutToo) {
  const auto platform = connect();
  for (int i = 0; i < 5; ++i) fake.http.then(refused(429, "RESOURCE_EXHAUSTED"));
  fake.http.then(answer_json({{"ok", 1}}));
  EXPECT_TRUE(platform->call(get(), {}));
  EXPECT_GE(fake.elapsed(), Millis{3'000});
}

TEST_F(Pacing, AThrottledFamilyDoesNotHoldUpAnother) {
  const auto platform = connect();
  fake.http.then(refused(429, "REQUEST_LIMIT_EXCEEDED", {{"Retry-After", "86400"}}));
  EXPECT_EQ(platform->call(get("/api/2.0/a", "jobs"), {}).error().code, "too-many-requests");
  fake.http.then(answer_json({{"ok", 1}}));
  EXPECT_TRUE(platform->call(get("/api/2.0/b", "clusters"), {}));
  EXPECT_LE(fake.elapsed(), Millis{1'000});
}

TEST_F(Pacing, ATimeBeyondTheBudgetIsToldAtOnce) {
  const auto platform = connect();
  fake.http.then(refused(429, "REQUEST_LIMIT_EXCEEDED", {{"Retry-After", "3600"}}));
  const auto json = platform->call(create(), {});
  ASSERT_FALSE(json);
  EXPECT_EQ(json.error().code, "too-many-requests");
  EXPECT_EQ(json.error().remedy, "run the same command again later");
}

struct DocumentedCase {
  const char* method;
  const char* path;
  const char* family;
  double per_second;  // 0 = without limit
};

class DocumentedLimit : public Connection, public ::testing::WithParamInterface<DocumentedCase> {};

TEST_P(DocumentedLimit, IsKeptAndUsed) {
  options.documented_limits = true;
  const auto platform = connect();
  const DocumentedCase& row = GetParam();
  fake.http.route("/", answer_json({{"ok", 1}}));
  constexpr int kCalls = 300;
  const auto start = fake.elapsed();
  const bool read = std::string_view(row.method) == "GET";
  for (int i = 0; i < kCalls; ++i)
    ASSERT_TRUE(platform->call({.method = row.method,
                                .path = row.path,
                                .body = read ? Json() : Json::object(),
                                .effect = read ? Effect::read : Effect::idempotent,
                                .family = row.family},
                               {}));
  const double took = static_cast<double>((fake.elapsed() - start).count()) / 1000;
  if (row.per_second == 0) {
    EXPECT_EQ(took, 0);
    return;
  }
  EXPECT_GE(took, (kCalls - 1) / row.per_second) << "faster than the limit";
  EXPECT_LE(took, 1.10 * kCalls / row.per_second) << "the limit is not used";
}

INSTANTIATE_TEST_SUITE_P(
    Families, DocumentedLimit,
    ::testing::Values(DocumentedCase{"GET", "/api/2.0/preview/scim/v2/Users", "scim", 255.0 / 60},
                      DocumentedCase{"POST", "/api/2.0/preview/scim/v2/Users", "scim", 0},
                      DocumentedCase{"GET", "/api/2.0/workspace/export", "workspace-export", 60},
                      DocumentedCase{"POST", "/api/2.0/workspace/import", "workspace-import", 30},
                      DocumentedCase{"GET", "/api/2.0/workspace/list", "workspace-list", 0},
                      DocumentedCase{"GET", "/api/2.0/permissions/jobs/1", "permissions", 100},
                      DocumentedCase{"PUT", "/api/2.0/permissions/jobs/1", "permissions", 30},
                      DocumentedCase{"POST", "/api/2.0/secrets/put", "secrets", 1100.0 / 60},
                      DocumentedCase{"GET", "/api/2.0/dbfs/list", "dbfs", 30},
                      DocumentedCase{"POST", "/api/2.2/jobs/create", "jobs", 20},
                      DocumentedCase{"GET", "/api/2.2/jobs/list", "jobs", 0},
                      DocumentedCase{"GET", "/api/2.2/jobs/runs/get", "jobs", 100},
                      DocumentedCase{"POST", "/api/2.2/jobs/run-now", "jobs", 20},
                      DocumentedCase{"GET", "/api/2.0/mlflow/experiments/get", "mlflow", 120},
                      DocumentedCase{"GET", "/api/2.1/clusters/get", "clusters", 0}));

// Every call waits until `together` of them are in flight at once: if the connection ever left a
// place unused while calls were waiting, this would never end.
TEST_F(Pacing, KeepsAllPlacesBusy) {
  constexpr int kTogether = 8, kCalls = 400, kThreads = 24;
  const auto platform = connect();
  std::mutex mutex;
  std::condition_variable full;
  int arrived = 0;
  int generation = 0;
  fake.http.route("/api/", [&](const world::HttpRequest&) {
    std::unique_lock lock(mutex);
    const int mine = generation;
    if (++arrived == kTogether) {
      arrived = 0;
      ++generation;
      full.notify_all();
    } else {
      full.wait(lock, [&] { return generation != mine; });
    }
    return answer_json({{"ok", 1}});
  });
  {
    std::atomic<int> next{0};
    std::vector<std::jthread> threads;
    for (int t = 0; t < kThreads; ++t)
      threads.emplace_back([&] {
        while (next++ < kCalls) ASSERT_TRUE(platform->call(get(), {}));
      });
  }
  EXPECT_EQ(fake.http.most_in_flight(), kTogether) << "run.parallel bounds the calls in flight";
  EXPECT_EQ(calls(), static_cast<std::size_t>(kCalls));
}

TEST_F(Pacing, PlatformsCanShareOneBound) {
  world::Gate gate(3);
  fake.run.in_flight = &gate;
  const auto one = connect();
  const auto other = connect();
  fake.http.route("/api/", [&](const world::HttpRequest&) {
    std::this_thread::yield();
    return answer_json({{"ok", 1}});
  });
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 12; ++t)
      threads.emplace_back([&, t] {
        for (int i = 0; i < 50; ++i) ASSERT_TRUE((t % 2 == 0 ? one : other)->call(get(), {}));
      });
  }
  EXPECT_LE(fake.http.most_in_flight(), 3);
}

}  // namespace
}  // namespace lakeshift::platforms
