#include "stages/journey_catch_up.h"

#include <algorithm>

#include "core/base/json.h"
#include "core/engine/graph.h"
#include "stages/cutover_choice.h"
#include "stages/part.h"
#include "stages/verify.h"

namespace lakeshift::stages {
namespace {

constexpr const char* kNote = "catch-up";  // {"plan": digest, "part": [ids]} of the one that runs

std::string label_of(const model::Change& change) {
  return change.source.kind + " '" + change.key + "'";
}

bool stays_behind(model::Verb verb) {
  return verb == model::Verb::blocked || verb == model::Verb::manual || verb == model::Verb::failed;
}

}  // namespace

CatchUp::CatchUp(CatchUpWork work, model::Plan plan, model::Inventory source,
                 model::Inventory target)
    : work_(std::move(work)),
      plan_(std::move(plan)),
      source_(std::move(source)),
      target_(std::move(target)) {}

Status CatchUp::look_ahead() {
  LS_ASSIGN(const model::Plan whole, work_.plan(source_, target_));
  LS_ASSIGN(const auto part, part_of_cutover(whole));
  LS_TRY(check_bringable(whole, part, "gate-closed"));
  ahead_ = model::cut_to(whole, part);
  return {};
}

// Of this cutover's selection, but for what a former part switched: that lives in the target now.
Result<std::set<std::string>> CatchUp::part_of_cutover(const model::Plan& plan) const {
  std::set<std::string> part = part_of(plan, source_, work_.kinds, work_.only);
  LS_ASSIGN(const auto rows, work_.journal.rows());
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
  LS_ASSIGN(const auto ledger, work_.journal.rows());
  LS_ASSIGN(const auto expected, expected_differences());
  LS_ASSIGN(const auto part, part_of_cutover(plan_));
  VerifyInput input{plan_, source_, target_, work_.kinds, ledger, expected};
  // Compared at rest, and what runs is judged apart by the ledger: the plan may have been made
  // while other parts, or these before a rollback, ran in the target.
  input.cut_over = true;
  const auto concerns = concerns_of(plan_, part);
  const auto known = concerns_of(plan_, [&] {
    std::set<std::string> all;
    for (const model::Change& change : plan_.changes) all.insert(change.id);
    return all;
  }());
  const bool takes_all = work_.only.takes_all();
  input.concerns = [=](const std::string& kind, const std::string& key) {
    return concerns(kind, key) || (takes_all && !known(kind, key));
  };
  LS_ASSIGN(const VerifyResult result, stages::verify(input));
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
  LS_TRY(finish_interrupted());
  LS_ASSIGN(source_, work_.read_source());
  LS_TRY(undo_pause(work_.journal, route_of(plan_), work_.kinds, source_));
  const bool resumed = target_changed_;
  if (resumed) {
    LS_ASSIGN(target_, work_.read_target());
  }
  LS_ASSIGN(model::Plan whole, work_.plan(source_, target_));
  LS_ASSIGN(const auto part, part_of_cutover(whole));
  LS_TRY(check_bringable(whole, part, "catch-up-blocked"));
  std::vector<std::string> lines = lines_of(whole, part);
  const bool calls =
      std::any_of(whole.changes.begin(), whole.changes.end(), [&](const model::Change& change) {
        return part.contains(change.id) &&
               (engine::is_carried_out(change) || change.verb == model::Verb::adopt);
      });
  if (!calls && !resumed) return lines;
  LS_TRY(work_.keep(whole));
  plan_ = std::move(whole);
  LS_TRY(carry_out(plan_, part));
  LS_ASSIGN(target_, work_.read_target());
  target_changed_ = false;
  // Judged against the plan made of the paused source: what users change from here on is new again.
  LS_TRY(verify("catch-up-differs", false));
  return lines;
}

// Goes on with a catch-up that was killed: another plan must not take its place while calls of it
// are in doubt. What fails again is planned again.
Status CatchUp::finish_interrupted() {
  LS_ASSIGN(const auto open, open_run(work_.journal));
  LS_ASSIGN(const auto note, work_.journal.note(kNote));
  if (!open || !note || text_at(*note, "plan") != *open || digest_of(plan_) != *open) return {};
  std::set<std::string> part;
  for (const Json& id : member(*note, "part")) part.insert(scalar_text(id));
  target_changed_ = true;
  LS_ASSIGN(const ApplyResult applied, work_.apply(plan_, part));
  if (applied.walk.stopped)
    return fail("interrupted", "stopped while bringing over what changed", "cutover",
                "run the same command again");
  return {};
}

Status CatchUp::carry_out(const model::Plan& plan, const std::set<std::string>& part) {
  LS_TRY(work_.journal.put_note(kNote, {{"plan", digest_of(plan)}, {"part", part}}));
  target_changed_ = true;
  LS_ASSIGN(const ApplyResult applied, work_.apply(plan, part));
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
      lines.push_back(change_line(change));
  const model::InventoryIndex source(source_);
  for (const model::Change& change : plan_.changes)
    if (!change.target_id.empty() && !stays_behind(change.verb) &&
        source.by_id(change.source.kind, change.source.id) == nullptr)
      lines.push_back("nothing of " + label_of(change) +
                      ": it is gone in the source, and stays in the target as it is");
  return lines;
}

}  // namespace lakeshift::stages
