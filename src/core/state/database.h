// A thin, exception-free layer over SQLite: one connection, durable writes, errors as Results.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "core/base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace lakeshift::state {

// A prepared statement. Not thread safe.
class Statement {
 public:
  explicit Statement(sqlite3* connection, sqlite3_stmt* handle);
  ~Statement();
  Statement(Statement&& other) noexcept;
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;
  Statement& operator=(Statement&&) = delete;

  Statement& bind(std::string_view text);  // parameters in order, starting with the first
  Statement& bind_number(std::int64_t number);
  Result<bool> step();  // true: a row is there
  Status run();         // steps to the end
  std::string text(int column) const;
  std::int64_t number(int column) const;

 private:
  sqlite3* connection_;
  sqlite3_stmt* handle_;
  int bound_ = 0;
  int bind_result_ = 0;
};

// Errors of all calls: "disk-full", "corrupt-state", "locked", "permission-denied", "io", each
// about the file, with the remedy. Not thread safe.
class Database {
 public:
  enum class Mode { read, change, create };
  // ":memory:" makes one in memory. WAL, synchronous=FULL.
  static Result<std::unique_ptr<Database>> open(const std::string& path, Mode mode);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  Status execute(const std::string& sql);
  Result<Statement> prepare(std::string_view sql);
  // Commits when `work` succeeds, rolls back when it fails: then nothing of it is there.
  Status transact(const std::function<Status()>& work);
  // Error "corrupt-state" when a page or an index is damaged.
  Status check();
  // Creates what is missing of the tables; error "newer-format" when a newer lakeshift made them.
  Status ensure_schema();
  Status check_schema_version();

 private:
  Result<std::int64_t> schema_version();

  Database(sqlite3* connection, std::string path)
      : connection_(connection), path_(std::move(path)) {}
  sqlite3* connection_;
  std::string path_;
};

}  // namespace lakeshift::state
