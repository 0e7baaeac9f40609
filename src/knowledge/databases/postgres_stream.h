// The change stream of a logical replication slot, read ahead by a thread of its own.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "core/world/bounded_queue.h"
#include "core/world/executor.h"
#include "knowledge/databases/postgres_session.h"

namespace lakeshift::databases {

// Some messages in the order they came. What they say owns its bytes.
struct StreamChunk {
  struct Piece {
    std::size_t at = 0, size = 0;
  };
  std::string bytes;
  std::vector<Piece> pieces;
  // Everything that the server has committed before position `sent_to` is in the first `sent`
  // pieces and the chunks before; 0: nothing is known.
  Lsn sent_to = 0;
  std::size_t sent = 0;
  Lsn server_end = 0;  // the server's position when it sent this
  // The server's clock less ours when it was sent, in microseconds, beside the way here.
  std::int64_t clock_ahead = 0;

  std::string_view piece(std::size_t index) const {
    return std::string_view(bytes).substr(pieces[index].at, pieces[index].size);
  }
};

struct StreamOptions {
  std::string slot;
  std::string publication;
  Lsn from = 0;  // transactions whose commit record starts before are left out
  std::size_t ahead_bytes = 32u << 20;  // read ahead at most so much: back-pressure to the source
  world::Millis answer_every{1000};     // the server is told so often where we are
};

struct SlotState {
  bool active = false;
  int active_pid = 0;
  Lsn restart = 0, confirmed = 0;
  std::string wal_status;  // reserved, extended, unreserved, lost; "" before version 13
};

// Errors: "slot-missing"; "slot-lost" when the server removed log that the slot needs, with what
// then has to be copied again; "slot-foreign" for another plugin or database.
Result<SlotState> read_slot(PostgresSession& session, const std::string& slot);

// The server is told nothing but what confirm() said, so that after any crash the stream goes on
// from there. One thread may call next(); confirm() and hurry() any.
class PostgresStream {
 public:
  static Result<std::unique_ptr<PostgresStream>> open(const PostgresAddress& source,
                                                      StreamOptions options, world::Clock& clock,
                                                      std::stop_token stop);
  ~PostgresStream();

  // None: nothing within the limit. After an error of the stream what came before it is given
  // first.
  Result<std::optional<StreamChunk>> next(world::Millis limit);
  // All up to here is durable elsewhere; the server may forget it.
  void confirm(Lsn durable) { durable_ = durable; }
  // Asks the server to say at once how far it is.
  void hurry() { hurry_ = true; }

 private:
  PostgresStream(std::unique_ptr<PostgresSession> session, PostgresAddress source,
                 StreamOptions options, world::Clock& clock);
  void work(std::stop_token stop);
  Status pump(std::stop_token stop);
  std::int64_t clock_micros() const;  // since 2000-01-01 UTC, as the protocol counts
  Status answer(bool now);
  Status doubt(std::stop_token stop);
  bool give(StreamChunk& chunk, std::stop_token stop);

  std::unique_ptr<PostgresSession> session_;
  const PostgresAddress source_;
  const StreamOptions options_;
  world::Clock& clock_;
  world::BoundedQueue<StreamChunk> queue_;
  std::atomic<Lsn> durable_{0};
  std::atomic<bool> hurry_{false};
  Lsn told_ = 0;
  world::Instant answered_at_{}, heard_at_{};
  bool asked_ = false;  // for a sign of life, since it was heard last
  world::Guarded<std::optional<Error>> failure_;
  std::jthread thread_;
};

}  // namespace lakeshift::databases
