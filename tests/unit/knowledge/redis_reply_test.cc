#include "knowledge/databases/redis_reply.h"

#include <gtest/gtest.h>

#include "knowledge/databases/redis_address.h"
#include "knowledge/databases/redis_nodes.h"

namespace lakeshift::databases {
namespace {

// All answers in `bytes`, given in pieces of `size`.
Result<std::vector<RedisReply>> read_all(const std::string& bytes, std::size_t size,
                                         RedisReplyLimits limits = {}) {
  RedisReplyReader reader(limits);
  std::vector<RedisReply> replies;
  std::string held;
  for (std::size_t at = 0; at < bytes.size(); at += size) {
    held += bytes.substr(at, size);
    for (;;) {
      LS_ASSIGN(const std::size_t used, reader.feed(held));
      held.erase(0, used);
      if (!reader.complete()) break;
      replies.push_back(reader.take());
    }
  }
  if (!held.empty()) return fail("left", held);
  return replies;
}

TEST(RedisReply, is_the_same_in_any_pieces) {
  const std::string bytes =
      "+OK\r\n:-42\r\n$5\r\na\r\nb "
      "\r\n$0\r\n\r\n$-1\r\n*-1\r\n_\r\n*0\r\n#t\r\n,1.5\r\n(123456789012345678901\r\n"
      "=7\r\ntxt:abc\r\n*2\r\n*2\r\n:1\r\n$1\r\nx\r\n%1\r\n+k\r\n~1\r\n:7\r\n"
      "|1\r\n+ttl\r\n:3\r\n+after\r\n>2\r\n+message\r\n+hi\r\n-ERR no\r\n!5\r\nBAD x\r\n";
  for (std::size_t size = 1; size <= bytes.size(); ++size) {
    const auto read = read_all(bytes, size);
    ASSERT_TRUE(read) << size << ": " << read.error().to_text();
    const auto& all = *read;
    ASSERT_EQ(all.size(), 17u) << size;
    EXPECT_EQ(all[0].text, "OK");
    EXPECT_EQ(all[1].integer, -42);
    EXPECT_EQ(all[2].text, "a\r\nb ");
    EXPECT_TRUE(all[3].is_text() && all[3].text.empty());
    for (const std::size_t null : {4, 5, 6}) EXPECT_TRUE(all[null].is_null());
    EXPECT_TRUE(all[7].is_array() && all[7].items.empty());
    EXPECT_EQ(all[8].integer, 1);
    EXPECT_EQ(all[9].text, "1.5");
    EXPECT_EQ(all[10].text, "123456789012345678901");
    EXPECT_EQ(all[11].text, "abc");
    EXPECT_EQ(all[12].items[0].items[1].text, "x");
    EXPECT_EQ(all[12].items[1].find("k")->items[0].integer, 7);
    EXPECT_EQ(all[13].text, "after");
    EXPECT_EQ(all[14].type, RedisReply::Type::push);
    EXPECT_TRUE(all[15].is_error());
    EXPECT_EQ(redis_error(all[15], "x").code, "redis-err");
    EXPECT_EQ(all[16].text, "BAD x");
  }
}

TEST(RedisReply, what_is_no_answer_is_refused) {
  for (const char* bytes : {"HTTP/1.1 400 Bad Request\r\n", "$abc\r\n", "$-2\r\n", ":1x\r\n",
                            "*-7\r\n", "$3\r\nabcde\r\n", "\r\n", "*99999999999999999999\r\n"}) {
    const auto read = read_all(bytes, 1000);
    ASSERT_FALSE(read) << bytes;
    EXPECT_EQ(read.error().code, "bad-reply") << bytes;
  }
  EXPECT_EQ(read_all(std::string(70'000, 'x'), 1000).error().code, "bad-reply");
}

TEST(RedisReply, is_bounded) {
  RedisReplyLimits small;
  small.bulk = 10;
  small.items = 4;
  small.depth = 3;
  EXPECT_EQ(read_all("$11\r\n", 5, small).error().code, "bad-reply");
  EXPECT_EQ(read_all("*5\r\n", 5, small).error().code, "bad-reply");
  EXPECT_EQ(read_all("*1\r\n*1\r\n*1\r\n*1\r\n", 4, small).error().code, "bad-reply");
  EXPECT_TRUE(read_all("*1\r\n*1\r\n*1\r\n:1\r\n", 4, small));
}

TEST(RedisAddress, parts_and_complaints) {
  const auto address = parse_redis_address(
      "rediss://ana:p%40ss@cache.example.com:6380/3?ca=/etc/ca.pem&verify=none");
  ASSERT_TRUE(address);
  EXPECT_TRUE(address->tls);
  EXPECT_EQ(address->to_text(), "rediss://ana@cache.example.com:6380/3");
  EXPECT_EQ(address->password.reveal(), "p@ss");
  EXPECT_EQ(address->ca, "/etc/ca.pem");
  EXPECT_FALSE(address->verify);
  const auto six = parse_redis_address("redis://[::1]:7000");
  ASSERT_TRUE(six);
  EXPECT_EQ(six->host, "::1");
  EXPECT_EQ(six->database, -1);
  for (const char* bad :
       {"postgresql://a/b", "redis://", "redis://h:x", "redis://h/x", "redis://h:70000",
        "redis://h?tls=1", "redis://[::1", "redis://u:secret@"}) {
    const auto parsed = parse_redis_address(bad);
    ASSERT_FALSE(parsed) << bad;
    EXPECT_EQ(parsed.error().code, "bad-connection");
    EXPECT_EQ(parsed.error().to_text().find("secret"), std::string::npos);
  }
}

// Values of the cluster specification, and of CLUSTER KEYSLOT.
TEST(RedisNodes, slots) {
  EXPECT_EQ(redis_slot("123456789"), 0x31C3);
  EXPECT_EQ(redis_slot("foo"), 12182);
  EXPECT_EQ(redis_slot("{foo}.bar"), redis_slot("foo"));
  EXPECT_EQ(redis_slot("a{}b"), redis_slot("a{}b"));
  EXPECT_NE(redis_slot("{}foo"), redis_slot("foo"));
}

}  // namespace
}  // namespace lakeshift::databases
