// One session with a PostgreSQL server: the only door to libpq.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "core/world/clock.h"
#include "knowledge/databases/postgres_address.h"
#include "knowledge/databases/postgres_failure.h"
#include "knowledge/databases/postgres_text.h"

struct pg_conn;
struct pg_result;

namespace lakeshift::databases {

// What a statement answered; a handle, cheap to copy. Cells are as the server sent them (text, or
// binary when asked for); views live as long as a copy of this.
class PostgresRows {
 public:
  PostgresRows() = default;
  explicit PostgresRows(std::shared_ptr<pg_result> result) : result_(std::move(result)) {}
  int size() const;
  int columns() const;
  std::string column(int index) const;
  unsigned type(int column) const;                                  // its object id in pg_type
  int index(std::string_view column) const;                         // -1: there is none
  std::optional<std::string_view> cell(int row, int column) const;  // none: NULL
  std::string text(int row, int column) const;                      // "" for NULL
  std::int64_t integer(int row, int column) const;                  // 0 for NULL
  bool truth(int row, int column) const;                            // false for NULL
  std::int64_t affected() const;  // rows inserted, updated, copied, …
  std::string command() const;    // "INSERT 0 5"

 private:
  std::shared_ptr<pg_result> result_;
};

struct PostgresParameter {
  std::optional<std::string_view> bytes{};  // none: NULL
  bool binary = false;
  unsigned type = 0;  // 0: the server finds out

  PostgresParameter() = default;
  PostgresParameter(std::string_view text) : bytes(text) {}    // NOLINT: a literal in a list
  PostgresParameter(const std::string& text) : bytes(text) {}  // NOLINT
  PostgresParameter(const char* text) : bytes(text) {}         // NOLINT
};

struct PostgresNotice {
  std::string severity, code, message;
};

// A message of the replication stream. `bytes` live until the next receive().
struct StreamMessage {
  enum class Type { data, keepalive, end };
  Type type = Type::keepalive;
  Lsn start = 0, end = 0;     // keepalive: end is the server's position
  std::int64_t sent_us = 0;   // server's clock, microseconds since 2000-01-01
  bool reply_wanted = false;  // answer with feedback() now, or be cut off
  std::string_view bytes{};
};

// Not thread safe: one thread at a time. Every call ends soon after stop is requested, with error
// "cancelled": what ran in the server is cancelled there. Other errors carry the SQLSTATE as code
// (postgres_failure.h); 08006 when the connection broke.
//
// Pinned in every session: UTC, ISO dates, extra_float_digits 3, hexadecimal bytea, an empty
// search_path, row_security off (a hidden row is an error, never missed), no statement, lock,
// idle or transaction limits, read committed.
class PostgresSession {
 public:
  static Result<std::unique_ptr<PostgresSession>> connect(const PostgresAddress& address,
                                                          std::stop_token stop);
  ~PostgresSession();
  PostgresSession(const PostgresSession&) = delete;
  PostgresSession& operator=(const PostgresSession&) = delete;

  const PostgresAddress& address() const { return address_; }
  // Another address of this server: without a password, and of the same user, it gets the one that
  // this session logged in with, from wherever that came.
  PostgresAddress with_password(PostgresAddress other) const;
  int version() const;  // 150018
  int backend() const;  // its process in the server
  bool alive() const;   // as far as known without asking
  bool in_transaction() const;
  // From now on this token cancels; for work that must be done after a stop (unfencing).
  void stop_with(std::stop_token stop);
  // Warnings of the server since the last call, at most 100.
  std::vector<PostgresNotice> take_notices();

  // One statement. With `binary` the cells come in the types' binary form.
  Result<PostgresRows> query(const std::string& sql,
                             std::span<const PostgresParameter> parameters = {},
                             bool binary = false);
  Result<PostgresRows> query(const std::string& sql,
                             std::initializer_list<PostgresParameter> parameters);
  // The one cell of the one row. Error "no-row".
  Result<std::string> value(const std::string& sql,
                            std::initializer_list<PostgresParameter> parameters = {});
  // Any number of statements, until the first error.
  Status exec(const std::string& sql);

  // COPY … TO STDOUT: every piece is one row (or the header) as the server sent it. Ends early with
  // the sink's error. Returns the rows copied.
  using Sink = std::function<Status(std::string_view)>;
  Result<std::int64_t> copy_out(const std::string& sql, const Sink& sink);

  // COPY … FROM STDIN. Bytes need not be whole rows. Memory stays bounded: put waits for the
  // server.
  Status begin_copy(const std::string& sql);
  Status put_copy(std::string_view bytes);
  Result<std::int64_t> finish_copy();
  void abandon_copy(const std::string& reason);  // nothing of it stays in the server

  // Pipeline mode: sends do not wait for answers. After an error the rest is skipped up to the next
  // sync point; skipped statements answer "pipeline-aborted".
  Status begin_pipeline();
  Status send(const std::string& sql, std::span<const PostgresParameter> parameters = {},
              bool binary = false);
  Status send_prepare(const std::string& name, const std::string& sql,
                      std::span<const unsigned> types = {});
  Status send_prepared(const std::string& name, std::span<const PostgresParameter> parameters,
                       bool binary = false);
  Status send_sync();
  // The next answer in the order of sends; none: a sync point was reached.
  Result<std::optional<PostgresRows>> next_answer();
  Status end_pipeline();  // after the last sync point was read

  // START_REPLICATION SLOT … LOGICAL from `from` (0: where the slot is) with the plugin's options.
  // For sessions with address.replication.
  Status start_replication(const std::string& slot, Lsn from,
                           const std::vector<std::pair<std::string, std::string>>& options);
  // The next message; none: nothing came within the limit.
  Result<std::optional<StreamMessage>> receive(world::Millis limit);
  Status feedback(Lsn written, Lsn flushed, Lsn applied, std::int64_t now_us, bool reply = false);
  Status end_replication();

 private:
  enum class Woken { ready, stopped, timeout };
  PostgresSession(PostgresAddress address, pg_conn* connection);
  Status open();
  Status pin_settings();
  Status ready() const;
  Woken wait(bool writing, world::Millis limit, bool heed_stop = true);
  Status flush(bool heed_stop = true);
  Status flush_when_full(std::size_t bytes);
  Result<std::shared_ptr<pg_result>> next_result(bool heed_stop = true);
  Status skip_results();
  Status cancelled();
  void cancel_and_drain();
  tl::unexpected<Error> broken() const;
  Result<PostgresRows> collect();
  Status check(const std::shared_ptr<pg_result>& result) const;
  std::string about() const;

  PostgresAddress address_;
  pg_conn* connection_;
  int wake_ = -1;  // readable when stop was requested
  std::optional<std::stop_callback<std::function<void()>>> on_stop_;
  std::stop_token stop_;
  std::size_t unflushed_ = 0;
  bool pipeline_answer_open_ = false;
  char* stream_buffer_ = nullptr;
  std::shared_ptr<std::vector<PostgresNotice>> notices_;
};

}  // namespace lakeshift::databases
