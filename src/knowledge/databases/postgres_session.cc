#include "knowledge/databases/postgres_session.h"

#include <libpq-fe.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <future>
#include <thread>

namespace lakeshift::databases {
namespace {

using world::Millis;

constexpr Millis kForever{-1};
constexpr Millis kConnectLimit{30000};
constexpr Millis kDrainLimit{5000};
constexpr Millis kCancelLimit{2000};
constexpr std::size_t kNotices = 100;

struct Pinned {
  const char* name;
  const char* value;
  int since;
};
constexpr Pinned kPinned[] = {
    {"TimeZone", "UTC", 0},
    {"DateStyle", "ISO, YMD", 0},
    {"IntervalStyle", "postgres", 0},
    {"extra_float_digits", "3", 0},
    {"bytea_output", "hex", 0},
    {"standard_conforming_strings", "on", 0},
    {"quote_all_identifiers", "off", 0},
    {"array_nulls", "on", 0},
    {"xmloption", "content", 0},
    {"search_path", "", 0},
    {"row_security", "off", 90500},
    {"client_min_messages", "warning", 0},
    {"default_transaction_isolation", "read committed", 0},
    {"default_transaction_deferrable", "off", 0},
    {"statement_timeout", "0", 0},
    {"lock_timeout", "0", 90300},
    {"idle_in_transaction_session_timeout", "0", 90600},
    {"idle_session_timeout", "0", 140000},
    {"transaction_timeout", "0", 170000},
    {"jit", "off", 110000},
};

// Why there is no connection. libpq gives the server's SQLSTATE here in its verbose words only,
// "FATAL:  28P01: …"; what the server did not say itself (unreachable, cut short) has none.
Error connect_error(std::string words, bool needs_password, std::string about) {
  constexpr std::size_t kState = 5;
  std::string state = needs_password ? "28000" : "08001";
  const auto in_state = [](char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z'); };
  for (std::size_t at = words.find(":  "); at != std::string::npos;
       at = words.find(":  ", at + 1)) {
    const std::string found = words.substr(at + 3, kState);
    if (found.size() < kState || !std::all_of(found.begin(), found.end(), in_state) ||
        words.compare(at + 3 + kState, 2, ": ") != 0)
      continue;
    state = found;
    words.erase(at + 3, kState + 2);
    if (const auto place = words.find("\nLOCATION:", at); place != std::string::npos)
      words.erase(place);
    break;
  }
  return postgres_error(state, std::move(words), std::move(about));
}

// Whether the server took the request in time. PQcancel() itself waits for ever for one that fell
// silent behind a proxy, so it goes on beside us, with nothing of the session's.
bool ask_to_cancel(pg_conn* connection) {
  std::shared_ptr<PGcancel> cancel(PQgetCancel(connection), PQfreeCancel);
  if (!cancel) return false;
  std::promise<bool> promise;
  std::future<bool> asked = promise.get_future();
  std::thread([cancel = std::move(cancel), promise = std::move(promise)]() mutable {
    std::array<char, 256> complaint{};
    promise.set_value(
        PQcancel(cancel.get(), complaint.data(), static_cast<int>(complaint.size())) != 0);
  }).detach();
  return asked.wait_for(kCancelLimit) == std::future_status::ready && asked.get();
}

int milliseconds(Millis limit) { return limit < Millis{0} ? -1 : static_cast<int>(limit.count()); }

}  // namespace

PostgresSession::PostgresSession(PostgresAddress address, pg_conn* connection)
    : address_(std::move(address)),
      connection_(connection),
      wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      notices_(std::make_shared<std::vector<PostgresNotice>>()) {}

PostgresSession::~PostgresSession() {
  on_stop_.reset();
  PQfreemem(stream_buffer_);
  PQfinish(connection_);
  if (wake_ >= 0) ::close(wake_);
}

std::string PostgresSession::about() const { return "PostgreSQL " + address_.to_text(); }

Result<std::unique_ptr<PostgresSession>> PostgresSession::connect(const PostgresAddress& address,
                                                                  std::stop_token stop) {
  std::map<std::string, std::string> words = address.words;
  words.insert({{"keepalives", "1"},
                {"keepalives_idle", "30"},
                {"keepalives_interval", "10"},
                {"keepalives_count", "3"},
                {"tcp_user_timeout", "60000"}});
  words["host"] = address.host;
  words["port"] = address.port;
  words["dbname"] = address.database;
  words["user"] = address.user;
  words["application_name"] = address.application;
  words["client_encoding"] = "UTF8";
  words["options"] = " ";  // not those of PGOPTIONS
  if (address.replication) words["replication"] = "database";
  std::vector<const char*> names, values;
  for (const auto& [name, value] : words)
    if (!value.empty()) {
      names.push_back(name.c_str());
      values.push_back(value.c_str());
    }
  const world::Secret password(std::string(address.password.reveal()));
  if (!password.empty()) {
    names.push_back("password");
    values.push_back(password.reveal().data());
  }
  names.push_back(nullptr);
  values.push_back(nullptr);
  std::unique_ptr<PostgresSession> session(
      new PostgresSession(address, PQconnectStartParams(names.data(), values.data(), 0)));
  session->stop_with(std::move(stop));
  LS_TRY(session->open());
  LS_TRY(session->pin_settings());
  return session;
}

Status PostgresSession::open() {
  if (connection_ == nullptr) return fail(postgres_error("53200", "out of memory", about()));
  auto receiver = [](void* kept, const PGresult* result) {
    auto& notices = *static_cast<std::vector<PostgresNotice>*>(kept);
    const auto field = [result](int code) {
      const char* text = PQresultErrorField(result, code);
      return std::string(text == nullptr ? "" : text);
    };
    if (notices.size() < kNotices)
      notices.push_back({field(PG_DIAG_SEVERITY_NONLOCALIZED), field(PG_DIAG_SQLSTATE),
                         field(PG_DIAG_MESSAGE_PRIMARY)});
  };
  PQsetNoticeReceiver(connection_, receiver, notices_.get());
  PQsetErrorVerbosity(connection_, PQERRORS_VERBOSE);
  PostgresPollingStatusType state = PGRES_POLLING_WRITING;
  if (PQstatus(connection_) == CONNECTION_BAD) state = PGRES_POLLING_FAILED;
  while (state != PGRES_POLLING_OK && state != PGRES_POLLING_FAILED) {
    switch (wait(state == PGRES_POLLING_WRITING, kConnectLimit)) {
      case Woken::stopped:
        return fail("cancelled", "stopped while connecting", about());
      case Woken::timeout:
        return fail(postgres_error("08001", "no answer within 30 s", about()));
      case Woken::ready:
        break;
    }
    state = PQconnectPoll(connection_);
  }
  if (state == PGRES_POLLING_FAILED)
    return fail(connect_error(PQerrorMessage(connection_),
                              PQconnectionNeedsPassword(connection_) != 0, about()));
  PQsetErrorVerbosity(connection_, PQERRORS_DEFAULT);
  PQsetnonblocking(connection_, 1);
  return {};
}

Status PostgresSession::pin_settings() {
  std::string sql;
  const int server = version();
  for (const Pinned& pin : kPinned)
    if (server >= pin.since)
      sql += std::string("SET ") + pin.name + " = " + quote_literal(pin.value) + ";";
  for (const auto& [name, value] : address_.settings)
    sql += "SET " + name + " = " + quote_literal(value) + ";";
  return exec(sql);
}

int PostgresSession::version() const { return PQserverVersion(connection_); }
int PostgresSession::backend() const { return PQbackendPID(connection_); }
PostgresAddress PostgresSession::with_password(PostgresAddress other) const {
  const char* password = PQpass(connection_);
  if (other.password.empty() && other.user == address_.user && password != nullptr)
    other.password = world::Secret(password);
  return other;
}

bool PostgresSession::alive() const { return PQstatus(connection_) == CONNECTION_OK; }
bool PostgresSession::in_transaction() const {
  const PGTransactionStatusType status = PQtransactionStatus(connection_);
  return status == PQTRANS_INTRANS || status == PQTRANS_INERROR;
}

void PostgresSession::stop_with(std::stop_token stop) {
  on_stop_.reset();
  std::uint64_t counted = 0;
  while (::read(wake_, &counted, sizeof counted) > 0) {
  }
  stop_ = std::move(stop);
  on_stop_.emplace(stop_, [wake = wake_] {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(wake, &one, sizeof one);
  });
}

std::vector<PostgresNotice> PostgresSession::take_notices() { return std::exchange(*notices_, {}); }

Status PostgresSession::ready() const {
  if (!alive()) return broken();
  if (stop_.stop_requested()) return fail("cancelled", "stopped before it was asked", about());
  return {};
}

tl::unexpected<Error> PostgresSession::broken() const {
  std::string message = PQerrorMessage(connection_);
  if (message.empty()) message = "the connection was lost";
  return fail(postgres_error("08006", std::move(message), about()));
}

PostgresSession::Woken PostgresSession::wait(bool writing, Millis limit, bool heed_stop) {
  std::array<pollfd, 2> ends = {
      pollfd{PQsocket(connection_), static_cast<short>(writing ? POLLIN | POLLOUT : POLLIN), 0},
      pollfd{heed_stop ? wake_ : -1, POLLIN, 0}};
  // Connecting: libpq says which of both it waits for.
  if (writing && PQstatus(connection_) != CONNECTION_OK) ends[0].events = POLLOUT;
  if (::poll(ends.data(), ends.size(), milliseconds(limit)) == 0) return Woken::timeout;
  return ends[1].revents != 0 ? Woken::stopped : Woken::ready;
}

// Writes all that waits to be written. It also reads: a server that cannot get rid of its answers
// reads no more.
Status PostgresSession::flush(bool heed_stop) {
  while (true) {
    const int left = PQflush(connection_);
    if (left < 0) return broken();
    if (left == 0) break;
    if (wait(true, kForever, heed_stop) == Woken::stopped) return cancelled();
    if (PQconsumeInput(connection_) == 0) return broken();
  }
  unflushed_ = 0;
  return {};
}

Status PostgresSession::flush_when_full(std::size_t bytes) {
  constexpr std::size_t kFull = 64UL * 1024;
  unflushed_ += bytes + 32;
  return unflushed_ < kFull ? Status{} : flush();
}

Result<std::shared_ptr<pg_result>> PostgresSession::next_result(bool heed_stop) {
  while (PQisBusy(connection_) != 0) {
    const Woken woken = wait(false, heed_stop ? kForever : kDrainLimit, heed_stop);
    if (woken == Woken::stopped) return fail(cancelled().error());
    if (woken == Woken::timeout)
      return fail(postgres_error("08006", "no answer to the cancel request", about()));
    if (PQconsumeInput(connection_) == 0) return broken();
  }
  return std::shared_ptr<pg_result>(PQgetResult(connection_), PQclear);
}

// Reads what the server has to say until the statement is over.
Status PostgresSession::skip_results() {
  while (true) {
    LS_ASSIGN(const auto result, next_result(false));
    if (!result) return {};
    const ExecStatusType status = PQresultStatus(result.get());
    if (status == PGRES_COPY_IN || status == PGRES_COPY_BOTH) {
      PQputCopyEnd(connection_, "cancelled");
      LS_TRY(flush(false));
    }
    if (status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH) {
      char* piece = nullptr;
      int length = 0;
      while ((length = PQgetCopyData(connection_, &piece, 1)) >= 0) {
        PQfreemem(piece);
        piece = nullptr;
        if (length == 0 &&
            (wait(false, kDrainLimit, false) == Woken::timeout || PQconsumeInput(connection_) == 0))
          return broken();
      }
    }
  }
}

void PostgresSession::cancel_and_drain() {
  // A server that does not hear us has nothing more to say in this session.
  if (!ask_to_cancel(connection_)) return;
  // In pipeline mode the caller's sync points come too; such a session is of no more use.
  if (PQpipelineStatus(connection_) == PQ_PIPELINE_OFF) [[maybe_unused]]
    const Status drained = skip_results();
}

Status PostgresSession::cancelled() {
  cancel_and_drain();
  return fail("cancelled", "stopped; the statement was cancelled in the server", about());
}

Status PostgresSession::check(const std::shared_ptr<pg_result>& result) const {
  const ExecStatusType status = PQresultStatus(result.get());
  if (status == PGRES_PIPELINE_ABORTED)
    return fail("pipeline-aborted", "skipped: a statement before it failed", about());
  if (status != PGRES_FATAL_ERROR && status != PGRES_BAD_RESPONSE) return {};
  const auto field = [&](int code) {
    const char* text = PQresultErrorField(result.get(), code);
    return std::string(text == nullptr ? "" : text);
  };
  const std::string state = field(PG_DIAG_SQLSTATE);
  if (state.empty()) return broken();
  std::string message = field(PG_DIAG_MESSAGE_PRIMARY);
  if (address_.withholds_values) {
    // Class 22 is about values, and a function's own complaint may be of anything.
    if (state.starts_with("22") || state.starts_with("P0"))
      message = "a value was refused (what the server said of it is withheld)";
    if (const std::string name = field(PG_DIAG_CONSTRAINT_NAME); !name.empty())
      message += "; constraint " + name;
    return fail(postgres_error(state, std::move(message), about()));
  }
  if (const std::string detail = field(PG_DIAG_MESSAGE_DETAIL); !detail.empty())
    message += ": " + detail;
  if (const std::string hint = field(PG_DIAG_MESSAGE_HINT); !hint.empty())
    message += " (" + hint + ")";
  // Of a COPY it names table, line and column; elsewhere it may repeat the statement.
  if (const std::string context = field(PG_DIAG_CONTEXT); context.starts_with("COPY "))
    message += "; " + context;
  return fail(postgres_error(state, std::move(message), about()));
}

Result<PostgresRows> PostgresSession::collect() {
  LS_TRY(flush());
  PostgresRows last;
  std::optional<Error> failure;
  while (true) {
    LS_ASSIGN(auto result, next_result());
    if (!result) break;
    if (auto good = check(result); !good && !failure) failure = good.error();
    const ExecStatusType status = PQresultStatus(result.get());
    if (status == PGRES_COPY_OUT || status == PGRES_COPY_IN || status == PGRES_COPY_BOTH)
      return last;  // the caller goes on with the data
    last = PostgresRows(std::move(result));
    if (!alive()) break;
  }
  if (failure) return fail(*std::move(failure));
  return last;
}

Result<PostgresRows> PostgresSession::query(const std::string& sql,
                                            std::span<const PostgresParameter> parameters,
                                            bool binary) {
  LS_TRY(ready());
  // The replication protocol knows simple queries only.
  if (address_.replication) {
    if (!parameters.empty() || binary)
      return fail("no-parameters", "a replication session takes no parameters", about(),
                  "use an ordinary session");
    if (PQsendQuery(connection_, sql.c_str()) == 0) return broken();
  } else {
    LS_TRY(send(sql, parameters, binary));
  }
  return collect();
}

Result<PostgresRows> PostgresSession::query(const std::string& sql,
                                            std::initializer_list<PostgresParameter> parameters) {
  return query(sql, std::span(parameters.begin(), parameters.size()));
}

Result<std::string> PostgresSession::value(const std::string& sql,
                                           std::initializer_list<PostgresParameter> parameters) {
  LS_ASSIGN(const PostgresRows rows, query(sql, parameters));
  if (rows.size() != 1 || rows.columns() < 1)
    return fail("no-row", "one row was expected, " + std::to_string(rows.size()) + " came",
                about());
  return rows.text(0, 0);
}

Status PostgresSession::exec(const std::string& sql) {
  LS_TRY(ready());
  if (PQsendQuery(connection_, sql.c_str()) == 0) return broken();
  LS_TRY(collect());
  return {};
}

int PostgresRows::size() const { return PQntuples(result_.get()); }
int PostgresRows::columns() const { return PQnfields(result_.get()); }
std::string PostgresRows::column(int index) const { return PQfname(result_.get(), index); }
unsigned PostgresRows::type(int column) const { return PQftype(result_.get(), column); }
int PostgresRows::index(std::string_view column) const {
  for (int c = 0; c < columns(); ++c)
    if (column == PQfname(result_.get(), c)) return c;
  return -1;
}
std::optional<std::string_view> PostgresRows::cell(int row, int column) const {
  if (PQgetisnull(result_.get(), row, column) != 0) return std::nullopt;
  return std::string_view(PQgetvalue(result_.get(), row, column),
                          static_cast<std::size_t>(PQgetlength(result_.get(), row, column)));
}
std::string PostgresRows::text(int row, int column) const {
  return std::string(cell(row, column).value_or(""));
}
std::int64_t PostgresRows::integer(int row, int column) const {
  const std::string_view text = cell(row, column).value_or("0");
  std::int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}
bool PostgresRows::truth(int row, int column) const { return cell(row, column) == "t"; }
std::int64_t PostgresRows::affected() const {
  const std::string_view text = result_ ? PQcmdTuples(result_.get()) : "";
  std::int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}
std::string PostgresRows::command() const { return result_ ? PQcmdStatus(result_.get()) : ""; }

}  // namespace lakeshift::databases
