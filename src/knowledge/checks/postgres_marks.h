// What a comparison of rows has proven so far, so that it can go on after a stop without trusting
// what may have changed meanwhile.
//
// A chunk (the rows of a condition) that was equal is kept with its number of rows and, of each
// side, the oldest transaction that was at work before it was read. Both servers can then tell
// whether a row of it was written since, by whomever: row versions carry the transaction that made
// them. No version of that transaction or a later one, and as many rows as then: those visible now
// are a part of those that were, and none is gone, so the side holds what it held. When both sides
// do, they are as equal as they were.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/base/json_fwd.h"
#include "knowledge/checks/postgres_digest.h"

namespace lakeshift::checks {

struct ChunkMark {
  std::int64_t rows = 0;
  std::uint64_t source = 0, target = 0;  // oldest transaction at work, with its epoch
};
struct TableMarks {
  std::string compared;                     // digest of the columns that were compared
  std::vector<std::string> chunks;          // conditions; together they are the whole table
  std::map<std::string, ChunkMark> proven;  // by condition
};
struct RowMarks {
  std::string source, target;                // which servers; of others nothing holds
  std::map<std::string, TableMarks> tables;  // "shop.order"
  std::size_t proven() const;
};
Json to_json(const RowMarks& marks);
RowMarks marks_from_json(const Json& json);  // what cannot be read is not proven

// Which server this is: a copy of it that went ways of its own counts its transactions anew.
Result<std::string> server_identity(databases::PostgresSession& session);
// What is visible from now on and was made by a transaction before this one is visible now.
Result<std::uint64_t> oldest_at_work(databases::PostgresSession& session);
// False also where it cannot be told.
Result<bool> is_untouched(databases::PostgresSession& session, const HashedTable& table,
                          const std::string& where, std::int64_t rows, std::uint64_t oldest);
// What was read is on the server's disk: no crash can give its transactions' numbers away again.
// False: not within a second.
Result<bool> wait_flushed(databases::PostgresSession& session, world::Clock& clock,
                          std::stop_token stop);
// Of both sides. A column that was dropped and made anew may hold another value in versions of rows
// that stayed: it has another number.
std::string digest_of_columns(const HashedTable& here, const HashedTable& there, bool in_server);

}  // namespace lakeshift::checks
