// What a migration's artefacts say together: the one document behind the HTML page, `report --json`
// and `status`. Pure; docs/formats/report.md describes the members.
#pragma once

#include <string>
#include <vector>

#include "core/engine/kind.h"
#include "core/model/verdict.h"
#include "core/state/journal.h"

namespace lakeshift::report {

// Null and empty members: that stage has not run. Pointers must outlive the call.
struct ReportInput {
  std::string version;
  std::string
      generated;  // ISO 8601: the only member that differs between two reports of the same state
  std::string source_side, target_side;
  engine::KindSet kinds;
  const model::Inventory* source = nullptr;
  const model::Inventory* target = nullptr;
  const model::Plan* plan = nullptr;
  bool verified = false;
  std::vector<model::Judgement> judgements;
  std::vector<model::Finding> findings;  // of discovery and verify; the plan's own are in the plan
  std::vector<state::LedgerRow> ledger;
  std::vector<state::JournalEntry> journal;  // of every run, in the order of their start
  Json mapping;  // objects of the mapping document: [{kind, key, old_id, new_id, old_url, new_url,
                 // …}]
  Json cutover;  // state of the cutover
  Json routes;   // all that are configured: [{"source", "target", "phase"}]
  Json rehearsal;   // artefact of rehearse
  Json acceptance;  // artefact of accept
  Json backfill;    // runs that were missed
  Json first_runs;  // what became of those that were watched
};

Json report_data(const ReportInput& input);

// How one planned object stands now: a verb's text, or "open" when apply has not settled it. What a
// later plan calls unchanged is what the ledger remembers: created, updated or adopted by us.
std::string outcome_of(const model::Change& change, const state::LedgerRow* row);

}  // namespace lakeshift::report
