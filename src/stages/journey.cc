#include "stages/journey.h"

#include "core/model/plan_json.h"
#include "knowledge/platforms/availability.h"
#include "stages/apply.h"
#include "stages/discover.h"
#include "stages/plan.h"
#include "stages/verify.h"

namespace lakeshift::stages {
namespace {

// What the real ledger knows, with what the rehearsal added to it.
std::vector<state::LedgerRow> joined(const std::vector<state::LedgerRow>& before,
                                     const std::vector<state::LedgerRow>& added) {
  std::map<std::pair<model::ObjectId, model::Side>, state::LedgerRow> rows;
  for (const auto* list : {&before, &added})
    for (const state::LedgerRow& row : *list) rows[{row.source, row.target_side}] = row;
  std::vector<state::LedgerRow> all;
  for (auto& [place, row] : rows) all.push_back(std::move(row));
  return all;
}

// What a person can do about a refusal that names no remedy of its own.
std::string remedy_for(const Error& error, const model::Change& change) {
  if (!error.remedy.empty()) return error.remedy;
  const std::string leave_out = "--exclude '" + change.source.kind + "/" + change.key + "'";
  if (platforms::means_not_offered(error.code))
    return "move to a workspace that offers it, or leave it out with " + leave_out +
           "; then plan again";
  return "correct it in the source or in mapping.yaml (fields, kind: " + change.source.kind +
         ", object: \"" + change.key + "\"), or leave it out with " + leave_out +
         "; then plan again";
}

void take_refusals(const RehearsalInput& input, const engine::WalkResult& walk,
                   const std::vector<state::JournalEntry>& entries, RehearsalReport& report) {
  std::map<std::string, std::string> calls;
  for (const state::JournalEntry& entry : entries)
    if (entry.outcome != state::Outcome::done) calls[entry.change] = entry.name;
  for (const model::Change& change : input.plan.changes) {
    const auto outcome = walk.outcomes.find(change.id);
    const auto error = walk.errors.find(change.id);
    if (outcome == walk.outcomes.end() || outcome->second != model::Verb::failed ||
        error == walk.errors.end())
      continue;
    report.refusals.push_back({change.id, change.key, change.source.kind, calls[change.id],
                               error->second.code, error->second.message,
                               remedy_for(error->second, change)});
  }
}

Status judge(const RehearsalInput& input, const model::Inventory& target,
             const std::vector<state::LedgerRow>& ledger, RehearsalReport& report) {
  LS_ASSIGN(VerifyResult verified, verify({.plan = input.plan,
                                           .source = input.planned_from.source,
                                           .target = target,
                                           .kinds = input.kinds,
                                           .ledger = ledger,
                                           .expected = input.expected}));
  for (model::Judgement& judgement : verified.judgements)
    if (judgement.verdict == model::Verdict::differs ||
        judgement.verdict == model::Verdict::missing)
      report.unequal.push_back(std::move(judgement));
  report.findings = std::move(verified.findings);
  return {};
}

// What was refused, and what waits for it, has nothing to converge to.
bool was_carried_out(const engine::WalkResult& walk, const std::string& change) {
  const auto outcome = walk.outcomes.find(change);
  return outcome == walk.outcomes.end() ||
         (outcome->second != model::Verb::failed && outcome->second != model::Verb::blocked);
}

Status plan_again(const RehearsalInput& input, const model::Inventory& target,
                  const std::vector<state::LedgerRow>& ledger, const engine::WalkResult& walk,
                  RehearsalReport& report) {
  const PlanInput& from = input.planned_from;
  LS_ASSIGN(const model::Plan second,
            make_plan({from.source, target, from.kinds, from.mapper, from.route, from.only, ledger,
                       nullptr, from.secrets_available}));
  for (const model::Change& change : second.changes)
    if ((change.verb == model::Verb::create || change.verb == model::Verb::update) &&
        was_carried_out(walk, change.id))
      report.not_converged.push_back(change.id);
  return {};
}

}  // namespace

bool RehearsalReport::passed() const {
  return refusals.empty() && unequal.empty() && not_converged.empty();
}

Json RehearsalReport::to_json() const {
  Json json = {{"passed", passed()},
               {"calls", calls},
               {"accounting", Json::object()},
               {"refusals", Json::array()},
               {"unequal", Json::array()},
               {"findings", Json::array()},
               {"not_converged", not_converged}};
  for (const auto& [kind, verbs] : accounting)
    for (const auto& [verb, amount] : verbs)
      json["accounting"][kind][std::string(model::to_text(verb))] = amount;
  for (const Refusal& refusal : refusals)
    json["refusals"].push_back({{"change", refusal.change},
                                {"kind", refusal.kind},
                                {"key", refusal.key},
                                {"call", refusal.call},
                                {"code", refusal.code},
                                {"message", refusal.message},
                                {"remedy", refusal.remedy}});
  for (const model::Judgement& judgement : unequal)
    json["unequal"].push_back(model::to_json(judgement));
  for (const model::Finding& finding : findings)
    json["findings"].push_back(model::to_json(finding));
  return json;
}

Result<RehearsalReport> rehearse(const RehearsalInput& input, world::Run& run) {
  RehearsalReport report;
  LS_ASSIGN(ApplyResult applied, apply(input.plan, input.kinds, input.twin, input.scratch,
                                       input.supplies, run, nullptr));
  if (applied.walk.stopped)
    return fail("interrupted", "the rehearsal was stopped",
                "plan '" + input.plan.source + "' to '" + input.plan.target + "'",
                "run 'lakeshift rehearse' again; nothing was changed anywhere");
  report.accounting = applied.accounting;
  report.calls = applied.walk.calls;
  LS_ASSIGN(const auto entries, input.scratch.entries("apply"));
  take_refusals(input, applied.walk, entries, report);

  LS_ASSIGN(const DiscoverResult target, discover(input.twin, input.kinds, run, input.put_content));
  LS_ASSIGN(const auto rows, input.scratch.rows());
  const std::vector<state::LedgerRow> ledger = joined(input.planned_from.ledger, rows);
  LS_TRY(judge(input, target.inventory, ledger, report));
  LS_TRY(plan_again(input, target.inventory, ledger, applied.walk, report));
  return report;
}

}  // namespace lakeshift::stages
