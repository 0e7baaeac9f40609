#include "knowledge/databases/postgres_stream.h"

#include <fmt/format.h>

#include <algorithm>

namespace lakeshift::databases {
namespace {

constexpr std::size_t kChunkBytes = 256u << 10;
constexpr world::Millis kGather{1};          // between looks at a stream that flows
constexpr world::Millis kHeartBeat{100};     // how soon a confirm() reaches the server
constexpr world::Millis kAskAfter{5000};     // of silence; the server answers at once, as a rule
constexpr world::Millis kDoubtAfter{10000};  // and again so often
constexpr std::int64_t kEpochMicros = 946'684'800'000'000;  // 2000-01-01 since 1970

}  // namespace

Result<SlotState> read_slot(PostgresSession& session, const std::string& slot) {
  const bool knows_status = session.version() >= 130000;
  LS_ASSIGN(
      const PostgresRows rows,
      session.query(fmt::format("SELECT plugin, database = pg_catalog.current_database(), active, "
                                "active_pid, restart_lsn, confirmed_flush_lsn, {} "
                                "FROM pg_catalog.pg_replication_slots WHERE slot_name = $1",
                                knows_status ? "wal_status" : "''"),
                    {slot}));
  const std::string about = "replication slot " + slot;
  const std::string again =
      "start the copy again (the tables are copied anew); before that, find out who dropped it and "
      "give max_slot_wal_keep_size room for the whole move";
  if (rows.size() == 0)
    return fail("slot-missing", "the source has no such slot; changes since are lost to the move",
                about, again);
  if (rows.text(0, 0) != "pgoutput" || !rows.truth(0, 1))
    return fail("slot-foreign",
                fmt::format("it belongs to plugin '{}'{}", rows.text(0, 0),
                            rows.truth(0, 1) ? "" : " in another database"),
                about, "choose another name for the slot of this move");
  SlotState state;
  state.active = rows.truth(0, 2);
  state.active_pid = static_cast<int>(rows.integer(0, 3));
  state.wal_status = rows.text(0, 6);
  if (state.wal_status == "lost" || !rows.cell(0, 4))
    return fail("slot-lost",
                "the source removed write-ahead log that the slot still needed (wal_status lost); "
                "changes are missing from here on",
                about, again);
  LS_ASSIGN(state.restart, parse_lsn(rows.text(0, 4)));
  if (rows.cell(0, 5)) {
    LS_ASSIGN(state.confirmed, parse_lsn(rows.text(0, 5)));
  }
  return state;
}

Result<std::unique_ptr<PostgresStream>> PostgresStream::open(const PostgresAddress& source,
                                                             StreamOptions options,
                                                             world::Clock& clock,
                                                             std::stop_token stop) {
  PostgresAddress address = source;
  address.replication = true;
  LS_ASSIGN(auto session, PostgresSession::connect(address, stop));
  std::vector<std::pair<std::string, std::string>> words = {
      {"proto_version", "1"}, {"publication_names", quote_name(options.publication)}};
  if (session->version() >= 140000) words.emplace_back("messages", "true");
  LS_TRY(session->start_replication(options.slot, options.from, words));
  auto stream = std::unique_ptr<PostgresStream>(
      new PostgresStream(std::move(session), source, std::move(options), clock));
  return stream;
}

PostgresStream::PostgresStream(std::unique_ptr<PostgresSession> session, PostgresAddress source,
                               StreamOptions options, world::Clock& clock)
    : session_(std::move(session)),
      source_(std::move(source)),
      options_(std::move(options)),
      clock_(clock),
      queue_(options_.ahead_bytes),
      durable_(options_.from) {
  thread_ = std::jthread([this](std::stop_token stop) { work(stop); });
}

PostgresStream::~PostgresStream() {
  thread_.request_stop();
  queue_.close();
  if (thread_.joinable()) thread_.join();
}

Result<std::optional<StreamChunk>> PostgresStream::next(world::Millis limit) {
  if (auto chunk = queue_.pop(limit)) return chunk;
  if (queue_.closed_and_empty()) {
    auto failure = failure_.with([](const std::optional<Error>& error) { return error; });
    return fail(failure ? *failure : Error{"cancelled", "the stream was closed"});
  }
  return std::nullopt;
}

void PostgresStream::work(std::stop_token stop) {
  session_->stop_with(stop);
  const Status ended = pump(stop);
  if (!ended) failure_.with([&](std::optional<Error>& error) { error = ended.error(); });
  queue_.close();
}

Status PostgresStream::pump(std::stop_token stop) {
  StreamChunk chunk;
  answered_at_ = heard_at_ = clock_.now();
  while (!stop.stop_requested()) {
    LS_TRY(answer(false));
    const bool empty = chunk.pieces.empty() && chunk.sent_to == 0;
    auto message = session_->receive(empty ? kHeartBeat : world::Millis(0));
    if (!message) {
      give(chunk, stop);  // what is whole is worth applying
      return fail(message.error());
    }
    if (!message->has_value()) {
      if (empty) {
        LS_TRY(doubt(stop));
        continue;
      }
      // The server sends each change by itself: being woken for each costs both more than the
      // change.
      if (!give(chunk, stop) || !clock_.sleep(kGather, stop)) return {};
      continue;
    }
    heard_at_ = clock_.now();
    asked_ = false;
    const StreamMessage& got = **message;
    if (got.type == StreamMessage::Type::end)
      return fail(postgres_error("57P01", "the server ended the stream",
                                 "replication slot " + options_.slot));
    chunk.server_end = std::max(chunk.server_end, got.end);
    chunk.clock_ahead = got.sent_us - clock_micros();
    if (got.type == StreamMessage::Type::data) {
      chunk.pieces.push_back({chunk.bytes.size(), got.bytes.size()});
      chunk.bytes += got.bytes;
    } else {
      chunk.sent_to = got.end;
      chunk.sent = chunk.pieces.size();
      if (got.reply_wanted) LS_TRY(answer(true));
    }
    if (chunk.bytes.size() >= kChunkBytes && !give(chunk, stop)) return {};
  }
  return {};
}

// A proxy or a firewall may keep a connection that leads nowhere. A server may also be silent for
// minutes, reading a large transaction of which nothing is sent; then it says itself, over another
// connection, that it still serves this one, which it would not if it did not hear us either.
Status PostgresStream::doubt(std::stop_token stop) {
  const world::Millis silent = clock_.now() - heard_at_;
  if (silent >= kAskAfter && !asked_) {
    asked_ = true;
    hurry();
    return {};
  }
  if (silent < kDoubtAfter) return {};
  LS_ASSIGN(const auto beside, PostgresSession::connect(source_, stop));
  LS_ASSIGN(const SlotState slot, read_slot(*beside, options_.slot));
  if (slot.active_pid != session_->backend())
    return fail(postgres_error("08006", "the stream fell silent, and the server serves it no more",
                               "replication slot " + options_.slot));
  heard_at_ = clock_.now();
  asked_ = false;
  return {};
}

Status PostgresStream::answer(bool now) {
  const world::Instant time = clock_.now();
  const bool hurried = hurry_.exchange(false);
  const Lsn durable = durable_;
  const world::Millis since = time - answered_at_;
  const bool due =
      since >= options_.answer_every || (durable != told_ && since >= kHeartBeat) || hurried || now;
  if (!due) return {};
  answered_at_ = time;
  told_ = durable;
  return session_->feedback(durable, durable, durable, clock_micros(), hurried);
}

std::int64_t PostgresStream::clock_micros() const {
  const auto since_1970 = clock_.now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::microseconds>(since_1970).count() - kEpochMicros;
}

// Waits for room and goes on telling the server that we live. False: closed.
bool PostgresStream::give(StreamChunk& chunk, std::stop_token stop) {
  const std::size_t weight =
      chunk.bytes.size() + chunk.pieces.size() * sizeof(StreamChunk::Piece) + sizeof(StreamChunk);
  while (!queue_.has_room(weight)) {
    if (!answer(false) || !clock_.sleep(world::Millis(2), stop)) return false;
  }
  const bool pushed = queue_.push(std::move(chunk), weight, stop);
  chunk = StreamChunk();
  return pushed;
}

}  // namespace lakeshift::databases
