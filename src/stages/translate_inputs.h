// The SQL files below a folder, and what is in them: which statements create what, and use what.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "core/base/json_fwd.h"
#include "core/base/result.h"
#include "core/world/world.h"
#include "sql/catalog.h"

namespace lakeshift::stages {

// A file as it was found. `problem` says why it cannot be translated: "file-unreadable",
// "file-binary", "file-encoding"; then the text is empty.
struct SqlFile {
  std::string path{};  // relative to the folder, '/'-separated
  std::string text{};
  std::string digest{};  // sha256 of the bytes
  Error problem{};
  bool failed() const { return !problem.code.empty(); }
};

struct SqlTree {
  std::vector<std::string> paths{};   // sorted
  std::vector<std::string> others{};  // other extensions, and links to folders ("x/"): not read
  std::vector<Error> unlisted{};      // folders that could not be listed
};

// All files below `root` whose names end with one of the extensions ("sql", without case). Folders
// in `without` (as paths) and those whose names begin with a dot are not entered. Error "not-found"
// or "not-a-directory" for the root itself.
Result<SqlTree> find_sql_files(world::Files& files, const std::string& root,
                               const std::vector<std::string>& extensions,
                               const std::vector<std::string>& without);
SqlFile read_sql_file(world::Files& files, const std::string& root, const std::string& path);

// What a text says about objects, from its CREATE statements and names. Nothing about temporary
// tables, which no other file sees.
struct SqlFacts {
  std::vector<sql::Table> creates{};
  std::set<std::string> names{};  // of all that it creates, routines too
  std::set<std::string> uses{};   // and does not create itself
  std::vector<std::pair<std::string, sql::Type>> functions{};
  struct Alteration {
    std::string table{};
    std::vector<sql::Column> added{};
    std::vector<std::string> changed{};  // dropped, renamed or of another type
  };
  std::vector<Alteration> alterations{};
};
SqlFacts scan_sql(std::string_view text);

Json describe(const SqlFacts& facts);
SqlFacts facts_from(const Json& json);
Json describe(const sql::Table& table);
sql::Table table_from(const Json& json);

}  // namespace lakeshift::stages
