// Decoder of pgoutput, the logical replication format of PostgreSQL 10 and later. Pure, thread
// safe, never reads past its input. Source: PostgreSQL 17 documentation, 53.9 "Logical Replication
// Message Formats" (2024-09). Protocol version 1 is spoken; what versions 2 to 4 add (streamed and
// two-phase transactions) is recognised and refused by name, for it comes only when asked for.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/base/result.h"
#include "knowledge/databases/postgres_text.h"

namespace lakeshift::databases::pgoutput {

// Text and bytes of a message are views into the decoded input.

struct Begin {
  Lsn commit_lsn = 0;            // where this transaction's commit record starts
  std::int64_t commit_time = 0;  // microseconds since 2000-01-01 UTC
  std::uint32_t xid = 0;
};

struct Commit {
  Lsn commit_lsn = 0;
  Lsn end_lsn = 0;  // just after the commit record: the position to go on from
  std::int64_t commit_time = 0;
};

// The transaction came to the source through replication from elsewhere.
struct Origin {
  Lsn commit_lsn = 0;
  std::string_view name;
};

struct Column {
  bool is_key = false;  // part of the replica identity
  std::string_view name;
  std::uint32_t type = 0;
  std::int32_t modifier = -1;
};

enum class Identity : char { primary_key = 'd', nothing = 'n', full = 'f', index = 'i' };

// Comes before the first change of a relation and again after every change of its definition.
struct Relation {
  std::uint32_t id = 0;
  std::string_view schema;  // "pg_catalog" where the wire has an empty name
  std::string_view name;
  Identity identity = Identity::primary_key;
  std::vector<Column> columns;
};

struct Type {
  std::uint32_t id = 0;
  std::string_view schema;  // as in Relation
  std::string_view name;
};

struct Value {
  enum class Kind : char { null = 'n', unchanged = 'u', text = 't', binary = 'b' };
  Kind kind = Kind::null;  // unchanged: an out-of-line value that the change left as it was
  std::string_view bytes;
};
using Tuple = std::vector<Value>;

// What an update or delete says of the row as it was: nothing (its key did not change), the
// columns of the replica identity (the others are null), or all of it (identity full).
enum class Old { absent, key, row };

struct Insert {
  std::uint32_t relation = 0;
  Tuple row;
};

struct Update {
  std::uint32_t relation = 0;
  Old old = Old::absent;
  Tuple old_row;
  Tuple row;
};

struct Delete {
  std::uint32_t relation = 0;
  Old old = Old::key;
  Tuple old_row;
};

struct Truncate {
  bool cascade = false;
  bool restart_identity = false;
  std::vector<std::uint32_t> relations;
};

// pg_logical_emit_message(); comes when the option `messages` was asked for (14 and later).
struct Logical {
  bool transactional = false;
  Lsn lsn = 0;
  std::string_view prefix;
  std::string_view content;
};

using Message =
    std::variant<Begin, Commit, Origin, Relation, Type, Insert, Update, Delete, Truncate, Logical>;

// One message, which must fill `bytes` exactly. Errors: "bad-pgoutput" (cut short, too long, an
// unknown tag or flag; names message, field and offset), "pgoutput-not-asked-for" (a message of
// protocol 2 to 4).
Result<Message> decode(std::string_view bytes);

}  // namespace lakeshift::databases::pgoutput
