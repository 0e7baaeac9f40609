// What a move remembers between runs, in <root>/.lakeshift/moves/<name>/: state.json, schema.json,
// verified.json, verifying.json (each replaced atomically), evidence.jsonl, evidence-head.json,
// junit-<verb>.xml; junit.xml and report.html of the whole move (move_record.h).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/json.h"
#include "core/state/work_dir.h"
#include "core/world/world.h"
#include "stages/move.h"

namespace lakeshift::stages {

// new -> creating -> following <-> switching -> opening -> following (next leg) … completed,
// cancelled. Durable before the step that it names begins.
struct MoveState {
  std::string phase = "new";
  std::string part;  // of creating, the part begun: schema, copy, after-data, settle, validation
  int leg = 0;
  bool whole = false;  // the publication is of all tables
  std::vector<std::pair<std::string, std::string>> tables;
  long long pause_began_ms = 0;  // of a switch, by our clock
  Json history = Json::array();  // {verb, at, outcome, pause_ms, reason}
  bool forward() const { return leg % 2 == 0; }
};

// The evidence as it lies there, changed or not.
struct EvidenceChain {
  std::string text;
  std::vector<Json> lines;           // null: cannot be read
  std::vector<std::string> digests;  // of each line
  int broken_line = 0;               // the first that does not follow; 0: none
};

class MoveRoom {
 public:
  // Errors: those of WorkDir::open.
  static Result<MoveRoom> open(world::World& world, const std::string& root,
                               const std::string& move);

  // Becomes the one that drives the move. A process that only follows hands over when asked (see
  // wanted()). Error "locked".
  Status lock(const std::string& verb);
  // The same, at once and without asking; false when another process drives.
  Result<bool> try_lock();
  bool locked() const { return lock_ != nullptr; }
  void unlock() { lock_.reset(); }
  // Another process wants to drive: whoever only follows lets go.
  bool wanted() const;

  Result<MoveState> load() const;
  Status save(const MoveState& state) const;
  Status save_document(const std::string& name, const Json& value) const;
  Result<std::optional<Json>> document(const std::string& name) const;
  Status forget_document(const std::string& name) const;

  // Appends a line to the evidence: what happened, when, and the digest of the line before, so that
  // a line that was changed or taken away shows. Durable when it returns; safe from several
  // processes.
  Status note(const std::string& verb, const std::string& step, const Json& facts,
              const std::string& told = {}) const;
  // Error "evidence-broken" names the first line that does not follow from the one before, or says
  // that lines are missing at the end.
  Status check_evidence() const;
  Result<EvidenceChain> evidence() const;
  Status save_junit(const std::string& verb, const MoveReport& report) const;
  const std::string& folder() const { return folder_; }

 private:
  MoveRoom(world::World& world, std::unique_ptr<state::WorkDir> dir, std::string name)
      : world_(&world), dir_(std::move(dir)), name_(std::move(name)) {
    folder_ = dir_->path("moves/" + name_);
  }
  std::optional<Json> head() const;
  world::World* world_;
  std::unique_ptr<state::WorkDir> dir_;
  std::string name_, folder_;
  std::unique_ptr<world::FileLock> lock_;
};

}  // namespace lakeshift::stages
