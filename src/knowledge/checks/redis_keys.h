// Are keys of two Redis servers the same? Proven: type, content and time to live of a key, whatever
// the encodings are; of streams also last id, counters, groups, consumers and what is pending, of
// hashes the times to live of fields. What only one side's version knows (counters of streams from
// 7.0, times of fields from 7.4) cannot be the same and is not compared. Not looked at: how long
// ago a key was used, idle times of consumers, encodings.
//
// Equal payloads (DUMP), but for the version at their end, prove at once; unequal ones do not
// disprove, so what they leave open is read by the commands of its type and compared as sorted
// parts.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "knowledge/databases/redis_nodes.h"

namespace lakeshift::checks {

struct RedisContent {
  std::string type = "none";
  std::int64_t expires_ms = -1;  // -1: never
  // Field and value, member and score, index and item, entry id and fields, …
  std::map<std::string, std::string> parts;
  bool operator==(const RedisContent&) const = default;
};

struct RedisComparison {
  std::int64_t keys = 0;                  // compared
  std::int64_t by_parts = 0;              // of them not by payload
  std::int64_t expiring = 0;              // left out: their time was up, or nearly, on a side
  std::vector<std::string> different;     // keys, as they are
  std::vector<std::string> descriptions;  // of those: "key 'a' of database 0: field 'x' is …"
};

struct RedisCompareOptions {
  std::int64_t now_ms = 0;        // by the servers' clock
  std::int64_t nearly_ms = 2000;  // a key whose time is up within this may be gone on either side
  std::int64_t big_bytes = 0;  // keys that take more memory are never read in one piece; 0: all are
  std::int64_t tolerance_ms =
      0;  // of times to live: for servers before 7.0, which tell no absolute
};

// Both sides should be at rest: a key that changes meanwhile may be called different. Keys that
// neither side has are equal. Errors: those of the sessions.
Result<RedisComparison> compare_redis_keys(databases::RedisNodes& source,
                                           databases::RedisNodes& target, int database,
                                           const std::vector<std::string>& keys,
                                           const RedisCompareOptions& options);

// Of one key, all of it that servers of version `version` know (70015: 7.0.15). Error
// "redis-type-unknown": a module's type.
Result<RedisContent> read_redis_content(databases::RedisNodes& nodes, int database,
                                        const std::string& key, int version);

// What differs, in one line.
std::string describe_difference(const std::string& key, int database, const RedisContent& source,
                                const RedisContent& target);

// Libraries of functions, by name, with their code.
Result<std::map<std::string, std::string>> read_redis_functions(databases::RedisNodes& nodes);

}  // namespace lakeshift::checks
