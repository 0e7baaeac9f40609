// What a cutover knows about each workload, durable in one note of the journal:
// {"routes": {"east:home": {"phase", "began_ms", "previous", "freeze"}}}.
#pragma once

#include "stages/cutover.h"

namespace lakeshift::stages {

struct Workload {
  std::string kind, key, name, source_id, target_id;
  Json before;               // the source's document when it still ran there
  bool target_ran = false;   // it ran in the target before the cutover: rollback leaves it alone
  std::string status;        // "switching", "switched", "returning"
  std::string ledger_state;  // before the cutover
  std::string content, target_content;  // sha256 of its bytes on either side; empty for most kinds
  std::vector<model::Action> pause, start;            // of cutover
  std::vector<model::Action> back_pause, back_start;  // of rollback
  std::string label() const { return kind + " '" + key + "'"; }
};

struct Switching {
  std::string phase = "source";
  std::vector<Workload> workloads;
  std::vector<Freeze> freeze;
  long long began_ms = 0;  // the first pause
};

Result<Switching> load_switching(state::Journal& journal, const std::string& route);
// By route; those that were never begun are not there.
Result<std::map<std::string, Switching>> all_switchings(state::Journal& journal);
Status save_switching(state::Journal& journal, const std::string& route,
                      const Switching& switching);
// Adds a line to the note "cutover-history": route, verb, objects, when, how long.
Status remember_switch(state::Journal& journal, const std::string& route, const std::string& verb,
                       const std::vector<std::string>& objects, const std::string& when,
                       long long pause_ms);

}  // namespace lakeshift::stages
