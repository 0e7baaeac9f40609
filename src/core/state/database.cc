#include "core/state/database.h"

#include <sqlite3.h>

#include <cerrno>

#include "core/state/schema.h"

namespace lakeshift::state {
namespace {

// What the database holds and how to go on without it: said wherever it turns out to be damaged.
constexpr const char* kDamagedRemedy =
    "restore the file from a backup; without one, move it away and run 'lakeshift discover' and "
    "'lakeshift plan' "
    "again: what was already created is recognised in the target and adopted, the timeline of "
    "former runs is lost";

// SQLite has a code of its own only for a full disk under the database; under its log and its
// shared memory it is an input/output error.
bool is_disk_full(sqlite3* connection, int result) {
  if ((result & 0xff) == SQLITE_FULL || result == SQLITE_IOERR_SHMSIZE) return true;
  if ((result & 0xff) != SQLITE_IOERR || connection == nullptr) return false;
  const int cause = sqlite3_system_errno(connection);
  return cause == ENOSPC || cause == EDQUOT;
}

tl::unexpected<Error> database_error(sqlite3* connection, int result, const std::string& path) {
  const std::string text =
      connection != nullptr ? sqlite3_errmsg(connection) : sqlite3_errstr(result);
  if (is_disk_full(connection, result))
    return fail("disk-full", "could not write, the disk is full: " + text, path,
                "free some space and run the same command again; nothing was lost");
  switch (result & 0xff) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return fail("corrupt-state", "the state database is damaged: " + text, path, kDamagedRemedy);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return fail("locked", "another process is writing: " + text, path,
                  "wait until it has finished");
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
    case SQLITE_CANTOPEN:
      return fail("permission-denied", "could not open or write: " + text, path,
                  "give this user access to the work directory");
    default:
      return fail("io", "the state database failed: " + text, path, "check the disk");
  }
}

}  // namespace

Statement::Statement(sqlite3* connection, sqlite3_stmt* handle)
    : connection_(connection), handle_(handle) {}

Statement::Statement(Statement&& other) noexcept
    : connection_(other.connection_),
      handle_(std::exchange(other.handle_, nullptr)),
      bound_(other.bound_),
      bind_result_(other.bind_result_) {}

Statement::~Statement() { sqlite3_finalize(handle_); }

Statement& Statement::bind(std::string_view text) {
  const int result =
      sqlite3_bind_text64(handle_, ++bound_, text.data() == nullptr ? "" : text.data(), text.size(),
                          SQLITE_TRANSIENT, SQLITE_UTF8);
  if (result != SQLITE_OK) bind_result_ = result;
  return *this;
}

Statement& Statement::bind_number(std::int64_t number) {
  const int result = sqlite3_bind_int64(handle_, ++bound_, number);
  if (result != SQLITE_OK) bind_result_ = result;
  return *this;
}

Result<bool> Statement::step() {
  const char* path = sqlite3_db_filename(connection_, "main");
  const std::string about = path == nullptr ? "" : path;
  if (bind_result_ != SQLITE_OK) return database_error(connection_, bind_result_, about);
  const int result = sqlite3_step(handle_);
  if (result == SQLITE_ROW) return true;
  if (result == SQLITE_DONE) return false;
  return database_error(connection_, result, about);
}

Status Statement::run() {
  while (true) {
    LS_ASSIGN(const bool row, step());
    if (!row) return {};
  }
}

std::string Statement::text(int column) const {
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(handle_, column));
  const int size = sqlite3_column_bytes(handle_, column);
  return bytes == nullptr ? std::string() : std::string(bytes, static_cast<std::size_t>(size));
}

std::int64_t Statement::number(int column) const { return sqlite3_column_int64(handle_, column); }

Result<std::unique_ptr<Database>> Database::open(const std::string& path, Mode mode) {
  int flags = SQLITE_OPEN_NOMUTEX;
  flags |= mode == Mode::read ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
  if (mode == Mode::create) flags |= SQLITE_OPEN_CREATE;
  sqlite3* connection = nullptr;
  const int result = sqlite3_open_v2(path.c_str(), &connection, flags, nullptr);
  std::unique_ptr<Database> database(new Database(connection, path));
  if (result != SQLITE_OK) return database_error(connection, result, path);
  sqlite3_extended_result_codes(connection, 1);
  sqlite3_busy_timeout(connection, 10'000);
  if (mode != Mode::read) {
    LS_TRY(database->execute("PRAGMA journal_mode=WAL"));
    LS_TRY(database->execute("PRAGMA synchronous=FULL"));
  }
  return database;
}

Database::~Database() { sqlite3_close_v2(connection_); }

Status Database::execute(const std::string& sql) {
  const int result = sqlite3_exec(connection_, sql.c_str(), nullptr, nullptr, nullptr);
  if (result != SQLITE_OK) return database_error(connection_, result, path_);
  return {};
}

Result<Statement> Database::prepare(std::string_view sql) {
  sqlite3_stmt* handle = nullptr;
  const int result =
      sqlite3_prepare_v2(connection_, sql.data(), static_cast<int>(sql.size()), &handle, nullptr);
  if (result != SQLITE_OK) return database_error(connection_, result, path_);
  return Statement(connection_, handle);
}

Status Database::transact(const std::function<Status()>& work) {
  LS_TRY(execute("BEGIN IMMEDIATE"));
  Status status = work();
  if (status) status = execute("COMMIT");
  // SQLite may have rolled back by itself (disk full): then this has nothing to do.
  if (!status && sqlite3_get_autocommit(connection_) == 0) (void)execute("ROLLBACK");
  return status;
}

Status Database::check() {
  LS_ASSIGN(Statement statement, prepare("PRAGMA quick_check(1)"));
  LS_ASSIGN(const bool row, statement.step());
  const std::string finding = row ? statement.text(0) : "no answer";
  if (finding == "ok") return {};
  return fail("corrupt-state", "the state database is damaged: " + finding, path_, kDamagedRemedy);
}

Result<std::int64_t> Database::schema_version() {
  LS_ASSIGN(Statement statement, prepare("PRAGMA user_version"));
  LS_ASSIGN(const bool row, statement.step());
  return row ? statement.number(0) : 0;
}

Status Database::check_schema_version() {
  LS_ASSIGN(const std::int64_t version, schema_version());
  if (version <= kSchemaVersion) return {};
  return fail("newer-format",
              "the state database has version " + std::to_string(version) +
                  ", this lakeshift knows up to " + std::to_string(kSchemaVersion),
              path_, "use the newer lakeshift that wrote it");
}

Status Database::ensure_schema() {
  LS_TRY(check_schema_version());
  // Read to its end: a table is not dropped while a statement is open.
  LS_ASSIGN(const std::int64_t version, schema_version());
  if (version == kSchemaVersion) return {};
  return transact([&] {
    Status status = version == 1 ? execute(kFrom1To2) : Status{};
    if (status) status = execute(kSchema);
    if (status) status = execute("PRAGMA user_version=" + std::to_string(kSchemaVersion));
    return status;
  });
}

}  // namespace lakeshift::state
