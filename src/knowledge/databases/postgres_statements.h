// A script of pg_dump as statements, each with the entry that it belongs to.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace lakeshift::databases {

struct DumpStatement {
  std::string kind, schema, name, owner;  // of the entry's head: "TABLE", "public", "t", "ana"
  std::string sql;                        // without its semicolon
  bool is_setting =
      false;  // prepares the session: runs every time, changes nothing in the database
  std::string label() const;  // "TABLE public.t"
};

// Quotes, dollar quotes, comments and BEGIN ATOMIC bodies are kept whole; psql's own commands
// (lines that begin with a backslash) are left out. Error "bad-script" with the line where a quote
// was not closed.
Result<std::vector<DumpStatement>> split_dump(std::string_view script);

}  // namespace lakeshift::databases
