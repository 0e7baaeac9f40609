#include "surfaces/report/journey_state.h"

#include <algorithm>

#include "core/base/json.h"
#include "surfaces/report/style.h"

namespace lakeshift::report {
namespace {

long long count_of(const Json& accounting, const char* table, const char* name) {
  return int_at(member(accounting, table), name);
}

bool any_entry(const ReportInput& input, std::string_view run) {
  return std::any_of(input.journal.begin(), input.journal.end(),
                     [&](const state::JournalEntry& entry) { return entry.run == run; });
}

bool applied(const ReportInput& input, const Json& accounting) {
  return input.plan && count_of(accounting, "outcomes", "open") == 0 && !input.ledger.empty();
}

// Planned to be done, but failed or blocked on the way.
long long stuck_in_apply(const Json& objects) {
  return std::count_if(objects.begin(), objects.end(), [](const Json& object) {
    const std::string planned = text_at(object, "planned"), outcome = text_at(object, "outcome");
    return outcome != planned && (outcome == "failed" || outcome == "blocked");
  });
}

long long blocked_by_plan(const Json& objects) {
  return std::count_if(objects.begin(), objects.end(),
                       [](const Json& object) { return text_at(object, "planned") == "blocked"; });
}

Json step(const char* stage, const char* state, std::string text) {
  return {{"stage", stage}, {"state", state}, {"text", std::move(text)}};
}

std::string number_of(long long count, const std::string& what) {
  return grouped(count) + " " + what;
}

Json discover_step(const ReportInput& input, const Json& accounting) {
  if (!input.source && !input.target) return step("discover", "open", "nothing was read yet");
  if (!input.source || !input.target)
    return step("discover", "partly",
                "only '" + (input.source ? input.source_side : input.target_side) + "' was read");
  return step("discover", "done", number_of(int_at(accounting, "found"), "objects found"));
}

Json plan_step(const ReportInput& input, const Json& accounting, const Json& objects) {
  if (!input.plan) return step("plan", "open", "no plan yet");
  const long long stuck = blocked_by_plan(objects);
  if (stuck > 0) return step("plan", "attention", number_of(stuck, "blocked"));
  return step("plan", "done", number_of(int_at(accounting, "found"), "objects planned"));
}

Json rehearse_step(const ReportInput& input) {
  if (!input.rehearsal.is_object()) return step("rehearse", "open", "the plan was not rehearsed");
  const Json& refusals = member(input.rehearsal, "refusals");
  const long long refused = refusals.is_array() ? static_cast<long long>(refusals.size()) : 0;
  if (!bool_at(input.rehearsal, "passed"))
    return step("rehearse", "attention",
                number_of(refused, refused == 1 ? "call refused" : "calls refused"));
  return step("rehearse", "done",
              number_of(int_at(input.rehearsal, "calls"), "calls, none refused"));
}

Json apply_step(const ReportInput& input, const Json& accounting, const Json& objects) {
  const long long open = count_of(accounting, "outcomes", "open");
  const long long failed = stuck_in_apply(objects);
  if (!any_entry(input, "apply") && (open > 0 || !input.plan || input.ledger.empty()))
    return step("apply", "open", "nothing was changed in the target");
  if (open > 0) return step("apply", "partly", number_of(open, "left to do"));
  if (failed > 0) return step("apply", "attention", number_of(failed, "failed or blocked"));
  return step("apply", "done", "everything planned is done");
}

Json verify_step(const ReportInput& input, const Json& accounting) {
  if (!input.verified) return step("verify", "open", "nothing is proved yet");
  const long long wrong =
      count_of(accounting, "verdicts", "differs") + count_of(accounting, "verdicts", "missing");
  if (wrong > 0) return step("verify", "attention", number_of(wrong, "not equal"));
  return step("verify", "done",
              number_of(count_of(accounting, "verdicts", "equal"), "proved equal"));
}

Json accept_step(const ReportInput& input) {
  if (!input.acceptance.is_object()) return step("accept", "open", "the target was not tried");
  return bool_at(input.acceptance, "passed") ? step("accept", "done", "the target works")
                                             : step("accept", "attention", "a step failed");
}

Json cutover_step(const ReportInput& input) {
  const std::string phase = cutover_phase(input);
  if (phase == "source")
    return any_entry(input, "rollback") ? step("cutover", "open", "rolled back")
                                        : step("cutover", "open", "not begun");
  if (phase == "target") return step("cutover", "done", "can still be rolled back");
  if (phase == "completed") return step("cutover", "done", "completed");
  return step("cutover", "partly", phase);
}

}  // namespace

std::string cutover_phase(const ReportInput& input) {
  return input.cutover.is_object() ? text_at(input.cutover, "phase", "source") : "source";
}

Json journey_of(const ReportInput& input, const Json& accounting, const Json& objects) {
  return Json::array({discover_step(input, accounting), plan_step(input, accounting, objects),
                      rehearse_step(input), apply_step(input, accounting, objects),
                      verify_step(input, accounting), accept_step(input), cutover_step(input)});
}

std::string workloads_sentence(const ReportInput& input) {
  const auto sentence = [](const std::string& phase, const std::string& source,
                           const std::string& target) {
    if (phase == "source") return "the workloads run in " + source;
    if (phase == "target") return "the workloads run in " + target + " (rollback is possible)";
    if (phase == "completed") return "the workloads run in " + target + ", for good";
    if (phase == "rolling-back")
      return "the workloads are on their way back to " + source + " (rollback is not finished)";
    return "the workloads are between " + source + " and " + target + " (cutover stands at '" +
           phase + "')";
  };
  const auto quoted = [](const std::string& side, const char* unknown) {
    return side.empty() ? std::string(unknown) : "'" + side + "'";
  };
  std::string text = sentence(cutover_phase(input), quoted(input.source_side, "the source"),
                              quoted(input.target_side, "the target"));
  if (!input.routes.is_array() || input.routes.size() < 2) return text;
  for (const Json& route : input.routes) {
    const std::string from = text_at(route, "source"), to = text_at(route, "target");
    if (from != input.source_side || to != input.target_side)
      text += "; of the route " + from + ":" + to + " " +
              sentence(text_at(route, "phase"), quoted(from, ""), quoted(to, ""));
  }
  return text;
}

Json next_steps(const ReportInput& input, const Json& accounting, const Json& objects) {
  Json steps = Json::array();
  const bool several = input.routes.is_array() && input.routes.size() > 1;
  const auto add = [&](const char* what, const char* command) {
    std::string text = command;
    // These are never done by guess when there are several routes.
    for (const char* verb : {"cutover", "rollback", "complete", "verify", "report"})
      if (several && text.starts_with(std::string("lakeshift ") + verb))
        text += " --route " + input.source_side + ":" + input.target_side;
    steps.push_back({{"do", what}, {"command", text}});
  };
  const std::string phase = cutover_phase(input);
  const long long wrong =
      count_of(accounting, "verdicts", "differs") + count_of(accounting, "verdicts", "missing");
  if (phase == "completed") return steps;
  if (phase == "rolling-back") {
    add("finish the rollback", "lakeshift rollback");
    return steps;
  }
  if (phase != "source" && phase != "target") {
    add("finish the cutover, or go back with 'lakeshift rollback'", "lakeshift cutover");
    return steps;
  }
  if (!input.source || !input.target) {
    add("read both sides", "lakeshift discover");
  } else if (!input.plan) {
    add("make a plan", "lakeshift plan");
  } else if (phase == "target") {
    add("watch the first runs; prove the state again", "lakeshift verify");
    add("when you are sure, close the way back", "lakeshift complete");
  } else if (!applied(input, accounting)) {
    if (!input.rehearsal.is_object())
      add("try the plan against a twin of the target", "lakeshift rehearse");
    add(any_entry(input, "apply") ? "go on where apply stopped" : "carry out the plan",
        "lakeshift apply");
  } else if (stuck_in_apply(objects) > 0) {
    add("remove the causes of what failed, then go on", "lakeshift apply");
  } else if (!input.verified) {
    add("prove that nothing is missing", "lakeshift verify");
  } else if (wrong > 0) {
    add("look at what differs, then plan and apply again", "lakeshift plan");
  } else {
    if (!input.acceptance.is_object())
      add("try the target: start a cluster, run a notebook", "lakeshift accept");
    add("see what the cutover would do", "lakeshift cutover --dry-run");
  }
  if (count_of(accounting, "outcomes", "manual") > 0)
    add("hand the manual actions to their owners", "lakeshift report");
  return steps;
}

}  // namespace lakeshift::report
