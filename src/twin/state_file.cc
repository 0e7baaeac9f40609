#include "twin/state_file.h"

#include <sqlite3.h>

namespace lakeshift::twin {
namespace {

constexpr const char* kSchema =
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;"  // a killed process loses nothing; a power
                                                        // cut may
    "CREATE TABLE IF NOT EXISTS rows(kind TEXT, id TEXT, key TEXT, place INTEGER, since INTEGER, "
    "document TEXT,"
    " PRIMARY KEY(kind, id));"
    "CREATE TABLE IF NOT EXISTS contents(id TEXT PRIMARY KEY, bytes BLOB);"
    "CREATE TABLE IF NOT EXISTS counters(name TEXT PRIMARY KEY, value INTEGER);";

struct Finalize {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Statement = std::unique_ptr<sqlite3_stmt, Finalize>;

class SqliteStateFile final : public StateFile {
 public:
  ~SqliteStateFile() override { sqlite3_close(database_); }

  Status open_file(const std::string& path) {
    path_ = path;
    if (sqlite3_open(path.c_str(), &database_) != SQLITE_OK) return broken();
    sqlite3_busy_timeout(database_, 5000);
    return execute(kSchema);
  }

  Status read_rows(const std::function<void(const std::string&, Row)>& each) override {
    LS_ASSIGN(const Statement query,
              prepare("SELECT kind, id, key, place, since, document FROM rows"));
    while (sqlite3_step(query.get()) == SQLITE_ROW) {
      Row row;
      row.id = text(query.get(), 1);
      row.key = text(query.get(), 2);
      row.order = sqlite3_column_int64(query.get(), 3);
      row.since = sqlite3_column_int64(query.get(), 4);
      LS_ASSIGN(row.document, parse_json(text(query.get(), 5), path_));
      each(text(query.get(), 0), std::move(row));
    }
    return {};
  }

  Status read_contents(const std::function<void(const std::string&, std::string)>& each) override {
    LS_ASSIGN(const Statement query, prepare("SELECT id, bytes FROM contents"));
    while (sqlite3_step(query.get()) == SQLITE_ROW)
      each(text(query.get(), 0), text(query.get(), 1));
    return {};
  }

  Status read_counters(const std::function<void(const std::string&, long long)>& each) override {
    LS_ASSIGN(const Statement query, prepare("SELECT name, value FROM counters"));
    while (sqlite3_step(query.get()) == SQLITE_ROW)
      each(text(query.get(), 0), sqlite3_column_int64(query.get(), 1));
    return {};
  }

  Status begin() override { return execute("BEGIN IMMEDIATE"); }
  Status end() override { return execute("COMMIT"); }

  Status write_row(const std::string& kind, const Row& row) override {
    LS_ASSIGN(const Statement insert, prepare("INSERT OR REPLACE INTO rows VALUES(?,?,?,?,?,?)"));
    bind(insert.get(), 1, kind);
    bind(insert.get(), 2, row.id);
    bind(insert.get(), 3, row.key);
    sqlite3_bind_int64(insert.get(), 4, row.order);
    sqlite3_bind_int64(insert.get(), 5, row.since);
    const std::string document = dump_json(row.document);
    bind(insert.get(), 6, document);
    return finish(insert.get());
  }

  Status erase_row(const std::string& kind, const std::string& id) override {
    LS_ASSIGN(const Statement erase, prepare("DELETE FROM rows WHERE kind=? AND id=?"));
    bind(erase.get(), 1, kind);
    bind(erase.get(), 2, id);
    return finish(erase.get());
  }

  Status write_content(const std::string& id, const std::string* bytes) override {
    LS_ASSIGN(const Statement write,
              prepare(bytes == nullptr ? "DELETE FROM contents WHERE id=?"
                                       : "INSERT OR REPLACE INTO contents VALUES(?,?)"));
    bind(write.get(), 1, id);
    if (bytes != nullptr)
      sqlite3_bind_blob64(write.get(), 2, bytes->data(), bytes->size(), SQLITE_STATIC);
    return finish(write.get());
  }

  Status write_counter(const std::string& name, long long value) override {
    LS_ASSIGN(const Statement write, prepare("INSERT OR REPLACE INTO counters VALUES(?,?)"));
    bind(write.get(), 1, name);
    sqlite3_bind_int64(write.get(), 2, value);
    return finish(write.get());
  }

 private:
  static std::string text(sqlite3_stmt* statement, int column) {
    const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement, column));
    const int size = sqlite3_column_bytes(statement, column);
    return bytes == nullptr ? std::string() : std::string(bytes, static_cast<std::size_t>(size));
  }
  static void bind(sqlite3_stmt* statement, int place, const std::string& value) {
    sqlite3_bind_text64(statement, place, value.data(), value.size(), SQLITE_STATIC, SQLITE_UTF8);
  }
  tl::unexpected<Error> broken() const {
    return fail("io", std::string("cannot use the state file: ") + sqlite3_errmsg(database_), path_,
                "give a path that can be written, or delete the file");
  }
  Status execute(const char* sql) {
    if (sqlite3_exec(database_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) return broken();
    return {};
  }
  Result<Statement> prepare(const char* sql) {
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v2(database_, sql, -1, &statement, nullptr) != SQLITE_OK) return broken();
    return Statement(statement);
  }
  Status finish(sqlite3_stmt* statement) {
    if (sqlite3_step(statement) != SQLITE_DONE) return broken();
    return {};
  }

  std::string path_;
  sqlite3* database_ = nullptr;
};

}  // namespace

Result<std::unique_ptr<StateFile>> StateFile::open(const std::string& path) {
  auto file = std::make_unique<SqliteStateFile>();
  LS_TRY(file->open_file(path));
  return std::unique_ptr<StateFile>(std::move(file));
}

}  // namespace lakeshift::twin
