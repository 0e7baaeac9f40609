// Keeps the applications' users of a Redis from writing, and lets them again.
//
// A fenced user is switched off and may use no command; its connections end. What it might do
// before is kept in the server itself, as the rules of a disabled user "lakeshift.kept.<user>", so
// no password leaves it and whoever is killed meanwhile finds it again. Rules live in the server's
// memory: they are saved with ACL SAVE or CONFIG REWRITE where the server allows it.
#pragma once

#include <string>
#include <vector>

#include "knowledge/databases/redis_nodes.h"

namespace lakeshift::transfers {

struct RedisFenceReport {
  std::vector<std::string> users;
  std::vector<std::string> refused;  // writes that were tried as these users: what the server said
  std::int64_t sessions_ended = 0;
  bool saved = false;  // the fence outlives a restart of the server
};

// Fences each at every primary. Users that are fenced stay so. Errors: "redis-user-missing",
// "fence-leaks" (a write would not be refused, or a connection does not end).
Result<RedisFenceReport> fence_redis(databases::RedisNodes& nodes,
                                     const std::vector<std::string>& users);
// Gives them back what they had. How many were fenced.
Result<std::int64_t> open_redis(databases::RedisNodes& nodes,
                                const std::vector<std::string>& users);
// Those that are fenced.
Result<std::vector<std::string>> fenced_redis_users(databases::RedisNodes& nodes);

// Makes the users that `to` does not have as they are in `from`, switched off. Those that were
// made.
Result<std::vector<std::string>> carry_redis_users(databases::RedisNodes& from,
                                                   databases::RedisNodes& to,
                                                   const std::vector<std::string>& users);
// Success: our user may fence users there. Error: what the server says.
Status try_redis_fence(databases::RedisNodes& nodes);

}  // namespace lakeshift::transfers
