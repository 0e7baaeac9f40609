#include "stages/plan.h"

#include <algorithm>

#include "core/engine/graph.h"
#include "core/state/inventory_store.h"
#include "knowledge/platforms/availability.h"
#include "knowledge/platforms/expected_differences.h"
#include "stages/plan_calls.h"
#include "stages/plan_checks.h"
#include "stages/plan_compare.h"
#include "stages/plan_match.h"
#include "stages/plan_policies.h"
#include "stages/plan_references.h"

namespace lakeshift::stages {
namespace {

// Inventories come sorted from discovery; a hand-made order must not change the plan.
model::Inventory sorted_copy(const model::Inventory& inventory) {
  model::Inventory copy = inventory;
  copy.sort();
  return copy;
}

bool is_sorted(const model::Inventory& inventory) {
  return std::is_sorted(inventory.objects.begin(), inventory.objects.end(),
                        [](const model::Object& a, const model::Object& b) {
                          return std::tie(a.id.kind, a.key) < std::tie(b.id.kind, b.key);
                        }) &&
         std::is_sorted(
             inventory.counts.begin(), inventory.counts.end(),
             [](const model::KindCount& a, const model::KindCount& b) { return a.kind < b.kind; });
}

// Objects of kinds that this lakeshift does not know (an inventory of a newer one) must not be
// passed over.
Status check_kinds(const PlanInput& input) {
  for (const model::Object& object : input.source.objects)
    if (engine::find_kind(input.kinds, object.id.kind) == nullptr)
      return fail("unknown-kind", "the inventory has objects of the kind '" + object.id.kind + "'",
                  "inventory of '" + input.source.side + "'",
                  "discover again with this version of lakeshift");
  return {};
}

bool keeps_expected(const model::Change& change) {
  return change.verb == model::Verb::create || change.verb == model::Verb::update ||
         change.verb == model::Verb::adopt || change.verb == model::Verb::unchanged ||
         change.code == "needs-replacement";
}

void take_changes(Planning& planning, model::Plan& plan) {
  std::vector<std::pair<int, model::Change>> changes;
  for (Draft& draft : planning.drafts) {
    if (keeps_expected(draft.change))
      draft.change.expected = model::keep_for_compare(draft.desired, draft.kind->fields);
    changes.emplace_back(draft.kind->wave, std::move(draft.change));
  }
  std::stable_sort(changes.begin(), changes.end(), [](const auto& a, const auto& b) {
    return std::tie(a.first, a.second.source.kind, a.second.key) <
           std::tie(b.first, b.second.source.kind, b.second.key);
  });
  for (auto& [wave, change] : changes) plan.changes.push_back(std::move(change));
}

void note_what_stays(const PlanInput& input, model::Plan& plan, Planning& planning) {
  for (const model::KindCount& count : input.source.counts) {
    if (!count.moves) {
      plan.not_moved.push_back(count);
      continue;
    }
    const std::string code = count.unavailable.substr(0, count.unavailable.find(':'));
    if (code.empty() || platforms::means_not_offered(code)) continue;
    model::Finding finding;
    finding.code = "kind-not-read";
    finding.severity = model::Severity::blocking;
    finding.kind = count.kind;
    finding.cause = "the source's objects of this kind could not be listed: " + count.unavailable;
    finding.remedy = "repair the cause and run 'lakeshift discover' again";
    planning.findings.add(std::move(finding));
  }
}

Result<model::Plan> plan_sorted(const PlanInput& input) {
  LS_TRY(check_kinds(input));
  Planning planning(input);
  LS_ASSIGN(planning.expected, platforms::expected_differences());
  planning.direction =
      text_at(input.source.platform, "cloud") + "->" + text_at(input.target.platform, "cloud");
  make_drafts(planning);
  match_drafts(planning);
  mute_and_classify(planning);
  resolve_references(planning);
  compare_drafts(planning);
  plan_calls(planning);
  check_room(planning);
  check_policies(planning);
  LS_TRY(scan_code(planning));

  model::Plan plan;
  plan.source = input.source.side;
  plan.target = input.target.side;
  plan.source_platform = input.source.platform;
  plan.target_platform = input.target.platform;
  plan.source_digest = state::digest_of(input.source);
  plan.target_digest = state::digest_of(input.target);
  note_what_stays(input, plan, planning);
  take_changes(planning, plan);
  plan.findings = planning.findings.sorted();
  LS_TRY(model::check_accounting(input.source, model::account(plan)));
  if (auto graph = engine::build_graph(plan); !graph) return fail(graph.error());
  return plan;
}

}  // namespace

Result<model::Plan> make_plan(const PlanInput& input) {
  if (is_sorted(input.source) && is_sorted(input.target)) return plan_sorted(input);
  const model::Inventory source = sorted_copy(input.source), target = sorted_copy(input.target);
  return plan_sorted({source, target, input.kinds, input.mapper, input.route, input.only,
                      input.ledger, input.content, input.secrets_available});
}

}  // namespace lakeshift::stages
