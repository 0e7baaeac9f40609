// Comparing all rows while both sides live: once, or again and again.
#include <fmt/format.h>

#include <algorithm>

#include "knowledge/transfers/postgres_ledger.h"
#include "knowledge/transfers/postgres_switch.h"
#include "stages/move_staging.h"

namespace lakeshift::stages {

using databases::Lsn;

namespace {

constexpr world::Millis kPoll{20};
constexpr world::Millis kPatience{120'000};    // for an apply of another process
constexpr world::Millis kLookAround{1000};     // for who drives the move
constexpr world::Millis kSlice{100};           // of a rest
constexpr world::Millis kLeastRest{500};       // while the other side is behind
constexpr world::Millis kLongestRest{60'000};  // then a chunk is compared all the same
constexpr world::Millis kAfterFailure{2000};   // before the next round
constexpr int kLeastChunk = 1000;              // rows, of a throttled comparison
constexpr const char* kVerifying = "verifying";

class LiveVerification {
 public:
  explicit LiveVerification(MoveRun& move)
      : move_(move), config_(move.input.move), driving_(move.sides), looking_(move.sides) {
    // Whoever drives the move ends the sessions that a killed run left, not these.
    for (databases::PostgresAddress* side : {&looking_.source, &looking_.target})
      side->application = "lakeshift verify " + config_.name;
    rate_ = move.input.rows_per_second > 0 ? move.input.rows_per_second
                                           : config_.verify_rows_per_second;
  }

  Result<MoveReport> once() {
    LS_TRY(open());
    const auto proof = prove();
    if (!proof && stopped())
      return end(
          MoveOutcome::interrupted,
          fmt::format("stopped: {} chunks are proven, and the next verify goes on from there",
                      marks_.proven()));
    if (!proof) return fail(proof.error());
    LS_TRY(save_proof(move_, *proof));
    return end(proof->equal ? MoveOutcome::done : MoveOutcome::blocked,
               proof->equal ? "" : "rows differ: " + proof->differences.front());
  }

  Result<MoveReport> again_and_again() {
    while (!stopped()) {
      const auto turn = look_around();
      if ((turn && *turn == Turn::over) || stopped()) break;
      if (turn && *turn == Turn::later) {
        rest(kLookAround);
        continue;
      }
      const Status done = turn ? round() : Status(fail(turn.error()));
      if (!done && stopped()) break;
      if (!done && done.error().code != "switched" && done.error().retry != Retry::later)
        return fail(done.error());
      if (!done) give_up(done.error());
      if (differed_ && !move_.input.keep_going)
        return end(MoveOutcome::blocked, "rows differ: " + move_.report.differences.front());
      rest(done ? world::Millis(1000LL * move_.input.every_s) : kAfterFailure);
    }
    return conclude();
  }

 private:
  enum class Turn { go, later, over };

  bool stopped() const { return move_.run.stop.stop_requested(); }
  world::Instant now() const { return move_.run.world.clock.now(); }

  // Who drives, which way the changes go, and whether there is anything to compare.
  Result<Turn> look_around() {
    LS_TRY(take_wheel());
    LS_ASSIGN(move_.state, move_.room->load());
    const std::string& phase = move_.state.phase;
    if (phase == "completed" || phase == "cancelled") return Turn::over;
    if (phase != "following") return Turn::later;
    LS_TRY(open());
    return Turn::go;
  }

  // Drives when nobody else does, and nobody asks to.
  Status take_wheel() {
    if (move_.room->locked() || move_.room->wanted()) return {};
    LS_ASSIGN(const bool mine, move_.room->try_lock());
    if (!mine) return {};
    LS_ASSIGN(move_.state, move_.room->load());
    move_.sides = driving_;
    return move_.settle_switch();
  }

  Status open() {
    move_.sides = looking_;
    const int leg = move_.state.leg;
    LS_ASSIGN(from_, move_.connect(move_.sides.from(leg)));
    LS_ASSIGN(to_, move_.connect(move_.sides.to(leg)));
    if (follower_ && follower_->running() && leg == leg_) return {};
    follower_.reset();
    leg_ = leg;
    if (move_.room->locked())
      follower_ = std::make_unique<MoveFollower>(driving_, config_, leg, move_.run, move_.live);
    return {};
  }

  void hand_over_when_wanted() {
    if (!move_.room->locked() || !move_.room->wanted()) return;
    follower_.reset();
    move_.room->unlock();
    move_.say("another lakeshift goes on with this move; the comparison goes on beside it");
  }

  Status wait(Lsn position) {
    hand_over_when_wanted();
    const world::Instant began = now();
    const Status done =
        follower_ ? follower_->wait_applied(position, move_.run.stop) : wait_for_others(position);
    waited_ = std::max(waited_, now() - began);  // of a chunk: rows that move are waited for again
    return done;
  }

  // Another process applies; an idle source's position moves on by the mark.
  Status wait_for_others(Lsn position) {
    LS_TRY(transfers::mark_fence(*from_));
    const std::string slot = slot_of(config_, leg_);
    const world::Instant began = now();
    world::Instant looked = began;
    while (true) {
      LS_ASSIGN(const transfers::Progress progress, transfers::read_progress(*to_, slot));
      if (progress.end >= position) return {};
      if (now() - began > kPatience)
        return fail("apply-idle", "the process that follows makes no progress", slot,
                    "look at it, or stop it and verify again");
      if (!move_.run.world.clock.sleep(kPoll, move_.run.stop)) return fail("cancelled", "stopped");
      if (now() - looked < kLookAround) continue;
      looked = now();
      LS_TRY(take_wheel());
      LS_ASSIGN(move_.state, move_.room->load());
      if (move_.state.leg != leg_ || move_.state.phase != "following")
        return fail("switched", "the writers are being switched, or were",
                    "comparison of '" + config_.name + "'", "verify again");
      if (!move_.room->locked()) continue;
      LS_TRY(open());
      return follower_->wait_applied(position, move_.run.stop);
    }
  }

  int chunk_rows() const {
    return rate_ > 0 ? std::min(config_.verify_chunk_rows, std::max(kLeastChunk, rate_))
                     : config_.verify_chunk_rows;
  }

  Result<RowsProof> prove() {
    began_ = chunk_began_ = now();
    waited_ = {};
    rows_ = 0;
    const WaitApplied wait_applied = [this](Lsn position) { return wait(position); };
    if (config_.is_staging()) return prove_masked_rows(move_, wait_applied, move_.run.stop);
    LS_TRY(load_marks());
    RowsAids aids;
    aids.chunk_rows = chunk_rows();
    // Each reads one side at a time: half of them are at work on either.
    aids.workers = rate_ > 0 ? 1 : static_cast<std::size_t>(std::max(1, config_.workers / 2));
    aids.after_chunk = [this](const std::string&, std::int64_t rows, bool compared) {
      return after_chunk(rows, compared);
    };
    aids.marks = &marks_;
    aids.save_marks = [this](const checks::RowMarks& marks) {
      return move_.room->save_document(
          kVerifying, {{"leg", leg_}, {"begun", begun_}, {"marks", checks::to_json(marks)}});
    };
    std::unique_ptr<StillPoint> still;
    // What is to take its time must not keep old versions of rows in the servers.
    if (follower_ && rate_ == 0) {
      LS_ASSIGN(still, stand_still(move_, *follower_));
    }
    stands_still_ = still != nullptr;
    LS_ASSIGN(RowsProof proof,
              prove_rows(move_, wait_applied, nullptr, move_.run.stop, &aids, std::move(still)));
    LS_TRY(move_.room->forget_document(kVerifying));
    return proof;
  }

  Status load_marks() {
    marks_ = {};
    begun_ = world::to_iso8601(now());
    if (move_.input.anew) return {};
    LS_ASSIGN(const auto known, move_.room->document(kVerifying));
    if (!known || int_at(*known, "leg") != leg_) return {};
    marks_ = checks::marks_from_json(member(*known, "marks"));
    begun_ = text_at(*known, "begun");
    if (marks_.proven() > 0)
      move_.say(fmt::format(
          "goes on with the comparison begun at {}, which was cut short: {} chunks were equal, and "
          "are taken over where neither side has written to them since",
          begun_, marks_.proven()));
    return {};
  }

  // Not faster than told; and not while the other side falls behind.
  Status after_chunk(std::int64_t rows, bool compared) {
    rows_ += rows;
    move_.progress("rows compared", rows_, 0);
    hand_over_when_wanted();
    const world::Millis spent = now() - chunk_began_;
    if (rate_ > 0)  // a look that only counts rests as long as it took
      rest(compared ? world::Millis(rows * 1000 / rate_) - spent : spent);
    if (stands_still_ && follower_)
      waited_ = world::Millis(static_cast<long long>(follower_->state().lag_seconds * 1000.0));
    if (waited_.count() > config_.lag_limit_ms) LS_TRY(back_off());
    chunk_began_ = now();
    waited_ = {};
    return stopped() ? fail("cancelled", "stopped", "comparison of '" + config_.name + "'")
                     : Status{};
  }

  Status back_off() {
    ++lag_rests_;
    move_.say(fmt::format("the {} was {} ms behind, {} ms are allowed: the comparison rests",
                          side_of(leg_, false), waited_.count(), config_.lag_limit_ms),
              true);
    const world::Instant began = now();
    while (waited_.count() > config_.lag_limit_ms && now() - began < kLongestRest && !stopped()) {
      rest(std::max(kLeastRest, world::Millis(config_.lag_limit_ms)));
      LS_ASSIGN(const Lsn mark, transfers::mark_fence(*from_));
      waited_ = {};
      LS_TRY(wait(mark));
    }
    return {};
  }

  void rest(world::Millis span) {
    if (span.count() <= 0) return;
    const world::Instant began = now();
    while (!stopped() && now() - began < span) {
      hand_over_when_wanted();
      move_.run.world.clock.sleep(std::min(kSlice, span - (now() - began)), move_.run.stop);
    }
    rested_ += now() - began;
  }

  Status round() {
    ++rounds_;
    const auto proof = prove();
    if (!proof) {
      --rounds_;
      return fail(proof.error());
    }
    const bool tells = rounds_ == 1 || proof->equal != last_equal_;
    last_equal_ = proof->equal;
    LS_TRY(save_proof(move_, *proof, tells));
    std::string text = fmt::format("round {}: {} rows of {} tables compared in {:.1f} s: ", rounds_,
                                   proof->rows, move_.state.tables.size(),
                                   static_cast<double>((now() - began_).count()) / 1000.0);
    text += proof->equal ? "equal"
                         : fmt::format("{} differences, the first: {}", proof->differences.size(),
                                       proof->differences.front());
    if (!proof->moving.empty())
      text += fmt::format("; {} rows changed each time they were looked at", proof->moving.size());
    move_.say(text, !proof->equal);
    if (proof->equal) return {};
    differed_ = true;
    found_ = proof->differences;
    return {};
  }

  void give_up(const Error& error) {
    ++given_up_;
    from_.reset();
    to_.reset();
    move_.say("a round was given up: " + error.to_text(), true);
  }

  Result<MoveReport> conclude() {
    if (differed_) move_.report.differences = found_;
    const std::string text = fmt::format("{} rounds, {} given up: {}", rounds_, given_up_,
                                         differed_     ? "rows differed"
                                         : rounds_ > 0 ? "every row equal in each"
                                                       : "none was whole");
    LS_TRY(move_.did("verify continuously", text,
                     {{"rounds", rounds_}, {"given_up", given_up_}, {"equal", !differed_}}));
    return end(differed_     ? MoveOutcome::blocked
               : rounds_ > 0 ? MoveOutcome::done
                             : MoveOutcome::interrupted,
               differed_ ? "rows differed in a round" : "");
  }

  Result<MoveReport> end(MoveOutcome outcome, const std::string& reason) {
    move_.end_apply(follower_);
    move_.report.verification["rounds"] = rounds_;
    move_.report.verification["rounds_given_up"] = given_up_;
    move_.report.verification["took_ms"] = (now() - began_).count();
    move_.report.verification["rested_ms"] = rested_.count();
    move_.report.verification["lag_rests"] = lag_rests_;
    return move_.end(outcome, reason);
  }

  MoveRun& move_;
  const MoveConfig& config_;
  const MoveSides driving_;
  MoveSides looking_;
  int rate_ = 0;
  int leg_ = -1;
  std::unique_ptr<databases::PostgresSession> from_, to_;
  std::unique_ptr<MoveFollower> follower_;
  checks::RowMarks marks_;
  std::string begun_;
  world::Instant began_{}, chunk_began_{};
  world::Millis waited_{0}, rested_{0};
  std::int64_t rows_ = 0;
  int rounds_ = 0, given_up_ = 0, lag_rests_ = 0;
  bool differed_ = false, last_equal_ = true, stands_still_ = false;
  std::vector<std::string> found_;
};

Result<MoveReport> verify(MoveRun& move) {
  const MoveInput& input = move.input;
  LS_ASSIGN(const bool mine, input.dry_run ? Result<bool>(false) : move.room->try_lock());
  if (mine) {
    LS_ASSIGN(move.state, move.room->load());
    LS_TRY(move.settle_switch());
  }
  move.add_gate("copy finished", move.state.phase == "following", "phase " + move.state.phase,
                "run 'lakeshift move create " + input.move.name + "' until it follows");
  if (!move.gates_open()) return move.end(MoveOutcome::blocked, "there is nothing to compare yet");
  if (input.dry_run) {
    move.report.steps = {
        fmt::format("would compare every row of {} tables", move.state.tables.size())};
    return move.end(MoveOutcome::done);
  }
  LiveVerification verification(move);
  return input.continuous ? verification.again_and_again() : verification.once();
}

}  // namespace

Result<MoveReport> verify_move(const MoveInput& input, world::Run& run) {
  MoveRun move(input, run, "verify");
  LS_TRY(move.open(false));
  return move.leave(verify(move));
}

}  // namespace lakeshift::stages
