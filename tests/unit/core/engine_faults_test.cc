// The n-th remote call or journal write fails, or the process dies there, for every n: after
// resuming, the end state is that of a run without faults, and the ledger adds up.
#include <gtest/gtest.h>

#include "tests/unit/core/engine_estate.h"

namespace lakeshift::engine::testing {
namespace {

using fakes::Fault;
using fakes::FaultyJournal;
using fakes::Life;

// Object names per type that must be there exactly once.
void expect_no_duplicates(const fakes::EstatePlatform& target, const std::string& where) {
  std::map<std::string, int> seen;
  for (const fakes::StoredObject& object : target.objects())
    ++seen[object.type + " " + dump_json(object.body)];
  for (const auto& [text, times] : seen) EXPECT_EQ(times, 1) << where << ": " << text;
}

std::string ledger_text(state::Journal& journal) {
  std::string text;
  const auto rows = journal.rows();
  for (const state::LedgerRow& row : *rows)
    text += row.source.to_text() + "=" + row.state + (row.target_id.empty() ? " without id" : "") +
            " " + row.code + ";";
  return text;
}

struct Expectation {
  std::string state, ledger;
  long long calls = 0, writes = 0;
};

Expectation fault_free() {
  Stage stage;
  Life life;
  FaultyJournal journal(*stage.durable, life);
  const auto result = stage.apply(journal);
  EXPECT_TRUE(result) << result.error().to_text();
  for (const auto& [change, error] : result->errors)
    ADD_FAILURE() << change << " " << error.to_text();
  return {stage.target.normalised(), ledger_text(*stage.durable), stage.target.calls(),
          journal.writes()};
}

// Runs until everything is done, each run as a new process over what is durable.
void resume_to_the_end(Stage& stage, const std::string& where) {
  stage.target.plan_fault(0, Fault::none, nullptr);
  for (int runs = 0; runs < 3; ++runs) {
    const auto result = stage.apply(*stage.durable);
    ASSERT_TRUE(result) << where << ": " << result.error().to_text();
    if (result->errors.empty()) return;
    for (const auto& [change, error] : result->errors)
      ADD_FAILURE() << where << ": " << change << " " << error.to_text();
  }
}

class CallFaults : public ::testing::TestWithParam<std::tuple<Fault, int, int>> {};

TEST_P(CallFaults, end_where_a_run_without_faults_ends) {
  const auto [fault, parallel, lag] = GetParam();
  const Expectation expected = fault_free();
  ASSERT_GT(expected.calls, 8);
  bool fired = true;
  for (long long n = 1; fired; ++n) {
    ASSERT_LT(n, 200);
    Stage stage;
    stage.world.run.parallel = parallel;
    stage.target.lag = world::Millis{lag};
    Life life;
    FaultyJournal journal(*stage.durable, life);
    stage.target.plan_fault(n, fault, &life);
    (void)stage.apply(journal);
    fired = stage.target.fault_fired();
    const std::string where = "call " + std::to_string(n);
    resume_to_the_end(stage, where);
    EXPECT_EQ(stage.target.normalised(), expected.state) << where;
    EXPECT_EQ(ledger_text(*stage.durable), expected.ledger) << where;
    expect_no_duplicates(stage.target, where);
    const auto entries = stage.durable->entries("apply");
    for (const state::JournalEntry& entry : *entries)
      EXPECT_EQ(entry.outcome, state::Outcome::done) << where << " " << entry.change;
  }
}

INSTANTIATE_TEST_SUITE_P(EveryCall, CallFaults,
                         ::testing::Combine(::testing::Values(Fault::refuse, Fault::lose,
                                                              Fault::die_before, Fault::die_after),
                                            ::testing::Values(1, 4), ::testing::Values(0, 900)));

class JournalFaults : public ::testing::TestWithParam<std::tuple<Fault, int>> {};

TEST_P(JournalFaults, end_where_a_run_without_faults_ends) {
  const auto [fault, parallel] = GetParam();
  const Expectation expected = fault_free();
  bool fired = true;
  for (long long n = 1; fired; ++n) {
    ASSERT_LT(n, 400);
    Stage stage;
    stage.world.run.parallel = parallel;
    Life life;
    FaultyJournal journal(*stage.durable, life);
    stage.target.plan_fault(0, Fault::none, &life);
    journal.plan_fault(n, fault);
    const auto first = stage.apply(journal);
    fired = journal.fault_fired();
    const std::string where = "write " + std::to_string(n);
    EXPECT_EQ(first.has_value(), !fired)
        << where << ": a journal that fails ends the run with its error";
    if (fired && !first) {
      EXPECT_EQ(first.error().code, fault == Fault::refuse ? "disk-full" : "dead");
    }
    resume_to_the_end(stage, where);
    EXPECT_EQ(stage.target.normalised(), expected.state) << where;
    EXPECT_EQ(ledger_text(*stage.durable), expected.ledger) << where;
    expect_no_duplicates(stage.target, where);
  }
}

INSTANTIATE_TEST_SUITE_P(EveryWrite, JournalFaults,
                         ::testing::Combine(::testing::Values(Fault::refuse, Fault::die_before,
                                                              Fault::die_after),
                                            ::testing::Values(1, 4)));

// Two faults in a row: the resumed run dies as well, at every later call.
TEST(DoubleFaults, end_where_a_run_without_faults_ends) {
  const Expectation expected = fault_free();
  for (long long first = 1; first <= expected.calls; ++first)
    for (long long second = 1; second <= expected.calls; second += 2) {
      Stage stage;
      for (const long long n : {first, second}) {
        Life life;
        FaultyJournal journal(*stage.durable, life);
        stage.target.plan_fault(n, n % 2 == 0 ? Fault::die_before : Fault::die_after, &life);
        (void)stage.apply(journal);
      }
      const std::string where = std::to_string(first) + " then " + std::to_string(second);
      resume_to_the_end(stage, where);
      EXPECT_EQ(stage.target.normalised(), expected.state) << where;
      expect_no_duplicates(stage.target, where);
    }
}

TEST(Journaling, never_holds_secret_values) {
  Stage stage;
  stage.target.refuse_calls_with("/api/secret/put",
                                 {"bad-request", std::string("cannot store ") + kCanary});
  const auto result = stage.apply(*stage.durable);
  ASSERT_TRUE(result);
  ASSERT_TRUE(result->errors.contains("secret:s/k"));
  std::string all;
  const auto entries = stage.durable->entries("apply");
  const auto rows = stage.durable->rows();
  for (const auto& entry : *entries)
    all += entry.error_message + entry.error_remedy + dump_json(entry.answer) + entry.bound_id +
           entry.name;
  for (const auto& row : *rows) all += row.reason;
  for (const auto& event : stage.world.events.events()) all += event.text;
  all += result->errors.at("secret:s/k").to_text();
  EXPECT_EQ(all.find(kCanary), std::string::npos) << all;
  EXPECT_NE(all.find("cannot store ***"), std::string::npos);
}

}  // namespace
}  // namespace lakeshift::engine::testing
