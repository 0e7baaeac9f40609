#include "knowledge/checks/postgres_marks.h"

#include <fmt/format.h>

#include <charconv>

#include "core/base/digest.h"
#include "core/base/json.h"

namespace lakeshift::checks {

using databases::PostgresRows;
using databases::PostgresSession;
using databases::quote_name;

namespace {

constexpr int kReadsTails = 140000;  // finds the pages of such a condition
constexpr std::int64_t kTailPages = 128;
constexpr int kFlushLooks = 50;
constexpr world::Millis kFlushPause{20};

std::uint64_t number_of(std::string_view text) {
  std::uint64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

}  // namespace

std::size_t RowMarks::proven() const {
  std::size_t sum = 0;
  for (const auto& [name, table] : tables) sum += table.proven.size();
  return sum;
}

Json to_json(const RowMarks& marks) {
  Json tables = Json::object();
  for (const auto& [name, table] : marks.tables) {
    Json chunks = Json::array();
    for (const std::string& where : table.chunks) {
      const auto mark = table.proven.find(where);
      if (mark == table.proven.end())
        chunks.push_back({where});
      else
        chunks.push_back({where, mark->second.rows, mark->second.source, mark->second.target});
    }
    tables[name] = {{"compared", table.compared}, {"chunks", chunks}};
  }
  return {{"source", marks.source}, {"target", marks.target}, {"tables", tables}};
}

RowMarks marks_from_json(const Json& json) {
  RowMarks marks{text_at(json, "source"), text_at(json, "target"), {}};
  const Json& tables = member(json, "tables");
  if (!tables.is_object()) return marks;
  for (const auto& [name, table] : tables.items()) {
    TableMarks& made = marks.tables[name];
    made.compared = text_at(table, "compared");
    const Json& chunks = member(table, "chunks");
    if (!chunks.is_array()) continue;
    for (const Json& chunk : chunks) {
      if (!chunk.is_array() || chunk.empty() || !chunk[0].is_string()) continue;
      made.chunks.push_back(chunk[0].get<std::string>());
      if (chunk.size() != 4 || !chunk[1].is_number_integer() || !chunk[2].is_number_integer() ||
          !chunk[3].is_number_integer())
        continue;
      made.proven[made.chunks.back()] = {chunk[1].get<std::int64_t>(),
                                         chunk[2].get<std::uint64_t>(),
                                         chunk[3].get<std::uint64_t>()};
    }
  }
  return marks;
}

Result<std::string> server_identity(PostgresSession& session) {
  return session.value(
      "SELECT s.system_identifier || '/' || c.timeline_id || '/' || pg_catalog.current_database() "
      "FROM pg_catalog.pg_control_system() s, pg_catalog.pg_control_checkpoint() c");
}

Result<std::uint64_t> oldest_at_work(PostgresSession& session) {
  LS_ASSIGN(
      const std::string text,
      session.value("SELECT pg_catalog.txid_snapshot_xmin(pg_catalog.txid_current_snapshot())"));
  return number_of(text);
}

Result<bool> is_untouched(PostgresSession& session, const HashedTable& table,
                          const std::string& where, std::int64_t rows, std::uint64_t oldest) {
  LS_ASSIGN(const std::uint64_t now, oldest_at_work(session));
  if (now < oldest || now - oldest > kFarthest) return false;
  const auto found = session.query(fmt::format(
      "SELECT count(*), count(*) FILTER (WHERE {}) FROM ONLY {}{}", written_since(oldest),
      quote_name(table.schema, table.name), where.empty() ? "" : " WHERE " + where));
  if (!found && found.error().retry == Retry::later) return fail(found.error());
  // Storage that keeps no versions of rows: compared again.
  return found && found->integer(0, 0) == rows && found->integer(0, 1) == 0;
}

Result<SideMark> mark_side(PostgresSession& session, RowDigester& digester,
                           const HashedTable& table) {
  SideMark mark;
  LS_ASSIGN(mark.oldest, oldest_at_work(session));
  LS_ASSIGN(RowDigester::Split split, digester.split(table, mark.oldest));
  mark.old = split.old;
  mark.young = std::move(split.young);
  if (session.version() < kReadsTails) return mark;
  const std::string name = databases::quote_literal(quote_name(table.schema, table.name));
  LS_ASSIGN(
      const std::string page,
      session.value(fmt::format("SELECT greatest(0, pg_catalog.pg_relation_size({}::regclass) / "
                                "pg_catalog.current_setting('block_size')::bigint - {})",
                                name, kTailPages)));
  mark.tail = "ctid >= '(" + page + ",0)'::tid";
  LS_ASSIGN(mark.in_tail, digester.whole(table, mark.tail));
  return mark;
}

Result<std::optional<Digest>> added_since(PostgresSession& session, RowDigester& digester,
                                          const HashedTable& table, const SideMark& mark,
                                          std::optional<std::int64_t> added) {
  if (added && !mark.tail.empty()) {
    LS_ASSIGN(const Digest tail, digester.whole(table, mark.tail));
    const Digest more = tail - mark.in_tail;
    if (more.rows == *added) return std::optional<Digest>(more);
  }
  LS_ASSIGN(const std::uint64_t now, oldest_at_work(session));
  if (now < mark.oldest || now - mark.oldest > kFarthest) return std::optional<Digest>();
  const auto split = digester.split(table, mark.oldest);
  if (!split && split.error().retry == Retry::later) return fail(split.error());
  // Storage that keeps no versions of rows cannot tell.
  if (!split || split->old != mark.old) return std::optional<Digest>();
  return std::optional<Digest>(split->young - mark.young);
}

Result<bool> wait_flushed(PostgresSession& session, world::Clock& clock, std::stop_token stop) {
  LS_ASSIGN(const std::string written,
            session.value("SELECT pg_catalog.pg_current_wal_insert_lsn()"));
  for (int look = 0; look < kFlushLooks; ++look) {
    // On a page's edge the position written is told behind the next page's header.
    LS_ASSIGN(const std::string behind,
              session.value("SELECT pg_catalog.pg_wal_lsn_diff($1::pg_lsn, "
                            "pg_catalog.pg_current_wal_flush_lsn()) <= 40",
                            {written}));
    if (behind == "t") return true;
    if (!clock.sleep(kFlushPause, stop)) return false;
  }
  return false;
}

std::string digest_of_columns(const HashedTable& here, const HashedTable& there, bool in_server) {
  std::string text = in_server ? "server" : "client";
  for (const HashedTable* table : {&here, &there})
    for (const HashedColumn& column : table->columns)
      text += fmt::format("\n{}\n{} {} {}", column.name, column.type, column.number, column.in_key);
  return sha256_hex(text).substr(0, 16);
}

}  // namespace lakeshift::checks
