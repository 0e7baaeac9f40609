#include "stages/move_subscription.h"

#include <fmt/format.h>

#include "knowledge/databases/postgres_stream.h"
#include "knowledge/transfers/postgres_handover.h"
#include "knowledge/transfers/postgres_switch.h"

namespace lakeshift::stages {

using databases::Lsn;
using databases::PostgresSession;

namespace {

constexpr world::Millis kWatch{500};
constexpr world::Millis kHurryWatch{20};  // while it is waited for
constexpr world::Millis kTellSubscription{5000};
constexpr world::Millis kStuck{6000};  // a worker that failed is started again after 5 s
constexpr int kMostHelps = 3;          // in a row

transfers::HandOverPlan plan_of(const MoveRun& move) {
  const int leg = move.state.leg;
  const MoveConfig& config = move.input.move;
  return {move.sides.from(leg),    move.sides.to(leg),   move.sides.door(leg),
          subscription_of(config), slot_of(config, leg), publication_of(config)};
}

// What both servers say of the leg that a subscription follows.
struct Sight {
  std::optional<databases::SubscriptionState> subscription;
  Lsn written = 0, told = 0;  // by the writing side, and what its slot was told is at the other
  long long ms_behind = 0;
  Lsn bytes_behind() const { return written > told ? written - told : 0; }
};

Result<Sight> look(PostgresSession& from, PostgresSession& to, const std::string& subscription,
                   const std::string& slot) {
  Sight sight;
  LS_ASSIGN(sight.subscription, databases::read_subscription(to, subscription));
  LS_ASSIGN(const databases::SlotState state, databases::read_slot(from, slot));
  sight.told = state.confirmed;
  LS_ASSIGN(const databases::PostgresRows rows,
            from.query("SELECT pg_catalog.pg_current_wal_lsn(), (SELECT (extract(epoch FROM "
                       "flush_lag) * 1000)::bigint FROM pg_catalog.pg_stat_replication WHERE pid "
                       "= $1::int)",
                       {std::to_string(state.active_pid)}));
  LS_ASSIGN(sight.written, databases::parse_lsn(rows.text(0, 0)));
  sight.ms_behind = rows.integer(0, 1);
  return sight;
}

std::string worker_text(const databases::SubscriptionState& state) {
  if (!state.enabled) return "is disabled: nobody follows";
  std::string text = state.worker == 0 ? "has no worker at the moment"
                                       : fmt::format("follows, worker {}", state.worker);
  if (state.errors > 0) text += fmt::format(", {} errors so far", state.errors);
  return text;
}

// By our own apply, up to what is written now.
Status apply_present(MoveRun& move) {
  LS_ASSIGN(const auto from, move.connect(move.sides.from(move.state.leg)));
  LS_ASSIGN(const Lsn mark, transfers::mark_fence(*from));
  LS_TRY(apply_here(move, mark));
  return {};
}

class SubscriptionWatch {
 public:
  explicit SubscriptionWatch(MoveRun& move) : move_(move) {}

  Result<MoveOutcome> until_caught_up() {
    LS_TRY(connect());
    long long lag = 0;
    do {
      const world::Instant began = now();
      LS_ASSIGN(const Lsn mark, transfers::mark_fence(*from_));
      while (true) {
        LS_ASSIGN(const Sight sight, look_once());
        if (sight.told >= mark) break;
        LS_TRY(help_when_stuck(sight));
        if (!pause(kHurryWatch)) return MoveOutcome::interrupted;
      }
      lag = (now() - began).count();
    } while (lag > move_.input.move.lag_limit_ms);
    LS_TRY(move_.did(
        "caught up",
        fmt::format("caught up: {} is {} ms behind, by its own subscription", side(), lag),
        {{"lag_ms", lag}, {"leg", move_.state.leg}}));
    return MoveOutcome::done;
  }

  Result<MoveOutcome> until_stopped() {
    move_.say(move_.traffic() + "; looking on, stop with Ctrl-C: it goes on following");
    looks_on_ = true;
    move_.room->unlock();
    while (!stopped()) {
      if (move_.room->locked() && move_.room->wanted()) move_.room->unlock();
      LS_ASSIGN(const bool over, turn());
      if (over) return MoveOutcome::done;
      pause(kWatch);
    }
    if (!move_.room->locked())
      move_.say("the " + side() + " goes on following by its own subscription");
    return MoveOutcome::done;
  }

 private:
  world::Instant now() const { return move_.run.world.clock.now(); }
  bool stopped() const { return move_.run.stop.stop_requested(); }
  bool pause(world::Millis span) { return move_.run.world.clock.sleep(span, move_.run.stop); }
  std::string side() const { return side_of(move_.state.leg, false); }

  Status connect() {
    LS_ASSIGN(from_, move_.connect(move_.sides.from(move_.state.leg)));
    LS_ASSIGN(to_, move_.connect(move_.sides.to(move_.state.leg)));
    return {};
  }

  Result<Sight> look_once() {
    if (!from_ || !to_) LS_TRY(connect());
    auto sight = look(*from_, *to_, subscription_of(move_.input.move),
                      slot_of(move_.input.move, move_.state.leg));
    if (!sight) {  // what stood still meanwhile says nothing of the worker
      from_.reset();
      to_.reset();
      since_ = {};
      return sight;
    }
    if (sight->subscription) {
      move_.live.measure("bytes_behind", static_cast<long long>(sight->bytes_behind()));
      move_.live.measure("ms_behind", sight->ms_behind);
    }
    return sight;
  }

  // True: the move is over.
  Result<bool> turn() {
    const auto sight = look_once();
    if (stopped()) return false;
    // A slot that is gone may be that of a leg that ended.
    const bool gone = sight ? !sight->subscription : sight.error().code == "slot-missing";
    if (gone) return take_care();
    if (!sight) {
      if (sight.error().retry != Retry::later) return fail(sight.error());
      tell("a server does not answer: " + sight.error().to_text(), true);
      return false;
    }
    absent_ = false;
    tell(fmt::format("{} is {} bytes behind{}; its subscription {}", side(), sight->bytes_behind(),
                     sight->ms_behind > 0
                         ? fmt::format(", {:.1f} s", static_cast<double>(sight->ms_behind) / 1000.0)
                         : std::string(),
                     worker_text(*sight->subscription)),
         !sight->subscription->enabled);
    LS_TRY(help_when_stuck(*sight));
    return false;
  }

  // Somebody has the stream, or had it and was killed.
  Result<bool> take_care() {
    LS_ASSIGN(const bool mine, move_.room->locked() ? Result<bool>(true) : move_.room->try_lock());
    LS_ASSIGN(move_.state, move_.room->load());
    if (move_.state.phase == "completed" || move_.state.phase == "cancelled") return true;
    if (!mine) {
      if (!std::exchange(absent_, true))
        move_.say("another lakeshift has the changes for as long as it needs them");
      return false;
    }
    LS_TRY(care());
    return false;
  }

  // With the lock. Follows by our own apply, which names what it cannot apply, and hands over
  // again; while the servers do not reach each other, it goes on so.
  Status care() {
    from_.reset();  // the leg may be another
    to_.reset();
    since_ = {};
    LS_TRY(move_.settle_switch());
    LS_TRY(apply_present(move_));
    if (stopped()) return {};
    Status over = move_.hand_stream_over();
    if (over || !looks_on_ || over.error().retry != Retry::later) {
      if (over && looks_on_) move_.room->unlock();
      return over;
    }
    move_.keeps_stream = false;
    tell("lakeshift follows meanwhile: " + over.error().to_text(), true);
    return {};
  }

  Status help_when_stuck(const Sight& sight) {
    if (!sight.subscription || !sight.subscription->enabled) return {};
    const databases::SubscriptionState& worker = *sight.subscription;
    if (sight.told > told_) helps_ = 0;
    if (sight.told > told_ || sight.bytes_behind() == 0 || since_ == world::Instant{}) {
      told_ = sight.told;
      since_ = now();
      worker_ = worker.worker;
      errors_ = worker.errors;
      fails_ = false;
      return {};
    }
    // One that is long at a transaction is the same one, and without an error.
    fails_ = fails_ || worker.worker == 0 || worker.worker != worker_ || worker.errors > errors_;
    if (!fails_ || now() - since_ < kStuck) return {};
    if (++helps_ > kMostHelps)
      return fail("subscription-stuck",
                  fmt::format("the {} cannot apply what our own apply could", side()),
                  "subscription " + subscription_of(move_.input.move),
                  "read that server's log for what its worker says, or write follow: stream");
    move_.say("the worker at the " + side() +
                  " does not get on; lakeshift takes the changes back to find out why",
              true);
    if (!move_.room->locked()) {
      LS_ASSIGN(const bool mine, move_.room->try_lock());
      if (!mine) return {};
      LS_ASSIGN(move_.state, move_.room->load());
    }
    return care();
  }

  void tell(const std::string& text, bool warning) {
    if (const world::Instant at = now(); at - told_at_ >= kTellSubscription) {
      told_at_ = at;
      move_.say(text, warning);
    }
  }

  MoveRun& move_;
  std::unique_ptr<PostgresSession> from_, to_;
  world::Instant told_at_{}, since_{};
  Lsn told_ = 0;
  int worker_ = 0, helps_ = 0;
  std::int64_t errors_ = 0;
  bool fails_ = false, absent_ = false, looks_on_ = false;
};

}  // namespace

Result<MoveOutcome> follow_by_subscription(MoveRun& move, bool until_caught_up) {
  LS_TRY(apply_present(move));
  if (move.run.stop.stop_requested()) return MoveOutcome::interrupted;
  LS_TRY(move.hand_stream_over());
  SubscriptionWatch watch(move);
  return until_caught_up ? watch.until_caught_up() : watch.until_stopped();
}

Result<std::string> subscription_text(MoveRun& move, PostgresSession& to) {
  LS_ASSIGN(const auto state, databases::read_subscription(to, subscription_of(move.input.move)));
  if (!state) return std::string();
  move.handed_over = state->enabled;
  return fmt::format("{}: subscription {} {}", side_of(move.state.leg, false),
                     subscription_of(move.input.move), worker_text(*state));
}

Status MoveRun::try_subscription(int leg) {
  if (!input.move.by_subscription()) return {};
  LS_ASSIGN(const auto from, connect(sides.from(leg)));
  LS_ASSIGN(const auto to, connect(sides.to(leg)));
  LS_ASSIGN(const databases::SubscriptionProbe probe,
            databases::probe_subscription(*to, from->with_password(sides.door(leg)),
                                          publication_of(input.move)));
  const auto& problem = probe.refused ? probe.refused : probe.unreachable;
  if (!problem) return {};
  const std::string side = side_of(leg, false), other = side_of(leg, true);
  return fail("pg-subscription-unreachable",
              "the " + side + " cannot follow the " + other + " by itself: " + problem->message,
              "subscription " + subscription_of(input.move),
              "open the way from there, write " + other + "_for_" + side +
                  ": postgresql://user@host/database, or follow: stream");
}

Status MoveRun::take_stream_back() {
  if (state.phase != "following" || input.move.is_staging()) return {};
  handed_over = false;
  if (!input.move.by_subscription()) {  // unless it did before
    LS_ASSIGN(const auto to, connect(sides.to(state.leg)));
    LS_ASSIGN(const auto there, databases::read_subscription(*to, subscription_of(input.move)));
    if (!there) return {};
  }
  LS_ASSIGN(const auto taken, transfers::take_back(plan_of(*this), run.world.clock, run.stop));
  if (!taken) return {};
  return did("take back",
             fmt::format("took the changes back from the {}'s subscription, which had come to {}",
                         side_of(state.leg, false), databases::lsn_text(taken->until)),
             {{"subscription", subscription_of(input.move)},
              {"since", databases::lsn_text(taken->since)},
              {"until", databases::lsn_text(taken->until)},
              {"errors", taken->errors},
              {"leg", state.leg}});
}

Status MoveRun::hand_stream_over() {
  const auto at = transfers::hand_over(plan_of(*this), run.world.clock,
                                       run.stop.stop_requested() ? std::stop_token{} : run.stop);
  if (!at) {
    keeps_stream = !run.stop.stop_requested();
    return fail(at.error());
  }
  handed_over = true;
  return did(
      "hand over",
      fmt::format("the {} follows by its own subscription {} from {} on", side_of(state.leg, false),
                  subscription_of(input.move), databases::lsn_text(*at)),
      {{"subscription", subscription_of(input.move)},
       {"slot", slot_of(input.move, state.leg)},
       {"from", databases::lsn_text(*at)},
       {"leg", state.leg}});
}

Status MoveRun::leave_stream() {
  if (!input.move.by_subscription() || !room->locked() || state.phase != "following" ||
      handed_over || keeps_stream)
    return {};
  return hand_stream_over();
}

Result<MoveReport> MoveRun::leave(Result<MoveReport> ended) {
  if (ended || !input.move.by_subscription() || input.dry_run || !room->locked() ||
      state.phase != "following" || handed_over)
    return ended;
  if (!keeps_stream && ended.error().retry == Retry::later && hand_stream_over()) return ended;
  say("nobody follows; when the cause is gone: lakeshift move create " + input.move.name, true);
  return ended;
}

void MoveRun::end_apply(std::unique_ptr<MoveFollower>& follower) {
  if (!follower) return;
  follower->stop();
  const Status failure = follower->failure();
  if (!failure && failure.error().retry != Retry::later) keeps_stream = true;
  follower.reset();
}

}  // namespace lakeshift::stages
