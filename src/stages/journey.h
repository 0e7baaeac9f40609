// journey: the one stage that composes others. Rehearse runs a plan against a twin of the target.
#pragma once

#include "core/engine/walk.h"
#include "core/model/verdict.h"
#include "core/state/journal.h"

namespace lakeshift::stages {

struct PlanInput;  // stages/plan.h

// One call that the cloud would refuse.
struct Refusal {
  std::string change, key, kind;
  std::string call;  // the action's name
  std::string code, message, remedy;
};

struct RehearsalInput {
  const model::Plan& plan;
  const PlanInput& planned_from;  // what the plan was made from; its target is replaced by what the
                                  // twin then holds
  engine::KindSet kinds;
  engine::Platform&
      twin;  // a platform that was loaded with the target's present state and reference data
  state::Journal& scratch;  // of its own: the real journal learns nothing of a rehearsal
  const engine::Supplies& supplies;
  const std::vector<model::ExpectedDifference>& expected;
  std::function<Result<std::string>(std::string_view)> put_content;
};

struct RehearsalReport {
  model::Accounting accounting;
  std::vector<Refusal> refusals;           // by change, in the plan's order
  std::vector<model::Judgement> unequal;   // carried out, but the twin holds something else
  std::vector<model::Finding> findings;    // of verify
  std::vector<std::string> not_converged;  // change ids that a second plan would change again
  long long calls = 0;
  bool passed() const;
  Json to_json() const;
};

// Errors only when the twin or the scratch journal fails as such; what the cloud refuses is in the
// report.
Result<RehearsalReport> rehearse(const RehearsalInput& input, world::Run& run);

}  // namespace lakeshift::stages
