// cutover, rollback, complete: switches the workloads over and back, recording every previous
// state.
#pragma once

#include "core/engine/walk.h"
#include "core/state/work_dir.h"
#include "stages/config.h"

namespace lakeshift::stages {

// The state machine, kept in the journal's notes; survives kill -9 at any instant.
//   source -> pausing -> paused -> catching-up -> starting -> target -> (rolling-back -> source) |
//   completed
// Switched in parts (by selection), the phase is "target" while any part is switched.
struct CutoverState {
  std::string phase = "source";
  Json previous;  // per object: what ran before, on both sides
  Json to_json() const;
};
// Each route of a work directory is switched on its own: "east:home".
std::string route_of(const model::Plan& plan);
Result<CutoverState> cutover_state(state::Journal& journal, const std::string& route);
// The journal's run of a verb of this route: "cutover east:home".
std::string switch_run(const std::string& verb, const std::string& route);

// A condition of its own that must hold before the first pause.
struct Gate {
  std::string name;  // "verify equal"
  std::function<Status()> check;
};

// Keeps users out of the source from the end of its last run on (opt-in); `thaw` is its inverse.
struct Freeze {
  std::string name;
  std::vector<model::Action> freeze, thaw;
  model::ObjectId object = {};  // whom it shuts out
  Json before = {};             // members of its document as they were
};
// What keeps everybody but administrators out of the side, by the kinds that know how. Error
// "gate-closed" when the caller is not known to stay in.
Result<std::vector<Freeze>> freezes_of(engine::KindSet kinds, const model::Inventory& side);
// A side read while any route's cutover froze it, as if nobody were kept out: what was taken is not
// a change of the estate.
Status undo_freeze(state::Journal& journal, model::Inventory& side);
// The same for what the cutover under way paused: it reads as running, as before.
Status undo_pause(state::Journal& journal, const std::string& route, engine::KindSet kinds,
                  model::Inventory& source);

struct CutoverInput {
  const model::Plan& plan;
  const model::Inventory& source;  // read just now: what runs in it is what will run in the target
  const model::Inventory& target;
  engine::KindSet kinds;
  engine::Platform& source_platform;
  engine::Platform& target_platform;
  state::Journal& journal;
  Selection only;  // wave or tag: by kind/name pattern
  bool dry_run = false;
  int drain_seconds = 600;  // how long running work may finish; then error "still-running" names it
  std::vector<Gate> gates =
      {};  // besides "apply complete" and "caller may write", which are always checked
  // Brings over what changed since apply, while the source is paused; returns lines for people.
  std::function<Result<std::vector<std::string>>()> catch_up = {};
  std::vector<Freeze> freeze = {};
  int watch_seconds = 0;           // how long the first runs in the target are watched for
  engine::Supplies supplies = {};  // contents that calls carry (scripts)
  // What catching up would do by the inventories above: workloads that are new since the plan are
  // chosen by it, and a dry run shows it. Null: nothing is caught up.
  const model::Plan* ahead = nullptr;
};

struct CutoverReport {
  std::string phase;
  std::vector<model::Action> calls;    // made, or with dry_run: would be made
  std::vector<std::string> lines;      // for people, in order
  std::vector<std::string> caught_up;  // what changed since apply: brought, or would be
  Json backfill = Json::array();    // runs missed in the window: [{"job", "kind", "due"}], or "why"
                                    // when it is not known
  Json first_runs = Json::array();  // what became of them, see stages/cutover_watch.h
  long long pause_ms = 0;           // from the first pause to the last start
};

// Gates (each named in the error "gate-closed"): apply complete, caller may write, and those of the
// input. Nothing is started before everything selected is paused ("not-paused") and has drained.
// Errors keep the phase: the same command again goes on, rollback goes back. "interrupted" when
// stopped. An interrupted cutover goes on with the objects it began with, whatever is selected now.
Result<CutoverReport> cutover(const CutoverInput& input, world::Run& run);
// The recorded inverse, from every phase but "source" and "completed". What still runs in the
// target after drain_seconds is told and left to end.
Result<CutoverReport> rollback(const CutoverInput& input, world::Run& run);
// The one-way door: forgets how to go back.
Result<CutoverReport> complete(const CutoverInput& input, world::Run& run);

// Mapping documents for end users: old and new ids, names, URLs, JDBC and HTTP paths.
// {"hosts": {"old", "new"}, "objects": [{"kind", "key", "name", "old_id", "new_id", "old_url",
// "new_url", "old_<address>", "new_<address>"}]}, sorted by kind and key; only objects that are in
// the target.
Json mapping_document(const model::Plan& plan, const std::vector<state::LedgerRow>& ledger,
                      const model::Inventory& source, const model::Inventory& target);

}  // namespace lakeshift::stages
