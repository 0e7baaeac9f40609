// PostgreSQL, local, with data/redshift_on_postgres.sql loaded: stands in for Amazon Redshift.
#include <libpq-fe.h>
#include <unistd.h>

#include <algorithm>

#include "core/base/embedded.h"
#include "core/world/conversation.h"
#include "core/world/environment.h"
#include "core/world/files.h"
#include "core/world/process.h"
#include "knowledge/engines/engine.h"

namespace lakeshift::engines::postgres {
namespace {

constexpr world::Millis kLimit{60000};

// Object ids of types in pg_type.dat.
Family family_of(Oid type) {
  switch (type) {
    case 16:
      return Family::boolean;
    case 20:
    case 21:
    case 23:
      return Family::integer;
    case 700:
    case 701:
      return Family::real;
    case 1700:
      return Family::decimal;
    case 18:
    case 19:
    case 25:
    case 705:
    case 1043:
      return Family::text;
    case 1042:
      return Family::padded;
    case 1082:
      return Family::date;
    case 1083:
      return Family::time;
    case 1114:
      return Family::timestamp;
    case 1184:
      return Family::timestamp_zone;
    case 1186:
      return Family::interval;
    case 17:
      return Family::binary;
    case 114:
    case 3802:
      return Family::document;
    default:
      return Family::other;
  }
}

using Connection = std::unique_ptr<PGconn, decltype(&PQfinish)>;
using Reply = std::unique_ptr<PGresult, decltype(&PQclear)>;

Answer ask(PGconn* connection, const std::string& statement) {
  const Reply reply(PQexec(connection, statement.c_str()), PQclear);
  Answer answer;
  const ExecStatusType status = PQresultStatus(reply.get());
  if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK && status != PGRES_EMPTY_QUERY) {
    answer.failed = true;
    const char* state = PQresultErrorField(reply.get(), PG_DIAG_SQLSTATE);
    const char* message = PQresultErrorField(reply.get(), PG_DIAG_MESSAGE_PRIMARY);
    answer.failure = answer.state = state == nullptr ? "08006" : state;
    answer.message = message == nullptr ? PQerrorMessage(connection) : message;
    return answer;
  }
  const int columns = PQnfields(reply.get());
  for (int c = 0; c < columns; ++c) {
    const Oid type = PQftype(reply.get(), c);
    answer.rows.columns.push_back(
        {PQfname(reply.get(), c), "oid " + std::to_string(type), family_of(type)});
  }
  const int rows = PQntuples(reply.get()), most = static_cast<int>(kMostRows);
  answer.truncated = rows > most;
  for (int r = 0; r < std::min(rows, most); ++r) {
    std::vector<Cell> row;
    for (int c = 0; c < columns; ++c)
      row.push_back(PQgetisnull(reply.get(), r, c) != 0 ? Cell()
                                                        : Cell(PQgetvalue(reply.get(), r, c)));
    answer.rows.rows.push_back(std::move(row));
  }
  return answer;
}

class PostgresSession final : public Session {
 public:
  PostgresSession(std::string folder, std::unique_ptr<world::Conversation> guard)
      : folder_(std::move(folder)), guard_(std::move(guard)), connection_(nullptr, PQfinish) {}
  ~PostgresSession() override {
    connection_.reset();
    guard_.reset();
    remove_folder(folder_);
  }

  Status connect(const std::string& database, const std::string& options) {
    const std::string words = "host='" + folder_ + "' user=postgres dbname=" + database +
                              " client_encoding=UTF8 options='" + options + "'";
    connection_ = Connection(PQconnectdb(words.c_str()), PQfinish);
    if (PQstatus(connection_.get()) != CONNECTION_OK)
      return fail("cannot-start", PQerrorMessage(connection_.get()), "PostgreSQL",
                  "look at the log in " + folder_);
    PQsetNoticeProcessor(connection_.get(), [](void*, const char*) {}, nullptr);
    return {};
  }
  Status must(const std::string& statement) {
    const Answer answer = ask(connection_.get(), statement);
    if (answer.failed)
      return fail("cannot-start", answer.message, "PostgreSQL",
                  "this version of PostgreSQL may not do: use the one of Debian 12");
    return {};
  }

  Result<std::vector<Answer>> run(const std::vector<std::string>& statements) override {
    std::vector<Answer> answers;
    for (const std::string& statement : statements) {
      answers.push_back(ask(connection_.get(), statement));
      if (PQstatus(connection_.get()) != CONNECTION_OK)
        return fail("ended", PQerrorMessage(connection_.get()), "PostgreSQL",
                    "report the statement");
      if (answers.back().failed) break;
    }
    return answers;
  }

 private:
  std::string folder_;
  std::unique_ptr<world::Conversation> guard_;
  Connection connection_;
};

// PostgreSQL refuses to be run by root: then by its own user, or by one that may do nothing.
Result<std::vector<std::string>> as_server_user() {
  if (::getuid() != 0) return std::vector<std::string>{};
  for (const char* user : {"postgres", "nobody"}) {
    LS_ASSIGN(const world::Ended ended, world::run_process({"id", user}, "", kLimit));
    if (ended.exit_code == 0) return std::vector<std::string>{"runuser", "-u", user, "--"};
  }
  return fail("cannot-start", "PostgreSQL refuses to be run by root", "PostgreSQL",
              "make a user named postgres");
}

// Debian keeps the server's programs out of PATH: /usr/lib/postgresql/<version>/bin.
std::string program_folder(world::World& world) {
  const std::string root = "/usr/lib/postgresql";
  const auto versions = world.files.list(root);
  std::string best;
  if (versions)
    for (const std::string& version : *versions)
      if (world.files.exists(root + "/" + version + "/bin/initdb") &&
          (best.size() < version.size() || best < version))
        best = version;
  return best.empty() ? "" : root + "/" + best + "/bin/";
}

Status call(std::vector<std::string> prefix, const std::vector<std::string>& words) {
  prefix.insert(prefix.end(), words.begin(), words.end());
  auto ended = world::run_process(prefix, "", kLimit);
  if (!ended)
    return fail("engine-missing", ended.error().message, words[0],
                "install the package postgresql");
  if (ended->exit_code != 0)
    return fail("cannot-start", ended->err + ended->out, words[0],
                "install the package postgresql, and make room in /tmp");
  return {};
}

// The server outlives who starts it. A shell that waits for the end of its input, which comes also
// when this process is killed, stops it and removes its files.
Result<std::unique_ptr<world::Conversation>> guard(std::vector<std::string> prefix,
                                                   const std::string& programs,
                                                   const std::string& folder) {
  // A server that has just been started may not be known to pg_ctl yet.
  const std::string script =
      "trap '' INT TERM HUP; while read -r line; do :; done; for pause in 0 1 2; do sleep "
      "$pause; " +
      programs + "pg_ctl -D " + folder +
      "/data -m immediate stop >/dev/null 2>&1 && break; done; rm -rf " + folder;
  prefix.insert(prefix.end(), {"sh", "-c", script});
  return world::converse(prefix, "/dev/null");
}

Result<std::unique_ptr<Session>> start(world::World& world) {
  LS_ASSIGN(const auto prefix, as_server_user());
  LS_ASSIGN(const std::string folder, make_folder(prefix));
  const std::string programs = program_folder(world), data = folder + "/data";
  LS_ASSIGN(auto guardian, guard(prefix, programs, folder));
  auto session = std::make_unique<PostgresSession>(folder, std::move(guardian));
  LS_TRY(call(prefix, {programs + "initdb", "-D", data, "-U", "postgres", "-A", "trust",
                       "--no-sync", "-E", "UTF8", "--lc-collate=C", "--lc-ctype=C.UTF-8"}));
  LS_TRY(call(prefix, {programs + "pg_ctl", "-D", data, "-w", "-l", folder + "/log", "-o",
                       "-c listen_addresses='' -c unix_socket_directories='" + folder +
                           "' -c fsync=off -c timezone=UTC -c shared_buffers=32MB",
                       "start"}));
  LS_TRY(session->connect("postgres", ""));
  LS_TRY(session->must("CREATE DATABASE redshift"));
  LS_TRY(session->connect("redshift", "-c allow_system_table_mods=on"));
  LS_TRY(session->must(std::string(embedded_file("data/redshift_on_postgres.sql"))));
  LS_TRY(
      session->must("SET allow_system_table_mods = off; SET search_path = public, redshift, "
                    "pg_catalog; SET standard_conforming_strings = off; SET escape_string_warning "
                    "= off; SET backslash_quote = on; SET statement_timeout = '10s'"));
  return std::unique_ptr<Session>(std::move(session));
}

}  // namespace

extern const Engine kDefinition = {"postgres", "source", start};

}  // namespace lakeshift::engines::postgres
