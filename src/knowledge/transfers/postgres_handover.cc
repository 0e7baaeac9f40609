#include "knowledge/transfers/postgres_handover.h"

#include <fmt/format.h>

#include <algorithm>

#include "knowledge/databases/postgres_stream.h"
#include "knowledge/transfers/postgres_ledger.h"

namespace lakeshift::transfers {

using databases::Lsn;
using databases::PostgresSession;

namespace {

constexpr world::Millis kLeavePatience{60'000};   // for what a killed process left at work
constexpr world::Millis kWorkerPatience{5000};    // for the end of its transaction
constexpr world::Millis kReaderPatience{10'000};  // for the slot's reader at the other side
constexpr world::Millis kLookForReader{10};

// An apply worker passes over rows of tables that it does not know, without a word.
Status check_publication(PostgresSession& from, const std::string& publication) {
  LS_ASSIGN(const databases::PostgresRows whole,
            from.query("SELECT FROM pg_catalog.pg_publication WHERE pubname = $1 AND puballtables",
                       {publication}));
  if (whole.size() == 0) return {};
  return fail("publication-whole",
              "it is of all tables; a subscription would pass over rows of those made since it "
              "began, without a word",
              "publication " + publication,
              "write follow: stream; a move that follows by subscription is made so from its "
              "beginning");
}

// Nobody reads the slot any more: what its server was told is final.
Result<Lsn> told_at_last(PostgresSession& from, const std::string& slot, world::Clock& clock,
                         std::stop_token stop) {
  const world::Instant began = clock.now();
  bool ended = false;
  while (true) {
    LS_ASSIGN(const databases::SlotState state, databases::read_slot(from, slot));
    if (!state.active) return state.confirmed;
    if (!ended && clock.now() - began >= kReaderPatience) {  // its subscriber was cut off
      ended = true;
      LS_TRY(from.query("SELECT pg_catalog.pg_terminate_backend($1::int)",
                        {std::to_string(state.active_pid)}));
    }
    if (!clock.sleep(kLookForReader, stop)) return fail("cancelled", "stopped", slot);
  }
}

Result<std::unique_ptr<PostgresSession>> claim(const HandOverPlan& plan, world::Clock& clock,
                                               std::stop_token stop) {
  databases::PostgresAddress address = plan.to;
  address.settings.insert({"synchronous_commit", "on"});
  LS_ASSIGN(auto to, PostgresSession::connect(address, stop));
  LS_TRY(claim_apply(*to, plan.slot, clock, kLeavePatience, stop));
  return to;
}

Result<TakenBack> take(PostgresSession& to, const databases::SubscriptionState& there,
                       const HandOverPlan& plan, world::Clock& clock, std::stop_token stop) {
  // While the other server is away, the subscription had better go on trying.
  LS_ASSIGN(const auto from, PostgresSession::connect(plan.from, stop));
  LS_TRY(databases::read_slot(*from, plan.slot));
  LS_ASSIGN(const Progress progress, read_progress(to, plan.slot));
  LS_TRY(databases::stop_subscription(to, plan.subscription, clock, kWorkerPatience, stop));
  LS_ASSIGN(const Lsn told, told_at_last(*from, plan.slot, clock, stop));
  LS_ASSIGN(const Lsn applied, databases::subscription_progress(to, there));
  // The worker tells the slot of what is durable here; of a source at rest that is more than its
  // origin knows, which counts transactions only.
  const TakenBack taken{progress.end, std::max({progress.end, applied, told}), there.errors};
  // Durable before the subscription goes: dropping it forgets the origin's progress at once, even
  // if the transaction that drops it comes to nothing.
  LS_TRY(
      to.query("UPDATE lakeshift.progress SET commit_lsn = greatest(commit_lsn, $2::pg_lsn), "
               "end_lsn = greatest(end_lsn, $2::pg_lsn), applied_at = "
               "pg_catalog.clock_timestamp() WHERE slot = $1",
               {plan.slot, databases::lsn_text(taken.until)}));
  LS_TRY(databases::drop_subscription(to, plan.subscription, clock, stop));
  return taken;
}

}  // namespace

Result<Lsn> hand_over(const HandOverPlan& plan, world::Clock& clock, std::stop_token stop) {
  LS_ASSIGN(const auto from, PostgresSession::connect(plan.from, stop));
  LS_TRY(check_publication(*from, plan.publication));
  LS_TRY(databases::read_slot(*from, plan.slot));
  LS_ASSIGN(const auto to, claim(plan, clock, stop));
  LS_ASSIGN(const auto there, databases::read_subscription(*to, plan.subscription));
  if (there && !there->enabled) LS_TRY(take(*to, *there, plan, clock, stop));
  LS_ASSIGN(const Progress progress, read_progress(*to, plan.slot));
  if (there && there->enabled) return progress.end;
  LS_TRY(databases::start_subscription(*to, {plan.subscription, plan.slot, plan.publication,
                                             from->with_password(plan.door), progress.end}));
  return progress.end;
}

Result<std::optional<TakenBack>> take_back(const HandOverPlan& plan, world::Clock& clock,
                                           std::stop_token stop) {
  LS_ASSIGN(const auto to, claim(plan, clock, stop));
  LS_ASSIGN(const auto there, databases::read_subscription(*to, plan.subscription));
  if (!there) return std::nullopt;
  LS_ASSIGN(const TakenBack taken, take(*to, *there, plan, clock, stop));
  return taken;
}

}  // namespace lakeshift::transfers
