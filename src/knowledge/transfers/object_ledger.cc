#include "knowledge/transfers/object_ledger.h"

#include "core/base/strings.h"

namespace lakeshift::transfers {
namespace {

constexpr const char* kObjectTables = R"sql(
CREATE TABLE IF NOT EXISTS held (
  key TEXT PRIMARY KEY, writing INTEGER NOT NULL, size INTEGER NOT NULL, sha256 TEXT NOT NULL,
  fields TEXT NOT NULL, source_etag TEXT NOT NULL, source_stamp TEXT NOT NULL,
  target_etag TEXT NOT NULL, target_stamp TEXT NOT NULL, compared INTEGER NOT NULL DEFAULT 0)
  WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS left_behind (
  key TEXT PRIMARY KEY, code TEXT NOT NULL, reason TEXT NOT NULL, remedy TEXT NOT NULL,
  carried INTEGER NOT NULL) WITHOUT ROWID;
)sql";

constexpr const char* kListed = R"sql((
  key TEXT PRIMARY KEY, size INTEGER NOT NULL, etag TEXT NOT NULL, stamp TEXT NOT NULL,
  class TEXT NOT NULL, folder INTEGER NOT NULL) WITHOUT ROWID;
)sql";

constexpr const char* kObjectColumns =
    "f.key, f.size, f.etag, f.stamp, f.class, f.folder, t.key, t.size, t.etag, t.stamp, t.class, "
    "t.folder, l.key, l.writing, l.size, l.sha256, l.fields, l.from_etag, l.from_stamp, "
    "l.to_etag, l.to_stamp, coalesce(f.key, t.key) AS place ";

stores::ListedObject listed_of(const state::Statement& row, int column) {
  stores::ListedObject object;
  object.key = row.text(column);
  object.size = row.number(column + 1);
  object.etag = row.text(column + 2);
  object.stamp = row.text(column + 3);
  object.storage_class = row.text(column + 4);
  object.is_folder = row.number(column + 5) != 0;
  return object;
}

ObjectTask task_of(const state::Statement& row) {
  ObjectTask task;
  task.from = listed_of(row, 0);
  task.to = listed_of(row, 6);
  task.held.key = task.key();
  task.held.known = !row.text(12).empty();
  task.held.writing = row.number(13) != 0;
  task.held.size = row.number(14);
  task.held.sha256 = row.text(15);
  task.held.fields = row.text(16);
  task.held.from_etag = row.text(17);
  task.held.from_stamp = row.text(18);
  task.held.to_etag = row.text(19);
  task.held.to_stamp = row.text(20);
  return task;
}

}  // namespace

Result<std::unique_ptr<ObjectLedger>> ObjectLedger::open(const std::string& file, bool forward) {
  LS_ASSIGN(auto database, state::Database::open(file, state::Database::Mode::create));
  LS_TRY(database->execute(kObjectTables));
  LS_TRY(database->execute(std::string("CREATE TEMP TABLE listed_from ") + kListed));
  LS_TRY(database->execute(std::string("CREATE TEMP TABLE listed_to ") + kListed));
  return std::unique_ptr<ObjectLedger>(new ObjectLedger(std::move(database), forward));
}

std::string ObjectLedger::sql(std::string text) const {
  for (const char* const column : {"etag", "stamp"}) {
    const std::string from = std::string("from_") + column, to = std::string("to_") + column;
    text =
        replace_all(std::move(text), from, std::string(forward_ ? "source_" : "target_") + column);
    text = replace_all(std::move(text), to, std::string(forward_ ? "target_" : "source_") + column);
  }
  return text;
}

Status ObjectLedger::list(bool from, stores::ObjectStore& store, world::Run& run) {
  const std::string table = from ? "listed_from" : "listed_to";
  std::int64_t& count = listed_[from ? 0 : 1];
  count = 0;
  LS_TRY(database_->execute("DELETE FROM " + table));
  std::string next;
  do {
    LS_ASSIGN(const stores::ListedPage page, store.list(next, run));
    const Status kept = database_->transact([&]() -> Status {
      for (const stores::ListedObject& object : page.objects) {
        if (object.key.empty()) continue;  // the marker of the prefix itself
        LS_ASSIGN(
            state::Statement insert,
            database_->prepare("INSERT OR REPLACE INTO " + table +
                               " (key, etag, stamp, class, size, folder) VALUES (?,?,?,?,?,?)"));
        insert.bind(object.key).bind(object.etag).bind(object.stamp).bind(object.storage_class);
        insert.bind_number(object.size).bind_number(object.is_folder ? 1 : 0);
        LS_TRY(insert.run());
        ++count;
      }
      return {};
    });
    LS_TRY(kept);
    if (run.stop.stop_requested()) return fail("cancelled", "stopped on request", "listing");
    next = page.next;
  } while (!next.empty());
  return {};
}

Result<std::vector<ObjectTask>> ObjectLedger::next(const std::string& after, bool all,
                                                   std::size_t most) {
  const std::string equal =
      "l.key IS NOT NULL AND l.writing = 0 AND l.from_stamp = f.stamp AND t.key IS NOT NULL "
      "AND t.etag = l.to_etag";
  const std::string from_side = std::string("SELECT ") + kObjectColumns +
                                "FROM listed_from f LEFT JOIN listed_to t ON t.key = f.key "
                                "LEFT JOIN held l ON l.key = f.key WHERE f.key > ?1 " +
                                (all ? "" : "AND NOT (" + equal + ") ");
  const std::string to_side =
      std::string("SELECT ") + kObjectColumns +
      "FROM listed_to t LEFT JOIN listed_from f ON f.key = t.key "
      "LEFT JOIN held l ON l.key = t.key WHERE t.key > ?1 AND f.key IS NULL ";
  LS_ASSIGN(state::Statement query,
            database_->prepare(sql("SELECT * FROM (" + from_side + ") UNION ALL SELECT * FROM (" +
                                   to_side + ") ORDER BY place LIMIT " + std::to_string(most))));
  query.bind(after);
  std::vector<ObjectTask> tasks;
  for (;;) {
    LS_ASSIGN(const bool more, query.step());
    if (!more) return tasks;
    tasks.push_back(task_of(query));
  }
}

Status ObjectLedger::save(const std::vector<HeldObject>& rows, const std::vector<std::string>& gone,
                          const std::vector<LeftObject>& left) {
  return database_->transact([&]() -> Status {
    for (const HeldObject& row : rows) {
      LS_ASSIGN(
          state::Statement insert,
          database_->prepare(sql("INSERT OR REPLACE INTO held (key, sha256, fields, from_etag, "
                                 "from_stamp, to_etag, to_stamp, writing, size) "
                                 "VALUES (?,?,?,?,?,?,?,?,?)")));
      insert.bind(row.key).bind(row.sha256).bind(row.fields).bind(row.from_etag);
      insert.bind(row.from_stamp).bind(row.to_etag).bind(row.to_stamp);
      insert.bind_number(row.writing ? 1 : 0).bind_number(row.size);
      LS_TRY(insert.run());
      LS_ASSIGN(state::Statement carried,
                database_->prepare("DELETE FROM left_behind WHERE key = ?"));
      carried.bind(row.key);
      LS_TRY(carried.run());
    }
    for (const std::string& key : gone)
      for (const char* const table : {"held", "left_behind"}) {
        LS_ASSIGN(state::Statement remove,
                  database_->prepare(std::string("DELETE FROM ") + table + " WHERE key = ?"));
        remove.bind(key);
        LS_TRY(remove.run());
      }
    for (const LeftObject& one : left) {
      LS_ASSIGN(state::Statement insert,
                database_->prepare("INSERT OR REPLACE INTO left_behind (key, code, reason, remedy, "
                                   "carried) VALUES (?,?,?,?,?)"));
      insert.bind(one.key).bind(one.code).bind(one.reason).bind(one.remedy);
      insert.bind_number(one.carried ? 1 : 0);
      LS_TRY(insert.run());
    }
    return {};
  });
}

Status ObjectLedger::settle() {
  LS_TRY(database_->execute(
      "DELETE FROM held WHERE key NOT IN (SELECT key FROM listed_from) AND key NOT IN (SELECT key "
      "FROM listed_to)"));
  LS_TRY(database_->execute(
      "DELETE FROM left_behind WHERE key NOT IN (SELECT key FROM listed_from) AND key NOT IN "
      "(SELECT key FROM listed_to)"));
  return database_->execute(
      sql("UPDATE held SET to_stamp = (SELECT t.stamp FROM listed_to t WHERE t.key = held.key AND "
          "t.etag = held.to_etag) WHERE to_stamp = '' AND EXISTS (SELECT 1 FROM listed_to t WHERE "
          "t.key = held.key AND t.etag = held.to_etag)"));
}

Result<std::vector<LeftObject>> ObjectLedger::left() {
  LS_ASSIGN(state::Statement query,
            database_->prepare("SELECT key, code, reason, remedy, carried FROM left_behind"));
  std::vector<LeftObject> all;
  for (;;) {
    LS_ASSIGN(const bool more, query.step());
    if (!more) return all;
    all.push_back(
        {query.text(0), query.text(1), query.text(2), query.text(3), query.number(4) != 0});
  }
}

Status ObjectLedger::mark_compared(const std::vector<ComparedObject>& equal) {
  return database_->transact([&]() -> Status {
    for (const ComparedObject& one : equal) {
      LS_ASSIGN(state::Statement update,
                database_->prepare("UPDATE held SET compared = 1 WHERE key = ? AND source_etag = ? "
                                   "AND target_etag = ? AND writing = 0"));
      update.bind(one.key).bind(one.source_etag).bind(one.target_etag);
      LS_TRY(update.run());
    }
    return {};
  });
}

Result<std::vector<std::string>> ObjectLedger::not_compared() {
  LS_ASSIGN(state::Statement query, database_->prepare("SELECT key FROM held WHERE compared = 0"));
  std::vector<std::string> keys;
  for (;;) {
    LS_ASSIGN(const bool more, query.step());
    if (!more) return keys;
    keys.push_back(query.text(0));
  }
}

Result<std::int64_t> ObjectLedger::held_count() {
  LS_ASSIGN(state::Statement query,
            database_->prepare("SELECT count(*) FROM held WHERE writing = 0"));
  LS_ASSIGN(const bool more, query.step());
  return more ? query.number(0) : 0;
}

}  // namespace lakeshift::transfers
