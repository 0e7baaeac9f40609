// Phase 3: what drafts refer to. Ids become ids of the target or placeholders; what depends on
// something that will not be there is blocked, and only that.
#pragma once

#include "stages/plan_draft.h"

namespace lakeshift::stages {

// Fills references, uses and change.requires_changes; replaces values in `desired`; decides drafts
// whose needs fail.
void resolve_references(Planning& planning);

// The references in a mapped document, by its kind's table.
std::vector<Reference> references_in(const Json& document, std::span<const model::Field> fields);

}  // namespace lakeshift::stages
