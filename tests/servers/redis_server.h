// Real Redis servers for tests: each has its own folder and port and dies with the test program.
#pragma once

#include <sys/types.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "knowledge/databases/redis_nodes.h"

namespace lakeshift::servers {

class RedisServer {
 public:
  explicit RedisServer(const std::vector<std::string>& options = {});  // throws what went wrong
  ~RedisServer();
  RedisServer(const RedisServer&) = delete;
  RedisServer& operator=(const RedisServer&) = delete;

  int port() const { return port_; }
  databases::RedisAddress address() const;
  std::unique_ptr<databases::RedisSession> connect() const;
  std::unique_ptr<databases::RedisNodes> nodes() const;
  databases::RedisReply run(const databases::RedisWords& words) const;  // throws refusals
  void crash();

 private:
  std::string folder_;
  int port_ = 0;
  pid_t process_ = 0;
};

// Three primaries that share the slots, for tests of redirections.
class RedisClusterServers {
 public:
  RedisClusterServers();
  RedisServer& at(std::size_t index) { return *servers_[index]; }
  std::string id(std::size_t index) const;
  databases::RedisAddress address() const { return servers_[0]->address(); }

 private:
  std::vector<std::unique_ptr<RedisServer>> servers_;
};

}  // namespace lakeshift::servers
