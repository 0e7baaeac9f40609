#include "stages/move_run.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/strings.h"
#include "core/world/process.h"
#include "knowledge/databases/postgres_dump.h"
#include "knowledge/databases/postgres_slot.h"
#include "knowledge/transfers/postgres_switch.h"

namespace lakeshift::stages {

using databases::PostgresSession;

namespace {

constexpr int kAnywayTries = 60;  // a server that is started again answers within half a minute
constexpr world::Millis kAnywayPause{500};
constexpr int kEndTries = 500;
constexpr world::Millis kEndPause{20};

std::string hook_text(const std::vector<std::string>& command) { return join(command, " "); }

std::string next_of(const MoveState& state, const std::string& name, bool staging) {
  const std::string move = "lakeshift move ";
  if (state.phase == "new" || state.phase == "creating") return move + "create " + name;
  if (state.phase == "switching" || state.phase == "opening") return move + "create " + name;
  if (state.phase != "following") return "";
  if (staging) return move + "verify " + name + ", then " + move + "complete " + name;
  return state.forward()
             ? move + "verify " + name + ", then " + move + "cutover " + name
             : move + "rollback " + name + " to go back, or " + move + "complete " + name;
}

}  // namespace

Status MoveRun::open(bool drive) {
  LS_ASSIGN(sides, find_sides(run.world, input.move));
  LS_ASSIGN(MoveRoom opened, MoveRoom::open(run.world, input.root, input.move.name));
  room = std::make_unique<MoveRoom>(std::move(opened));
  if (drive && !input.dry_run) LS_TRY(room->lock(verb));
  LS_ASSIGN(state, room->load());
  if (drive && (state.phase == "completed" || state.phase == "cancelled"))
    return fail("move-over", "this move was " + state.phase, "move '" + input.move.name + "'",
                "give a new move another name in lakeshift.yaml");
  LS_TRY(room->check_evidence());
  return {};
}

Result<std::unique_ptr<PostgresSession>> MoveRun::connect_anyway(
    const databases::PostgresAddress& side) {
  for (int attempt = 1;; ++attempt) {
    auto session = PostgresSession::connect(side, {});
    if (session || session.error().retry != Retry::later || attempt == kAnywayTries) return session;
    run.world.clock.sleep(kAnywayPause, {});
  }
}

Status MoveRun::did(const std::string& step, const std::string& text, const Json& facts) {
  report.steps.push_back(text);
  say(text);
  return room->note(verb, step, facts);
}

void MoveRun::say(const std::string& text, bool warning) {
  world::Event event;
  event.type = warning ? world::Event::Type::warning : world::Event::Type::notice;
  event.stage = "move";
  event.text = text;
  run.events.emit(event);
}

void MoveRun::add_gate(const std::string& name, bool is_open, const std::string& text,
                       const std::string& remedy) {
  report.gates.push_back({name, is_open, text, is_open ? "" : remedy});
}

bool MoveRun::gates_open() const {
  return std::all_of(report.gates.begin(), report.gates.end(),
                     [](const MoveGate& gate) { return gate.open; });
}

Status MoveRun::call_hook(const std::string& point, world::Millis limit) {
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
              "hook " + point + " (" + hook_text(hook->second) + ")",
              "mend it, or take it out of lakeshift.yaml");
}

Result<databases::Preflight> MoveRun::preflight(PostgresSession& source, PostgresSession& target) {
  databases::PreflightOptions options;
  options.accept.insert(input.move.accept.begin(), input.move.accept.end());
  options.parallel = input.move.workers;
  options.headroom = input.move.headroom;
  options.now_ms = run.world.clock.now().time_since_epoch().count();
  if (const auto program = databases::choose_dump_program(databases::find_dump_programs(run.world),
                                                          source.version(), target.version()))
    options.dump_version = program->version;
  return databases::run_preflight(source, target, options);
}

std::string MoveRun::traffic() const {
  const auto at = [&](bool target) {
    return std::string(target ? "target " : "source ") +
           (target ? sides.target : sides.source).to_text();
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
  return "traffic: " + at(!forward) + "; " + at(forward) + " follows";
}

void MoveRun::remember_switch(const std::string& outcome, const std::string& reason) {
  const long long now = run.world.clock.now().time_since_epoch().count();
  report.pause_ms = std::max(0LL, now - state.pause_began_ms);
  state.history.push_back({{"verb", state.forward() ? "cutover" : "rollback"},
                           {"at", world::to_iso8601(run.world.clock.now())},
                           {"outcome", outcome},
                           {"pause_ms", report.pause_ms},
                           {"reason", reason}});
}

// A run that was killed may have left statements at work in the server, which would still take
// rights away, or make a slot, after we have looked.
Status MoveRun::end_own_sessions(PostgresSession& side) {
  for (int attempt = 1;; ++attempt) {
    LS_ASSIGN(const databases::PostgresRows rows,
              side.query("SELECT pg_catalog.pg_terminate_backend(pid) FROM "
                         "pg_catalog.pg_stat_activity WHERE application_name = $1 AND pid <> "
                         "pg_catalog.pg_backend_pid() AND usename = current_user AND datname = "
                         "pg_catalog.current_database()",
                         {side.address().application}));
    if (rows.size() == 0) return {};
    if (attempt == kEndTries)
      return fail("sessions-left", "sessions of a killed lakeshift do not end",
                  side.address().to_text(), "end them with pg_terminate_backend(), then run again");
    run.world.clock.sleep(kEndPause, {});
  }
}

Status MoveRun::settle_switch() {
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
  return {};
}

Status MoveRun::go_back(const std::string& reason) {
  LS_ASSIGN(const auto from, connect_anyway(sides.from(state.leg)));
  LS_TRY(end_own_sessions(*from));
  LS_ASSIGN(const std::int64_t grants, transfers::open_writers(*from));
  remember_switch("went back", reason);
  state.phase = "following";
  state.pause_began_ms = 0;
  LS_TRY(room->save(state));
  LS_TRY(did(
      "go-back", fmt::format("went back: {} takes the writes again", side_of(state.leg, true)),
      {{"reason", reason}, {"grants", grants}, {"pause_ms", report.pause_ms}, {"leg", state.leg}}));
  // What remains is tidying: the next switch does it when the other side is away.
  const std::string next = slot_of(input.move, state.leg + 1);
  const Status tidied = [&]() -> Status {
    LS_ASSIGN(const auto to, connect(sides.to(state.leg)));
    LS_TRY(end_own_sessions(*to));
    LS_TRY(databases::drop_slot(*to, next, run.world.clock));
    LS_TRY(from->query("DELETE FROM lakeshift.progress WHERE slot = $1", {next}));
    return {};
  }();
  if (!tidied)
    say("slot " + next + " may be left at the " + side_of(state.leg, false) + ": " +
            tidied.error().to_text(),
        true);
  return {};
}

Status MoveRun::open_other_side() {
  LS_ASSIGN(const auto to, connect_anyway(sides.to(state.leg)));
  LS_ASSIGN(const std::int64_t grants, transfers::open_writers(*to));
  remember_switch("switched", "");
  const int old = state.leg;
  ++state.leg;
  state.phase = "following";
  state.pause_began_ms = 0;
  LS_TRY(room->save(state));
  LS_TRY(did("open",
             fmt::format("{} takes the writes: {} rights given", side_of(old, false), grants),
             {{"grants", grants}, {"pause_ms", report.pause_ms}, {"leg", state.leg}}));
  // Nobody needs the old leg's slot; it would only keep log.
  LS_ASSIGN(const auto from, connect_anyway(sides.from(old)));
  return databases::drop_slot(*from, slot_of(input.move, old), run.world.clock);
}

Result<MoveReport> MoveRun::end(MoveOutcome outcome, const std::string& reason) {
  report.outcome = outcome;
  report.reason = reason;
  report.phase = state.phase;
  report.traffic = traffic();
  report.next = next_of(state, input.move.name, input.move.is_staging());
  if (!input.dry_run && verb != "status") LS_TRY(room->save_junit(verb, report));
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
          {"next", report.next}};
}

}  // namespace lakeshift::stages
