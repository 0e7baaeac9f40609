#include "stages/plan_compare.h"

#include <algorithm>

#include "core/engine/generic.h"
#include "core/engine/running.h"
#include "core/engine/stamp.h"
#include "knowledge/clouds/cloud.h"
#include "knowledge/platforms/expected_differences.h"

namespace lakeshift::stages {
namespace {

bool has_secret_field(const engine::Kind& kind) {
  return std::any_of(kind.fields.begin(), kind.fields.end(),
                     [](const model::Field& field) { return field.role == model::Role::secret; });
}

bool runs(const engine::Kind& kind, const Json& document) {
  return kind.runs_by_itself != nullptr && kind.runs_by_itself(document);
}

void mute(Planning& planning, Draft& draft) {
  const engine::Kind& kind = *draft.kind;
  if (kind.make_inert == nullptr) return;
  const Json before = draft.desired;
  kind.make_inert(draft.desired);
  const bool was_cut_over = draft.row != nullptr && draft.row->state == "cut-over";
  if (draft.actual != nullptr && (was_cut_over || !draft.owned)) {
    engine::keep_running_state(kind, draft.actual->document, draft.desired);
    if (!was_cut_over && !draft.decided && runs(kind, draft.actual->document))
      add_finding(planning, draft, "runs-in-target", model::Severity::warning, "",
                  "the target has one of that name that runs by itself; lakeshift did not make it "
                  "and leaves it running",
                  "pause one of the two, or both sides do the work");
  }
  for (engine::Muted& muted : engine::what_was_muted(before, draft.desired))
    draft.change.decisions.push_back(
        {muted.path, "inert", std::move(muted.before), std::move(muted.after),
         was_cut_over ? "it runs since the cutover and keeps its state"
                      : "it arrives without running; cutover starts what ran in the source"});
}

void classify(Planning& planning, Draft& draft) {
  if (draft.decided) return;
  model::Change& change = draft.change;
  change.verb = draft.actual != nullptr ? model::Verb::update : model::Verb::create;
  const model::Verb before = change.verb;
  if (draft.kind->classify != nullptr) draft.kind->classify(context_of(planning, draft), change);
  if (change.verb != before) {
    draft.decided = true;
    if (change.code.empty()) change.code = "kind-rule";
    if (change.verb == model::Verb::manual || change.verb == model::Verb::blocked)
      add_finding(
          planning, draft, change.code, model::Severity::warning, "", change.reason,
          change.owner.empty() ? std::string("see the plan") : "to be done by: " + change.owner);
    return;
  }
  const bool has_value = draft.owned && draft.row != nullptr && is_done_state(draft.row->state);
  if (has_secret_field(*draft.kind) && !planning.input.secrets_available && !has_value) {
    change.owner = "owner of the secret";
    decide(draft, model::Verb::manual, "secret-value-needed",
           "its value cannot be read through the API: name a secrets file ('secrets_file') or "
           "allow a run in the "
           "source ('secrets_from: cluster')");
  }
}

void find_differences(const Planning& planning, Draft& draft) {
  model::Change& change = draft.change;
  change.differences =
      engine::differences_between(draft.actual->document, draft.desired, draft.kind->fields);
  // What the platform does to every such object by itself would be planned for ever.
  std::erase_if(change.differences, [&](const model::Difference& difference) {
    return platforms::expectation_of(planning.expected, draft.kind->name, planning.direction,
                                     difference) != nullptr;
  });
  if (change.content != draft.actual->content)
    change.differences.push_back({"$content", draft.actual->content, change.content, "", false});
  const bool is_recorded = draft.owned && draft.row != nullptr && is_done_state(draft.row->state);
  if (has_secret_field(*draft.kind) &&
      (!is_recorded || draft.row->fingerprint != change.fingerprint))
    change.differences.push_back({"(value)", "(secret)", "(secret)",
                                  is_recorded ? "it was changed in the source"
                                              : "nothing shows that the target has the same value",
                                  false});
  for (model::Difference& difference : change.differences)
    for (const model::Decision& decision : change.decisions)
      if (difference.reason.empty() && decision.path == difference.path)
        difference.reason = decision.explanation;
}

std::string list_paths(const std::vector<model::Difference>& differences) {
  std::string text;
  for (std::size_t i = 0; i < differences.size() && i < 5; ++i)
    text += (text.empty() ? "" : ", ") + differences[i].path;
  if (differences.size() > 5) text += ", and " + std::to_string(differences.size() - 5) + " more";
  return text;
}

// True when what is there may not be changed by this route.
bool refuse_clash(Planning& planning, Draft& draft) {
  const std::string fields = list_paths(draft.change.differences);
  if (!draft.claimed_by.empty()) {
    const std::string cause =
        "the target's belongs to " + draft.claimed_by + " and differs in " + fields;
    decide(draft, model::Verb::blocked, "clash-between-sources", cause);
    add_finding(planning, draft, "clash-between-sources", model::Severity::blocking, "", cause,
                "make the two equal, rename one of them, or use 'on_clash: rename' with a prefix");
    return true;
  }
  if (draft.owned || planning.input.route.on_clash == OnClash::adopt) return false;
  const std::string cause =
      "the target has one of that name that lakeshift did not make; it differs in " + fields;
  decide(draft, model::Verb::blocked, "name-taken", cause);
  add_finding(planning, draft, "name-taken", model::Severity::blocking, "", cause,
              "use 'on_clash: adopt' to change it, or rename one of them");
  return true;
}

bool refuse_replacement(Planning& planning, Draft& draft) {
  std::vector<model::Difference> fixed;
  const bool no_update = draft.kind->update.empty() && draft.kind->plan_actions == nullptr;
  for (const model::Difference& difference : draft.change.differences)
    if (difference.replaces || (no_update && !difference.path.starts_with('$')))
      fixed.push_back(difference);
  if (fixed.empty()) return false;
  draft.change.owner = "workspace admin";
  decide(draft, model::Verb::manual, "needs-replacement",
         "the target's differs in what cannot be changed in place: " + list_paths(fixed));
  add_finding(planning, draft, "needs-replacement", model::Severity::blocking, fixed.front().path,
              draft.change.reason,
              "remove or rename the target's " + std::string(draft.kind->title) + " " +
                  draft.change.target_id + " and plan again, or keep it and exclude this one");
  return true;
}

void show_drift(Planning& planning, Draft& draft) {
  if (!draft.owned || draft.row == nullptr || draft.row->fingerprint.empty()) return;
  if (!is_done_state(draft.row->state)) return;
  const std::string fields = list_paths(draft.change.differences);
  if (draft.row->fingerprint != draft.change.fingerprint) {
    draft.change.reason = "the source changed since it was applied: " + fields;
    return;
  }
  draft.change.reason = "the source is as it was applied, the target differs: " + fields;
  add_finding(planning, draft, "target-drift", model::Severity::warning,
              draft.change.differences.front().path,
              "it was changed in the target, or mapped otherwise, since it was applied: " + fields,
              "apply sets it back; exclude it to keep the target's");
}

void settle_grants(Planning& planning, Draft& draft) {
  const auto grants = draft.desired.find("$permissions");
  if (draft.kind->permissions.empty() || grants == draft.desired.end() || !grants->is_array())
    return;
  const Json actual =
      draft.actual == nullptr ? Json() : member(draft.actual->document, "$permissions");
  engine::settle_permissions(*draft.kind, *grants, actual, planning.input.target.platform,
                             &draft.change.decisions);
}

void compare_one(Planning& planning, Draft& draft) {
  model::Change& change = draft.change;
  if (draft.decided) return;
  settle_grants(planning, draft);
  if (draft.actual == nullptr) {
    change.verb = model::Verb::create;
    change.reason = "the target does not have it";
    return;
  }
  if (draft.kind->respect_target != nullptr)
    draft.kind->respect_target(context_of(planning, draft), draft.desired, change);
  find_differences(planning, draft);
  if (change.differences.empty()) {
    const bool is_recorded = draft.owned && draft.row != nullptr && is_done_state(draft.row->state);
    change.verb = is_recorded ? model::Verb::unchanged : model::Verb::adopt;
    change.reason = is_recorded ? "the target has it as wanted"
                                : "the target has an equal one: it becomes this one's";
    return;
  }
  if (refuse_clash(planning, draft) || refuse_replacement(planning, draft)) return;
  change.verb = model::Verb::update;
  change.reason = (draft.owned ? "the target's differs in "
                               : "the target has one of that name, which differs in ") +
                  list_paths(change.differences);
  show_drift(planning, draft);
}

}  // namespace

engine::PlanContext context_of(const Planning& planning, const Draft& draft) {
  const std::string stamp = draft.source->id.to_text();
  const auto* cloud = clouds::find_cloud(text_at(planning.input.target.platform, "cloud"));
  return {*draft.kind,
          draft.desired,
          draft.source->document,
          draft.actual,
          planning.input.source.platform,
          planning.input.target.platform,
          cloud != nullptr && cloud->tags.lower_case ? engine::label_of_stamp(stamp) : stamp};
}

void mute_and_classify(Planning& planning) {
  for (Draft& draft : planning.drafts) {
    mute(planning, draft);
    classify(planning, draft);
  }
}

void compare_drafts(Planning& planning) {
  for (Draft& draft : planning.drafts) compare_one(planning, draft);
}

}  // namespace lakeshift::stages
