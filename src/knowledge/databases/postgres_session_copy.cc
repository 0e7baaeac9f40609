// COPY both ways, and the replication stream.
#include <libpq-fe.h>

#include <array>

#include "knowledge/databases/postgres_session.h"

namespace lakeshift::databases {
namespace {

using world::Millis;

constexpr std::size_t kDataHead = 25, kKeepaliveSize = 18;

std::uint64_t read_number(const char* bytes) {
  std::uint64_t value = 0;
  for (int i = 0; i < 8; ++i) value = value << 8U | static_cast<unsigned char>(bytes[i]);
  return value;
}

void write_number(std::string& bytes, std::uint64_t value) {
  for (int shift = 56; shift >= 0; shift -= 8)
    bytes += static_cast<char>(value >> static_cast<unsigned>(shift) & 0xFFU);
}

}  // namespace

Result<std::int64_t> PostgresSession::copy_out(const std::string& sql, const Sink& sink) {
  LS_TRY(ready());
  if (PQsendQuery(connection_, sql.c_str()) == 0) return broken();
  LS_TRY(collect());
  while (true) {
    char* piece = nullptr;
    const int length = PQgetCopyData(connection_, &piece, 1);
    if (length > 0) {
      const Status taken = sink({piece, static_cast<std::size_t>(length)});
      PQfreemem(piece);
      if (taken) continue;
      cancel_and_drain();
      return fail(taken.error());
    }
    if (length < 0) break;  // its end, or an error that collect() reads
    if (wait(false, Millis{-1}) == Woken::stopped) return fail(cancelled().error());
    if (PQconsumeInput(connection_) == 0) return broken();
  }
  LS_ASSIGN(const PostgresRows rows, collect());
  return rows.affected();
}

Status PostgresSession::begin_copy(const std::string& sql) {
  LS_TRY(ready());
  if (PQsendQuery(connection_, sql.c_str()) == 0) return broken();
  LS_TRY(collect());
  return {};
}

Status PostgresSession::put_copy(std::string_view bytes) {
  constexpr std::size_t kPiece = 8UL * 1024 * 1024;
  while (!bytes.empty()) {
    const std::string_view piece = bytes.substr(0, kPiece);
    if (PQputCopyData(connection_, piece.data(), static_cast<int>(piece.size())) != 1)
      return broken();
    LS_TRY(flush_when_full(piece.size()));
    bytes.remove_prefix(piece.size());
  }
  return {};
}

Result<std::int64_t> PostgresSession::finish_copy() {
  if (PQputCopyEnd(connection_, nullptr) != 1) return broken();
  LS_ASSIGN(const PostgresRows rows, collect());
  return rows.affected();
}

void PostgresSession::abandon_copy(const std::string& reason) {
  if (!alive()) return;
  PQputCopyEnd(connection_, reason.c_str());
  if (flush(false)) [[maybe_unused]]
    const Status drained = skip_results();
}

Status PostgresSession::start_replication(
    const std::string& slot, Lsn from,
    const std::vector<std::pair<std::string, std::string>>& options) {
  LS_TRY(ready());
  std::string sql = "START_REPLICATION SLOT " + quote_name(slot) + " LOGICAL " + lsn_text(from);
  for (const auto& [name, value] : options) {
    sql += &name == &options.front().first ? " (" : ", ";
    sql += quote_name(name) + " " + quote_literal(value);
  }
  if (!options.empty()) sql += ')';
  if (PQsendQuery(connection_, sql.c_str()) == 0) return broken();
  LS_TRY(collect());
  return {};
}

Result<std::optional<StreamMessage>> PostgresSession::receive(Millis limit) {
  PQfreemem(stream_buffer_);
  stream_buffer_ = nullptr;
  bool waited = false;
  while (true) {
    const int length = PQgetCopyData(connection_, &stream_buffer_, 1);
    if (length == -1) {
      // The server ended the stream, orderly or with an error.
      LS_TRY(collect());
      return StreamMessage{.type = StreamMessage::Type::end};
    }
    if (length == -2) return broken();
    const char* bytes = stream_buffer_;
    const auto size = static_cast<std::size_t>(std::max(length, 0));
    if (size >= kDataHead && bytes[0] == 'w') {
      StreamMessage message{.type = StreamMessage::Type::data};
      message.start = read_number(bytes + 1);
      message.end = read_number(bytes + 9);
      message.sent_us = static_cast<std::int64_t>(read_number(bytes + 17));
      message.bytes = std::string_view(bytes, size).substr(kDataHead);
      return message;
    }
    if (size >= kKeepaliveSize && bytes[0] == 'k') {
      StreamMessage message;
      message.end = read_number(bytes + 1);
      message.sent_us = static_cast<std::int64_t>(read_number(bytes + 9));
      message.reply_wanted = bytes[17] != 0;
      return message;
    }
    if (size > 0)
      return fail("bad-stream", "the server sent a replication message that is none", about(),
                  "report the server's version " + std::to_string(version()));
    if (waited) return std::nullopt;
    switch (wait(false, limit)) {
      case Woken::stopped:
        return fail("cancelled", "stopped; the stream waits where it was confirmed", about());
      case Woken::timeout:
        return std::nullopt;
      case Woken::ready:
        // A piece of a message may be all there is: say so rather than wait over the limit.
        waited = limit == Millis{0};
        if (PQconsumeInput(connection_) == 0) return broken();
    }
  }
}

Status PostgresSession::feedback(Lsn written, Lsn flushed, Lsn applied, std::int64_t now_us,
                                 bool reply) {
  std::string bytes = "r";
  write_number(bytes, written);
  write_number(bytes, flushed);
  write_number(bytes, applied);
  write_number(bytes, static_cast<std::uint64_t>(now_us));
  bytes += reply ? '\1' : '\0';
  if (PQputCopyData(connection_, bytes.data(), static_cast<int>(bytes.size())) != 1)
    return broken();
  return flush();
}

Status PostgresSession::end_replication() {
  if (PQputCopyEnd(connection_, nullptr) != 1) return broken();
  LS_TRY(flush(false));
  while (true) {
    char* piece = nullptr;
    const int length = PQgetCopyData(connection_, &piece, 1);
    PQfreemem(piece);
    if (length < 0) break;
    if (length == 0 &&
        (wait(false, Millis{10000}, false) == Woken::timeout || PQconsumeInput(connection_) == 0))
      return broken();
  }
  return skip_results();
}

}  // namespace lakeshift::databases
