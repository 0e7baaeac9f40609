// Instance profiles that a workspace knows. Source: databricks-sdk 0.156 (instance profiles 2.0).
#include "core/engine/generic.h"
#include "core/engine/kind.h"
#include "knowledge/kinds/calls.h"
#include "knowledge/kinds/cloud_facts.h"
#include "knowledge/kinds/field_rows.h"

namespace lakeshift::kinds::instance_profile {

constexpr std::string_view kFamily = "instance-profiles";

constexpr Field kFields[] = {
    means("instance_profile_arn", Meaning::cloud_identity),
    means("iam_role_arn", Meaning::free_text),
    plain("is_meta_instance_profile", "false"),
    as(Role::write_only, plain("skip_validation")),
};

// Only one cloud has them; the others refuse the question.
Status discover(const engine::Kind& kind, engine::DiscoverContext& context) {
  if (!has_instance_profiles(Json{{"cloud", context.platform.cloud()}})) return {};
  return engine::discover_generic(kind, context);
}

void classify(const engine::PlanContext& context, model::Change& change) {
  if (!text_at(context.desired, "instance_profile_arn").empty() &&
      has_instance_profiles(context.target_platform))
    return;
  change.verb = model::Verb::excluded;
  change.code = "no-counterpart";
  change.reason =
      "the target has no instance profiles, or the mapping file drops this one; what it gave "
      "access to needs a storage "
      "credential and an external location";
}

void plan_actions(const engine::PlanContext& context, model::Change& change) {
  Json body = model::keep_for_create(context.desired, context.kind.fields);
  if (context.actual != nullptr) {
    change.actions.push_back(engine::update_action(context, change, std::move(body)));
    return;
  }
  // The check would launch an instance.
  body["skip_validation"] = true;
  model::Action create = engine::create_action(context, change, std::move(body));
  create.note =
      "registered without the check that starts an instance; the acceptance run proves it";
  create.tolerated = {"already-exists"};
  change.actions.push_back(std::move(create));
}

extern const engine::Kind kDefinition;
const engine::Kind kDefinition{
    .name = "instance_profile",
    .title = "instance profile",
    .plural = "instance profiles",
    .wave = 5,
    .family = kFamily,
    .id_field = "instance_profile_arn",
    .key_field = "instance_profile_arn",
    .list = {.path = "/api/2.0/instance-profiles/list", .items = "instance_profiles"},
    .create = "POST /api/2.0/instance-profiles/add",
    .update = "POST /api/2.0/instance-profiles/edit",
    .remove = "POST /api/2.0/instance-profiles/remove",
    .id_in_body = "instance_profile_arn",
    .fields = kFields,
    .discover = discover,
    .classify = classify,
    .plan_actions = plan_actions,
};

}  // namespace lakeshift::kinds::instance_profile
