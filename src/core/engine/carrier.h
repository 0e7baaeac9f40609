// One action, journal first: intent durable -> one remote call -> outcome durable. In doubt: looked
// up, not repeated.
#pragma once

#include <atomic>
#include <map>
#include <string>

#include "core/engine/bindings.h"
#include "core/engine/walk.h"
#include "core/state/journal.h"

namespace lakeshift::engine {

struct Carried {
  enum class End {
    done,
    resumed,         // a former run had done it
    failed,          // `error` says why
    stopped,         // not begun, or its outcome is not known: the next run finds out
    journal_failed,  // `error` is the journal's: nothing more may be called
  };
  End end = End::done;
  Error error = {};
};

// Thread safe for different actions.
class Carrier {
 public:
  Carrier(Bindings& bindings, KindSet kinds, Platform& target, state::Journal& journal,
          std::string run_name, const Supplies& supplies, world::Run& run);
  Status load_former();  // what former runs of this name left in the journal
  Carried carry(const model::Change& change, std::size_t action_index);

  long long calls() const { return calls_; }
  int attempts_of(const model::Change& change) const;  // over all its actions and runs

 private:
  struct Attempt;
  Carried settle_done(Attempt& attempt, const std::string& id, const Json& answer);
  Carried settle_failed(Attempt& attempt, Error error);
  Carried keep_in_doubt(Attempt& attempt, Error error);
  // Looks for what an interrupted create made; done when it is there, nothing when it is not.
  std::optional<Carried> find_created(Attempt& attempt, int patience);
  // Notes which objects of the same name are there already, where a look-up could not tell
  // otherwise.
  Status look_before(Attempt& attempt);
  Carried try_calls(Attempt& attempt);
  std::optional<Carried> judge_failure(Attempt& attempt, const Error& error);
  Result<Json> call_once(Attempt& attempt);
  Result<Json> call_patiently(Attempt& attempt);
  Status fill(Attempt& attempt);
  std::string now() const;

  Bindings& bindings_;
  KindSet kinds_;
  Platform& target_;
  state::Journal& journal_;
  std::string run_name_;
  const Supplies& supplies_;
  world::Run& run_;
  std::map<std::pair<std::string, int>, state::JournalEntry> former_;
  std::atomic<long long> calls_ = 0;
};

}  // namespace lakeshift::engine
