// The parts of a plan as JSON; other artefacts (verdicts, cutover, reports) are made of the same
// parts.
#pragma once

#include "core/model/plan.h"

namespace lakeshift::model {

Json to_json(const ObjectId& id);
ObjectId object_id_from_json(const Json& json);
Json to_json(const Difference& difference);
Difference difference_from_json(const Json& json);
Json to_json(const Decision& decision);
Decision decision_from_json(const Json& json);
Json to_json(const KindCount& count);
KindCount kind_count_from_json(const Json& json);

std::string_view to_text(Effect effect);
Json to_json(const Action& action);
// Error "bad-plan" names what is missing or not of its type.
Result<Action> action_from_json(const Json& json);
Json to_json(const Change& change);
Result<Change> change_from_json(const Json& json);

}  // namespace lakeshift::model
