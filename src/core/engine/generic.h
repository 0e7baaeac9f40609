// The generic behaviour behind a Kind's null hooks; hooks call these for the part that is not
// special.
#pragma once

#include <map>

#include "core/engine/kind.h"

namespace lakeshift::engine {

// Lists, gets, reads aspects and permissions of every object of the kind; a failure of one object
// is recorded on it.
Status discover_generic(const Kind& kind, DiscoverContext& context);
// The part after an object's main document is known: permissions ("$permissions"), read_more, key;
// then context.found, at once or from a task that this adds.
void finish_object(const Kind& kind, DiscoverContext& context, model::Object object);

std::string natural_key_of(const Kind& kind, const Json& document);
std::string display_name_of(const Kind& kind, const Json& document);
std::string id_of(const Kind& kind, const Json& document);

// Plans create or update (as change.verb says), then permissions when the kind has them and they
// differ.
void plan_actions_generic(const PlanContext& context, model::Change& change);
// The single calls, for hooks that order them differently.
model::Action create_action(const PlanContext& context, const model::Change& change, Json body);
model::Action update_action(const PlanContext& context, const model::Change& change, Json body);
// PUT of "$permissions" of the desired document; nothing when there are none or they are equal.
void add_permission_action(const PlanContext& context, model::Change& change);

// Puts the stamp into a create body: at the kind's stamp_field, or at its last part when the body
// is an inner part of the document (the settings of a job). create_action and update_action do it
// by themselves.
void add_stamp(const Kind& kind, const std::string& stamp, Json& body);
std::string stamp_of(const Kind& kind, const Json& document);
// The tags that people gave the object, at the kind's stamp_field (a map, or a list of {key,
// value}); the stamp is not one of them.
std::map<std::string, std::string> tags_of(const Kind& kind, const Json& document);

// Direct grants only, sorted: [{"user_name"|"group_name"|"service_principal_name": …,
// "permission_level": …}]. Entries of `admins` are dropped unless the object type is
// "authorization/passwords". An entry counts as direct when any of its levels is not inherited.
Json direct_permissions(const Json& answer, std::string_view object_type);

// Makes `grants` (shape of direct_permissions, may hold placeholders) a set that can be written:
// sorted, and for object types that have owners exactly one IS_OWNER: the first one that is no
// group, else the owner in `actual_grants` (null = none), else the caller named in
// `target_platform` ("user"). A further or a group's IS_OWNER becomes CAN_MANAGE. Every such
// decision is appended. Planning calls it before it compares, so that a second plan is empty.
void settle_permissions(const Kind& kind, Json& grants, const Json& actual_grants,
                        const Json& target_platform, std::vector<model::Decision>* decisions);

// Members of `desired` against `actual`, by the kind's field table; placeholders differ from
// everything but themselves. Members the table does not know, read-only and write-only ones are
// left out; secret ones that a side does not have, too; null, {} and [] mean absent; an absent
// member equals its default; an observed member that `desired` does not have is not compared;
// stamps are ignored, in maps and in lists of {key, value}. Elements of unordered arrays are paired
// by equality, then by their first member in the table. Paths name elements by their index in
// `desired` (in `actual` for what is missing there).
std::vector<model::Difference> differences_between(const Json& actual, const Json& desired,
                                                   std::span<const model::Field> fields);

// Placeholders of a change's own id and of others (see model::Action). Texts escape '%', '{', '}'
// and '+' of the change id.
Json reference_to(std::string_view change_id, std::string_view field = "id");
std::string reference_text(std::string_view change_id, std::string_view field = "id");

// An id as a part of a path; placeholders stay as they are (what they become is encoded when it is
// filled in).
std::string id_in_path(const std::string& id);

// "POST /api/x" -> method and path.
std::pair<std::string, std::string> split_endpoint(std::string_view endpoint);

}  // namespace lakeshift::engine
