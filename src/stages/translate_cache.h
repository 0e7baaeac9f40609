// What was translated before, by content: the key is a digest of the file's bytes, the options and
// the translator; an entry holds for as long as the catalog answers what it asked as it did then.
// A whole file is the unit, because translating a statement costs less than looking for it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/state/database.h"
#include "stages/translate_file.h"
#include "stages/translate_inputs.h"

namespace lakeshift::stages {

// What is known of a file without its statements.
struct SqlEntry {
  std::string key{};
  std::string output_digest{};
  SqlFacts facts{};
  Json asked{};
  std::vector<sql::Table> made{};
  SqlCounts counts{};
  std::map<std::string, std::size_t> findings{}, rules{};
};

// Not thread safe. Killed at any instant, what was committed is there and nothing else.
class SqlCache {
 public:
  // In the folder, which is made; error "locked" when another process uses it.
  static Result<std::unique_ptr<SqlCache>> open(world::Files& files, const std::string& folder);

  Result<bool> find(const std::string& key, SqlEntry& entry);
  struct Body {
    std::string output, statements;
  };
  Result<Body> body(const std::string& key);
  struct Row {
    const SqlEntry* entry;
    const Body* body;
  };
  Status put(const std::vector<Row>& rows);

  // Small facts by name; empty when there is none.
  Result<std::string> note(const std::string& name);
  Status set_note(const std::string& name, const std::string& value);

 private:
  SqlCache() = default;
  std::unique_ptr<world::FileLock> lock_;
  std::unique_ptr<state::Database> database_;
};

}  // namespace lakeshift::stages
