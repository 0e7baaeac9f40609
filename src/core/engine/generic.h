// The generic behaviour behind a Kind's null hooks; hooks call these for the part that is not special.
#pragma once

#include "core/engine/kind.h"

namespace lakeshift::engine {

// Lists, gets, reads aspects and permissions of every object of the kind; a failure of one object is recorded on it.
Status discover_generic(const Kind& kind, DiscoverContext& context);
// The part after an object's main document is known: permissions ("$permissions"), read_more, key; then context.found.
void finish_object(const Kind& kind, DiscoverContext& context, model::Object object);

std::string natural_key_of(const Kind& kind, const Json& document);
std::string display_name_of(const Kind& kind, const Json& document);
std::string id_of(const Kind& kind, const Json& document);

// Plans create or update (as change.verb says), then permissions when the kind has them and they differ.
void plan_actions_generic(const PlanContext& context, model::Change& change);
// The single calls, for hooks that order them differently.
model::Action create_action(const PlanContext& context, const model::Change& change, Json body);
model::Action update_action(const PlanContext& context, const model::Change& change, Json body);
// PUT of "$permissions" of the desired document; nothing when there are none or they are equal.
void add_permission_action(const PlanContext& context, model::Change& change);

// Direct grants only, sorted: [{"user_name"|"group_name"|"service_principal_name": …, "permission_level": …}].
// Entries of `admins` are dropped unless the object type is "authorization/passwords". An entry counts as direct when
// any of its levels is not inherited.
Json direct_permissions(const Json& answer, std::string_view object_type);

// Members of `desired` against `actual`, by the kind's field table; placeholders differ from everything but themselves.
std::vector<model::Difference> differences_between(const Json& actual, const Json& desired,
                                                   std::span<const model::Field> fields);

// Placeholders of a change's own id and of others (see model::Action).
Json reference_to(std::string_view change_id, std::string_view field = "id");
std::string reference_text(std::string_view change_id, std::string_view field = "id");

// "POST /api/x" -> method and path.
std::pair<std::string, std::string> split_endpoint(std::string_view endpoint);

}  // namespace lakeshift::engine
