// Users of a workspace, by SCIM. The list is complete (groups, entitlements and roles included): no
// GET per user.
#include "core/base/json.h"
#include "core/base/strings.h"
#include "core/engine/generic.h"
#include "knowledge/kinds/scim.h"
#include "knowledge/kinds/scim_lockout.h"

namespace lakeshift::kinds::user {
extern const engine::Kind kDefinition;

using model::Meaning;
using model::Role;

constexpr model::Field kName[] = {
    {.name = "givenName"},
    {.name = "familyName"},
};
constexpr model::Field kEmail[] = {
    {.name = "value", .meaning = Meaning::person},
    {.name = "type"},
    {.name = "primary"},
    {.name = "display", .role = Role::read_only},
    {.name = "$ref", .role = Role::read_only},
};
constexpr model::Field kFields[] = {
    {.name = "id", .role = Role::read_only},
    {.name = "userName", .role = Role::create_only, .meaning = Meaning::person},
    {.name = "displayName"},
    {.name = "name", .fields = kName},
    {.name = "emails", .fields = kEmail, .unordered = true},
    {.name = "active", .default_json = "true"},
    {.name = "entitlements", .fields = scim::kEntitlement, .default_json = "[]", .unordered = true},
    {.name = "roles", .fields = scim::kRole, .default_json = "[]", .unordered = true},
    {.name = "externalId", .role = Role::read_only},
    {.name = "groups", .role = Role::read_only},
    {.name = "schemas", .role = Role::read_only},
    {.name = "meta", .role = Role::read_only},
};

// SCIM has no switch for the mail (databricks-sdk 0.162, iam.User). Sign-up mails after a SCIM
// create were seen now and then: github.com/databricks/terraform-provider-databricks/issues/731
// (2021).
constexpr std::string_view kMailNote =
    "creates the user silently as far as the API allows: the call has no switch for invitation "
    "mails, and the "
    "platform may send one where the account has no single sign-on; to be certain of none, let the "
    "identity provider "
    "add the people first, then they are adopted";

Status tidy(const engine::Kind&, engine::DiscoverContext&, model::Object& object) {
  for (const std::string_view set : {"groups", "entitlements", "roles", "emails"})
    scim::tidy_set(object.document, set);
  return {};
}

bool is_caller(const engine::PlanContext& context) {
  const std::string caller = scim::caller_of(context.target_platform);
  return !caller.empty() && context.actual != nullptr &&
         equals_ignoring_case(caller, text_at(context.actual->document, "userName"));
}

void respect_target(const engine::PlanContext& context, Json& desired, model::Change& change) {
  // User names compare without case: the target's spelling stays.
  const std::string actual_name = text_at(context.actual->document, "userName");
  if (equals_ignoring_case(actual_name, text_at(desired, "userName")))
    desired["userName"] = actual_name;
  // Emails follow the user name and are not always returned: an absent list asks for nothing.
  if (member(desired, "emails").is_null()) {
    const Json& emails = member(context.actual->document, "emails");
    if (!emails.is_null()) desired["emails"] = emails;
  }
  if (!is_caller(context) || bool_at(desired, "active", true)) return;
  desired["active"] = true;
  change.decisions.push_back(
      {"active", "caller", false, true,
       "this user carries out the migration in the target: it stays active; deactivate it "
       "afterwards"});
}

void plan_actions(const engine::PlanContext& context, model::Change& change) {
  scim::note_external_id(context, change);
  scim::Patch patch;
  if (context.actual == nullptr) {
    model::Action create =
        engine::create_action(context, change, scim::create_body(context, scim::kUserSchema));
    create.note = kMailNote;
    change.actions.push_back(std::move(create));
    // `active` of a create is not always obeyed (terraform-provider-databricks #1535): said once
    // more.
    if (!bool_at(context.desired, "active", true)) patch.replace("active", false);
    patch.append_to(context, change, "deactivate", "stays deactivated, as in the source");
    return;
  }
  const Json& actual = context.actual->document;
  for (const std::string_view path : {"displayName", "name.givenName", "name.familyName"})
    patch.change_value(actual, context.desired, path);
  patch.change_value(actual, context.desired, "active", true);
  const Json wanted_emails = member(model::keep_for_compare(context.desired, kFields), "emails");
  if (wanted_emails.is_array() &&
      wanted_emails != member(model::keep_for_compare(actual, kFields), "emails"))
    patch.replace("emails", wanted_emails);
  patch.change_set(actual, context.desired, "entitlements");
  patch.change_set(actual, context.desired, "roles");
  patch.append_to(context, change, "update");
}

std::vector<engine::Lockout> keep_out(const model::Inventory& side) {
  return scim::keep_out(side, "user", "/api/2.0/preview/scim/v2/Users/");
}

const engine::Kind kDefinition{
    .name = "user",
    .title = "user",
    .plural = "users",
    .wave = 1,
    .family = "scim",
    .id_field = "id",
    .key_field = "userName",
    .key_ignores_case = true,
    .list = {.path = "/api/2.0/preview/scim/v2/Users",
             .items = "Resources",
             .paging = engine::Paging::scim},
    .create = "POST /api/2.0/preview/scim/v2/Users",
    .update = "PATCH /api/2.0/preview/scim/v2/Users/{id}",
    .remove = "DELETE /api/2.0/preview/scim/v2/Users/{id}",
    .bind = "id",
    .fields = kFields,
    .read_more = tidy,
    .respect_target = respect_target,
    .plan_actions = plan_actions,
    .keep_out = keep_out,
};

}  // namespace lakeshift::kinds::user
