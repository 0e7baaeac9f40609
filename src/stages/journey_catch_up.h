// What a cutover brings over: what changed in the source between apply and the pause.
#pragma once

#include "surfaces/cli/applying.h"

namespace lakeshift::cli {

// Lives from the reading before the pause to the end of the cutover. Discover, plan, apply and
// verify once more, of what the cutover's selection moves; what was switched before is left alone.
class CatchUp {
 public:
  struct Sides {
    engine::Platform& source;
    engine::Platform& target;
  };
  // `plan`: the saved one. The inventories were read just now.
  CatchUp(Session& session, Migration& migration, const Sides& sides, stages::Selection only,
          model::Plan plan, model::Inventory source, model::Inventory target);

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
  Result<std::vector<std::string>> bring_changes();
  Result<model::Plan> plan_again();
  Result<std::set<std::string>> part_of_cutover(const model::Plan& plan) const;
  Status check_bringable(const model::Plan& plan, const std::set<std::string>& part,
                         const std::string& code) const;
  Status finish_interrupted();
  Status carry_out(const model::Plan& plan, const std::set<std::string>& part);
  Status verify(const std::string& code, bool source_may_differ) const;
  std::vector<std::string> lines_of(const model::Plan& plan,
                                    const std::set<std::string>& part) const;

  Session& session_;
  Migration& migration_;
  const Sides sides_;
  const stages::Selection only_;
  stages::Selection planned_;
  model::Plan plan_;
  model::Inventory source_, target_;
  bool target_changed_ = false;  // since target_ was read
  std::optional<model::Plan> ahead_;
};

}  // namespace lakeshift::cli
