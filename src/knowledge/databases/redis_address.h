// Where a Redis server (or cluster) is and who we are there.
#pragma once

#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/world/secret.h"
#include "core/world/world.h"

namespace lakeshift::databases {

struct RedisAddress {
  std::string host;
  int port = 6379;
  std::string user;  // empty: the default user
  world::Secret password;
  bool tls = false;
  std::string ca;                  // file of trusted certificates; empty: the system's
  bool verify = true;              // the server's certificate and name
  int database = -1;               // the only one that is meant; -1: all
  std::string name = "lakeshift";  // of our connections, as CLIENT LIST shows it
  std::string to_text() const;     // "rediss://ana@cache.example.com:6380/0", no secret
};

// True for redis:// and rediss://.
bool is_redis_address(std::string_view text);

// "redis[s]://[user[:password]@]host[:port][/database][?ca=FILE&verify=full|none]". Error
// "bad-connection" (never its text, which may hold a password).
Result<RedisAddress> parse_redis_address(std::string_view text);

// The address of a configured side. `text` is what the configuration says and holds no password
// ("secret-in-config" otherwise); empty: variable LAKESHIFT_<NAME>_URL. The password:
// LAKESHIFT_<NAME>_PASSWORD. Errors: "no-address", "bad-connection".
Result<RedisAddress> find_redis_address(world::World& world, const std::string& name,
                                        const std::string& text);

}  // namespace lakeshift::databases
