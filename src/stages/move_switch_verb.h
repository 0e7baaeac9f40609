// What a switch does, whatever moves: the gates on the move itself, the pause within its budget,
// going back, and following the other way.
#pragma once

#include <string>

#include "core/world/time_limit.h"
#include "stages/move_verb.h"

namespace lakeshift::stages {

constexpr world::Millis kHookLimit{600'000};  // outside the pause

// One cutover or rollback. Not thread safe, not movable.
class SwitchVerb {
 public:
  SwitchVerb(MoveVerb& verb, bool forward) : verb_(verb), forward_(forward) {}
  virtual ~SwitchVerb() = default;
  SwitchVerb(const SwitchVerb&) = delete;
  SwitchVerb& operator=(const SwitchVerb&) = delete;

  // Settles a switch that was cut short first. One that was finished by that is the one asked for
  // when it goes the same way.
  Result<MoveReport> run();

 protected:
  bool forward() const { return forward_; }
  world::Millis budget() const;
  // Gates "made" and "direction".
  void look_at_move();
  bool was_rolled_back() const;
  // Gate "rehearsed" of moves that are rehearsed by switching there and back.
  void look_at_rollback();
  Result<MoveReport> blocked();
  // Everything from the fence to the open other side, or all the way back.
  Result<MoveReport> pause();
  // The last thing within the pause: from here on there is only forward.
  Status begin_to_open(const std::stop_token& stop);

  std::string at_ = "beginning";  // for the reason of going back

 private:
  // Gates, what is proven before anybody waits, then pause().
  virtual Result<MoveReport> go() = 0;
  // Fences, carries the rest, proves it, and ends with begin_to_open().
  virtual Status within_pause(world::TimeLimit& watch) = 0;
  // Ends what follows the old leg, if anything does.
  virtual void end_followers(bool failed) { (void)failed; }
  // Of the leg that begins.
  virtual Result<MoveOutcome> follow() = 0;
  Result<MoveReport> after();

  MoveVerb& verb_;
  const bool forward_;
};

}  // namespace lakeshift::stages
