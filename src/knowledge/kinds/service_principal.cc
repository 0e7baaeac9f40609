// Service principals, by SCIM. The application id is what everything else names them by; most
// clouds generate it.
#include <algorithm>
#include <cstdlib>

#include "core/base/json.h"
#include "core/base/strings.h"
#include "core/engine/generic.h"
#include "knowledge/kinds/cloud_facts.h"
#include "knowledge/kinds/scim.h"
#include "knowledge/kinds/scim_lockout.h"

namespace lakeshift::kinds::service_principal {
extern const engine::Kind kDefinition;

using model::Role;

constexpr std::string_view kPath = "/api/2.0/preview/scim/v2/ServicePrincipals";

constexpr model::Field kFields[] = {
    {.name = "id", .role = Role::read_only},
    // Sent only where it names an application of the cloud's directory; other objects follow the
    // one the target has.
    {.name = "applicationId", .role = Role::write_only},
    {.name = "displayName"},
    {.name = "active", .default_json = "true"},
    {.name = "entitlements", .fields = scim::kEntitlement, .default_json = "[]", .unordered = true},
    {.name = "roles", .fields = scim::kRole, .default_json = "[]", .unordered = true},
    {.name = "externalId", .role = Role::read_only},
    {.name = "groups", .role = Role::read_only},
    {.name = "schemas", .role = Role::read_only},
    {.name = "meta", .role = Role::read_only},
};

Status tidy(const engine::Kind&, engine::DiscoverContext&, model::Object& object) {
  for (const std::string_view set : {"groups", "entitlements", "roles"})
    scim::tidy_set(object.document, set);
  return {};
}

// A name may be missing: then the application id is all there is.
std::string natural_key(const Json& document) {
  const std::string name = text_at(document, "displayName");
  return name.empty() ? text_at(document, "applicationId") : name;
}

// The directory that knows the application is the same only inside one account of a cloud that
// takes ids as given.
bool keeps_application_id(const engine::PlanContext& context) {
  const std::string from = text_at(context.source_platform, "account");
  const std::string to = text_at(context.target_platform, "account");
  return !generates_application_ids(context.source_platform) &&
         !generates_application_ids(context.target_platform) && from == to;
}

void plan_actions(const engine::PlanContext& context, model::Change& change) {
  scim::note_external_id(context, change);
  scim::Patch patch;
  if (context.actual == nullptr) {
    Json body = scim::create_body(context, scim::kServicePrincipalSchema);
    if (!keeps_application_id(context)) {
      body.erase("applicationId");
      change.decisions.push_back(
          {"applicationId", "identity", member(context.source_document, "applicationId"), nullptr,
           "the target generates a new application id; grants, owners and run-as follow it"});
    }
    change.actions.push_back(engine::create_action(context, change, std::move(body)));
    if (!bool_at(context.desired, "active", true)) patch.replace("active", false);
    patch.append_to(context, change, "deactivate", "stays deactivated, as in the source");
    return;
  }
  const Json& actual = context.actual->document;
  patch.change_value(actual, context.desired, "displayName");
  patch.change_value(actual, context.desired, "active", true);
  patch.change_set(actual, context.desired, "entitlements");
  patch.change_set(actual, context.desired, "roles");
  patch.append_to(context, change, "update");
}

void respect_target(const engine::PlanContext& context, Json& desired, model::Change& change) {
  const std::string caller = scim::caller_of(context.target_platform);
  if (caller.empty() ||
      !equals_ignoring_case(caller, text_at(context.actual->document, "applicationId")) ||
      bool_at(desired, "active", true))
    return;
  desired["active"] = true;
  change.decisions.push_back(
      {"active", "caller", false, true,
       "this service principal carries out the migration in the target: it stays active; "
       "deactivate it afterwards"});
}

// Names repeat: of those that carry the name, the one whose place (by id) is that of the wanted key
// ("etl#2").
Result<std::optional<std::string>> find(const engine::Kind& kind, engine::Platform& platform,
                                        const model::Change& change, std::stop_token stop) {
  const std::string name = text_at(change.expected, "displayName");
  std::size_t place = 0;
  if (change.target_key.size() > name.size() + 1 && change.target_key[name.size()] == '#')
    place = static_cast<std::size_t>(
        std::max(1, std::atoi(change.target_key.c_str() + name.size() + 1)) - 1);
  std::vector<std::pair<std::size_t, std::string>> ids;  // longer numbers are greater
  LS_TRY(engine::each_item(platform, kind.list, Json::object(), kind.family, stop,
                           [&](Json&& item) -> Status {
                             const std::string id = engine::id_of(kind, item);
                             if (natural_key(item) == name) ids.emplace_back(id.size(), id);
                             return {};
                           }));
  if (ids.size() <= place) return std::nullopt;
  std::sort(ids.begin(), ids.end());
  return ids[place].second;
}

std::vector<engine::Lockout> keep_out(const model::Inventory& side) {
  return scim::keep_out(side, "service_principal", "/api/2.0/preview/scim/v2/ServicePrincipals/");
}

const engine::Kind kDefinition{
    .name = "service_principal",
    .title = "service principal",
    .plural = "service principals",
    .wave = 1,
    .family = "scim",
    .id_field = "id",
    .key_field = "displayName",
    .key_is_unique = false,
    .list = {.path = kPath, .items = "Resources", .paging = engine::Paging::scim},
    .create = "POST /api/2.0/preview/scim/v2/ServicePrincipals",
    .update = "PATCH /api/2.0/preview/scim/v2/ServicePrincipals/{id}",
    .remove = "DELETE /api/2.0/preview/scim/v2/ServicePrincipals/{id}",
    .bind = "id",
    .fields = kFields,
    .read_more = tidy,
    .natural_key = natural_key,
    .respect_target = respect_target,
    .plan_actions = plan_actions,
    .find = find,
    .keep_out = keep_out,
};

}  // namespace lakeshift::kinds::service_principal
