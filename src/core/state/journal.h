// The journal: intent durable -> one remote call -> outcome durable. And the ledger: per object,
// every fact so far.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/json.h"
#include "core/base/result.h"
#include "core/state/work_dir.h"

namespace lakeshift::state {

enum class Outcome {
  pending,
  done,
  failed,
  refused
};  // pending: intent without outcome, "in doubt" after a crash
std::string_view to_text(Outcome outcome);

struct JournalEntry {
  std::string run;     // "apply", "cutover", "rollback", "complete": what the entry belongs to
  std::string change;  // change id
  int action = 0;      // index into the change's actions
  std::string name;    // the action's name, for people
  Outcome outcome = Outcome::pending;
  int attempts = 0;
  std::string bound_id;  // what a binding action bound
  Json answer;  // members of the answer that others refer to; no secrets. Of an intent: what a
                // look-up needs
  std::string error_code, error_message, error_remedy;
  std::string started, ended;  // ISO 8601, for the timeline
};

// One row per source object and side it moves to.
struct LedgerRow {
  model::ObjectId source;
  std::string key, name;
  std::string target_side, target_id, target_key;
  std::string state;  // found, planned, created, updated, adopted, unchanged, verified, cut-over,
                      // blocked, failed, manual, excluded
  std::string code, reason;  // for everything not done
  std::string fingerprint;   // digest of the source document when it was applied
  std::string stamp;         // what was stamped on the target object
  int attempts = 0;
};

// Thread safe. Every write is durable (WAL, synchronous=FULL) when the call returns; concurrent
// writers share commits.
class Journal {
 public:
  static Result<std::unique_ptr<Journal>> open(WorkDir& dir);
  static Result<std::unique_ptr<Journal>> open_in_memory();  // for rehearsals and tests
  virtual ~Journal() = default;

  virtual Status intend(const JournalEntry& entry) = 0;  // before the call; counts an attempt
  virtual Status settle(const JournalEntry& entry) = 0;  // after it
  virtual Result<std::optional<JournalEntry>> find(const std::string& run,
                                                   const std::string& change, int action) = 0;
  virtual Result<std::vector<JournalEntry>> entries(
      const std::string& run) = 0;                        // in the order of their start
  virtual Status forget_run(const std::string& run) = 0;  // a new plan starts a new run

  virtual Status put_row(const LedgerRow& row) = 0;
  virtual Result<std::optional<LedgerRow>> row(const model::ObjectId& source,
                                               const model::Side& target_side) = 0;
  virtual Result<std::vector<LedgerRow>> rows() = 0;  // sorted by kind, key

  virtual Status put_note(const std::string& name,
                          const Json& value) = 0;  // small named facts (plan digest, cutover state)
  virtual Result<std::optional<Json>> note(const std::string& name) = 0;
};

}  // namespace lakeshift::state
