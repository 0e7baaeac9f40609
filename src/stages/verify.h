// verify: judges, object by object, whether the target holds what the plan promised.
#pragma once

#include "core/engine/kind.h"
#include "core/model/verdict.h"
#include "core/state/journal.h"

namespace lakeshift::stages {

struct VerifyInput {
  const model::Plan& plan;
  const model::Inventory& source;  // read again now
  const model::Inventory& target;  // read again now
  engine::KindSet kinds;
  const std::vector<state::LedgerRow>& ledger;
  const std::vector<model::ExpectedDifference>& expected;
  std::function<std::string(const std::string& scope_and_key)>
      secret_digest;  // keyed hash of the wanted secret; may be null
  bool cut_over =
      false;  // objects in ledger state "cut-over" must run in the target, all others not
  // The same keyed hash of the target's value, by its target key; may be null.
  std::function<std::string(const std::string& scope_and_key)> target_secret_digest = {};
  // Whether an object (kind, source key) belongs to what is judged (a wave); null: everything does.
  std::function<bool(const std::string& kind, const std::string& key)> concerns = {};
};

struct VerifyResult {
  std::vector<model::Judgement>
      judgements;  // one per object of the source inventory (that is judged), sorted by kind, key
  std::vector<model::Finding>
      findings;  // counts, dangling references in the target, things unpaused, extra objects
  std::map<std::string, std::map<model::Verdict, long long>> counts;  // per kind
  // Nothing differs or is missing, and no finding blocks (planned but not applied, dangling,
  // running, orphans).
  bool equal() const;
};

// Pure. Error "accounting" when an object of the source inventory got no judgement.
Result<VerifyResult> verify(const VerifyInput& input);

// The committed table (data/expected_differences.csv), embedded.
Result<std::vector<model::ExpectedDifference>> expected_differences();

}  // namespace lakeshift::stages
