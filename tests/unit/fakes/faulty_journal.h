// A journal that can fail or die at any write.
#pragma once

#include <mutex>
#include <string>
#include <vector>

#include "core/state/journal.h"
#include "tests/unit/fakes/faults.h"

namespace lakeshift::fakes {

// The journal of a process that can die or run out of disk at the n-th write. What was acknowledged
// stays.
class FaultyJournal final : public state::Journal {
 public:
  FaultyJournal(state::Journal& inner, Life& life) : inner_(inner), life_(life) {}
  void plan_fault(long long at_write, Fault fault) {
    fault_at_ = at_write;
    fault_ = fault;
  }
  long long writes() const { return writes_; }
  bool fault_fired() const { return fired_; }

  Status intend(const state::JournalEntry& entry) override {
    return write([&] { return inner_.intend(entry); });
  }
  Status settle(const state::JournalEntry& entry) override {
    return write([&] { return inner_.settle(entry); });
  }
  Status forget_run(const std::string& run) override {
    return write([&] { return inner_.forget_run(run); });
  }
  Status put_row(const state::LedgerRow& row) override {
    return write([&] { return inner_.put_row(row); });
  }
  Status put_note(const std::string& name, const Json& value) override {
    return write([&] { return inner_.put_note(name, value); });
  }
  Result<std::optional<state::JournalEntry>> find(const std::string& run, const std::string& change,
                                                  int action) override {
    return inner_.find(run, change, action);
  }
  Result<std::vector<state::JournalEntry>> entries(const std::string& run) override {
    return inner_.entries(run);
  }
  Result<std::optional<state::LedgerRow>> row(const model::ObjectId& source,
                                              const model::Side& target_side) override {
    return inner_.row(source, target_side);
  }
  Result<std::vector<state::LedgerRow>> rows() override { return inner_.rows(); }
  Result<std::optional<Json>> note(const std::string& name) override { return inner_.note(name); }

 private:
  template <typename F>
  Status write(F&& inner) {
    const std::scoped_lock lock(mutex_);
    if (life_.dead) return fail("dead", "the process is gone");
    const bool now = ++writes_ == fault_at_;
    if (now) fired_ = true;
    if (now && fault_ == Fault::refuse)
      return fail("disk-full", "no space left", "journal", "free some space");
    if (now && fault_ == Fault::die_before) return die();
    const Status status = inner();
    if (now && fault_ == Fault::die_after) return die();
    return status;
  }
  Status die() {
    life_.dead = true;
    return fail("dead", "the process is gone");
  }

  state::Journal& inner_;
  Life& life_;
  std::mutex mutex_;
  long long writes_ = 0;
  long long fault_at_ = 0;
  Fault fault_ = Fault::none;
  bool fired_ = false;
};

}  // namespace lakeshift::fakes
