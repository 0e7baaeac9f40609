// What stands in the way of moving a Redis to another, and what to do about it. Reads only: what a
// user may do is asked, or tried on a key that does not exist.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "core/model/finding.h"
#include "knowledge/databases/redis_nodes.h"

namespace lakeshift::databases {

struct RedisServerFacts {
  int version = 0;
  std::string version_text, role, policy, notifications;
  std::int64_t used_bytes = 0, data_bytes = 0, limit_bytes = 0, backlog_bytes = 0, time_ms = 0;
  std::int64_t keys = 0;  // of the databases that are meant
  std::vector<int> databases;
  std::set<std::string> modules;
  std::set<std::string> refused;  // commands that the move's user cannot use
  bool notifications_known = false;
  bool has_functions = false;
};

struct RedisPreflight {
  RedisServerFacts source, target;
  std::vector<model::Finding> findings;  // blocking first
  bool psync = true;                     // of both sides, for the way there and back
  bool payloads = true;                  // DUMP and RESTORE may be used between these two
  bool measures = true;  // a key of the source may be bigger than the limit, and can be measured
  bool blocked() const;
};

struct RedisPreflightOptions {
  std::set<std::string> accept;
  std::string follow = "auto";  // "psync", "notifications"
  std::int64_t big_bytes = 64 << 20;
  bool target_empty = true;  // it is to be: false for a move that is being made
  bool cold = false;
};

Result<RedisPreflight> run_redis_preflight(RedisNodes& source, RedisNodes& target,
                                           const RedisPreflightOptions& options);

Result<RedisServerFacts> read_redis_facts(RedisNodes& nodes);

}  // namespace lakeshift::databases
