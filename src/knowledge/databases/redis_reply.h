// Answers of a Redis server, and reading them from bytes that come in any pieces.
// Source: redis.io/docs/latest/develop/reference/protocol-spec (RESP2 and RESP3), as of 2026-08.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace lakeshift::databases {

struct RedisReply {
  enum class Type { text, error, integer, array, null, push };
  Type type = Type::null;
  std::string text;               // texts, doubles, big numbers, errors ("WRONGTYPE Operation …")
  std::int64_t integer = 0;       // integers and truths
  std::vector<RedisReply> items;  // arrays, sets, pushes; maps as key, value, key, value

  bool is_error() const { return type == Type::error; }
  bool is_null() const { return type == Type::null; }
  bool is_text() const { return type == Type::text; }
  bool is_array() const { return type == Type::array; }
  std::int64_t number() const;  // an integer, or a text that is one; 0 otherwise
  // Of a map: the value; null: there is none.
  const RedisReply* find(std::string_view key) const;
  std::string text_at(std::string_view key) const;
  std::int64_t number_at(std::string_view key) const;
};

// The error of an answer: code "redis-" and its first word in small letters ("redis-noperm"). The
// class says whether the same command may succeed later.
Error redis_error(const RedisReply& reply, const std::string& about);

struct RedisReplyLimits {
  std::size_t bulk = 512u << 20;  // the servers' own limit of one text
  std::size_t line = 64u << 10;
  std::size_t items = 64u << 20;  // of one array
  std::size_t depth = 32;
};

// Not thread safe.
class RedisReplyReader {
 public:
  explicit RedisReplyReader(RedisReplyLimits limits = {}) : limits_(limits) {}
  // Reads at most one answer; returns how many bytes of `bytes` are done with. A text is taken only
  // when it is there as a whole, so give what is left again, with more. Error "bad-reply".
  Result<std::size_t> feed(std::string_view bytes);
  bool complete() const { return done_.has_value(); }
  RedisReply take();

 private:
  struct Frame {
    RedisReply reply;
    std::size_t missing = 0;
    bool dropped = false;  // an attribute: said about the next answer, which we do not need
  };
  Result<std::size_t> read_one(std::string_view bytes);
  Result<std::size_t> read_bulk(char kind, std::string_view line, std::string_view after,
                                std::size_t head);
  Status open(RedisReply::Type type, std::string_view count, std::size_t times, bool dropped);
  void close(RedisReply reply);

  RedisReplyLimits limits_;
  std::vector<Frame> open_;
  std::optional<RedisReply> done_;
};

}  // namespace lakeshift::databases
