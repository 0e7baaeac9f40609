// Switching the writers from one side of a move to the other, within a budget.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "core/base/strings.h"
#include "knowledge/databases/postgres_slot.h"
#include "knowledge/transfers/postgres_publication.h"
#include "knowledge/transfers/postgres_switch.h"
#include "stages/move_staging.h"
#include "stages/move_switch_verb.h"

namespace lakeshift::stages {

using databases::PostgresSession;

namespace {

constexpr world::Millis kLagPatience{60'000};
constexpr std::size_t kFewRows = 2000;  // so many are compared within the pause
constexpr int kRounds = 5;
constexpr const char* kUnnamed = "pg-writer-unnamed";
constexpr const char* kNameThem =
    "name it in 'applications', take its rights or its login, or accept: [pg-writer-unnamed] when "
    "it does not write during a switch";

class Switch final : public SwitchVerb {
 public:
  Switch(MoveRun& move, bool forward) : SwitchVerb(move, forward), move_(move) {}

 private:
  Result<MoveReport> go() override {
    LS_TRY(look_at_gates());
    if (!move_.gates_open()) return blocked();
    if (move_.input.dry_run) return show();
    follower_ = std::make_unique<MoveFollower>(move_.sides, move_.input.move, move_.state.leg,
                                               move_.run, move_.live, true);
    LS_TRY(prove_before());
    if (!move_.gates_open()) {
      move_.end_apply(follower_);
      return blocked();
    }
    LS_TRY(prepare());
    return pause();
  }

  Status look_at_gates() {
    const MoveConfig& config = move_.input.move;
    look_at_move();
    if (!move_.gates_open()) return {};
    const auto& roles = config.applications;
    const bool own = std::any_of(roles.begin(), roles.end(), [&](const std::string& role) {
      return role == move_.sides.source.user || role == move_.sides.target.user;
    });
    move_.add_gate("applications", !roles.empty() && !own,
                   roles.empty() ? "no role of an application is named"
                   : own         ? "the move's own user is named"
                                 : fmt::format("{} roles will be fenced", roles.size()),
                   "name in 'applications' the roles that write, and connect as another");
    LS_TRY(look_at_servers());
    if (config.rehearsed && forward()) LS_TRY(look_at_rehearsal());
    return look_at_verification();
  }

  // What a move needs before and what the way back needs; that the target is full is no surprise.
  Status look_at_servers() {
    LS_ASSIGN(const auto source, move_.connect(move_.sides.source));
    LS_ASSIGN(const auto target, move_.connect(move_.sides.target));
    LS_ASSIGN(const databases::Preflight found, move_.preflight(*source, *target));
    static const std::set<std::string> kReplication = {"pg-wal-level", "pg-slots-full",
                                                       "pg-senders-full", "pg-replication-right"};
    bool clear = true;
    bool way_back = true;
    for (const databases::Obstacle& obstacle : found.obstacles) {
      if (obstacle.severity != model::Severity::blocking || obstacle.code == "pg-target-not-empty")
        continue;
      const bool replication = kReplication.contains(obstacle.code);
      if (!replication && !forward()) continue;  // no reason to stay where one wants to leave
      (replication ? way_back : clear) = false;
      move_.report.findings.push_back(databases::to_finding(obstacle));
    }
    LS_TRY(look_at_fence_rights(move_, *source, *target));
    LS_TRY(look_at_writers(forward() ? *source : *target));
    LS_TRY(look_at_tables(move_, found, forward() ? *source : *target));
    if (forward()) LS_TRY(look_at_definitions(move_, found));
    move_.add_gate("preflight", clear, clear ? "no obstacle" : "obstacles stand in the way",
                   "follow the remedies of the findings");
    move_.add_gate(
        "way back", way_back,
        way_back ? "both servers can send their changes" : "a server cannot send its changes",
        "follow the remedies of the findings");
    return {};
  }

  // Who can write and is not fenced could write behind the switch.
  Status look_at_writers(PostgresSession& from) {
    const MoveConfig& config = move_.input.move;
    LS_ASSIGN(const auto unnamed, transfers::unnamed_writers(from, config.applications));
    const bool accepted =
        std::find(config.accept.begin(), config.accept.end(), kUnnamed) != config.accept.end();
    for (const std::string& role : unnamed) {
      model::Finding finding;
      finding.code = kUnnamed;
      finding.severity = accepted ? model::Severity::warning : model::Severity::blocking;
      finding.kind = "role";
      finding.key = role;
      finding.where = side_of(move_.state.leg, true);
      finding.cause = "it can log in and write, and is not among the applications";
      finding.remedy = kNameThem;
      move_.report.findings.push_back(std::move(finding));
    }
    move_.add_gate("writers", unnamed.empty() || accepted,
                   unnamed.empty() ? "nobody else can write"
                                   : "roles that can write and are not fenced: " +
                                         join(unnamed, ", ") + (accepted ? " (accepted)" : ""),
                   kNameThem);
    return {};
  }

  Status look_at_rehearsal() {
    LS_ASSIGN(const auto tried, move_.room->document("rehearsal"));
    const bool on_copies = tried && text_at(*tried, "outcome") == "done";
    const bool rehearsed = on_copies || was_rolled_back();
    move_.add_gate(
        "rehearsed", rehearsed,
        on_copies   ? "rehearsed on copies at " + text_at(*tried, "at")
        : rehearsed ? "a cutover and its rollback were done"
                    : "no rollback of this move was done yet",
        "run 'lakeshift move rehearse " + move_.input.move.name + "', or set 'rehearsed: false'");
    return {};
  }

  Status look_at_verification() {
    if (move_.input.whole_proof) return {};
    LS_ASSIGN(const auto verified, move_.room->document("verified"));
    // Going back does not wait for a proof; what was written since is compared all the same.
    const bool equal = verified && bool_at(*verified, "equal");
    move_.add_gate("verified", equal || !forward(),
                   equal ? "equal at " + text_at(*verified, "at") : "no comparison was equal yet",
                   "run 'lakeshift move verify " + move_.input.move.name + "'");
    return {};
  }

  Result<MoveReport> show() {
    const std::string from = side_of(move_.state.leg, true);
    const std::string to = side_of(move_.state.leg, false);
    if (move_.input.whole_proof)
      move_.report.steps.push_back(
          fmt::format("would compare every row of {} tables", move_.state.tables.size()));
    move_.report.steps.insert(
        move_.report.steps.end(),
        {"would fence the applications' roles at the " + from + " and try to write",
         "would wait until the " + to + " holds every change",
         fmt::format("would move sequences ahead by {} steps", move_.input.move.headroom),
         "would compare the rows that changed since, at rest",
         fmt::format("would make slot {} at the {} for the way back",
                     slot_of(move_.input.move, move_.state.leg + 1), to),
         "would give the applications' roles their rights at the " + to,
         fmt::format("would go back by itself when this takes more than {} ms", budget().count())});
    return move_.end(MoveOutcome::done);
  }

  // Everything that can be proven before anybody has to wait.
  Status prove_before() {
    LS_TRY(connect());
    const int limit = move_.input.move.lag_limit_ms;
    const world::Instant began = move_.run.world.clock.now();
    long long lag = 0;
    do {
      LS_ASSIGN(lag, follower_->measure_lag(*from_, move_.run.stop));
    } while (lag > limit && move_.run.world.clock.now() - began < kLagPatience);
    move_.add_gate("lag", lag <= limit, fmt::format("{} ms behind, {} ms allowed", lag, limit),
                   "wait, give the target more power, or raise lag_limit_ms");
    if (lag > limit) return {};
    const WaitApplied wait = [&](databases::Lsn position) {
      return follower_->wait_applied(position, move_.run.stop);
    };
    if (move_.input.whole_proof) {
      RowsAids aids;
      aids.chunk_rows = move_.input.move.verify_chunk_rows;
      aids.workers = static_cast<std::size_t>(std::max(1, move_.input.move.workers / 2));
      long long rows = 0;
      aids.after_chunk = [&](const std::string&, std::int64_t more, bool) -> Status {
        move_.progress("rows compared", rows += more, 0);
        return {};
      };
      aids.remember = &compared_;
      LS_ASSIGN(auto still, stand_still(move_, *follower_));
      LS_ASSIGN(const RowsProof proof,
                prove_rows(move_, wait, nullptr, move_.run.stop, &aids, std::move(still)));
      LS_TRY(save_proof(move_, proof));
      move_.add_gate(
          "rows equal", proof.equal,
          fmt::format("{} rows compared, {} differences", proof.rows, proof.differences.size()),
          "find out who wrote to the " + side_of(move_.state.leg, false));
      if (!proof.equal) return {};
    }
    return narrow(wait);
  }

  // What changed meanwhile is compared again and again until few rows are left for the pause. A row
  // that changes after it was compared is among those touched again. Of a table without a key any
  // row may have changed: once compared, what is written since is left for the pause.
  Status narrow(const WaitApplied& wait) {
    LS_ASSIGN(const std::set<TouchedRows::Table> keyless, tables_without_key(move_));
    RowsAids aids;
    aids.chunk_rows = move_.input.move.verify_chunk_rows;
    aids.remember = &compared_;
    for (int round = 0; round < kRounds; ++round) {
      const auto set_apart = [&](TouchedRows& touched) {
        if (!move_.input.whole_proof && round == 0) return;
        for (const TouchedRows::Table& table : keyless)
          if (const auto found = touched.whole.extract(table))
            touched_.add_whole(table, found.mapped());
      };
      TouchedRows touched = follower_->take_touched();
      set_apart(touched);
      if ((touched.whole.empty() && touched.amount() <= kFewRows) || round == kRounds - 1) {
        touched_.add(touched);
        return {};
      }
      LS_ASSIGN(auto still, stand_still(move_, *follower_));
      if (still) {
        set_apart(still->touched);
        touched.add(still->touched);
      }
      LS_ASSIGN(const RowsProof proof,
                prove_rows(move_, wait, &touched, move_.run.stop, &aids, std::move(still)));
      if (proof.equal) continue;
      move_.report.differences = proof.differences;
      move_.add_gate("changed rows equal", false,
                     fmt::format("{} differences", proof.differences.size()),
                     "find out who wrote to the " + side_of(move_.state.leg, false));
      return {};
    }
    return {};
  }

  Status connect() {
    LS_ASSIGN(from_, move_.connect(move_.sides.from(move_.state.leg)));
    LS_ASSIGN(to_, move_.connect(move_.sides.to(move_.state.leg)));
    return {};
  }

  Status prepare() {
    LS_ASSIGN(const auto to, move_.connect(move_.sides.to(move_.state.leg)));
    LS_TRY(transfers::ensure_publication(*to, publication_of(move_.input.move), move_.state.tables,
                                         move_.state.whole));
    LS_TRY(move_.try_subscription(move_.state.leg + 1));
    // Left by a switch that was killed while it was undone.
    LS_TRY(databases::drop_slot(*to, slot_of(move_.input.move, move_.state.leg + 1),
                                move_.run.world.clock));
    LS_TRY(carry_ahead(move_, true));
    LS_TRY(move_.call_hook("before-fence", kHookLimit));
    // Nobody has to wait for connections, nor for what new ones have to read first. Those that live
    // say that no server crashed since.
    if (!from_->exec("SELECT 1") || !to_->exec("SELECT 1")) {
      compared_.clear();
      LS_TRY(connect());
    }
    std::vector<TouchedRows::Table> tables;
    for (const auto& [table, added] : touched_.whole) tables.push_back(table);
    for (const auto& [table, keys] : touched_.keys) tables.push_back(table);
    LS_ASSIGN(ahead_, checks::open_rows_ahead(move_.sides.from(move_.state.leg),
                                              move_.sides.to(move_.state.leg), tables, move_.run));
    return {};
  }

  void end_followers(bool failed) override {
    if (failed)
      move_.end_apply(follower_);
    else
      follower_.reset();
  }
  Result<MoveOutcome> follow() override { return follow_leg(move_, !move_.input.follow); }

  Status within_pause(world::TimeLimit& watch) override {
    const std::stop_token stop = watch.token();
    const int leg = move_.state.leg;
    const auto from = std::exchange(from_, {}), to = std::exchange(to_, {});
    for (const auto& session : {from.get(), to.get()}) session->stop_with(stop);
    at_ = "fencing the " + side_of(leg, true);
    LS_ASSIGN(
        const transfers::FenceReport fence,
        transfers::fence_writers(*from, move_.input.move.applications, move_.run.world.clock));
    LS_TRY(move_.did("fence",
                     fmt::format("the {} refuses {} roles: {} sessions ended, {} writes tried and "
                                 "refused",
                                 side_of(leg, true), fence.roles.size(), fence.sessions_ended,
                                 fence.refused.size()),
                     {{"roles", fence.roles},
                      {"sessions_ended", fence.sessions_ended},
                      {"refused", fence.refused},
                      {"not_fenced", fence.not_fenced}}));
    for (const std::string& role : fence.not_fenced)
      move_.say("superuser " + role + " has a session at the " + side_of(leg, true) +
                    ", which nothing can fence",
                true);
    LS_TRY(move_.call_hook("after-fence", watch.left()));
    at_ = "waiting for the last changes";
    LS_ASSIGN(const databases::Lsn mark, transfers::mark_fence(*from));
    LS_TRY(follower_->drain(mark, stop));
    LS_TRY(move_.did("drain", "the " + side_of(leg, false) + " holds every change",
                     {{"mark", databases::lsn_text(mark)}}));
    at_ = "moving the sequences";
    LS_ASSIGN(const std::int64_t sequences,
              transfers::carry_sequences(*from, *to, move_.input.move.headroom));
    at_ = "carrying what no stream carries";
    LS_TRY(carry_at_rest(move_, *from, *to, touched_, stop));
    LS_TRY(prove_at_rest(stop));
    at_ = "preparing the way back";
    LS_ASSIGN(const databases::Lsn start,
              transfers::prepare_way_back(*to, *from, slot_of(move_.input.move, leg + 1),
                                          publication_of(move_.input.move), stop));
    LS_TRY(move_.did("way back",
                     fmt::format("{} sequences moved ahead, slot {} made for the way back",
                                 sequences, slot_of(move_.input.move, leg + 1)),
                     {{"sequences", sequences}, {"from", databases::lsn_text(start)}}));
    at_ = "calling hook before-open";
    LS_TRY(move_.call_hook("before-open", watch.left()));
    return begin_to_open(stop);
  }

  Status prove_at_rest(std::stop_token stop) {
    at_ = "comparing what changed";
    touched_.add(follower_->take_touched());
    const std::size_t rows = touched_.amount();
    RowsAids aids;
    aids.ahead = std::exchange(ahead_, {});
    for (auto& [table, mark] : compared_)
      if (const auto found = touched_.whole.find(table); found != touched_.whole.end())
        mark.added = found->second;
    aids.since = &compared_;
    LS_ASSIGN(const RowsProof proof, prove_rows(move_, {}, &touched_, stop, &aids));
    move_.report.rows_proven += proof.rows;
    if (!proof.equal) {
      move_.report.differences = proof.differences;
      return fail("rows-differ", proof.differences.front(),
                  fmt::format("{} rows that changed", rows),
                  "find out who else wrote to the " + side_of(move_.state.leg, false));
    }
    return move_.did(
        "compare",
        fmt::format("{} rows that changed since they were compared: equal at rest", rows),
        {{"rows", proof.rows}, {"whole_tables", touched_.whole.size()}});
  }

  MoveRun& move_;
  std::unique_ptr<MoveFollower> follower_;
  TouchedRows touched_;
  checks::SinceMarks compared_;  // tables without a key, at a still point
  std::unique_ptr<PostgresSession> from_, to_;
  // For the pause.
  std::shared_ptr<checks::ChunkCheck> ahead_;
};

Result<MoveReport> switch_move(const MoveInput& input, world::Run& run, bool forward) {
  MoveRun move(input, run, forward ? "cutover" : "rollback");
  LS_TRY(move.open(true));
  return move.leave(input.move.is_staging() ? refuse_switch(move) : Switch(move, forward).run());
}

}  // namespace

Result<MoveReport> cut_over_move(const MoveInput& input, world::Run& run) {
  return switch_move(input, run, true);
}

Result<MoveReport> roll_back_move(const MoveInput& input, world::Run& run) {
  return switch_move(input, run, false);
}

}  // namespace lakeshift::stages
