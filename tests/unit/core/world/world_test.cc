// Clock, randomness, environment, secrets, events, headers, executor: the small parts of world/.
#include "core/world/world.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <deque>
#include <new>
#include <thread>
#include <vector>

#include "core/world/executor.h"
#include "core/world/secret.h"
#include "tests/unit/fakes/fake_world.h"

namespace lakeshift::world {
namespace {

TEST(Clock, WritesIso8601) {
  EXPECT_EQ(to_iso8601(fakes::kStart), "2026-11-20T09:00:00.000Z");
  EXPECT_EQ(to_iso8601(fakes::kStart + Millis{61'007}), "2026-11-20T09:01:01.007Z");
  EXPECT_EQ(to_iso8601(Instant{}), "1970-01-01T00:00:00.000Z");
}

TEST(Clock, VirtualSleepAdvancesAtOnceUnlessStopped) {
  VirtualClock clock(fakes::kStart);
  EXPECT_TRUE(clock.sleep(Millis{5000}, {}));
  EXPECT_EQ(clock.now(), fakes::kStart + Millis{5000});
  std::stop_source stop;
  stop.request_stop();
  EXPECT_FALSE(clock.sleep(Millis{5000}, stop.get_token()));
  EXPECT_EQ(clock.now(), fakes::kStart + Millis{5000});
}

TEST(Clock, SystemSleepEndsWhenStopped) {
  SystemClock clock;
  std::stop_source stop;
  stop.request_stop();
  EXPECT_FALSE(clock.sleep(std::chrono::hours{1}, stop.get_token()));
}

TEST(Random, SeededRepeatsAndSystemDoesNot) {
  EXPECT_EQ(random_hex(*make_seeded_random(1), 20), random_hex(*make_seeded_random(1), 20));
  EXPECT_NE(random_hex(*make_seeded_random(1), 20), random_hex(*make_seeded_random(2), 20));
  EXPECT_NE(random_hex(*make_system_random(), 20), random_hex(*make_system_random(), 20));
  EXPECT_EQ(random_hex(*make_seeded_random(1), 20).size(), 40U);
  const auto random = make_seeded_random(3);
  for (int i = 0; i < 100; ++i) EXPECT_LT(random->below(7), 7U);
}

TEST(Environment, FixedAnswersWhatItWasGiven) {
  const auto environment = make_fixed_environment({{"HOME", "/home/ana"}, {"EMPTY", ""}});
  EXPECT_EQ(environment->home(), "/home/ana");
  EXPECT_EQ(environment->variable("EMPTY").value_or("?"), "");
  EXPECT_FALSE(environment->variable("OTHER"));
  EXPECT_EQ(environment->terminal_columns(), 80);
}

TEST(Secret, IsWipedWhenDestroyed) {
  const std::string value = "canary-9d1";  // short: lives inside the object
  alignas(Secret) unsigned char place[sizeof(Secret)];
  auto* secret = new (place) Secret(value);
  ASSERT_EQ(secret->reveal(), value);
  secret->~Secret();
  const std::string_view left(reinterpret_cast<const char*>(place), sizeof place);
  EXPECT_EQ(left.find("canary"), std::string_view::npos);
}

TEST(Secret, LeavesNothingBehindWhenMoved) {
  alignas(Secret) unsigned char place[sizeof(Secret)];
  auto* from = new (place) Secret("canary-9d1");
  const Secret to = std::move(*from);
  EXPECT_EQ(to.reveal(), "canary-9d1");
  const std::string_view left(reinterpret_cast<const char*>(place), sizeof place);
  EXPECT_EQ(left.find("canary"), std::string_view::npos);
  from->~Secret();
}

TEST(Headers, CompareWithoutCase) {
  Headers headers{{"Retry-After", "3"}};
  EXPECT_TRUE(headers.contains("retry-after"));
  headers["RETRY-AFTER"] = "4";
  EXPECT_EQ(headers.size(), 1U);
}

TEST(HttpOptions, TakeTheCertificateFileFromTheEnvironment) {
  EXPECT_EQ(http_options_from(*make_fixed_environment({})).ca_bundle, "");
  EXPECT_EQ(http_options_from(*make_fixed_environment({{"SSL_CERT_FILE", "/b"}})).ca_bundle, "/b");
  EXPECT_EQ(http_options_from(
                *make_fixed_environment({{"CURL_CA_BUNDLE", "/a"}, {"SSL_CERT_FILE", "/b"}}))
                .ca_bundle,
            "/a");
}

TEST(Executor, RunsTasksThatAddTasks) {
  std::atomic<int> count{0};
  Executor executor(4);
  TaskGroup group(executor);
  for (int i = 0; i < 100; ++i)
    group.add([&] {
      for (int j = 0; j < 10; ++j) group.add([&] { ++count; });
    });
  group.wait();
  EXPECT_EQ(count.load(), 1000);
}

TEST(Executor, RunsWhatWasSubmittedBeforeItEnds) {
  std::atomic<int> count{0};
  {
    Executor executor(2);
    for (int i = 0; i < 100; ++i) executor.submit([&] { ++count; });
  }
  EXPECT_EQ(count.load(), 100);
}

TEST(Executor, RunsALanesTasksInTheirOrder) {
  std::vector<int> order;
  {
    Executor executor(4, 1);
    TaskGroup group(executor);
    TaskGroup lane(group, 7);
    for (int i = 0; i < 100; ++i) lane.add([&order, i] { order.push_back(i); });
    group.wait();
  }
  ASSERT_EQ(order.size(), 100U);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(order[static_cast<std::size_t>(i)], i);
}

TEST(Executor, AWaitingLaneDoesNotHoldUpAnother) {
  std::atomic<bool> quick_done{false};
  std::atomic<int> running{0}, most{0}, slow_done{0};
  Executor executor(6, 2);
  TaskGroup group(executor);
  TaskGroup slow(group, 1), quick(group, 2);
  for (int i = 0; i < 50; ++i)
    slow.add([&] {
      most = std::max(most.load(), ++running);
      while (!quick_done)
        std::this_thread::yield();  // would be for ever if the other lane had to wait
      --running;
      ++slow_done;
    });
  for (int i = 0; i < 50; ++i)
    quick.add([&quick_done, i] {
      if (i == 49) quick_done = true;
    });
  group.wait();
  EXPECT_EQ(slow_done.load(), 50);
  EXPECT_LE(most.load(), 2);
}

TEST(Executor, TasksMayAddToOtherLanes) {
  std::atomic<int> count{0};
  Executor executor(3, 1);
  TaskGroup group(executor);
  std::deque<TaskGroup> lanes;
  for (std::size_t lane = 1; lane <= 5; ++lane) lanes.emplace_back(group, lane);
  for (int i = 0; i < 20; ++i)
    lanes[0].add([&] {
      for (TaskGroup& lane : lanes) lane.add([&] { ++count; });
    });
  group.wait();
  EXPECT_EQ(count.load(), 100);
}

TEST(Executor, OfNoThreadsHasOne) {
  Executor executor(0);
  EXPECT_EQ(executor.size(), 1U);
}

TEST(MemoryFiles, CanBeFull) {
  fakes::MemoryFiles files;
  files.set_capacity(10);
  EXPECT_TRUE(files.write_atomically("/w/a", "12345"));
  EXPECT_TRUE(files.write_atomically("/w/a", "1234567890"));
  const auto full = files.write_atomically("/w/b", "1");
  ASSERT_FALSE(full);
  EXPECT_EQ(full.error().code, "disk-full");
  EXPECT_EQ(files.read("/w/a").value_or("?"), "1234567890");
  EXPECT_EQ(files.list("/w").value_or(std::vector<std::string>{}), std::vector<std::string>{"a"});
}

}  // namespace
}  // namespace lakeshift::world
