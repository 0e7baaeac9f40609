#include "knowledge/transfers/postgres_applier.h"

#include <fmt/format.h>

#include <algorithm>

namespace lakeshift::transfers {

namespace pgoutput = databases::pgoutput;
using databases::Lsn;
using databases::PostgresSession;
using databases::StreamChunk;

namespace {

constexpr world::Millis kTick{50};
constexpr world::Millis kHurry{5};  // while a position is waited for
constexpr world::Millis kHoldTick{1};
constexpr Lsn kFarBehind = 256u << 10;    // bytes of log
constexpr world::Millis kIdleNote{1000};  // an idle source's position is recorded so often
constexpr world::Millis kClaimPatience{60'000};
constexpr std::int64_t kEpochMicros = 946'684'800'000'000;

}  // namespace

Status Applier::go() {
  LS_TRY(open());
  const Status ended = loop();
  // What was committed is known for certain only when its answer was read; the next session finds
  // out from the progress row.
  stream_.reset();
  return ended;
}

Status Applier::open_target() {
  databases::PostgresAddress address = target_;
  // A dead peer of ours must let go of its locks within half a minute.
  address.settings.insert({{"tcp_keepalives_idle", "10"},
                           {"tcp_keepalives_interval", "5"},
                           {"tcp_keepalives_count", "3"},
                           {"synchronous_commit", "on"},
                           // Many rows at once are found by their key, in their order.
                           {"enable_hashjoin", "off"},
                           {"enable_mergejoin", "off"}});
  LS_ASSIGN(session_, PostgresSession::connect(address, run_.stop));
  LS_ASSIGN(catalogue_, PostgresSession::connect(target_, run_.stop));
  LS_TRY(create_ledger(*catalogue_));
  LS_TRY(claim_apply(*session_, options_.slot, run_.world.clock, kClaimPatience, run_.stop));
  LS_ASSIGN(silence_, silence_session(*session_));
  return {};
}

Status Applier::open() {
  LS_TRY(open_target());
  LS_ASSIGN(const Progress progress, read_progress(*session_, options_.slot));
  LS_ASSIGN(copied_, copied_tables(*session_, options_.slot));
  LS_ASSIGN(const auto beside, PostgresSession::connect(source_, run_.stop));
  LS_ASSIGN(const databases::SlotState slot, databases::read_slot(*beside, options_.slot));
  if (slot.confirmed > progress.end)
    return fail("slot-ahead",
                fmt::format("the source was told that all before {} is safe, the target holds all "
                            "before {}: changes between are lost to the move",
                            databases::lsn_text(slot.confirmed), databases::lsn_text(progress.end)),
                "replication slot " + options_.slot,
                "something else read the slot: end it, then start the copy again");
  LS_TRY(session_->begin_pipeline());
  batch_ = std::make_unique<ApplyBatch>(*session_, silence_ != Silence::replica_role);
  groups_ = std::make_unique<ChangeGroups>(*batch_);
  recorded_ = progress.end;
  state_.applied = std::max(state_.applied, progress.end);
  noted_at_ = run_.world.clock.now();
  databases::StreamOptions stream;
  stream.slot = options_.slot;
  stream.publication = options_.publication;
  stream.from = progress.end;
  stream.ahead_bytes = options_.ahead_bytes;
  LS_ASSIGN(stream_, databases::PostgresStream::open(source_, stream, run_.world.clock, run_.stop));
  return {};
}

bool Applier::reached() const {
  const Lsn until = options_.until == nullptr ? 0 : options_.until->load();
  return until != 0 && state_.applied >= until;
}

// Whether what was committed at this position has to wait.
bool Applier::is_held(Lsn commit) const {
  const Lsn position = options_.hold == nullptr ? 0 : options_.hold->load();
  return position != 0 && commit >= position;
}

Status Applier::hold(Lsn commit) {
  if (!is_held(commit)) return {};
  if (batch_transactions_ > 0) LS_TRY(this->commit());
  LS_TRY(settle());
  while (is_held(commit)) {
    options_.at_hold();
    if (is_held(commit) && !run_.world.clock.sleep(kHoldTick, run_.stop)) break;
  }
  return {};
}

Status Applier::loop() {
  while (!run_.stop.stop_requested()) {
    if (reached()) return note_idle(true);
    // An idle source: nothing that would have to wait comes.
    const bool rests = !in_transaction_ && batch_transactions_ == 0 && !batch_->committing();
    if (rests && is_held(state_.applied)) options_.at_hold();
    const bool wanted = (options_.until != nullptr && options_.until->load() != 0) ||
                        (options_.awaited != nullptr && options_.awaited->load() > state_.applied);
    if (wanted) stream_->hurry();
    // What is whole is committed as soon as nothing more is at hand: a source that never rests must
    // not make the target wait. Far behind, more comes at once, and goes cheaper together. A commit
    // on its way is waited for only when nothing else can be done.
    const bool whole = !in_transaction_ && batch_transactions_ > 0;
    const bool far_behind = state_.server_end > done_end_ + kFarBehind;
    auto next = stream_->next(batch_->committing() || (whole && !far_behind) ? world::Millis(0)
                              : wanted || whole                              ? kHurry
                                                                             : kTick);
    if (!next) {
      if (batch_->committing()) LS_TRY(settle());
      return fail(next.error());
    }
    if (!next->has_value()) {
      if (batch_->committing()) {
        LS_TRY(settle());
      } else if (whole) {
        LS_TRY(commit());
      } else {
        LS_TRY(note_idle(false));
      }
      continue;
    }
    LS_TRY(take(std::make_shared<const StreamChunk>(std::move(**next))));
  }
  return batch_->committing() ? settle() : Status{};
}

Status Applier::take(const Chunk& chunk) {
  for (std::size_t piece = 0; piece < chunk->pieces.size(); ++piece) {
    note_sent(*chunk, piece);
    LS_ASSIGN(const pgoutput::Message message, pgoutput::decode(chunk->piece(piece)));
    LS_TRY(std::visit([&](const auto& what) { return on(what, At{chunk, piece}); }, message));
    const bool whole = !in_transaction_ && batch_transactions_ > 0;
    if (whole && (batch_changes_ >= static_cast<std::int64_t>(options_.batch_changes) ||
                  batch_bytes_ >= options_.batch_bytes)) {
      LS_TRY(commit());
    } else if (unchecked_changes_ >= static_cast<std::int64_t>(options_.batch_changes) ||
               unchecked_bytes_ >= options_.batch_bytes) {
      // Long transactions must not pile up answers.
      LS_TRY(settle());
      LS_TRY(groups_->send());
      LS_TRY(batch_->check());
      unchecked_changes_ = 0;
      unchecked_bytes_ = 0;
    }
  }
  note_sent(*chunk, chunk->pieces.size());
  state_.server_end = std::max(state_.server_end, chunk->server_end);
  if (chunk->clock_ahead != 0) clock_ahead_ = chunk->clock_ahead;
  rest();
  if (chunk->sent_to != 0) report();
  return {};
}

// In the midst of a transaction a position would be that of an earlier one.
void Applier::note_sent(const StreamChunk& chunk, std::size_t pieces) {
  if (chunk.sent_to != 0 && chunk.sent == pieces && !in_transaction_)
    idle_to_ = std::max(idle_to_, chunk.sent_to);
}

// When all that came is durable, so is all that the server has committed before it said so.
void Applier::rest() {
  if (batch_transactions_ > 0 || batch_->committing()) return;
  state_.applied = std::max(state_.applied, idle_to_);
}

Status Applier::commit() {
  LS_TRY(groups_->send());
  LS_TRY(settle());
  // Sends stay valid after this returns: libpq copies them.
  const std::string commit_text = databases::lsn_text(done_commit_);
  const std::string end_text = databases::lsn_text(done_end_);
  const std::string time = std::to_string(done_time_);
  const std::string transactions = std::to_string(batch_transactions_);
  const std::string changes = std::to_string(batch_changes_);
  const std::vector<databases::PostgresParameter> progress = {options_.slot, commit_text,  end_text,
                                                              time,          transactions, changes};
  LS_TRY(batch_->commit(progress));
  pending_end_ = done_end_;
  pending_time_ = done_time_;
  pending_transactions_ = batch_transactions_;
  pending_changes_ = batch_changes_;
  batch_transactions_ = batch_changes_ = unchecked_changes_ = 0;
  batch_bytes_ = unchecked_bytes_ = 0;
  return {};
}

Status Applier::settle() {
  if (!batch_->committing()) return {};
  LS_TRY(batch_->settle());
  recorded_ = pending_end_;
  stream_->confirm(recorded_);
  noted_at_ = run_.world.clock.now();
  state_.applied = std::max(state_.applied, recorded_);
  state_.transactions += pending_transactions_;
  state_.changes += pending_changes_;
  state_.cascaded = batch_->cascaded();
  state_.together += batch_->together() - together_;
  together_ = batch_->together();
  if (pending_transactions_ > 0) applied_time_ = pending_time_;
  rest();
  report();
  return {};
}

// The slot may forget only what the target's row says; so an idle source's position goes there too.
Status Applier::note_idle(bool now) {
  if (in_transaction_ || batch_transactions_ > 0 || batch_->committing()) return {};
  if (idle_to_ <= recorded_) return {};
  if (!now && run_.world.clock.now() - noted_at_ < kIdleNote) return {};
  done_end_ = idle_to_;
  if (done_commit_ == 0) done_commit_ = idle_to_;
  LS_TRY(commit());
  return settle();
}

void Applier::report() {
  const Lsn applied = state_.applied;
  state_.lag_bytes = state_.server_end > applied ? state_.server_end - applied : 0;
  const auto since_1970 = run_.world.clock.now().time_since_epoch();
  const std::int64_t now =
      std::chrono::duration_cast<std::chrono::microseconds>(since_1970).count() - kEpochMicros +
      clock_ahead_;
  const bool behind = state_.lag_bytes > 0 && applied_time_ != 0;
  state_.lag_seconds = behind ? std::max(0.0, static_cast<double>(now - applied_time_) / 1e6) : 0;
  if (options_.on_progress) options_.on_progress(state_);
}

}  // namespace lakeshift::transfers
