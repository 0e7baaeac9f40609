#include "stages/verify.h"

#include <algorithm>

#include "core/base/strings.h"
#include "core/engine/generic.h"
#include "core/engine/running.h"
#include "knowledge/platforms/expected_differences.h"
#include "stages/verify_target.h"

namespace lakeshift::stages {
namespace {

using model::Verdict;

class Judge {
 public:
  explicit Judge(const VerifyInput& input) : input_(input), wanted_(input), target_(input.target) {
    direction_ = text_at(input.plan.source_platform, "cloud") + "->" +
                 text_at(input.plan.target_platform, "cloud");
  }

  Result<VerifyResult> execute() {
    for (const model::Object& object : input_.source.objects) {
      const engine::Kind* kind = engine::find_kind(input_.kinds, object.id.kind);
      if (kind != nullptr && !kind->moves) continue;
      result_.judgements.push_back(judge(object, kind));
    }
    find_lost_sources();
    find_running(input_, wanted_, result_.findings);
    find_dangling(input_, wanted_, result_.findings);
    find_extra(input_, wanted_, result_.findings);
    LS_TRY(check_counts());
    if (input_.concerns) leave_out_others();
    finish();
    return std::move(result_);
  }

 private:
  model::Judgement judge(const model::Object& source, const engine::Kind* kind) {
    model::Judgement judgement;
    judgement.source = source.id;
    judgement.key = source.key;
    judgement.name = source.name;
    const model::Change* change = wanted_.change_of(source.id);
    if (change == nullptr || kind == nullptr)
      return not_done(std::move(judgement), "not-in-plan",
                      "the source has it, but the plan does not know it",
                      "discover, plan and apply again");
    if (is_left_alone(*change)) {
      judgement.verdict = Verdict::not_applied;
      judgement.code = change->code;
      judgement.reason = change->reason;
      return judgement;
    }
    judgement.target = {input_.target.side, source.id.kind, wanted_.target_id_of(*change)};
    const state::LedgerRow* row = wanted_.row_of(source.id);
    if (row != nullptr && (row->state == "failed" || row->state == "blocked"))
      return not_done(std::move(judgement), row->code.empty() ? "apply-failed" : row->code,
                      row->reason, "repair the cause and run 'lakeshift apply' again");
    if (judgement.target.id.empty())
      return not_done(std::move(judgement), "not-applied",
                      "it was planned, but apply did not make it", "run 'lakeshift apply'");
    note_drift(source, *kind, *change);
    return compare(std::move(judgement), *kind, *change);
  }

  static bool is_left_alone(const model::Change& change) {
    return change.verb == model::Verb::manual || change.verb == model::Verb::blocked ||
           change.verb == model::Verb::excluded || change.verb == model::Verb::failed;
  }

  model::Judgement not_done(model::Judgement judgement, std::string code, std::string reason,
                            std::string remedy) {
    judgement.verdict = Verdict::not_applied;
    judgement.code = code;
    judgement.reason = reason;
    complain(judgement, std::move(code), model::Severity::blocking, std::move(reason),
             std::move(remedy));
    return judgement;
  }

  void complain(const model::Judgement& judgement, std::string code, model::Severity severity,
                std::string cause, std::string remedy) {
    model::Finding finding;
    finding.code = std::move(code);
    finding.severity = severity;
    finding.kind = judgement.source.kind;
    finding.key = judgement.key;
    finding.cause = std::move(cause);
    finding.remedy = std::move(remedy);
    result_.findings.push_back(std::move(finding));
  }

  void note_drift(const model::Object& source, const engine::Kind& kind,
                  const model::Change& change) {
    if (change.fingerprint.empty() || engine::fingerprint_of(kind, source) == change.fingerprint)
      return;
    model::Finding finding;
    finding.code = "source-drift";
    finding.severity = model::Severity::warning;
    finding.kind = kind.name;
    finding.key = source.key;
    finding.cause = "the source changed after the plan was made; the target is judged by the plan";
    finding.remedy = "plan and apply again to take the change over";
    result_.findings.push_back(std::move(finding));
  }

  model::Judgement compare(model::Judgement judgement, const engine::Kind& kind,
                           const model::Change& change) {
    const model::Object* actual = target_.by_id(kind.name, judgement.target.id);
    if (actual == nullptr) {
      judgement.verdict = Verdict::missing;
      judgement.code = "missing-in-target";
      judgement.reason = "the target has no " + std::string(kind.title) + " " + judgement.target.id;
      return judgement;
    }
    if (!actual->unread_code.empty()) {
      judgement.verdict = Verdict::not_provable;
      judgement.code = actual->unread_code;
      judgement.reason = "the target's could not be read: " + actual->unread_reason;
      complain(judgement, "target-not-read", model::Severity::blocking, judgement.reason,
               "discover the target again");
      return judgement;
    }
    auto wanted = wanted_.document_of(change);
    if (!wanted) {
      judgement.verdict = Verdict::differs;
      judgement.code = wanted.error().code;
      judgement.reason = wanted.error().message;
      return judgement;
    }
    std::vector<model::Difference> differences = differences_of(kind, *actual, *wanted);
    if (change.content != actual->content)
      differences.push_back({"$content", actual->content, change.content, "", false});
    sort_out(judgement, kind, std::move(differences));
    if (judgement.verdict == Verdict::equal) judge_secret(judgement, kind, change);
    return judgement;
  }

  std::vector<model::Difference> differences_of(const engine::Kind& kind,
                                                const model::Object& actual, const Json& wanted) {
    if (!input_.cut_over) return engine::differences_between(actual.document, wanted, kind.fields);
    // What runs is judged apart (find_running): here both sides are compared at rest.
    return engine::differences_between(engine::inert_copy(kind, actual.document),
                                       engine::inert_copy(kind, wanted), kind.fields);
  }

  void sort_out(model::Judgement& judgement, const engine::Kind& kind,
                std::vector<model::Difference> differences) {
    for (model::Difference& difference : differences) {
      const model::ExpectedDifference* expected =
          platforms::expectation_of(input_.expected, kind.name, direction_, difference);
      if (expected != nullptr) difference.reason = expected->reason;
      (expected != nullptr ? judgement.expected : judgement.differences)
          .push_back(std::move(difference));
    }
    judgement.verdict = judgement.differences.empty() ? Verdict::equal : Verdict::differs;
    if (judgement.verdict == Verdict::equal) return;
    judgement.code = "differs";
    judgement.reason = "the target differs in " + judgement.differences.front().path;
    if (judgement.differences.size() > 1)
      judgement.reason += " and " + std::to_string(judgement.differences.size() - 1) + " more";
  }

  void judge_secret(model::Judgement& judgement, const engine::Kind& kind,
                    const model::Change& change) const {
    const bool holds_secret =
        std::any_of(kind.fields.begin(), kind.fields.end(),
                    [](const model::Field& field) { return field.role == model::Role::secret; });
    if (!holds_secret) return;
    const std::string wanted =
        input_.secret_digest ? input_.secret_digest(change.key) : std::string();
    const std::string actual = input_.target_secret_digest
                                   ? input_.target_secret_digest(change.target_key)
                                   : std::string();
    if (wanted.empty() || actual.empty()) {
      judgement.verdict = Verdict::not_provable;
      judgement.code = "secret-not-readable";
      judgement.reason = "it is there, but its value cannot be read on " +
                         std::string(wanted.empty() ? "the source's" : "the target's") +
                         " side to compare";
    } else if (wanted != actual) {
      judgement.verdict = Verdict::differs;
      judgement.code = "secret-differs";
      judgement.reason = "the keyed hashes of the two values differ";
      judgement.differences.push_back(
          {"(value)", "(secret)", "(secret)", "the keyed hashes differ", false});
    }
  }

  void find_lost_sources() {
    const model::InventoryIndex source(input_.source);
    for (const model::Change& change : input_.plan.changes) {
      if (source.by_id(change.source.kind, change.source.id) != nullptr) continue;
      model::Finding finding;
      finding.code = "vanished-from-source";
      finding.severity = model::Severity::warning;
      finding.kind = change.source.kind;
      finding.key = change.key;
      finding.cause = "the plan has it, but the source does not have it any more";
      finding.remedy = "plan again; remove it from the target when it is not wanted";
      result_.findings.push_back(std::move(finding));
    }
  }

  void leave_out_others() {
    std::erase_if(result_.judgements, [&](const model::Judgement& judgement) {
      return !input_.concerns(judgement.source.kind, judgement.key);
    });
    std::erase_if(result_.findings, [&](const model::Finding& finding) {
      return !finding.key.empty() && !input_.concerns(finding.kind, finding.key);
    });
  }

  void finish() {
    std::sort(result_.judgements.begin(), result_.judgements.end(),
              [](const auto& a, const auto& b) {
                return std::tie(a.source.kind, a.key, a.source.id) <
                       std::tie(b.source.kind, b.key, b.source.id);
              });
    for (const model::Judgement& judgement : result_.judgements)
      ++result_.counts[judgement.source.kind][judgement.verdict];
    model::Diagnostics diagnostics;
    for (model::Finding& finding : result_.findings) diagnostics.add(std::move(finding));
    result_.findings = diagnostics.sorted();
  }

  // Both inventories must add up, and every object of the source must have a judgement.
  Status check_counts() const {
    model::Accounting judged, held;
    for (const model::Judgement& judgement : result_.judgements)
      ++judged[judgement.source.kind][model::Verb::unchanged];
    LS_TRY(model::check_accounting(input_.source, judged));
    for (const model::Object& object : input_.target.objects) {
      const engine::Kind* kind = engine::find_kind(input_.kinds, object.id.kind);
      if (kind == nullptr || kind->moves) ++held[object.id.kind][model::Verb::unchanged];
    }
    return model::check_accounting(input_.target, held);
  }

  const VerifyInput& input_;
  Wanted wanted_;
  model::InventoryIndex target_;
  std::string direction_;
  VerifyResult result_;
};

}  // namespace

bool VerifyResult::equal() const {
  const bool all =
      std::none_of(judgements.begin(), judgements.end(), [](const model::Judgement& judgement) {
        return judgement.verdict == Verdict::differs || judgement.verdict == Verdict::missing;
      });
  return all && std::none_of(findings.begin(), findings.end(), [](const model::Finding& finding) {
           return finding.severity == model::Severity::blocking;
         });
}

Result<VerifyResult> verify(const VerifyInput& input) { return Judge(input).execute(); }

}  // namespace lakeshift::stages
