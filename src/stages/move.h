// A live move of one PostgreSQL database: made, followed, verified, switched, switched back.
//
// A move is a sequence of legs. Leg 0 carries changes from source to target, leg 1 (after a
// cutover) from target to source, leg 2 (after a rollback) from source to target, and so on: even
// legs lead forward, odd ones back. Every leg has a replication slot of its own on the side that
// takes the writes, made after the leg before it was applied to its end and before that side's
// first write; so no change goes round. A switch ends one leg and begins the next.
//
// Killed at any instant, a move is resumed by any of the verbs that change it: what was not yet
// given to the other side's writers is undone (the writers of the old side are opened again), what
// was is finished. All verbs may be stopped by the stop token; inside the pause that means going
// back. Functions are not thread safe; one process at a time drives a move (MoveRoom::lock), others
// may ask for its status and verify.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/json.h"
#include "core/model/finding.h"
#include "core/world/world.h"
#include "stages/config.h"

namespace lakeshift::stages {

struct MoveInput {
  std::string root;  // the work directory
  const MoveConfig& move;
  bool dry_run = false;
  bool until_caught_up = false;    // create: ends when the target is up to date
  bool follow = false;             // cutover, rollback: goes on following after the switch
  bool definitions_known = false;  // cutover: what changed since is the same in the target
  bool whole_proof = true;  // a switch: prove all rows before the pause, not only what changed
  int pause_budget_ms = 0;  // 0: as configured
  // verify: again and again, so many seconds apart, until stopped or (unless `keep_going`) a row
  // differs.
  bool continuous = false, keep_going = false;
  int every_s = 60;
  bool anew = false;        // verify: takes nothing over from one that was cut short
  int rows_per_second = 0;  // verify; 0: as configured
};

struct MoveGate {
  std::string name;
  bool open = false;
  std::string text;    // what was found
  std::string remedy;  // when closed
};

enum class MoveOutcome {
  done,
  blocked,     // a gate is closed, an obstacle stands in the way, rows differ; nothing was switched
  went_back,   // a switch was begun and undone by itself: the old side takes the writes again
  interrupted  // stopped by the user; resumable
};

struct MoveReport {
  MoveOutcome outcome = MoveOutcome::done;
  std::string phase;    // of MoveState
  std::string traffic;  // one line: which side takes the writes
  std::string reason;   // of blocked and went_back
  std::vector<MoveGate> gates;
  std::vector<model::Finding> findings;
  std::vector<std::string> steps;  // what was done, or (dry run) would be, in order
  std::vector<std::string> differences;
  long long pause_ms = 0;  // for so long no side took writes
  long long rows_proven = 0;
  Json verification;  // of verify: rounds, chunks, what was taken over; docs/guide/move.md
  std::string next;   // what to run next
};
Json to_json(const MoveReport& report);

// Errors of all: "no-address", "locked" (another process drives the move), "move-over" (completed
// or cancelled), a server's SQLSTATE with what it is about, and those that each names.

// Makes the move, or goes on making it, then follows the changes until stopped, or until caught up:
// preflight, definitions, slot and copy, indexes and keys, catching up, validation. Of a move that
// is made: follows its present leg. Obstacles and refused definitions block.
Result<MoveReport> create_move(const MoveInput& input, world::Run& run);
// Where it stands; asks both servers, and says when one does not answer.
Result<MoveReport> move_status(const MoveInput& input, world::Run& run);
// Compares every row while both sides live. Applies the changes meanwhile when nobody else does.
// Cut short, it goes on where it was: what was proven is taken over where neither server has
// written to it since. A continuous one that is stopped is done when it found every row equal in
// all its whole rounds, blocked when one differed, interrupted when there was no whole round.
Result<MoveReport> verify_move(const MoveInput& input, world::Run& run);
// Switches the writers to the other side. Cutover: from source to target; rollback: the way back.
Result<MoveReport> cut_over_move(const MoveInput& input, world::Run& run);
Result<MoveReport> roll_back_move(const MoveInput& input, world::Run& run);
// Ends it after a cutover: no way back from here. The source stays fenced.
Result<MoveReport> complete_move(const MoveInput& input, world::Run& run);
// Ends it before a cutover, or after a rollback: the source goes on as if nothing had been.
Result<MoveReport> cancel_move(const MoveInput& input, world::Run& run);

}  // namespace lakeshift::stages
