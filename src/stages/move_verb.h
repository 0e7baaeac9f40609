// What every verb of a move does, whatever moves: its room, state and report, and the settling of a
// switch that was cut short.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "stages/move.h"
#include "stages/move_live.h"
#include "stages/move_room.h"

namespace lakeshift::stages {

std::string side_of(int leg, bool from);  // "source", "target"

// One verb's run. Not thread safe but for progress() and say(), not movable.
class MoveVerb {
 public:
  MoveVerb(const MoveInput& wanted, world::Run& within, std::string called)
      : input(wanted),
        verb(std::move(called)),
        live(within.world, within.events),
        own_run_{within.world, live, within.stop, within.parallel, within.in_flight},
        run(own_run_),
        began_(within.world.clock.now()) {}
  virtual ~MoveVerb() = default;
  MoveVerb(const MoveVerb&) = delete;
  MoveVerb& operator=(const MoveVerb&) = delete;

  // A switch that was cut short is undone or, when the other side was being opened, finished. Then
  // who drives has the stream of changes.
  Status settle_switch();
  virtual Status take_stream_back() { return {}; }
  // Opens the old side's writers again and takes back what was prepared. Works after a stop.
  virtual Status go_back(const std::string& reason) = 0;
  // Opens the new side's writers: from here on the leg is the next one.
  virtual Status open_other_side() = 0;

  // A step that was done: in the report, the events and the evidence.
  Status did(const std::string& step, const std::string& text, const Json& facts = Json::object());
  void say(const std::string& text, bool warning = false);
  void progress(const std::string& subject, long long done, long long total) const;
  void add_gate(const std::string& name, bool open, const std::string& text,
                const std::string& remedy);
  bool gates_open() const;
  Status call_hook(const std::string& point, world::Millis limit);
  std::string traffic() const;
  // Of the verbs that end a move: closed while the traffic is at the wrong side.
  void add_end_gate(bool complete);
  // The move is over. `held`: what a side holds ("keys").
  Status mark_ended(bool complete, const std::string& held);
  // Of status: whether another process drives the move; the switches so far.
  Status look_who_drives();
  void tell_switches();
  // Saves the report's documents and returns it.
  Result<MoveReport> end(MoveOutcome outcome, const std::string& reason = {});

  const MoveInput& input;
  const std::string verb;
  MoveLive live;  // what this run tells those who watch

 private:
  world::Run own_run_;

 public:
  world::Run& run;
  std::unique_ptr<MoveRoom> room;
  MoveState state;
  MoveReport report;
  bool driven_elsewhere = false;  // another process has the lock

 protected:
  // Drives (takes the lock) when asked to. Errors: "move-over" unless it only looks; the room's.
  Status open_room(bool drive);
  void remember_switch(const std::string& outcome, const std::string& reason);

 private:
  // At the end of a verb that has the stream: whoever is to follow between verbs.
  virtual Status leave_stream() { return {}; }
  virtual std::string address_text(bool target) const = 0;
  virtual std::string follows_text() const { return " follows"; }
  const world::Instant began_;
};

}  // namespace lakeshift::stages
