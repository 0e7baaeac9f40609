// Remote calls as plans hold them, in the few shapes that kinds need beyond the generic create and
// update.
#pragma once

#include <string>
#include <string_view>

#include "core/engine/kind.h"

namespace lakeshift::kinds {

// A repeatable call with a body: endpoint "POST /api/…".
model::Action call_of(std::string_view name, std::string_view endpoint, Json body,
                      std::string_view family);

// The target id of the change's object: as the target spells it when it is there, else a
// placeholder.
Json own_id(const engine::PlanContext& context, const model::Change& change);
std::string own_id_text(const engine::PlanContext& context, const model::Change& change);

// True when a difference of the change is at `path` or below it.
bool differs_at(const model::Change& change, std::string_view path);
// True when a difference lies outside the '$' members and can be set: the main document has to be
// sent again.
bool differs_in_document(const model::Change& change);

// engine::add_permission_action for kinds whose creator is given a grant of its own: it is taken
// away again where the source has none.
void add_grants(const engine::PlanContext& context, model::Change& change);

void block(model::Change& change, std::string_view code, std::string reason);
void decide(model::Change& change, std::string_view path, std::string_view rule, Json before,
            Json after, std::string_view explanation);

}  // namespace lakeshift::kinds
