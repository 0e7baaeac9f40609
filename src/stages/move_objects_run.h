// What the verbs of a move of objects share: its sides, its rounds, its fence, and the proof.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "knowledge/transfers/object_round.h"
#include "stages/move_objects.h"
#include "stages/move_verb.h"

namespace lakeshift::stages {

struct ObjectProof {
  long long objects = 0, bytes = 0;
  std::vector<std::string> differences;
  std::vector<std::string> moving;  // changed each time they were looked at
  bool equal() const { return differences.empty(); }
};

// One verb's run. Not thread safe, not movable.
class ObjectMoveRun final : public MoveVerb {
 public:
  using MoveVerb::MoveVerb;

  // Opens room, state and both stores; drives (takes the lock) when asked to.
  Status open(bool drive);
  Status go_back(const std::string& reason) override;
  Status open_other_side() override;

  stores::ObjectStore& side(bool target) { return *(target ? target_ : source_); }
  // Of the present leg: the side that takes the writes, and the one that follows.
  stores::ObjectStore& from() { return side(!state.forward()); }
  stores::ObjectStore& to() { return side(state.forward()); }

  // One round of the present leg. Conflicts are in the report's findings.
  Result<transfers::ObjectRoundReport> round(std::stop_token stop);
  // Rounds until one finds nothing; or (not at rest) no less than the one before. The last one.
  Result<transfers::ObjectRoundReport> catch_up(bool at_rest, std::stop_token stop);
  // Keys that were carried since they were compared last, whoever carried or compared them.
  Result<std::vector<std::string>> not_compared();
  // Objects that are not carried and not accepted, as findings; the gate "objects".
  Status judge_left();

  // What keeps the writers off: those of a side, whether the fence can be tried, and doing it.
  const std::vector<std::string>& writers(bool target) const {
    return target ? config().target_writers : config().source_writers;
  }
  bool fences() const { return config().fence == "policy"; }
  Status fence_side(bool target, std::stop_token stop, bool try_it);
  Status open_side(bool target);

  // Compares every object (none named), or some. `live`: what differs is looked at again after a
  // round when we drive, or after a moment.
  Result<ObjectProof> prove(bool in_use, const std::vector<std::string>* only,
                            std::stop_token stop);

  const MoveConfig& config() const { return input.move; }

 private:
  std::string address_text(bool target) const override {
    return (target ? target_ : source_)->address().to_text();
  }
  Result<std::unique_ptr<stores::ObjectStore>> open_store_of(bool target);
  Result<std::string> try_write(bool target, std::stop_token stop);

  std::unique_ptr<stores::ObjectStore> source_, target_;
  std::vector<std::string> conflicts_;  // of the last round
};

// Follows the present leg until stopped, until another process wants to drive, or until the other
// side is up to date.
Result<MoveOutcome> follow_object_leg(ObjectMoveRun& move, bool until_caught_up);

}  // namespace lakeshift::stages
