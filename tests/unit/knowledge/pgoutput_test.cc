// Bytes made by hand from PostgreSQL 17's documentation, 53.9 "Logical Replication Message
// Formats".
#include "knowledge/databases/pgoutput.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <random>

namespace lakeshift::databases::pgoutput {
namespace {

// The wire's primitives: Int(n) in network order, String with a final zero, Byte(n).
class Bytes {
 public:
  explicit Bytes(char tag) : bytes_(1, tag) {}
  Bytes& int8(int value) { return integer(static_cast<std::uint64_t>(value), 1); }
  Bytes& int16(int value) { return integer(static_cast<std::uint64_t>(value), 2); }
  Bytes& int32(std::int64_t value) { return integer(static_cast<std::uint64_t>(value), 4); }
  Bytes& int64(std::int64_t value) { return integer(static_cast<std::uint64_t>(value), 8); }
  Bytes& string(std::string_view text) {
    bytes_ += text;
    bytes_ += '\0';
    return *this;
  }
  Bytes& raw(std::string_view text) {
    bytes_ += text;
    return *this;
  }
  Bytes& text_value(std::string_view text) {
    return raw("t").int32(static_cast<std::int64_t>(text.size())).raw(text);
  }
  operator std::string_view() const { return bytes_; }  // NOLINT: a test's shorthand
  std::string str() const { return bytes_; }

 private:
  Bytes& integer(std::uint64_t value, int size) {
    for (int shift = (size - 1) * 8; shift >= 0; shift -= 8)
      bytes_ += static_cast<char>((value >> shift) & 0xFF);
    return *this;
  }
  std::string bytes_;
};

template <typename T>
T decoded(std::string_view bytes) {
  auto message = decode(bytes);
  if (!message) {
    ADD_FAILURE() << message.error().to_text();
    return {};
  }
  if (!std::holds_alternative<T>(*message)) {
    ADD_FAILURE() << "another message: " << message->index();
    return {};
  }
  return std::get<T>(*message);
}

std::string refused(std::string_view bytes) {
  const auto message = decode(bytes);
  return message ? "decoded" : message.error().code + ": " + message.error().message;
}

Bytes begin_bytes() { return Bytes('B').int64(0x16B374D848).int64(785'000'000'000'000).int32(777); }
Bytes commit_bytes() {
  return Bytes('C').int8(0).int64(0x16B374D848).int64(0x16B374D878).int64(785'000'000'000'000);
}
Bytes relation_bytes() {
  return Bytes('R')
      .int32(16385)
      .string("shop")
      .string("order \"x\"")
      .raw("d")
      .int16(2)
      .int8(1)
      .string("id")
      .int32(20)
      .int32(-1)
      .int8(0)
      .string("note")
      .int32(1043)
      .int32(44);
}
Bytes update_bytes() {
  return Bytes('U')
      .int32(16385)
      .raw("K")
      .int16(2)
      .text_value("1")
      .raw("n")
      .raw("N")
      .int16(2)
      .text_value("2")
      .raw("u");
}
Bytes truncate_bytes() { return Bytes('T').int32(2).int8(3).int32(16385).int32(16390); }
Bytes logical_bytes() {
  return Bytes('M')
      .int8(1)
      .int64(0x100)
      .string("lakeshift")
      .int32(5)
      .raw(std::string_view("a\0b\0c", 5));
}

std::vector<std::string> corpus() {
  return {begin_bytes().str(),
          commit_bytes().str(),
          relation_bytes().str(),
          update_bytes().str(),
          truncate_bytes().str(),
          logical_bytes().str(),
          Bytes('O').int64(1).string("elsewhere").str(),
          Bytes('Y').int32(16400).string("").string("mood").str(),
          Bytes('I')
              .int32(16385)
              .raw("N")
              .int16(3)
              .raw("n")
              .text_value("")
              .raw("b")
              .int32(2)
              .raw("xy")
              .str(),
          Bytes('D').int32(16385).raw("O").int16(1).text_value("9").str()};
}

TEST(PgOutput, begin_and_commit) {
  const auto begin = decoded<Begin>(begin_bytes());
  EXPECT_EQ(begin.commit_lsn, 0x16B374D848U);
  EXPECT_EQ(begin.commit_time, 785'000'000'000'000);
  EXPECT_EQ(begin.xid, 777U);
  const auto commit = decoded<Commit>(commit_bytes());
  EXPECT_EQ(commit.commit_lsn, 0x16B374D848U);
  EXPECT_EQ(commit.end_lsn, 0x16B374D878U);
  EXPECT_EQ(commit.commit_time, 785'000'000'000'000);
}

TEST(PgOutput, relation_with_odd_names) {
  const std::string bytes = relation_bytes().str();
  const auto relation = decoded<Relation>(bytes);
  EXPECT_EQ(relation.id, 16385U);
  EXPECT_EQ(relation.schema, "shop");
  EXPECT_EQ(relation.name, "order \"x\"");
  EXPECT_EQ(relation.identity, Identity::primary_key);
  ASSERT_EQ(relation.columns.size(), 2U);
  EXPECT_TRUE(relation.columns[0].is_key);
  EXPECT_EQ(relation.columns[0].modifier, -1);
  EXPECT_FALSE(relation.columns[1].is_key);
  EXPECT_EQ(relation.columns[1].name, "note");
  EXPECT_EQ(relation.columns[1].type, 1043U);
  EXPECT_EQ(relation.columns[1].modifier, 44);
}

TEST(PgOutput, an_empty_schema_is_pg_catalog) {
  const std::string bytes = Bytes('Y').int32(16400).string("").string("mood").str();
  const auto type = decoded<Type>(bytes);
  EXPECT_EQ(type.schema, "pg_catalog");
  EXPECT_EQ(type.name, "mood");
}

TEST(PgOutput, insert_has_null_empty_and_binary_values) {
  const std::string bytes = corpus()[8];
  const auto insert = decoded<Insert>(bytes);
  ASSERT_EQ(insert.row.size(), 3U);
  EXPECT_EQ(insert.row[0].kind, Value::Kind::null);
  EXPECT_EQ(insert.row[1].kind, Value::Kind::text);
  EXPECT_EQ(insert.row[1].bytes, "");
  EXPECT_EQ(insert.row[2].kind, Value::Kind::binary);
  EXPECT_EQ(insert.row[2].bytes, "xy");
}

TEST(PgOutput, update_with_old_key_and_unchanged_toast) {
  const std::string bytes = update_bytes().str();
  const auto update = decoded<Update>(bytes);
  EXPECT_EQ(update.old, Old::key);
  ASSERT_EQ(update.old_row.size(), 2U);
  EXPECT_EQ(update.old_row[0].bytes, "1");
  EXPECT_EQ(update.old_row[1].kind, Value::Kind::null);
  ASSERT_EQ(update.row.size(), 2U);
  EXPECT_EQ(update.row[0].bytes, "2");
  EXPECT_EQ(update.row[1].kind, Value::Kind::unchanged);
}

TEST(PgOutput, update_without_and_with_a_whole_old_row) {
  const std::string plain = Bytes('U').int32(7).raw("N").int16(1).text_value("a").str();
  EXPECT_EQ(decoded<Update>(plain).old, Old::absent);
  const std::string full =
      Bytes('U').int32(7).raw("O").int16(1).text_value("b").raw("N").int16(1).text_value("a").str();
  const auto update = decoded<Update>(full);
  EXPECT_EQ(update.old, Old::row);
  EXPECT_EQ(update.old_row[0].bytes, "b");
}

TEST(PgOutput, delete_truncate_origin_and_message) {
  const std::string gone = corpus()[9];
  EXPECT_EQ(decoded<Delete>(gone).old, Old::row);
  const auto truncate = decoded<Truncate>(truncate_bytes());
  EXPECT_TRUE(truncate.cascade);
  EXPECT_TRUE(truncate.restart_identity);
  EXPECT_EQ(truncate.relations, (std::vector<std::uint32_t>{16385, 16390}));
  const std::string origin = corpus()[6];
  EXPECT_EQ(decoded<Origin>(origin).name, "elsewhere");
  const std::string bytes = logical_bytes().str();
  const auto message = decoded<Logical>(bytes);
  EXPECT_TRUE(message.transactional);
  EXPECT_EQ(message.lsn, 0x100U);
  EXPECT_EQ(message.prefix, "lakeshift");
  EXPECT_EQ(message.content, std::string_view("a\0b\0c", 5));
}

TEST(PgOutput, messages_of_later_protocols_are_refused_by_name) {
  for (const char tag : std::string_view("SEcAbPKrp")) {
    const auto message = decode(std::string(1, tag) + std::string(40, '\0'));
    ASSERT_FALSE(message) << tag;
    EXPECT_EQ(message.error().code, "pgoutput-not-asked-for") << tag;
    EXPECT_NE(message.error().message.find("protocol version"), std::string::npos);
    EXPECT_FALSE(message.error().remedy.empty());
  }
  EXPECT_EQ(refused("Z"), "bad-pgoutput: the tag 0x5a is unknown");
  EXPECT_EQ(refused(""), "bad-pgoutput: an empty message");
}

TEST(PgOutput, damage_names_the_field) {
  EXPECT_EQ(refused(begin_bytes().str().substr(0, 12)),
            "bad-pgoutput: commit time is cut short at byte 9");
  EXPECT_EQ(refused(begin_bytes().str() + "x"), "bad-pgoutput: 1 bytes too many at byte 21");
  EXPECT_EQ(refused(Bytes('O').int64(1).raw("no end")), "bad-pgoutput: name has no end at byte 9");
  EXPECT_EQ(refused(Bytes('I').int32(1).raw("N").int16(1).raw("t").int32(-5)),
            "bad-pgoutput: value has the length -5 at byte 13");
  EXPECT_EQ(refused(Bytes('I').int32(1).raw("N").int16(30000).raw("n")),
            "bad-pgoutput: column count is 30000, more than the message holds at byte 8");
  EXPECT_EQ(refused(Bytes('I').int32(1).raw("N").int16(1).raw("q")),
            "bad-pgoutput: value kind 0x71 is unknown at byte 9");
  EXPECT_EQ(refused(Bytes('T').int32(2'000'000'000).int8(0)),
            "bad-pgoutput: relation is cut short at byte 6");
  EXPECT_EQ(refused(Bytes('T').int32(0).int8(8)),
            "bad-pgoutput: options 0x08 are unknown at byte 6");
}

// Every cut of every message is refused, and no damage reads outside its bytes (run under ASan).
TEST(PgOutput, cut_and_damaged_messages_are_refused_or_decoded_never_worse) {
  for (const std::string& whole : corpus()) {
    ASSERT_TRUE(decode(whole));
    for (std::size_t size = 0; size < whole.size(); ++size) {
      const std::vector<char> exact(whole.begin(),
                                    whole.begin() + static_cast<std::ptrdiff_t>(size));
      EXPECT_FALSE(decode({exact.data(), exact.size()})) << whole[0] << " cut at " << size;
    }
  }
  std::mt19937 random(20261128);
  std::size_t decodable = 0;
  const auto seeds = corpus();
  for (int round = 0; round < 40'000; ++round) {
    std::string bytes = seeds[random() % seeds.size()];
    for (std::size_t changes = 1 + random() % 3; changes > 0; --changes)
      bytes[random() % bytes.size()] = static_cast<char>(random());
    const std::vector<char> exact(bytes.begin(), bytes.end());
    decodable += decode({exact.data(), exact.size()}).has_value();
  }
  EXPECT_GT(decodable, 1000U);  // the damage is mild enough to reach the depths
}

TEST(PostgresLsn, text_and_back) {
  EXPECT_EQ(lsn_text(0x16B374D848), "16/B374D848");
  EXPECT_EQ(*parse_lsn("16/B374D848"), 0x16B374D848U);
  EXPECT_EQ(*parse_lsn("0/0"), 0U);
  for (const char* bad :
       {"", "16", "/", "16/", "/1", "1/2/3", "g/1", "100000000/1", " 1/1", "-1/1"})
    EXPECT_FALSE(parse_lsn(bad)) << bad;
}

}  // namespace
}  // namespace lakeshift::databases::pgoutput
