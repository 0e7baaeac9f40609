#include "knowledge/databases/pgoutput.h"

#include <fmt/format.h>

#include <array>
#include <optional>
#include <utility>

namespace lakeshift::databases::pgoutput {
namespace {

// Reads fields in order. The first failure sticks and names the field; later reads give zeros.
class Reader {
 public:
  Reader(std::string_view bytes, std::string_view message) : bytes_(bytes), message_(message) {}

  template <typename T>
  T number(std::string_view field) {
    if (!has(sizeof(T), field)) return {};
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < sizeof(T); ++i)
      value = (value << 8) | static_cast<unsigned char>(bytes_[at_ + i]);
    at_ += sizeof(T);
    return static_cast<T>(value);
  }
  char tag(std::string_view field) { return number<char>(field); }

  std::string_view text(std::string_view field) {
    if (error_) return {};
    const std::size_t end = bytes_.find('\0', at_);
    if (end == std::string_view::npos) {
      refuse(fmt::format("{} has no end", field));
      return {};
    }
    const std::string_view found = bytes_.substr(at_, end - at_);
    at_ = end + 1;
    return found;
  }

  std::string_view block(std::string_view field) {
    const auto size = number<std::int32_t>(field);
    if (size < 0) refuse(fmt::format("{} has the length {}", field, size));
    if (!has(error_ ? 0 : static_cast<std::size_t>(size), field)) return {};
    const std::string_view found = bytes_.substr(at_, static_cast<std::size_t>(size));
    at_ += found.size();
    return found;
  }

  // A count of items that take at least `least` bytes each, so that a damaged count asks for no
  // memory.
  template <typename T>
  std::size_t count(std::size_t least, std::string_view field) {
    const T value = number<T>(field);
    if (value < 0 || (!error_ && static_cast<std::size_t>(value) > (bytes_.size() - at_) / least))
      refuse(fmt::format("{} is {}, more than the message holds", field, value));
    return error_ ? 0 : static_cast<std::size_t>(value);
  }

  char peek() const { return error_ || at_ >= bytes_.size() ? '\0' : bytes_[at_]; }
  bool failed() const { return error_.has_value(); }
  void refuse(std::string what) {
    if (error_) return;
    error_ = Error{"bad-pgoutput", fmt::format("{} at byte {}", what, at_),
                   fmt::format("replication message '{}'", message_),
                   "the change stream is damaged or of a newer server; report it with the "
                   "server's version"};
  }

  template <typename T>
  Result<Message> done(T message) {
    if (!error_ && at_ != bytes_.size())
      refuse(fmt::format("{} bytes too many", bytes_.size() - at_));
    if (error_) return fail(std::move(*error_));
    return Message(std::move(message));
  }

 private:
  bool has(std::size_t size, std::string_view field) {
    if (error_) return false;
    if (bytes_.size() - at_ >= size) return true;
    refuse(fmt::format("{} is cut short", field));
    return false;
  }

  std::string_view bytes_;
  std::string_view message_;
  std::size_t at_ = 1;  // after the tag
  std::optional<Error> error_;
};

std::string_view schema_of(std::string_view wire) { return wire.empty() ? "pg_catalog" : wire; }

Tuple read_tuple(Reader& in) {
  Tuple tuple;
  const std::size_t columns = in.count<std::int16_t>(1, "column count");
  tuple.reserve(columns);
  for (std::size_t i = 0; i < columns && !in.failed(); ++i) {
    const char kind = in.tag("value kind");
    Value value{static_cast<Value::Kind>(kind), {}};
    if (kind == 't' || kind == 'b')
      value.bytes = in.block("value");
    else if (kind != 'n' && kind != 'u')
      in.refuse(fmt::format("value kind {:#04x} is unknown", static_cast<unsigned char>(kind)));
    tuple.push_back(value);
  }
  return tuple;
}

void expect_new(Reader& in) {
  if (const char tag = in.tag("new row"); tag != 'N' && !in.failed())
    in.refuse(fmt::format("'N' is expected, {:#04x} found", static_cast<unsigned char>(tag)));
}

Result<Message> read_begin(std::string_view bytes) {
  Reader in(bytes, "begin");
  Begin begin;
  begin.commit_lsn = in.number<Lsn>("commit position");
  begin.commit_time = in.number<std::int64_t>("commit time");
  begin.xid = in.number<std::uint32_t>("transaction id");
  return in.done(begin);
}

Result<Message> read_commit(std::string_view bytes) {
  Reader in(bytes, "commit");
  Commit commit;
  if (const char flags = in.tag("flags"); flags != 0)
    in.refuse(fmt::format("flags {:#04x} are unknown", static_cast<unsigned char>(flags)));
  commit.commit_lsn = in.number<Lsn>("commit position");
  commit.end_lsn = in.number<Lsn>("end position");
  commit.commit_time = in.number<std::int64_t>("commit time");
  return in.done(commit);
}

Result<Message> read_origin(std::string_view bytes) {
  Reader in(bytes, "origin");
  Origin origin;
  origin.commit_lsn = in.number<Lsn>("commit position");
  origin.name = in.text("name");
  return in.done(origin);
}

Result<Message> read_relation(std::string_view bytes) {
  Reader in(bytes, "relation");
  Relation relation;
  relation.id = in.number<std::uint32_t>("id");
  relation.schema = schema_of(in.text("schema"));
  relation.name = in.text("name");
  const char identity = in.tag("replica identity");
  if (std::string_view("dnfi").find(identity) == std::string_view::npos && !in.failed())
    in.refuse(
        fmt::format("replica identity {:#04x} is unknown", static_cast<unsigned char>(identity)));
  relation.identity = static_cast<Identity>(identity);
  const std::size_t columns = in.count<std::int16_t>(10, "column count");
  relation.columns.reserve(columns);
  for (std::size_t i = 0; i < columns && !in.failed(); ++i) {
    Column column;
    column.is_key = (in.tag("column flags") & 1) != 0;
    column.name = in.text("column name");
    column.type = in.number<std::uint32_t>("column type");
    column.modifier = in.number<std::int32_t>("column type modifier");
    relation.columns.push_back(column);
  }
  return in.done(std::move(relation));
}

Result<Message> read_type(std::string_view bytes) {
  Reader in(bytes, "type");
  Type type;
  type.id = in.number<std::uint32_t>("id");
  type.schema = schema_of(in.text("schema"));
  type.name = in.text("name");
  return in.done(type);
}

Result<Message> read_insert(std::string_view bytes) {
  Reader in(bytes, "insert");
  Insert insert;
  insert.relation = in.number<std::uint32_t>("relation");
  expect_new(in);
  insert.row = read_tuple(in);
  return in.done(std::move(insert));
}

Result<Message> read_update(std::string_view bytes) {
  Reader in(bytes, "update");
  Update update;
  update.relation = in.number<std::uint32_t>("relation");
  if (const char tag = in.peek(); tag == 'K' || tag == 'O') {
    in.tag("old row");
    update.old = tag == 'K' ? Old::key : Old::row;
    update.old_row = read_tuple(in);
  }
  expect_new(in);
  update.row = read_tuple(in);
  return in.done(std::move(update));
}

Result<Message> read_delete(std::string_view bytes) {
  Reader in(bytes, "delete");
  Delete gone;
  gone.relation = in.number<std::uint32_t>("relation");
  const char tag = in.tag("old row");
  if (tag != 'K' && tag != 'O' && !in.failed())
    in.refuse(
        fmt::format("'K' or 'O' is expected, {:#04x} found", static_cast<unsigned char>(tag)));
  gone.old = tag == 'K' ? Old::key : Old::row;
  gone.old_row = read_tuple(in);
  return in.done(std::move(gone));
}

Result<Message> read_truncate(std::string_view bytes) {
  Reader in(bytes, "truncate");
  Truncate truncate;
  const auto relations = in.number<std::int32_t>("relation count");
  const char options = in.tag("options");
  if ((options & ~3) != 0)
    in.refuse(fmt::format("options {:#04x} are unknown", static_cast<unsigned char>(options)));
  truncate.cascade = (options & 1) != 0;
  truncate.restart_identity = (options & 2) != 0;
  if (relations < 0) in.refuse(fmt::format("relation count is {}", relations));
  for (std::int32_t i = 0; i < relations && !in.failed(); ++i)
    truncate.relations.push_back(in.number<std::uint32_t>("relation"));
  return in.done(std::move(truncate));
}

Result<Message> read_logical(std::string_view bytes) {
  Reader in(bytes, "message");
  Logical logical;
  const char flags = in.tag("flags");
  if ((flags & ~1) != 0)
    in.refuse(fmt::format("flags {:#04x} are unknown", static_cast<unsigned char>(flags)));
  logical.transactional = (flags & 1) != 0;
  logical.lsn = in.number<Lsn>("position");
  logical.prefix = in.text("prefix");
  logical.content = in.block("content");
  return in.done(logical);
}

struct Newer {
  char tag;
  std::string_view name;
  int version;
};
constexpr std::array kNewer = {
    Newer{'S', "stream start", 2},    Newer{'E', "stream stop", 2},
    Newer{'c', "stream commit", 2},   Newer{'A', "stream abort", 2},
    Newer{'b', "begin prepare", 3},   Newer{'P', "prepare", 3},
    Newer{'K', "commit prepared", 3}, Newer{'r', "rollback prepared", 3},
    Newer{'p', "stream prepare", 3},
};

}  // namespace

Result<Message> decode(std::string_view bytes) {
  if (bytes.empty()) return fail("bad-pgoutput", "an empty message", "replication message");
  switch (bytes.front()) {
    case 'B':
      return read_begin(bytes);
    case 'C':
      return read_commit(bytes);
    case 'O':
      return read_origin(bytes);
    case 'R':
      return read_relation(bytes);
    case 'Y':
      return read_type(bytes);
    case 'I':
      return read_insert(bytes);
    case 'U':
      return read_update(bytes);
    case 'D':
      return read_delete(bytes);
    case 'T':
      return read_truncate(bytes);
    case 'M':
      return read_logical(bytes);
    default:
      break;
  }
  for (const Newer& newer : kNewer)
    if (newer.tag == bytes.front())
      return fail("pgoutput-not-asked-for",
                  fmt::format("the server sent it, but it belongs to protocol version {} and "
                              "version 1 was asked for",
                              newer.version),
                  fmt::format("replication message '{}'", newer.name),
                  "check that nothing between lakeshift and the server rewrites the replication "
                  "options");
  return fail("bad-pgoutput",
              fmt::format("the tag {:#04x} is unknown", static_cast<unsigned char>(bytes.front())),
              "replication message");
}

}  // namespace lakeshift::databases::pgoutput
