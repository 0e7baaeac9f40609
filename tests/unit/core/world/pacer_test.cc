#include "core/world/pacer.h"

#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace lakeshift::world {
namespace {

constexpr Instant kPacerStart{Millis{1'000'000}};

// Makes `calls` calls one after the other; what they took together.
Millis time_of(Pacer& pacer, VirtualClock& clock, int calls) {
  const Instant start = clock.now();
  for (int i = 0; i < calls; ++i) {
    EXPECT_TRUE(pacer.enter({}));
    pacer.succeeded();
    pacer.leave();
  }
  return clock.now() - start;
}

TEST(Pacer, WithoutLimitDoesNotWait) {
  VirtualClock clock(kPacerStart);
  Pacer pacer(clock, {});
  EXPECT_EQ(time_of(pacer, clock, 1000), Millis{0});
  EXPECT_EQ(pacer.rate(), 0);
}

TEST(Pacer, KeepsTheDocumentedRate) {
  VirtualClock clock(kPacerStart);
  Pacer pacer(clock, {.per_second = 10, .burst = 1});
  const Millis took = time_of(pacer, clock, 101);
  EXPECT_GE(took, Millis{10'000});
  EXPECT_LE(took, Millis{10'200});
}

TEST(Pacer, StartsWithABurst) {
  VirtualClock clock(kPacerStart);
  Pacer pacer(clock, {.per_second = 10});
  EXPECT_EQ(time_of(pacer, clock, 10), Millis{0});
  EXPECT_GE(time_of(pacer, clock, 10), Millis{900});
}

TEST(Pacer, HoldsEverythingBackAsLongAsTheOtherSideSaid) {
  VirtualClock clock(kPacerStart);
  Pacer pacer(clock, {});
  pacer.throttled(Millis{7000});
  EXPECT_GE(time_of(pacer, clock, 1), Millis{7000});
}

TEST(Pacer, HalvesTheRateOnceASecondAndRecovers) {
  VirtualClock clock(kPacerStart);
  Pacer pacer(clock, {.per_second = 40});
  pacer.throttled(Millis{0});
  EXPECT_EQ(pacer.rate(), 20);
  pacer.throttled(Millis{0});  // a call of the same wave
  EXPECT_EQ(pacer.rate(), 20);
  clock.sleep(Millis{1500}, {});
  pacer.throttled(Millis{0});
  EXPECT_EQ(pacer.rate(), 10);
  time_of(pacer, clock, 500);
  EXPECT_EQ(pacer.rate(), 40) << "never above the documented limit";
}

TEST(Pacer, LearnsARateWhereNoneIsDocumented) {
  VirtualClock clock(kPacerStart);
  Pacer pacer(clock, {});
  for (int i = 0; i < 100; ++i) {  // 50 calls a second
    ASSERT_TRUE(pacer.enter({}));
    clock.sleep(Millis{20}, {});
    pacer.leave();
  }
  pacer.throttled(Millis{0});
  EXPECT_GT(pacer.rate(), 10);
  EXPECT_LT(pacer.rate(), 40);
}

TEST(Pacer, NeverStopsAltogether) {
  VirtualClock clock(kPacerStart);
  Pacer pacer(clock, {.per_second = 1});
  for (int i = 0; i < 100; ++i) {
    pacer.throttled(Millis{0});
    clock.sleep(Millis{2000}, {});
  }
  EXPECT_GE(pacer.rate(), 0.5);
  EXPECT_GE(pacer.in_flight_limit(), 1);
}

TEST(Pacer, BoundsCallsInFlight) {
  VirtualClock clock(kPacerStart);
  Pacer pacer(clock, {.in_flight = 2});
  std::atomic<int> now{0}, most{0};
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 8; ++t)
      threads.emplace_back([&] {
        for (int i = 0; i < 50; ++i) {
          ASSERT_TRUE(pacer.enter({}));
          const int here = ++now;
          int seen = most.load();
          while (here > seen && !most.compare_exchange_weak(seen, here)) {
          }
          std::this_thread::yield();
          --now;
          pacer.leave();
        }
      });
  }
  EXPECT_LE(most.load(), 2);
}

TEST(Pacer, RefusalsLowerTheCallsInFlightAndSuccessRaisesThem) {
  VirtualClock clock(kPacerStart);
  Pacer pacer(clock, {});
  for (int i = 0; i < 8; ++i) ASSERT_TRUE(pacer.enter({}));
  pacer.throttled(Millis{0});
  EXPECT_EQ(pacer.in_flight_limit(), 4);
  for (int i = 0; i < 8; ++i) {
    pacer.succeeded();
    pacer.leave();
  }
  EXPECT_GT(pacer.in_flight_limit(), 4);
}

TEST(Pacer, AStopEndsEveryWait) {
  VirtualClock clock(kPacerStart);
  Pacer pacer(clock, {.per_second = 0.001, .in_flight = 1, .burst = 1});
  ASSERT_TRUE(pacer.enter({}));
  std::stop_source stop;
  std::atomic<bool> entered{true};
  std::jthread waiting([&] { entered = pacer.enter(stop.get_token()); });
  stop.request_stop();
  waiting.join();
  EXPECT_FALSE(entered.load());
  pacer.leave();
  EXPECT_FALSE(pacer.enter(stop.get_token()));
}

TEST(Gate, LetsAtMostItsPlacesIn) {
  Gate gate(1);
  ASSERT_TRUE(gate.enter({}));
  std::stop_source stop;
  stop.request_stop();
  EXPECT_FALSE(gate.enter(stop.get_token()));
  gate.leave();
  EXPECT_TRUE(gate.enter({}));
}

TEST(Gate, LetsThoseInFirstWhoWaitedForALimit) {
  Gate gate(1);
  ASSERT_TRUE(gate.enter({}));
  std::mutex mutex;
  std::vector<std::string> order;
  const auto pass = [&](const std::string& name, bool first) {
    EXPECT_TRUE(gate.enter({}, first));
    {
      const std::scoped_lock lock(mutex);
      order.push_back(name);
    }
    gate.leave();
  };
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 3; ++i) threads.emplace_back([&] { pass("other", false); });
    while (gate.waiting() < 3) std::this_thread::yield();
    for (int i = 0; i < 2; ++i) threads.emplace_back([&] { pass("paced", true); });
    while (gate.waiting() < 5) std::this_thread::yield();
    gate.leave();
  }
  EXPECT_EQ(order, (std::vector<std::string>{"paced", "paced", "other", "other", "other"}));
}

TEST(Gate, NobodyOvertakesWhoWaits) {
  Gate gate(1);
  ASSERT_TRUE(gate.enter({}));
  std::vector<int> order;  // guarded by the gate's only place
  const auto pass = [&](int number) {
    EXPECT_TRUE(gate.enter({}));
    order.push_back(number);
    gate.leave();
  };
  std::vector<std::jthread> threads;
  for (int i = 0; i < 5; ++i) {
    threads.emplace_back([&, i] { pass(i); });
    while (gate.waiting() < i + 1) std::this_thread::yield();
  }
  gate.leave();
  pass(5);  // came last, though its thread runs while the others still wake up
  threads.clear();
  EXPECT_EQ(order, (std::vector<int>{0, 1, 2, 3, 4, 5}));
}

TEST(Gate, AStopGivesBackThePlaceItWasGiven) {
  Gate gate(1);
  for (int i = 0; i < 200; ++i) {
    ASSERT_TRUE(gate.enter({}));
    std::stop_source stop;
    std::jthread waits([&] {
      if (gate.enter(stop.get_token())) gate.leave();
    });
    while (gate.waiting() < 1) std::this_thread::yield();
    std::jthread stops([&] { stop.request_stop(); });
    gate.leave();
  }
  EXPECT_TRUE(gate.enter({}));
}

TEST(Gate, ALoneFirstThatStopsLetsTheOthersIn) {
  Gate gate(1);
  ASSERT_TRUE(gate.enter({}));
  std::stop_source stop;
  std::jthread first([&] { EXPECT_FALSE(gate.enter(stop.get_token(), true)); });
  while (gate.waiting() < 1) std::this_thread::yield();
  std::jthread other([&] { EXPECT_TRUE(gate.enter({})); });
  while (gate.waiting() < 2) std::this_thread::yield();
  stop.request_stop();
  first.join();
  gate.leave();
  other.join();
}

}  // namespace
}  // namespace lakeshift::world
