// The n-th remote call of apply is refused, lost or the last one of its process, for every n, on an
// estate with one of each kind: after resuming, the target holds what it holds without faults.
#include <gtest/gtest.h>

#include "tests/unit/fakes/faulty_journal.h"
#include "tests/unit/journey/one_of_each.h"
#include "tests/unit/journey/twin_state.h"
#include "tests/unit/journey/two_workspaces.h"

namespace lakeshift::journey {
namespace {

using fakes::Fault;
using fakes::FaultyJournal;
using fakes::Life;

class CallFaults : public ::testing::TestWithParam<std::tuple<Fault, int>> {
 protected:
  void SetUp() override {
    put_one_of_each(journey_.fake.files, "/estate");
    const Status loaded = journey_.from.server->load("/estate");
    ASSERT_TRUE(loaded) << loaded.error().to_text();
    journey_.user = mapping_of_one_of_each();
    ASSERT_TRUE(journey_.look());
    auto plan = journey_.plan();
    ASSERT_TRUE(plan) << plan.error().to_text();
    plan_ = std::move(*plan);
    empty_ = journey_.to.server->dump();
    std::set<std::string> kinds;
    for (const model::Change& change : plan_.changes)
      if (change.verb == model::Verb::create || change.verb == model::Verb::update)
        kinds.insert(change.source.kind);
    for (const engine::Kind* kind : journey_.kinds)
      EXPECT_TRUE(!kind->moves || kinds.contains(std::string(kind->name))) << kind->name;
  }

  std::unique_ptr<state::Journal> fresh_journal() {
    auto opened = state::Journal::open_in_memory();
    return opened ? std::move(*opened) : nullptr;
  }
  // Until everything is done, each run as a new process over what is durable.
  void resume(state::Journal& durable, const std::string& where) {
    journey_.to.transport->plan_fault(0, Fault::none, nullptr);
    for (int runs = 0; runs < 3; ++runs) {
      const auto result = journey_.apply(plan_, durable);
      ASSERT_TRUE(result) << where << ": " << result.error().to_text();
      if (result->complete()) return;
      if (runs < 2) continue;
      for (const auto& [change, error] : result->walk.errors)
        ADD_FAILURE() << where << ": " << change << " " << error.to_text();
    }
  }
  void expect_ledger_adds_up(state::Journal& durable, const std::string& where) {
    const auto rows = durable.rows();
    ASSERT_TRUE(rows);
    EXPECT_EQ(rows->size(), plan_.changes.size()) << where;
    for (const state::LedgerRow& row : *rows)
      EXPECT_TRUE(row.state == "created" || row.state == "updated" || row.state == "adopted" ||
                  row.state == "unchanged" || !row.code.empty())
          << where << ": " << row.source.to_text() << " is " << row.state << " without a code";
    const auto entries = durable.entries("apply");
    for (const state::JournalEntry& entry : *entries)
      EXPECT_EQ(entry.outcome, state::Outcome::done) << where << ": " << entry.change;
  }

  Journey journey_{"aws", "aws"};
  model::Plan plan_;
  Json empty_;
};

TEST_P(CallFaults, end_where_a_run_without_faults_ends) {
  const auto [fault, parallel] = GetParam();
  journey_.to.run->parallel = parallel;
  auto calm = fresh_journal();
  journey_.to.transport->plan_fault(0, Fault::none, nullptr);
  resume(*calm, "no fault");
  const long long calls = journey_.to.transport->calls();
  const std::vector<std::string> expected = normalised(journey_.to.server->dump());
  ASSERT_GT(calls, 40);
  ASSERT_GT(expected.size(), plan_.changes.size());
  long long hurt = 0;
  for (long long n = 1; n <= calls; ++n) {
    ASSERT_TRUE(journey_.to.server->restore(empty_));
    auto durable = fresh_journal();
    Life life;
    FaultyJournal journal(*durable, life);
    journey_.to.transport->plan_fault(n, fault, &life);
    (void)journey_.apply(plan_, journal);
    const std::string where =
        "call " + std::to_string(n) + " (" + journey_.to.transport->hurt() + ")";
    if (!journey_.to.transport->hurt().empty()) ++hurt;
    resume(*durable, where);
    EXPECT_EQ(differences_between(expected, normalised(journey_.to.server->dump())), "") << where;
    expect_ledger_adds_up(*durable, where);
    if (HasFailure()) return;
  }
  EXPECT_GE(hurt, calls - parallel) << "the faults did not fire";
  RecordProperty("calls", static_cast<int>(calls));
}

std::string name_of(const ::testing::TestParamInfo<std::tuple<Fault, int>>& info) {
  static const std::map<Fault, std::string> kNames = {{Fault::refuse, "refused"},
                                                      {Fault::lose, "lost"},
                                                      {Fault::die_before, "died_before"},
                                                      {Fault::die_after, "died_after"}};
  return kNames.at(std::get<0>(info.param)) + "_in_flight_" +
         std::to_string(std::get<1>(info.param));
}

INSTANTIATE_TEST_SUITE_P(EveryCall, CallFaults,
                         ::testing::Combine(::testing::Values(Fault::refuse, Fault::lose,
                                                              Fault::die_before, Fault::die_after),
                                            ::testing::Values(1, 4)),
                         name_of);

}  // namespace
}  // namespace lakeshift::journey
