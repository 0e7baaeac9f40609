#include "knowledge/transfers/redis_snapshot.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace lakeshift::transfers {
namespace {

using namespace std::string_literals;

std::uint64_t little_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = bytes.size(); i-- > 0;)
    value = value << 8 | static_cast<unsigned char>(bytes[i]);
  return value;
}

struct Read {
  std::map<std::string, RedisSnapshotKey> keys;  // their views are not good any more
  std::map<std::string, std::string> payloads;
  Status status;
  std::size_t left = 0;
};

// `piece`: so many bytes come at a time.
Read read(const std::string& bytes, std::size_t piece, std::size_t most = 1000) {
  Read done;
  std::size_t at = 0, end = 0;
  const auto view = [&] { return std::string_view(bytes).substr(at, end - at); };
  const auto more = [&]() -> Status {
    if (end == bytes.size()) return fail("connection-lost", "no more");
    end = std::min(bytes.size(), end + piece);
    return {};
  };
  RedisSnapshotReader reader({view, [&](std::size_t used) { at += used; }, more}, most,
                             [&](const RedisSnapshotKey& key) -> Status {
                               done.keys[std::string(key.key)] = key;
                               done.payloads[std::string(key.key)] = std::string(key.payload);
                               return {};
                             });
  done.status = reader.read();
  done.left = bytes.size() - at;
  return done;
}

const std::string kHead = "REDIS0010\xfa\x09redis-ver\x06"s + "7.0.15\xfa\x0aredis-bits\xc0\x40"s;
const std::string kTail = "\xff"s + std::string(8, 'c');

std::string text(const std::string& word) { return static_cast<char>(word.size()) + word; }

TEST(RedisSnapshot, checksum_is_that_of_the_servers) {
  // crc64.c of the server says so itself.
  EXPECT_EQ(redis_crc64("123456789"), 0xe9c6d914c4b8d9caU);
  // The payload in the documentation of RESTORE.
  const std::string payload =
      "\n\x17\x17\x00\x00\x00\x12\x00\x00\x00\x03\x00\x00\xc0\x01\x00\x04\xc0\x02\x00\x04\xc0\x03"
      "\x00"
      "\xff\x04\x00u#<\xc0;.\xe9\xdd"s;
  EXPECT_EQ(redis_crc64(std::string_view(payload).substr(0, payload.size() - 8)),
            little_endian(std::string_view(payload).substr(payload.size() - 8)));
}

TEST(RedisSnapshot, keys_come_in_any_pieces) {
  const std::string stream =
      "\x13"s + text("events") + "\x01" + text(std::string(16, 'i')) + text("listpack") +
      "\x05\x05\x01\x01\x00\x00\x00\x05"s + "\x01" + text("group") +
      "\x05\x01\x05" +                                                // last id, read
      "\x01" + std::string(16, 'p') + std::string(8, 't') + "\x02" +  // pending
      "\x01" + text("ann") + std::string(8, 's') + "\x01" + std::string(16, 'p');
  const std::string bytes =
      kHead + "\xfe\x00\xfb\x05\x01"s + "\xfc" + "\x01\x02\x00\x00\x00\x00\x00\x00"s + "\x00"s +
      text("plain") + text("value") + "\x00"s + "\xc1\xfe\xff"s + "\xc0\x07"s +  // -2: 7
      "\xfe\x03\x05"s + text("scores") + "\x01" + text("m") + std::string(8, 'd') + stream +
      "\x12" + text("quick") + "\x02\x02" + text("packed") + "\x01" + text("whole") + "\x00"s +
      "\xc3\x06\x19\x01xy\xe0\x0e\x01"s + text("v") + kTail;
  for (const std::size_t piece : {1U, 2U, 7U, 1000U}) {
    const Read done = read(bytes + "+rest", piece);
    ASSERT_TRUE(done.status) << done.status.error().to_text();
    EXPECT_EQ(done.left, 5U);
    ASSERT_TRUE(done.payloads.contains("plain"));
    EXPECT_EQ(done.keys.at("plain").expiry, 0x201);
    EXPECT_EQ(done.keys.at("-2").expiry, -1);
    EXPECT_TRUE(done.keys.contains("xyxyxyxyxyxyxyxyxyxyxyxyx"));  // compressed
    EXPECT_EQ(done.keys.at("scores").database, 3);
    EXPECT_EQ(done.payloads.at("quick").substr(0, 17), "\x12\x02\x02\x06packed\x01\x05whole"s);
    const std::string& events = done.payloads.at("events");
    EXPECT_EQ(events.substr(1, events.size() - 11), stream.substr(8));
    for (const auto& [key, payload] : done.payloads) {
      EXPECT_EQ(payload.substr(payload.size() - 10, 2), "\x0a\x00"s) << key;
      EXPECT_EQ(redis_crc64(std::string_view(payload).substr(0, payload.size() - 8)),
                little_endian(std::string_view(payload).substr(payload.size() - 8)))
          << key;
    }
  }
}

TEST(RedisSnapshot, what_is_too_big_has_no_payload) {
  const std::string bytes = kHead + "\xfe\x00\x00"s + text("big") + "\x41\x00"s +
                            std::string(256, 'b') + "\x00"s + text("small") + text("s") + kTail;
  const Read done = read(bytes, 50, 100);
  ASSERT_TRUE(done.status);
  EXPECT_TRUE(done.payloads.at("big").empty());
  EXPECT_EQ(done.payloads.at("small").size(), 13U);
}

TEST(RedisSnapshot, what_is_not_known_is_said) {
  EXPECT_EQ(read("HTTP/1.1 400 Bad Request", 100).status.error().code, "redis-snapshot-unknown");
  const Read type = read(kHead + "\x63"s + text("strange") + text("s") + kTail, 100);
  EXPECT_EQ(type.status.error().code, "redis-snapshot-unknown");
  EXPECT_EQ(type.status.error().message, "key 'strange' has type 99");
  // A snapshot that breaks off is no end.
  EXPECT_EQ(read(kHead + "\xfe\x00\x00"s + text("half"), 3).status.error().code, "connection-lost");
}

}  // namespace
}  // namespace lakeshift::transfers
