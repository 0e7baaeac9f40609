#include "core/base/json.h"
#include "core/base/strings.h"
#include "knowledge/kinds/registry.h"
#include "stages/apply.h"
#include "stages/cutover.h"
#include "stages/part.h"
#include "stages/verify.h"
#include "surfaces/cli/artefacts.h"
#include "surfaces/cli/secrets.h"
#include "surfaces/cli/sides.h"
#include "surfaces/report/plan_text.h"
#include "surfaces/report/table.h"

namespace lakeshift::cli::verify_command {
namespace {

constexpr std::size_t kMostShown = 30;

class Verify final : public Invocation {
 public:
  void declare(Options& options) override {
    options.text("--route", route_, "FROM:TO; default: that of the plan that was made last");
    options.flag("--offline", offline_, "judge by the saved inventories, read nothing");
    options.flag("--all", all_,
                 "show every object that is not proved equal, not only the first ones");
  }

  Result<Ending> run(Session& session) override {
    LS_ASSIGN(Migration migration, open_migration(session, state::WorkDir::Access::change));
    LS_ASSIGN(const model::Plan plan, load_plan(migration, route_));
    LS_TRY(stages::check_ledger(plan, *migration.journal));
    LS_ASSIGN(const model::Inventory source,
              current_inventory(session, migration, plan.source, !offline_));
    LS_ASSIGN(const model::Inventory target,
              current_inventory(session, migration, plan.target, !offline_));
    LS_ASSIGN(const auto ledger, migration.journal->rows());
    LS_ASSIGN(const auto expected, stages::expected_differences());
    LS_ASSIGN(const bool cut_over, is_cut_over(migration, stages::route_of(plan)));
    SecretDigests digests(session, migration, plan);
    stages::VerifyInput input{plan, source, target, kinds::all_kinds(), ledger, expected};
    input.cut_over = cut_over;
    LS_ASSIGN(const auto part, selected_part(session, migration, plan));
    if (part) input.concerns = stages::concerns_of(plan, *part);
    if (!offline_) {
      input.secret_digest = [&](const std::string& name) { return digests.of_source(name); };
      input.target_secret_digest = [&](const std::string& name) { return digests.of_target(name); };
    }
    LS_ASSIGN(const stages::VerifyResult result, stages::verify(input));
    LS_TRY(save_verification(migration, plan, result));
    LS_TRY(save_mapping_documents(migration, plan, source, target));
    print(session, result);
    return Ending{result.equal() ? Exit::done : Exit::blocked,
                  {{"equal", result.equal()},
                   {"counts", counts_of(result)},
                   {"findings", findings_json(result.findings)}}};
  }

 private:
  static Json counts_of(const stages::VerifyResult& result) {
    Json counts = Json::object();
    for (const auto& [kind, verdicts] : result.counts)
      for (const auto& [verdict, count] : verdicts)
        counts[kind][std::string(model::to_text(verdict))] = count;
    return counts;
  }

  void print(Session& session, const stages::VerifyResult& result) const {
    const report::Style& style = session.out.style();
    std::map<model::Verdict, long long> totals;
    std::size_t shown = 0;
    std::string text;
    for (const model::Judgement& judgement : result.judgements) {
      ++totals[judgement.verdict];
      if (judgement.verdict == model::Verdict::equal ||
          (!all_ && judgement.verdict == model::Verdict::not_applied))
        continue;
      if (!all_ && ++shown > kMostShown) continue;
      text += judgement_text(judgement, style);
    }
    if (shown > kMostShown)
      text +=
          "… and " + report::grouped(static_cast<long long>(shown - kMostShown)) + " more: --all\n";
    session.out.print(text);
    print_findings(session, result.findings, 20);
    std::string summary;
    for (const auto& [verdict, count] : totals)
      summary += (summary.empty() ? "verify: " : ", ") + report::grouped(count) + " " +
                 std::string(model::to_text(verdict));
    session.out.print(
        report::paint(style, result.equal() ? report::Tone::good : report::Tone::bad, summary) +
        "\n");
  }

  static std::string judgement_text(const model::Judgement& judgement, const report::Style& style) {
    std::string text = report::paint(style, report::tone_of(judgement.verdict),
                                     model::to_text(judgement.verdict)) +
                       " " + judgement.source.kind + " '" + printable(judgement.key) + "'";
    if (!judgement.reason.empty()) text += ": " + printable(judgement.reason);
    if (!judgement.code.empty()) text += " (" + judgement.code + ")";
    text += '\n';
    for (const model::Difference& difference : judgement.differences)
      text += report::difference_text(difference, style) + "\n";
    return text;
  }

  std::string route_;
  bool offline_ = false, all_ = false;
};

}  // namespace

extern const Command kDefinition{
    .name = "verify",
    .order = 60,
    .summary = "prove, object by object, that the target holds what the plan promised",
    .details =
        "Reads both sides again and compares field by field; what may differ is one committed "
        "table. Exit code 0 when\n"
        "everything is equal, 3 when something differs, is missing, or cannot be proved.",
    .examples =
        "lakeshift verify\nlakeshift verify --wave finance\nlakeshift verify --json | tail -1",
    .selects = false,
    .remote = true,
    .waves = true,
    .make = make_invocation<Verify>,
};

}  // namespace lakeshift::cli::verify_command
