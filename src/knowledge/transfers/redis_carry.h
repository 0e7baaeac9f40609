// Carries keys from one Redis to another as they are: value, all of it, and time to live.
//
// Not what happened to a key is carried but what it is: reading it again is always right, so doing
// it twice, or after a kill, does no harm. Values go as the servers' own payload (DUMP, RESTORE);
// where the target refuses a newer payload, or a value is too big for one answer, by the commands
// of its type. Expiry goes as the absolute time (PEXPIRETIME of 7.0 and later; before that as the
// time left, by the source's clock in the same breath).
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "knowledge/databases/redis_nodes.h"
#include "knowledge/transfers/redis_parcel.h"

namespace lakeshift::transfers {

struct RedisCarryOptions {
  std::int64_t big_bytes = 64 << 20;  // a key that takes more memory goes in pieces
  bool measures = true;               // false: no key of the source can be that big
  bool payloads = true;               // false: always by the commands of the type
};

struct RedisCarried {
  std::int64_t keys = 0, gone = 0, bytes = 0;
  std::int64_t by_type = 0;  // not by payload
  std::int64_t big = 0;      // in pieces
};

// Not thread safe. Two of them must not carry the same key at the same time.
class RedisCarrier {
 public:
  RedisCarrier(databases::RedisNodes& from, databases::RedisNodes& to, RedisCarryOptions options)
      : from_(from), to_(to), options_(options) {}

  // After success the target has every key of the parcel as the parcel says, or, where it says
  // nothing, as the source had it at some time after the call began; those that the source does not
  // have are deleted. Errors: those of the sessions; "redis-type-unknown" (a module's type that the
  // target does not know).
  Status carry(const RedisParcel& parcel);
  const RedisCarried& carried() const { return carried_; }

 private:
  using Replies = std::vector<databases::RedisReply>;
  using Keys = std::span<const std::string_view>;
  Status carry_keys(int database, Keys keys);
  Status carry_all_by_type(int database, Keys keys);
  // What each takes, in bytes of memory.
  Result<std::vector<std::int64_t>> measure(int database, Keys keys);
  Result<std::vector<std::int64_t>> read_expiries(int database, Keys keys);
  Status carry_payloads(int database, Keys keys);
  Status restore(int database, const std::vector<RedisParcel::Item>& items);
  Status carry_by_type(int database, std::string_view key);

  databases::RedisNodes& from_;
  databases::RedisNodes& to_;
  RedisCarryOptions options_;
  RedisCarried carried_;
  std::vector<databases::RedisRequest> requests_;  // kept for their memory
  bool expire_time_ = true;                        // the source knows PEXPIRETIME, as far as known
};

// The parts of a key, read and written by the commands of its type (redis_pieces_*.cc). The target
// has no such key before. Nothing is said about expiry.
struct RedisPieces {
  databases::RedisNodes& from;
  databases::RedisNodes& to;
  int database;
  const std::string& key;
};
Status carry_pieces(const RedisPieces& pieces, const std::string& type);
Status carry_stream(const RedisPieces& pieces);

// Functions of the source's libraries, as a whole; false: a side does not know them.
Result<bool> carry_redis_functions(databases::RedisNodes& from, databases::RedisNodes& to);

}  // namespace lakeshift::transfers
