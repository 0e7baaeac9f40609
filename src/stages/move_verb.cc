#include "stages/move_verb.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/strings.h"
#include "core/world/process.h"

namespace lakeshift::stages {
namespace {

std::string next_of(const MoveState& state, const MoveConfig& config) {
  const std::string move = "lakeshift move ", name = config.name;
  if (state.phase == "completed" || state.phase == "cancelled") return "";
  if (state.phase != "following") return move + "create " + name;
  if (config.is_staging()) return move + "verify " + name + ", then " + move + "complete " + name;
  return state.forward()
             ? move + "verify " + name + ", then " + move + "cutover " + name
             : move + "rollback " + name + " to go back, or " + move + "complete " + name;
}

}  // namespace

std::string side_of(int leg, bool from) { return (leg % 2 == 0) == from ? "source" : "target"; }

Status MoveVerb::open_room(bool drive) {
  LS_ASSIGN(MoveRoom opened, MoveRoom::open(run.world, input.root, input.move.name));
  room = std::make_unique<MoveRoom>(std::move(opened));
  if (drive && !input.dry_run) LS_TRY(room->lock(verb));
  LS_ASSIGN(state, room->load());
  if (drive && (state.phase == "completed" || state.phase == "cancelled"))
    return fail("move-over", "this move was " + state.phase, "move '" + input.move.name + "'",
                "give a new move another name in lakeshift.yaml");
  LS_TRY(room->check_evidence());
  if (!input.dry_run && verb != "status") live.begin(room->folder(), verb);
  return {};
}

void MoveVerb::progress(const std::string& subject, long long done, long long total) const {
  world::Event event;
  event.type = world::Event::Type::progress;
  event.stage = "move";
  event.subject = subject;
  event.done = done;
  event.total = total;
  run.events.emit(event);
}

Status MoveVerb::did(const std::string& step, const std::string& text, const Json& facts) {
  report.steps.push_back(text);
  say(text);
  return room->note(verb, step, facts, text);
}

void MoveVerb::say(const std::string& text, bool warning) {
  world::Event event;
  event.type = warning ? world::Event::Type::warning : world::Event::Type::notice;
  event.stage = "move";
  event.text = text;
  run.events.emit(event);
}

void MoveVerb::add_gate(const std::string& name, bool is_open, const std::string& text,
                        const std::string& remedy) {
  report.gates.push_back({name, is_open, text, is_open ? "" : remedy});
}

bool MoveVerb::gates_open() const {
  return std::all_of(report.gates.begin(), report.gates.end(),
                     [](const MoveGate& gate) { return gate.open; });
}

Status MoveVerb::call_hook(const std::string& point, world::Millis limit) {
  const auto hook = input.move.hooks.find(point);
  if (hook == input.move.hooks.end()) return {};
  const Json told = {{"move", input.move.name},
                     {"verb", verb},
                     {"point", point},
                     {"from", side_of(state.leg, true)},
                     {"to", side_of(state.leg, false)},
                     {"leg", state.leg}};
  const world::Instant began = run.world.clock.now();
  LS_ASSIGN(const world::Ended ended,
            world::run_process(hook->second, dump_json(told) + "\n", limit));
  const auto took = (run.world.clock.now() - began).count();
  LS_TRY(room->note(verb, "hook " + point,
                    {{"command", hook->second}, {"exit_code", ended.exit_code}, {"ms", took}}));
  if (ended.exit_code == 0) return {};
  return fail("hook-failed",
              fmt::format("it ended with exit code {}: {}", ended.exit_code,
                          printable(trim(ended.err.substr(0, 400)))),
              "hook " + point + " (" + join(hook->second, " ") + ")",
              "mend it, or take it out of lakeshift.yaml");
}

std::string MoveVerb::traffic() const {
  const auto at = [&](bool target) {
    return std::string(target ? "target " : "source ") + address_text(target);
  };
  const bool forward = state.forward();
  if (input.move.is_staging())
    return "traffic: " + at(false) + ", as ever; " + at(true) +
           (state.phase == "following"   ? " follows, masked"
            : state.phase == "completed" ? " is a masked copy of its own"
            : state.phase == "cancelled" ? " was given up"
                                         : " is being made");
  if (driven_elsewhere && (state.phase == "switching" || state.phase == "opening"))
    return "traffic: nowhere for a moment, a switch from " + at(!forward) + " is going on";
  if (state.phase == "switching")
    return "traffic: nowhere, a switch from " + at(!forward) +
           " was cut short; run 'lakeshift move "
           "create " +
           input.move.name + "'";
  if (state.phase == "opening") return "traffic: being opened at " + at(forward);
  if (state.phase == "completed") return "traffic: " + at(true) + "; the move is completed";
  if (state.phase == "cancelled") return "traffic: " + at(false) + "; the move was cancelled";
  if (state.phase != "following") return "traffic: " + at(false) + "; the target is being made";
  return "traffic: " + at(!forward) + "; " + at(forward) + follows_text();
}

void MoveVerb::remember_switch(const std::string& outcome, const std::string& reason) {
  const long long now = run.world.clock.now().time_since_epoch().count();
  report.pause_ms = std::max(0LL, now - state.pause_began_ms);
  state.history.push_back({{"verb", state.forward() ? "cutover" : "rollback"},
                           {"at", world::to_iso8601(run.world.clock.now())},
                           {"outcome", outcome},
                           {"pause_ms", report.pause_ms},
                           {"budget_ms", input.pause_budget_ms > 0 ? input.pause_budget_ms
                                                                   : input.move.pause_budget_ms},
                           {"reason", reason}});
}

void MoveVerb::add_end_gate(bool complete) {
  const std::string run_first = "run 'lakeshift move ";
  if (complete)
    add_gate("cut over", state.phase == "following" && !state.forward(), traffic(),
             run_first + "cutover " + input.move.name + "' first");
  else
    add_gate("traffic at the source", state.forward() && state.phase != "opening", traffic(),
             run_first + "rollback " + input.move.name + "' first, or complete it");
}

Status MoveVerb::mark_ended(bool complete, const std::string& held) {
  state.phase = complete ? "completed" : "cancelled";
  LS_TRY(room->save(state));
  return did(verb, complete ? "completed: the source stays fenced, with all its " + held
                            : "cancelled: the source goes on alone; the target keeps what was "
                              "copied, fenced");
}

Status MoveVerb::look_who_drives() {
  LS_ASSIGN(const bool alone, room->try_lock());
  driven_elsewhere = !alone;
  return {};
}

void MoveVerb::tell_switches() {
  for (const Json& one : state.history) {
    const std::string reason = text_at(one, "reason");
    report.steps.push_back(fmt::format(
        "{} at {}: {}, pause {} ms{}", text_at(one, "verb"), text_at(one, "at"),
        text_at(one, "outcome"), int_at(one, "pause_ms"), reason.empty() ? "" : "; " + reason));
  }
}

Status MoveVerb::settle_switch() {
  if (state.phase == "switching") {
    LS_TRY(go_back("the run that switched was cut short"));
    say(fmt::format("a switch that was cut short was undone; no side took writes for {} ms",
                    report.pause_ms),
        true);
  } else if (state.phase == "opening") {
    LS_TRY(open_other_side());
    say(fmt::format("a switch that was cut short was finished; no side took writes for {} ms",
                    report.pause_ms),
        true);
  }
  return take_stream_back();
}

Result<MoveReport> MoveVerb::end(MoveOutcome outcome, const std::string& reason) {
  report.outcome = outcome;
  report.reason = reason;
  if (!input.dry_run && verb != "status") {
    const Status left = leave_stream();
    if (!left && outcome == MoveOutcome::done) report.outcome = MoveOutcome::blocked;
    if (!left)
      report.reason += (reason.empty() ? "done, but nobody follows: " : "; nobody follows: ") +
                       left.error().to_text();
  }
  report.phase = state.phase;
  report.traffic = traffic();
  report.next = next_of(state, input.move);
  if (input.dry_run || verb == "status") return report;
  LS_TRY(room->save_junit(verb, report));
  const Json told = to_json(report);
  Json facts = {{"began", world::to_iso8601(began_)}};
  for (const char* name : {"outcome", "phase", "traffic", "reason", "gates", "findings", "pause_ms",
                           "rows_proven", "verification"})
    facts[name] = told[name];
  LS_TRY(room->note(verb, "end", facts));
  return report;
}

Json to_json(const MoveReport& report) {
  Json gates = Json::array();
  for (const MoveGate& gate : report.gates)
    gates.push_back(
        {{"name", gate.name}, {"open", gate.open}, {"text", gate.text}, {"remedy", gate.remedy}});
  Json findings = Json::array();
  for (const model::Finding& finding : report.findings) findings.push_back(model::to_json(finding));
  constexpr const char* kOutcomes[] = {"done", "blocked", "went-back", "interrupted"};
  return {{"outcome", kOutcomes[static_cast<int>(report.outcome)]},
          {"phase", report.phase},
          {"traffic", report.traffic},
          {"reason", report.reason},
          {"gates", gates},
          {"findings", findings},
          {"steps", report.steps},
          {"differences", report.differences},
          {"pause_ms", report.pause_ms},
          {"rows_proven", report.rows_proven},
          {"verification", report.verification},
          {"next", report.next}};
}

}  // namespace lakeshift::stages
