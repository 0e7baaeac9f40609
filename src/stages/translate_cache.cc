#include "stages/translate_cache.h"

#include "core/base/json.h"

namespace lakeshift::stages {
namespace {

constexpr const char* kTables =
    "CREATE TABLE IF NOT EXISTS translation (key TEXT PRIMARY KEY, output_digest TEXT NOT NULL, "
    "head TEXT NOT NULL, output BLOB NOT NULL, statements BLOB NOT NULL);"
    "CREATE TABLE IF NOT EXISTS note (name TEXT PRIMARY KEY, value TEXT NOT NULL);";

Json describe_head(const SqlEntry& entry) {
  const SqlCounts& counts = entry.counts;
  Json made = Json::array();
  for (const sql::Table& table : entry.made) made.push_back(describe(table));
  return {{"facts", describe(entry.facts)},
          {"asked", entry.asked},
          {"made", made},
          {"findings", entry.findings},
          {"rules", entry.rules},
          {"counts",
           {counts.translated, counts.refused, counts.unparsed, counts.empty, counts.assumed,
            counts.minutes}}};
}

void read_head(const Json& head, SqlEntry& entry) {
  entry.facts = facts_from(member(head, "facts"));
  entry.asked = member(head, "asked");
  for (const Json& one : member(head, "made")) entry.made.push_back(table_from(one));
  entry.findings = member(head, "findings").get<std::map<std::string, std::size_t>>();
  entry.rules = member(head, "rules").get<std::map<std::string, std::size_t>>();
  const auto counts = member(head, "counts").get<std::vector<std::size_t>>();
  entry.counts = {counts.at(0), counts.at(1), counts.at(2),
                  counts.at(3), counts.at(4), counts.at(5)};
}

}  // namespace

Result<std::unique_ptr<SqlCache>> SqlCache::open(world::Files& files, const std::string& folder) {
  LS_TRY(files.make_directories(folder));
  std::unique_ptr<SqlCache> cache(new SqlCache);
  LS_ASSIGN(cache->lock_, world::lock_file(folder + "/lock"));
  const std::string path = folder + "/translation.sqlite";
  auto database = state::Database::open(path, state::Database::Mode::create);
  Status ready = database ? (*database)->execute(kTables) : fail(database.error());
  if (!ready && ready.error().code == "corrupt-state")
    ready.error().remedy = "remove the file: everything in it is made again";
  LS_TRY(ready);
  cache->database_ = std::move(*database);
  return cache;
}

Result<bool> SqlCache::find(const std::string& key, SqlEntry& entry) {
  LS_ASSIGN(state::Statement query,
            database_->prepare("SELECT output_digest, head FROM translation WHERE key = ?"));
  query.bind(key);
  LS_ASSIGN(const bool found, query.step());
  if (!found) return false;
  LS_ASSIGN(const Json head, parse_json(query.text(1), "the cache of translations"));
  entry.key = key;
  entry.output_digest = query.text(0);
  read_head(head, entry);
  return true;
}

Result<SqlCache::Body> SqlCache::body(const std::string& key) {
  LS_ASSIGN(state::Statement query,
            database_->prepare("SELECT output, statements FROM translation WHERE key = ?"));
  query.bind(key);
  LS_ASSIGN(const bool found, query.step());
  if (!found) return fail("corrupt-state", "the cache lost an entry", key, "run again");
  return Body{query.text(0), query.text(1)};
}

Status SqlCache::put(const std::vector<Row>& rows) {
  return database_->transact([&]() -> Status {
    for (const Row& row : rows) {
      LS_ASSIGN(state::Statement one,
                database_->prepare("INSERT OR REPLACE INTO translation VALUES (?, ?, ?, ?, ?)"));
      one.bind(row.entry->key).bind(row.entry->output_digest);
      one.bind(dump_json(describe_head(*row.entry)));
      one.bind(row.body->output).bind(row.body->statements);
      LS_TRY(one.run());
    }
    return {};
  });
}

Result<std::string> SqlCache::note(const std::string& name) {
  LS_ASSIGN(state::Statement query, database_->prepare("SELECT value FROM note WHERE name = ?"));
  query.bind(name);
  LS_ASSIGN(const bool found, query.step());
  return found ? query.text(0) : std::string();
}

Status SqlCache::set_note(const std::string& name, const std::string& value) {
  return database_->transact([&]() -> Status {
    LS_ASSIGN(state::Statement insert,
              database_->prepare("INSERT OR REPLACE INTO note VALUES (?, ?)"));
    return insert.bind(name).bind(value).run();
  });
}

}  // namespace lakeshift::stages
