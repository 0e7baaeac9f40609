// What a real server writes through pgoutput, decoded, against its own test_decoding's view of the
// same changes.
#include <gtest/gtest.h>

#include <map>

#include "core/base/strings.h"
#include "knowledge/databases/pgoutput.h"
#include "tests/servers/postgres_server.h"

namespace lakeshift::databases::pgoutput {
namespace {

using servers::PostgresServer;

std::string from_hex(const std::string& hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  return bytes;
}

// Writes messages as test_decoding does (its source: contrib/test_decoding/test_decoding.c, 15).
class AsTestDecoding {
 public:
  explicit AsTestDecoding(std::map<std::uint32_t, std::string> types) : types_(std::move(types)) {}

  std::string line(const Message& message) {
    return std::visit([&](const auto& what) { return text(what); }, message);
  }

 private:
  struct Known {
    std::string name;
    std::vector<std::pair<std::string, std::uint32_t>> columns;
  };
  static std::string text(const Begin&) { return "BEGIN"; }
  static std::string text(const Commit&) { return "COMMIT"; }
  static std::string text(const Origin&) { return ""; }
  static std::string text(const Type&) { return ""; }
  static std::string text(const Logical& message) {
    return "message: transactional: " + std::to_string(message.transactional) +
           " prefix: " + std::string(message.prefix) +
           ", sz: " + std::to_string(message.content.size()) +
           " content:" + std::string(message.content);
  }
  std::string text(const Relation& relation) {
    Known known;
    const auto quoted = [](std::string_view name) {
      return name == to_lower(name) && name.find(' ') == std::string_view::npos ? std::string(name)
                                                                                : quote_name(name);
    };
    known.name = quoted(relation.schema) + "." + quoted(relation.name);
    for (const Column& column : relation.columns)
      known.columns.emplace_back(quoted(column.name), column.type);
    relations_[relation.id] = known;
    return "";
  }
  std::string text(const Insert& insert) {
    return "table " + relations_[insert.relation].name +
           ": INSERT:" + row(insert.relation, insert.row, false);
  }
  std::string text(const Update& update) {
    std::string line = "table " + relations_[update.relation].name + ": UPDATE:";
    if (update.old != Old::absent)
      line += " old-key:" + row(update.relation, update.old_row, true) + " new-tuple:";
    return line + row(update.relation, update.row, false);
  }
  std::string text(const Delete& gone) {
    return "table " + relations_[gone.relation].name +
           ": DELETE:" + row(gone.relation, gone.old_row, true);
  }
  std::string text(const Truncate& truncate) {
    std::string names;
    for (const std::uint32_t id : truncate.relations)
      names += (names.empty() ? "" : ", ") + relations_[id].name;
    std::string flags;
    if (truncate.restart_identity) flags += " restart_seqs";
    if (truncate.cascade) flags += " cascade";
    return "table " + names + ": TRUNCATE:" + (flags.empty() ? " (no-flags)" : flags);
  }
  std::string row(std::uint32_t id, const Tuple& tuple, bool skip_nulls) {
    std::string line;
    const Known& known = relations_[id];
    EXPECT_EQ(tuple.size(), known.columns.size());
    for (std::size_t i = 0; i < tuple.size(); ++i) {
      if (skip_nulls && tuple[i].kind == Value::Kind::null) continue;
      const std::string& type = types_[known.columns[i].second];
      line += " " + known.columns[i].first + "[" + type + "]:" + literal(type, tuple[i]);
    }
    return line;
  }
  static std::string literal(const std::string& type, const Value& value) {
    if (value.kind == Value::Kind::null) return "null";
    if (value.kind == Value::Kind::unchanged) return "unchanged-toast-datum";
    const std::string bytes(value.bytes);
    if (type == "boolean") return bytes == "t" ? "true" : "false";
    for (const char* plain :
         {"smallint", "integer", "bigint", "oid", "real", "double precision", "numeric"})
      if (type == plain) return bytes;
    if (type.starts_with("bit")) return "B'" + bytes + "'";
    return "'" + replace_all(bytes, "'", "''") + "'";
  }

  std::map<std::uint32_t, std::string> types_;
  std::map<std::uint32_t, Known> relations_;
};

constexpr const char* kSchema = R"(
CREATE SCHEMA "Odd one";
CREATE TYPE mood AS ENUM ('sad', 'it''s ok');
CREATE TABLE "Odd one"."Sales ""2026""" (id int, "Amount" numeric, mood mood, PRIMARY KEY (id));
CREATE TABLE plain (id bigint PRIMARY KEY, note text, big text, at timestamptz, flags bit(3), ok bool,
  many int[], doc jsonb, raw bytea, ratio float8);
ALTER TABLE plain ALTER big SET STORAGE EXTERNAL;
CREATE TABLE whole (a int, b text);
ALTER TABLE whole REPLICA IDENTITY FULL;
CREATE TABLE by_index (a int NOT NULL, b text);
CREATE UNIQUE INDEX by_index_a ON by_index (a);
ALTER TABLE by_index REPLICA IDENTITY USING INDEX by_index_a;
CREATE PUBLICATION everything FOR ALL TABLES;
)";

constexpr const char* kChanges = R"(
INSERT INTO plain VALUES (1, 'it''s', repeat('x', 20000), '2026-11-28 10:00+00', B'101', true, '{1,NULL,3}',
  '{"a": [1, null]}', '\x00ff', 0.1), (2, NULL, NULL, NULL, NULL, false, NULL, NULL, NULL, 'NaN');
UPDATE plain SET note = 'changed' WHERE id = 1;
UPDATE plain SET id = 3, note = '' WHERE id = 2;
BEGIN; INSERT INTO whole VALUES (1, 'same'), (1, 'same'), (2, NULL);
UPDATE whole SET b = 'new' WHERE a = 2; DELETE FROM whole WHERE a = 1; COMMIT;
INSERT INTO by_index VALUES (7, 'seven'); UPDATE by_index SET b = '7'; UPDATE by_index SET a = 8;
DELETE FROM by_index;
INSERT INTO "Odd one"."Sales ""2026""" VALUES (1, 1.50, 'it''s ok'), (2, -0.00, NULL);
SELECT pg_logical_emit_message(true, 'lakeshift', 'hello');
BEGIN; INSERT INTO whole VALUES (9, 'never'); ROLLBACK;
TRUNCATE whole, by_index RESTART IDENTITY CASCADE;
TRUNCATE plain;
DELETE FROM "Odd one"."Sales ""2026""" WHERE id = 1;
ALTER TABLE whole ADD COLUMN c date; INSERT INTO whole VALUES (5, 'five', '2026-11-28');
)";

TEST(PgOutputServer, decoded_equals_the_servers_own_text) {
  PostgresServer& server = PostgresServer::shared();
  const std::string database = server.fresh_database("pgoutput");
  server.run(database, std::string("SET search_path = public;") + kSchema);
  auto session = server.connect(database);
  ASSERT_TRUE(
      session->query("SELECT pg_create_logical_replication_slot('ls_out', 'pgoutput'), "
                     "pg_create_logical_replication_slot('ls_text', 'test_decoding')"));
  // Each statement by itself, so that there are many transactions.
  for (std::string statement : split(replace_all(kChanges, ";\n", "\x01"), '\x01'))
    if (!trim(statement).empty()) server.run(database, "SET search_path = public;" + statement);

  std::map<std::uint32_t, std::string> types;
  const auto names = session->query("SELECT oid, format_type(oid, NULL) FROM pg_type");
  ASSERT_TRUE(names) << names.error().to_text();
  for (int row = 0; row < names->size(); ++row)
    types[static_cast<std::uint32_t>(names->integer(row, 0))] = names->text(row, 1);
  // The server prints the types' modifiers, which the column's own type has not.
  const auto expected = session->query(
      "SELECT replace(replace(data, '[bit(3)]', '[bit]'), 'no-tuple-data', '') FROM "
      "pg_logical_slot_get_changes('ls_text', NULL, NULL, 'include-xids', '0')");
  ASSERT_TRUE(expected) << expected.error().to_text();
  const auto stream = session->query(
      "SELECT encode(data, 'hex') FROM pg_logical_slot_get_binary_changes('ls_out', NULL, NULL, "
      "'proto_version', '1', 'publication_names', 'everything', 'messages', 'true')");
  ASSERT_TRUE(stream) << stream.error().to_text();
  AsTestDecoding writer(types);
  std::vector<std::string> lines;
  for (int row = 0; row < stream->size(); ++row) {
    const std::string bytes = from_hex(stream->text(row, 0));
    const auto message = decode(bytes);
    ASSERT_TRUE(message) << message.error().to_text();
    if (std::string line = writer.line(*message); !line.empty()) lines.push_back(std::move(line));
  }
  // pgoutput leaves empty transactions (of DDL) out.
  std::vector<std::string> wanted;
  for (int row = 0; row < expected->size(); ++row) {
    if (expected->text(row, 0) == "COMMIT" && !wanted.empty() && wanted.back() == "BEGIN")
      wanted.pop_back();
    else
      wanted.push_back(expected->text(row, 0));
  }
  EXPECT_GT(wanted.size(), 35U);
  EXPECT_EQ(lines, wanted);
}

}  // namespace
}  // namespace lakeshift::databases::pgoutput
