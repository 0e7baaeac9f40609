// plan: maps the source inventory to the target, compares it with what is there, and writes down
// every call.
#pragma once

#include "core/engine/kind.h"
#include "core/state/journal.h"
#include "knowledge/clouds/mapper.h"
#include "stages/config.h"

namespace lakeshift::stages {

struct PlanInput {
  const model::Inventory& source;
  const model::Inventory& target;
  engine::KindSet kinds;
  const clouds::Mapper& mapper;
  const Route& route;
  const Selection& only;  // of this run (--select), in addition to the route's
  const std::vector<state::LedgerRow>&
      ledger;  // what former runs made: matches before natural keys do
  // Text of a content digest, for scanning code.
  std::function<Result<std::string>(const std::string& sha256)> content;
  bool secrets_available = true;  // a source of secret values is configured
};

// Pure: the same input gives the same bytes. Findings are part of the plan.
Result<model::Plan> make_plan(const PlanInput& input);

}  // namespace lakeshift::stages
