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
#include <optional>
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

// Of a whole table that was equal where both sides held the same transactions (a still point), of
// one side.
struct SideMark {
  std::uint64_t oldest = 0;  // transaction at work
  std::int64_t old = 0;      // rows that neither it nor a later one made
  Digest young;              // the others
  std::string tail;          // condition of its last pages and what is added behind them; or ""
  Digest in_tail;
};
struct SinceMark {
  SideMark source, target;
  // How many rows were added since when nothing else happened, as the change stream tells.
  std::optional<std::int64_t> added = {};
};
Result<SideMark> mark_side(databases::PostgresSession& session, RowDigester& digester,
                           const HashedTable& table);
// What was added on this side since the mark. Where the tail holds all of `added`, nothing else is
// read: what the stream does not tell (somebody who writes where nobody should) is then not seen in
// older rows, as it is not in those of a table with a key. Else the whole table is looked through,
// and only young rows are hashed: as many old rows as then are the same ones, for whatever becomes
// visible is young. None: an old row was removed or changed, or it cannot be told.
Result<std::optional<Digest>> added_since(databases::PostgresSession& session,
                                          RowDigester& digester, const HashedTable& table,
                                          const SideMark& mark, std::optional<std::int64_t> added);
// What was read is on the server's disk: no crash can give its transactions' numbers away again.
// False: not within a second.
Result<bool> wait_flushed(databases::PostgresSession& session, world::Clock& clock,
                          std::stop_token stop);
// Of both sides. A column that was dropped and made anew may hold another value in versions of rows
// that stayed: it has another number.
std::string digest_of_columns(const HashedTable& here, const HashedTable& there, bool in_server);

}  // namespace lakeshift::checks
