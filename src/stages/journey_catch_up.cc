#include "surfaces/cli/catch_up.h"

#include <algorithm>

#include "core/base/json.h"
#include "core/engine/graph.h"
#include "knowledge/kinds/registry.h"
#include "stages/cutover.h"
#include "stages/part.h"
#include "stages/verify.h"
#include "surfaces/cli/artefacts.h"

namespace lakeshift::cli {
namespace {

constexpr const char* kNote = "catch-up";  // {"plan": digest, "part": [ids]} of the one that runs

std::string label_of(const model::Change& change) {
  return change.source.kind + " '" + change.key + "'";
}

bool stays_behind(model::Verb verb) {
  return verb == model::Verb::blocked || verb == model::Verb::manual || verb == model::Verb::failed;
}

std::string line_of(const model::Change& change) {
  std::string text = std::string(model::to_text(change.verb)) + " " + label_of(change), paths;
  for (const model::Difference& difference : change.differences)
    paths += (paths.empty() ? "" : ", ") + difference.path;
  return paths.empty() ? text : text + " (" + paths + ")";
}

}  // namespace

CatchUp::CatchUp(Session& session, Migration& migration, const Sides& sides, stages::Selection only,
                 model::Plan plan, model::Inventory source, model::Inventory target)
    : session_(session),
      migration_(migration),
      sides_(sides),
      only_(std::move(only)),
      plan_(std::move(plan)),
      source_(std::move(source)),
      target_(std::move(target)) {}

Status CatchUp::look_ahead() {
  LS_ASSIGN(const model::Plan whole, plan_again());
  LS_ASSIGN(const auto part, part_of_cutover(whole));
  LS_TRY(check_bringable(whole, part, "gate-closed"));
  ahead_ = model::cut_to(whole, part);
  return {};
}

Result<model::Plan> CatchUp::plan_again() {
  LS_ASSIGN(planned_, planned_selection(migration_));
  LS_ASSIGN(const stages::Route route, choose_route(migration_, plan_.source + ":" + plan_.target));
  return plan_of(session_, migration_, route, source_, target_, planned_);
}

// Of this cutover's selection, but for what a former part switched: that lives in the target now.
Result<std::set<std::string>> CatchUp::part_of_cutover(const model::Plan& plan) const {
  std::set<std::string> part = stages::part_of(plan, source_, kinds::all_kinds(), only_);
  LS_ASSIGN(const auto rows, migration_.journal->rows());
  std::set<model::ObjectId> switched;
  for (const state::LedgerRow& row : rows)
    if (row.state == "cut-over" && row.target_side == plan.target) switched.insert(row.source);
  for (const model::Change& change : plan.changes)
    if (switched.contains(change.source)) part.erase(change.id);
  return part;
}

// What would come as a change but cannot: known before, it was in the saved plan already.
Status CatchUp::check_bringable(const model::Plan& plan, const std::set<std::string>& part,
                                const std::string& code) const {
  std::map<model::ObjectId, const model::Change*> before;
  for (const model::Change& change : plan_.changes) before[change.source] = &change;
  for (const model::Change& change : plan.changes) {
    if (!stays_behind(change.verb) || !part.contains(change.id)) continue;
    const auto known = before.find(change.source);
    if (known != before.end() && stays_behind(known->second->verb)) continue;
    return fail(code,
                label_of(change) + (known == before.end() ? " is new in the source" : " changed") +
                    " since apply, and is " + std::string(model::to_text(change.verb)) + ": " +
                    change.reason,
                "catch up",
                "repair it in the source or map it, leave it out with --exclude, or switch what "
                "was applied with --no-catch-up; 'lakeshift plan' shows the whole; 'lakeshift "
                "rollback' goes back when the source is paused");
  }
  return {};
}

Status CatchUp::check_equal() const { return verify("gate-closed", ahead_.has_value()); }

Status CatchUp::verify(const std::string& code, bool source_may_differ) const {
  LS_ASSIGN(const auto ledger, migration_.journal->rows());
  LS_ASSIGN(const auto expected, stages::expected_differences());
  LS_ASSIGN(const auto part, part_of_cutover(plan_));
  stages::VerifyInput input{plan_, source_, target_, kinds::all_kinds(), ledger, expected};
  // Compared at rest, and what runs is judged apart by the ledger: the plan may have been made
  // while other parts, or these before a rollback, ran in the target.
  input.cut_over = true;
  const auto concerns = concerns_of(plan_, part);
  const auto known = concerns_of(plan_, [&] {
    std::set<std::string> all;
    for (const model::Change& change : plan_.changes) all.insert(change.id);
    return all;
  }());
  const bool takes_all = only_.takes_all();
  input.concerns = [=](const std::string& kind, const std::string& key) {
    return concerns(kind, key) || (takes_all && !known(kind, key));
  };
  LS_ASSIGN(const stages::VerifyResult result, stages::verify(input));
  const std::string remedy = code == "gate-closed"
                                 ? "see 'lakeshift verify', then plan and apply again"
                                 : "run 'lakeshift cutover' again, or 'lakeshift rollback'";
  for (const model::Judgement& judgement : result.judgements)
    if (judgement.verdict == model::Verdict::differs ||
        judgement.verdict == model::Verdict::missing)
      return fail(code,
                  std::string(model::to_text(judgement.verdict)) +
                      (judgement.reason.empty() ? "" : ": " + judgement.reason),
                  judgement.source.kind + " '" + judgement.key + "'", remedy);
  for (const model::Finding& finding : result.findings) {
    const bool changed = finding.code == "not-in-plan" || finding.code == "source-drift";
    if (changed ? source_may_differ : finding.severity != model::Severity::blocking) continue;
    return fail(code, finding.cause,
                finding.kind + (finding.key.empty() ? "" : " '" + finding.key + "'"), remedy);
  }
  return {};
}

Result<std::vector<std::string>> CatchUp::bring() {
  auto lines = bring_changes();
  // Reading the sides called them fresh, but the cutover goes on changing both.
  LS_TRY(mark_stale(migration_, plan_.source, true));
  LS_TRY(mark_stale(migration_, plan_.target, true));
  return lines;
}

Result<std::vector<std::string>> CatchUp::bring_changes() {
  LS_TRY(finish_interrupted());
  LS_ASSIGN(ReadSide source, read_side(session_, migration_, sides_.source));
  source_ = std::move(source.inventory);
  LS_TRY(stages::undo_pause(*migration_.journal, kinds::all_kinds(), source_));
  const bool resumed = target_changed_;
  if (resumed) {
    LS_ASSIGN(ReadSide target, read_side(session_, migration_, sides_.target));
    target_ = std::move(target.inventory);
  }
  LS_ASSIGN(model::Plan whole, plan_again());
  LS_ASSIGN(const auto part, part_of_cutover(whole));
  LS_TRY(check_bringable(whole, part, "catch-up-blocked"));
  std::vector<std::string> lines = lines_of(whole, part);
  // What is this one's already may be adopted again; that alone is no reason for a new plan.
  std::set<model::ObjectId> adopted;
  for (const model::Change& change : plan_.changes)
    if (!stays_behind(change.verb)) adopted.insert(change.source);
  const bool calls =
      std::any_of(whole.changes.begin(), whole.changes.end(), [&](const model::Change& change) {
        return part.contains(change.id) &&
               (engine::is_carried_out(change) ||
                (change.verb == model::Verb::adopt && !adopted.contains(change.source)));
      });
  if (!calls && !resumed) return lines;
  LS_TRY(migration_.dir->save_artefact("plan", model::to_json(whole)));
  LS_TRY(remember_selection(migration_, planned_));
  plan_ = std::move(whole);
  LS_TRY(carry_out(plan_, part));
  LS_ASSIGN(ReadSide target, read_side(session_, migration_, sides_.target));
  target_ = std::move(target.inventory);
  target_changed_ = false;
  // Judged against the plan made of the paused source: what users change from here on is new again.
  LS_TRY(verify("catch-up-differs", false));
  return lines;
}

// Goes on with a catch-up that was killed: another plan must not take its place while calls of it
// are in doubt. What fails again is planned again.
Status CatchUp::finish_interrupted() {
  LS_ASSIGN(const auto open, stages::open_run(*migration_.journal));
  LS_ASSIGN(const auto note, migration_.journal->note(kNote));
  if (!open || !note || text_at(*note, "plan") != *open || stages::digest_of(plan_) != *open)
    return {};
  std::set<std::string> part;
  for (const Json& id : member(*note, "part")) part.insert(scalar_text(id));
  target_changed_ = true;
  LS_ASSIGN(const stages::ApplyResult applied,
            carry_out_plan(session_, migration_, plan_, sides_.target, &part, nullptr));
  if (applied.walk.stopped)
    return fail("interrupted", "stopped while bringing over what changed", "cutover",
                "run the same command again");
  return {};
}

Status CatchUp::carry_out(const model::Plan& plan, const std::set<std::string>& part) {
  LS_TRY(migration_.journal->put_note(kNote, {{"plan", stages::digest_of(plan)}, {"part", part}}));
  target_changed_ = true;
  LS_ASSIGN(const stages::ApplyResult applied,
            carry_out_plan(session_, migration_, plan, sides_.target, &part, nullptr));
  if (applied.walk.stopped)
    return fail("interrupted", "stopped while bringing over what changed", "cutover",
                "run the same command again");
  if (applied.walk.errors.empty()) return {};
  const auto& [id, first] = *applied.walk.errors.begin();
  const model::Change* change = plan.find(id);
  Error error{"catch-up-failed", first.message, change == nullptr ? id : label_of(*change)};
  error.remedy = first.remedy.empty() ? "repair the cause" : first.remedy;
  error.remedy += "; then run 'lakeshift cutover' again, or go back with 'lakeshift rollback'";
  error.cause = std::make_shared<const Error>(first);
  return fail(std::move(error));
}

std::vector<std::string> CatchUp::lines_of(const model::Plan& plan,
                                           const std::set<std::string>& part) const {
  std::vector<std::string> lines;
  for (const model::Change& change : plan.changes)
    if (part.contains(change.id) && engine::is_carried_out(change))
      lines.push_back(line_of(change));
  const model::InventoryIndex source(source_);
  for (const model::Change& change : plan_.changes)
    if (!change.target_id.empty() && !stays_behind(change.verb) &&
        source.by_id(change.source.kind, change.source.id) == nullptr)
      lines.push_back("nothing of " + label_of(change) +
                      ": it is gone in the source, and stays in the target as it is");
  return lines;
}

}  // namespace lakeshift::cli
