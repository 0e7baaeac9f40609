// What a cutover brings over: what changed in the source between apply and the pause. Composes
// discover, plan, apply and verify once more, of what the cutover's selection moves.
#pragma once

#include "stages/apply.h"
#include "stages/config.h"

namespace lakeshift::stages {

// How the journey's stages are run here: with which login, where what they make is kept.
struct CatchUpWork {
  state::Journal& journal;
  engine::KindSet kinds;
  Selection only;  // of the cutover
  // Reads a side as it is now.
  std::function<Result<model::Inventory>()> read_source, read_target;
  // The plan of these two by the route and the selection of the saved plan.
  std::function<Result<model::Plan>(const model::Inventory& source, const model::Inventory& target)>
      plan;
  std::function<Status(const model::Plan&)> keep;  // becomes the saved plan, durable
  std::function<Result<ApplyResult>(const model::Plan&, const std::set<std::string>& part)> apply;
};

// Lives from the reading before the pause to the end of the cutover. What was switched before is
// left alone.
class CatchUp {
 public:
  // `plan`: the saved one. The inventories were read just now.
  CatchUp(CatchUpWork work, model::Plan plan, model::Inventory source, model::Inventory target);

  // Before the pause: what there is to bring. Error "gate-closed" when something changed in the
  // source so that it cannot be brought.
  Status look_ahead();
  const model::Plan* ahead() const { return ahead_ ? &*ahead_ : nullptr; }
  // The gate "verify equal": the target holds what the saved plan promised. With a look ahead, the
  // source may have changed since; without one it may not.
  Status check_equal() const;

  // While the source is paused: reads it again, plans, applies, verifies; returns what it brought.
  // An interrupted one goes on with the plan it had begun. Errors: "catch-up-blocked",
  // "catch-up-failed", "catch-up-differs", "interrupted".
  Result<std::vector<std::string>> bring();

  // As they are now.
  const model::Plan& plan() const { return plan_; }
  const model::Inventory& source() const { return source_; }
  const model::Inventory& target() const { return target_; }

 private:
  Result<std::set<std::string>> part_of_cutover(const model::Plan& plan) const;
  Status check_bringable(const model::Plan& plan, const std::set<std::string>& part,
                         const std::string& code) const;
  Status finish_interrupted();
  Status carry_out(const model::Plan& plan, const std::set<std::string>& part);
  Status verify(const std::string& code, bool source_may_differ) const;
  std::vector<std::string> lines_of(const model::Plan& plan,
                                    const std::set<std::string>& part) const;

  const CatchUpWork work_;
  model::Plan plan_;
  model::Inventory source_, target_;
  bool target_changed_ = false;  // since target_ was read
  std::optional<model::Plan> ahead_;
};

}  // namespace lakeshift::stages
