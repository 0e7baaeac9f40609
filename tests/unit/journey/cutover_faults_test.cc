// The n-th remote call of cutover or rollback is refused, lost or the last one of its process, on
// both sides: for every n that changes something or follows such a one, and for one of sixteen of
// the reads in between (for all where they are few, and with LAKESHIFT_SOAK), on an estate with one
// of each kind that changed since apply and that has a run to wait for: after resuming, both sides
// and the ledger hold what they hold without faults.
#include <gtest/gtest.h>

#include <cstdlib>
#include <set>

#include "tests/unit/journey/switched_workspaces.h"

namespace lakeshift::journey {
namespace {

using fakes::Fault;
using fakes::FaultyJournal;
using fakes::Life;

enum class Place { source, target };

class SwitchCallFaults : public ::testing::TestWithParam<std::tuple<Place, Fault, int>> {
 protected:
  void SetUp() override {
    for (Workspace* side : {&from_, &to_}) side->run->parallel = std::get<2>(GetParam());
  }
  fakes::FaultyTransport& place() {
    return std::get<0>(GetParam()) == Place::source ? *from_.transport : *to_.transport;
  }
  void heal() {
    from_.transport->plan_fault(0, Fault::none, nullptr);
    to_.transport->plan_fault(0, Fault::none, nullptr);
  }

  // Until it is done, each run as a new process.
  void resume(Switching::Verb verb, const std::string& where) {
    heal();
    for (int runs = 0; runs < 3; ++runs) {
      const auto report = estate_.process(verb);
      if (report) return;
      if (runs == 2) ADD_FAILURE() << where << ": " << report.error().to_text();
    }
  }

  // One process with the fault at its n-th call after the sides were read. Where the fault fell;
  // empty when there are not as many calls.
  std::string hurt(const Durable& before, Workspace& running, long long n, Switching::Verb verb) {
    heal();  // the last process may have died in these calls
    estate_.restore(before);
    estate_.start_run(running);
    estate_.workspaces.source = source_;
    estate_.workspaces.target = target_;
    Life life;
    from_.transport->plan_fault(0, Fault::none, &life);
    to_.transport->plan_fault(0, Fault::none, &life);
    if (n > 0) place().plan_fault(n, std::get<1>(GetParam()), &life);
    FaultyJournal journal(*estate_.workspaces.journal, life);
    finished_ = estate_.switch_over(verb, journal).has_value();
    return place().hurt();
  }

  // What the sides hold before a fault is planned is read once: reading again would change nothing.
  void look_at(const Durable& before) {
    estate_.restore(before);
    heal();
    ASSERT_TRUE(estate_.look());
    source_ = estate_.workspaces.source;
    target_ = estate_.workspaces.target;
  }

  // The offset differs from fault to fault, so that together they break more of the reads.
  static bool is_broken(const std::vector<std::string>& methods, std::size_t i) {
    const auto writes = [&](std::size_t at) { return methods[at] != "GET"; };
    if (std::getenv("LAKESHIFT_SOAK") != nullptr || methods.size() <= 32 || i == 0 || writes(i) ||
        writes(i - 1))
      return true;
    return i % 16 == 3 * static_cast<std::size_t>(std::get<1>(GetParam())) % 16;
  }

  // Breaks `verb` at every call of the place and goes on with `then`. What processes left in the
  // same state behind is resumed once: nothing else of them is there to go on with.
  void every_call(const Durable& before, Workspace& running, Switching::Verb verb,
                  Switching::Verb then, const std::function<void(const std::string&)>& check) {
    look_at(before);
    std::set<std::string> resumed;
    ASSERT_EQ(hurt(before, running, 0, verb), "");
    ASSERT_TRUE(finished_);
    const std::vector<std::string> methods = place().methods();
    int broken = 0;
    for (long long n = 1; n <= static_cast<long long>(methods.size()); ++n) {
      if (!is_broken(methods, static_cast<std::size_t>(n - 1))) continue;
      const std::string call = hurt(before, running, n, verb);
      if (call.empty()) continue;  // with several in flight, one more or less
      ++broken;
      const std::string where = "call " + std::to_string(n) + " (" + call + ")";
      if (finished_ && verb == then) {
        heal();
        check(where);
      } else if (resumed.insert(estate_.left_behind()).second) {
        resume(then, where);
        check(where);
      }
      if (HasFailure()) return;
    }
    EXPECT_GT(broken, 4) << "the faults did not fire";
    RecordProperty("calls", static_cast<int>(methods.size()));
    RecordProperty("broken", broken);
    RecordProperty("resumed", static_cast<int>(resumed.size()));
  }

  void expect_state(const std::vector<std::string>& expected, const std::string& where) {
    EXPECT_EQ(differences_between(expected, estate_.state()), "") << where;
    for (const char* run : {"apply", "cutover old:new", "rollback old:new"}) {
      const auto entries = estate_.workspaces.journal->entries(run);
      ASSERT_TRUE(entries) << where;
      for (const state::JournalEntry& entry : *entries)
        EXPECT_EQ(entry.outcome, state::Outcome::done)
            << where << ": " << run << " " << entry.change;
    }
  }

  Switching estate_;
  Workspace& from_ = estate_.workspaces.from;
  Workspace& to_ = estate_.workspaces.to;
  model::Inventory source_, target_;
  bool finished_ = false;  // the process with the fault came to its end
};

TEST_P(SwitchCallFaults, cutover_ends_where_one_without_faults_ends) {
  const Durable applied = estate_.keep();
  estate_.start_run(from_);
  const auto report = estate_.process(stages::cutover);
  ASSERT_TRUE(report) << report.error().to_text();
  EXPECT_EQ(report->phase, "target");
  EXPECT_EQ(report->caught_up.size(), 4U);
  EXPECT_GT(report->pause_ms, 50'000) << "it waited for the run";
  const std::vector<std::string> expected = estate_.state();
  every_call(applied, from_, stages::cutover, stages::cutover,
             [&](const std::string& where) { expect_state(expected, where); });
}

TEST_P(SwitchCallFaults, rollback_ends_where_one_without_faults_ends) {
  ASSERT_TRUE(estate_.process(stages::cutover));
  const Durable switched = estate_.keep();
  estate_.start_run(to_);
  const auto report = estate_.process(stages::rollback);
  ASSERT_TRUE(report) << report.error().to_text();
  EXPECT_EQ(report->phase, "source");
  const std::vector<std::string> expected = estate_.state();
  every_call(switched, to_, stages::rollback, stages::rollback,
             [&](const std::string& where) { expect_state(expected, where); });
}

class InterruptedCutover : public SwitchCallFaults {};

TEST_P(InterruptedCutover, goes_back) {
  const Durable applied = estate_.keep();
  const auto of_source = [&] {
    std::vector<std::string> lines = estate_.state();
    std::erase_if(lines, [](const std::string& line) { return !line.starts_with("old "); });
    return lines;
  };
  const std::vector<std::string> before = of_source();
  every_call(applied, from_, stages::cutover, stages::rollback, [&](const std::string& where) {
    EXPECT_EQ(differences_between(before, of_source()), "") << where;
    const Json held = to_.server->dump();
    for (const Json& job : member(held, "job"))
      EXPECT_NE(text_at(at_path(job, "settings.schedule"), "pause_status"), "UNPAUSED") << where;
    EXPECT_EQ(stages::cutover_state(*estate_.workspaces.journal, "old:new")->phase, "source")
        << where;
  });
}

std::string name_of(const ::testing::TestParamInfo<std::tuple<Place, Fault, int>>& info) {
  static const std::map<Fault, std::string> kNames = {{Fault::refuse, "refused"},
                                                      {Fault::lose, "lost"},
                                                      {Fault::die_before, "died_before"},
                                                      {Fault::die_after, "died_after"}};
  return std::string(std::get<0>(info.param) == Place::source ? "source_" : "target_") +
         kNames.at(std::get<1>(info.param)) + "_in_flight_" +
         std::to_string(std::get<2>(info.param));
}

INSTANTIATE_TEST_SUITE_P(EveryCall, SwitchCallFaults,
                         ::testing::Combine(::testing::Values(Place::source, Place::target),
                                            ::testing::Values(Fault::refuse, Fault::lose,
                                                              Fault::die_before, Fault::die_after),
                                            ::testing::Values(1)),
                         name_of);
INSTANTIATE_TEST_SUITE_P(SeveralInFlight, SwitchCallFaults,
                         ::testing::Combine(::testing::Values(Place::source, Place::target),
                                            ::testing::Values(Fault::die_after),
                                            ::testing::Values(4)),
                         name_of);
INSTANTIATE_TEST_SUITE_P(EveryCall, InterruptedCutover,
                         ::testing::Combine(::testing::Values(Place::source, Place::target),
                                            ::testing::Values(Fault::die_after),
                                            ::testing::Values(1)),
                         name_of);

}  // namespace
}  // namespace lakeshift::journey
