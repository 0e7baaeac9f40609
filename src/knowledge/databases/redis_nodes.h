// A Redis server, or all primaries of a cluster, behind one face: commands go where their key is.
// Source: redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec, as of 2026-08.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "knowledge/databases/redis_session.h"

namespace lakeshift::databases {

constexpr int kRedisSlots = 16384;
// The slot of a key: CRC16 of the key, or of what is between its first '{' and the next '}'.
int redis_slot(std::string_view key);

struct RedisCommand {
  RedisWords words;
  int key = 1;  // which word is the key; 0: any node will do
};

// Not thread safe. Errors as RedisSession's. After one the object connects anew by itself.
class RedisNodes {
 public:
  static Result<std::unique_ptr<RedisNodes>> connect(const RedisAddress& address,
                                                     std::stop_token stop);
  bool clustered() const { return clustered_; }
  const RedisAddress& address() const { return address_; }
  int version() const { return version_; }
  // Every primary: the server itself when it is no cluster.
  std::vector<RedisAddress> primaries() const;
  // A session with one of them.
  Result<RedisSession*> session(const RedisAddress& node);
  Result<RedisSession*> any();

  // Pipelined, in database `database`; answers in the order of commands, error answers as values.
  // Redirections (MOVED, ASK) are followed, and what a node cannot do yet is tried again.
  Result<std::vector<RedisReply>> run(int database, const std::vector<RedisCommand>& commands);
  // One command; an error answer is an error.
  Result<RedisReply> call(int database, RedisWords words, int key = 1);

 private:
  RedisNodes(RedisAddress address, std::stop_token stop)
      : address_(std::move(address)), stop_(std::move(stop)) {}
  using Node = std::pair<std::string, int>;
  Status read_slots();
  Node node_of(const RedisCommand& command) const;
  Result<RedisSession*> open(const Node& node);
  Status run_once(int database, const std::vector<RedisCommand>& commands,
                  std::vector<std::size_t>& left, std::vector<RedisReply>& replies);

  RedisAddress address_;
  std::stop_token stop_;
  bool clustered_ = false;
  int version_ = 0;
  std::vector<Node> slots_;  // of a cluster: which node has a slot
  std::map<Node, std::unique_ptr<RedisSession>> sessions_;
  std::map<std::size_t, Node> asked_;  // commands that a node has sent elsewhere, once
};

}  // namespace lakeshift::databases
