#include "stages/move_rehearse.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/strings.h"
#include "knowledge/transfers/postgres_switch.h"
#include "stages/move_run.h"

namespace lakeshift::stages {

using databases::PostgresSession;

namespace {

constexpr int kMostTrials = 999;
constexpr const char* kWho = "SELECT system_identifier::text FROM pg_catalog.pg_control_system()";
constexpr const char* kBytes =
    "SELECT coalesce(sum(pg_catalog.pg_relation_size(c.oid)), 0)::bigint FROM pg_catalog.pg_class "
    "c "
    "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'r' AND n.nspname "
    "!~ '^pg_' AND n.nspname NOT IN ('information_schema', 'lakeshift')";

using Stage = Result<MoveReport> (*)(const MoveInput&, world::Run&);
struct Act {
  const char* name;
  Stage stage;
};
constexpr Act kActs[] = {{"create", create_move},    {"verify", verify_move},
                         {"cutover", cut_over_move}, {"rollback", roll_back_move},
                         {"cutover", cut_over_move}, {"complete", complete_move}};

class Rehearsal {
 public:
  Rehearsal(MoveRun& move, const MoveConfig& staging)
      : move_(move), staging_(staging), trial_(move.input.move) {
    trial_.source = staging.target;
    trial_.target = move.input.move.rehearsal_target;
    trial_.rehearsal_of = move.input.move.name;
    trial_.rehearsal_target.clear();
    trial_.rehearsed = false;
    trial_.hooks.clear();
    trial_.leave_out = staging.leave_out;
    // Where production's servers reach each other by other addresses, nobody said by which these
    // do.
    if (!trial_.source_for_target.empty() || !trial_.target_for_source.empty())
      trial_.follow = "stream";
    trial_.source_for_target.clear();
    trial_.target_for_source.clear();
  }

  Result<MoveReport> go() {
    LS_TRY(choose_trial());
    LS_TRY(look());
    if (!move_.gates_open())
      return move_.end(MoveOutcome::blocked, "a gate is closed; nothing was rehearsed");
    if (move_.input.dry_run) {
      for (const Act& act : kActs)
        move_.report.steps.push_back(fmt::format("would {} from {} to {}", act.name,
                                                 sides_.source.to_text(), sides_.target.to_text()));
      return move_.end(MoveOutcome::done);
    }
    LS_TRY(release_staging());  // a rehearsal that was killed behind its end left it fenced
    for (const Act& act : kActs) {
      LS_ASSIGN(const bool done, perform(act));
      if (!done) return give_up(act);
    }
    LS_TRY(release_staging());
    LS_TRY(predict());
    return move_.end(MoveOutcome::done);
  }

 private:
  MoveInput input() const {
    MoveInput made{move_.input.root, trial_};
    made.until_caught_up = true;
    made.pause_budget_ms = move_.input.pause_budget_ms;
    return made;
  }

  // Each rehearsal has a name of its own. What was cut short is taken back first.
  Status choose_trial() {
    for (int number = 1; number <= kMostTrials; ++number) {
      trial_.name = fmt::format("{}_try{}", move_.input.move.name.substr(0, 22), number);
      LS_ASSIGN(const MoveRoom room,
                MoveRoom::open(move_.run.world, move_.input.root, trial_.name));
      LS_ASSIGN(const MoveState state, room.load());
      if (state.phase == "new") break;
      if (state.phase == "completed" || state.phase == "cancelled") continue;
      if (!move_.input.dry_run) LS_TRY(take_back());
    }
    LS_ASSIGN(sides_, find_sides(move_.run.world, trial_));
    return {};
  }

  // Of production nothing may be fenced, and roles belong to a whole server.
  Status look() {
    LS_ASSIGN(const MoveRoom room,
              MoveRoom::open(move_.run.world, move_.input.root, staging_.name));
    LS_ASSIGN(const MoveState state, room.load());
    move_.add_gate("staging copy", state.phase == "completed",
                   state.phase == "completed" ? staging_.name + " stands alone"
                                              : staging_.name + " is in phase " + state.phase,
                   "run 'lakeshift move create " + staging_.name +
                       " --until-caught-up', 'verify' and 'complete' first");
    LS_ASSIGN(const auto production, move_.connect(move_.sides.from(move_.state.leg)));
    LS_ASSIGN(const std::string in_use, production->value(kWho));
    LS_ASSIGN(const std::string bytes, production->value(kBytes));
    production_bytes_ = std::strtoll(bytes.c_str(), nullptr, 10);
    bool apart = true;
    for (const auto* side : {&sides_.source, &sides_.target}) {
      LS_ASSIGN(const auto session, move_.connect(*side));
      LS_ASSIGN(const std::string who, session->value(kWho));
      apart = apart && who != in_use;
    }
    move_.add_gate("servers apart", apart,
                   apart ? "the rehearsal is on other servers than production"
                         : "a database of the rehearsal is on production's own server",
                   "name databases of other servers: a switch takes logins away, and they belong "
                   "to all of a server");
    return {};
  }

  Result<bool> perform(const Act& act) {
    move_.say(fmt::format("rehearsal {}: {}", trial_.name, act.name));
    const world::Instant began = move_.run.world.clock.now();
    LS_ASSIGN(const MoveReport report, act.stage(input(), move_.run));
    const long long took = (move_.run.world.clock.now() - began).count();
    if (report.outcome != MoveOutcome::done) {
      move_.report.findings.insert(move_.report.findings.end(), report.findings.begin(),
                                   report.findings.end());
      for (const MoveGate& gate : report.gates)
        if (!gate.open) move_.report.gates.push_back(gate);
      move_.report.differences = report.differences;
      reason_ = report.reason;
      interrupted_ = report.outcome == MoveOutcome::interrupted;
      return false;
    }
    LS_ASSIGN(const Json parts, parts_of(act.name));
    acts_.push_back(
        {{"verb", act.name}, {"ms", took}, {"pause_ms", report.pause_ms}, {"parts", parts}});
    std::string text = fmt::format("{}: {} ms", act.name, took);
    if (report.pause_ms > 0) text += fmt::format(", of it {} ms without writes", report.pause_ms);
    LS_TRY(move_.did("rehearsal " + std::string(act.name), text, acts_.back()));
    return true;
  }

  // How long each step took, by the evidence that the verb left.
  Result<Json> parts_of(const std::string& verb) {
    LS_ASSIGN(const MoveRoom room, MoveRoom::open(move_.run.world, move_.input.root, trial_.name));
    LS_ASSIGN(const std::string text,
              move_.run.world.files.read(room.folder() + "/evidence.jsonl"));
    Json parts = Json::array();
    std::size_t number = 0;
    for (const std::string& line : split(text, '\n')) {
      if (line.empty() || ++number <= evidence_) continue;
      LS_ASSIGN(const Json json, parse_json(line, "evidence of " + trial_.name));
      const std::string step = text_at(json, "step");
      parts.push_back(
          {{"step", step}, {"at", text_at(json, "at")}, {"facts", member(json, "facts")}});
      const Json& facts = member(json, "facts");
      if (verb == "create" && step == "preflight") trial_bytes_ = int_at(facts, "bytes");
    }
    evidence_ = number;
    return parts;
  }

  Status take_back() {
    LS_ASSIGN(const MoveRoom room, MoveRoom::open(move_.run.world, move_.input.root, trial_.name));
    LS_ASSIGN(const MoveState state, room.load());
    if (state.phase == "completed" || state.phase == "cancelled" || state.phase == "new") return {};
    world::Run mine{move_.run.world, move_.run.events, {}};  // after a stop too
    if (!state.forward() || state.phase == "opening") LS_TRY(roll_back_move(input(), mine));
    LS_TRY(cancel_move(input(), mine));
    return {};
  }

  Result<MoveReport> give_up(const Act& act) {
    const std::string reason = std::string("the rehearsal ended at ") + act.name + ": " + reason_;
    LS_TRY(move_.room->save_document("rehearsal",
                                     {{"outcome", "failed"}, {"reason", reason}, {"acts", acts_}}));
    const Status back = take_back();
    if (!back) move_.say("the rehearsal could not be taken back: " + back.error().to_text(), true);
    LS_TRY(move_.did("rehearsal failed", reason, {{"acts", acts_}}));
    return move_.end(interrupted_ ? MoveOutcome::interrupted : MoveOutcome::blocked, reason);
  }

  // A completed move leaves its source fenced; this one goes on being a staging copy.
  Status release_staging() {
    LS_ASSIGN(const auto staging, move_.connect(sides_.source));
    LS_TRY(transfers::open_writers(*staging));
    return staging->exec("DROP SCHEMA IF EXISTS lakeshift CASCADE");
  }

  Status predict() {
    long long create = 0, verify = 0, cutover = 0, rollback = 0;
    for (const Json& act : acts_) {
      const std::string verb = text_at(act, "verb");
      if (verb == "create") create = int_at(act, "ms");
      if (verb == "verify") verify = int_at(act, "ms");
      if (verb == "cutover") cutover = std::max(cutover, int_at(act, "pause_ms"));
      if (verb == "rollback") rollback = std::max(rollback, int_at(act, "pause_ms"));
    }
    const double times = trial_bytes_ > 0 ? static_cast<double>(production_bytes_) /
                                                static_cast<double>(trial_bytes_)
                                          : 1.0;
    const auto scaled = [&](long long ms) {
      return static_cast<long long>(static_cast<double>(ms) * times);
    };
    const long long lag = move_.input.move.lag_limit_ms;
    const Json facts = {{"outcome", "done"},
                        {"at", world::to_iso8601(move_.run.world.clock.now())},
                        {"trial", trial_.name},
                        {"from", sides_.source.to_text()},
                        {"to", sides_.target.to_text()},
                        {"acts", acts_},
                        {"production_bytes", production_bytes_},
                        {"trial_bytes", trial_bytes_},
                        {"predicted",
                         {{"create_ms", scaled(create)},
                          {"verify_ms", scaled(verify)},
                          {"cutover_pause_ms", {{"least", cutover}, {"most", cutover + lag}}},
                          {"rollback_pause_ms", {{"least", rollback}, {"most", rollback + lag}}}}}};
    LS_TRY(move_.room->save_document("rehearsal", facts));
    LS_TRY(move_.did(
        "rehearsal",
        fmt::format("predicted for production: copy {:.1f} s and comparison {:.1f} s ({} MB there, "
                    "{} MB here, at the rate measured); pause {} to {} ms at a cutover, {} to {} "
                    "ms at a rollback (the slowest measured; and what may be under way, "
                    "lag_limit_ms)",
                    static_cast<double>(scaled(create)) / 1000.0,
                    static_cast<double>(scaled(verify)) / 1000.0, production_bytes_ >> 20,
                    trial_bytes_ >> 20, cutover, cutover + lag, rollback, rollback + lag),
        facts));
    move_.report.pause_ms = cutover;
    return {};
  }

  MoveRun& move_;
  const MoveConfig& staging_;
  MoveConfig trial_;
  MoveSides sides_;
  Json acts_ = Json::array();
  std::size_t evidence_ = 0;  // lines read
  long long production_bytes_ = 0, trial_bytes_ = 0;
  std::string reason_;
  bool interrupted_ = false;
};

}  // namespace

Result<MoveReport> rehearse_move(const MoveInput& input, const MoveConfig* staging,
                                 world::Run& run) {
  const std::string& name = input.move.name;
  if (staging == nullptr || input.move.rehearsal_target.empty())
    return fail("no-rehearsal", "it says nowhere on what to rehearse", "move '" + name + "'",
                "write rehearsal: {staging: NAME, target: postgresql://user@host/database} under "
                "it; docs/guide/rehearsal.md");
  MoveRun move(input, run, "rehearse");
  LS_TRY(move.open(false));
  Rehearsal rehearsal(move, *staging);
  return rehearsal.go();
}

}  // namespace lakeshift::stages
