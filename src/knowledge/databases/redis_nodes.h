// A Redis server, or all primaries of a cluster, behind one face: commands go where their key is.
// Source: redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec, as of 2026-08.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <memory>
#include <span>
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

// The same without memory of its own: what the words say must outlive the call that takes it.
struct RedisRequest {
  static constexpr std::size_t kMostWords = 6;
  RedisRequest(std::initializer_list<std::string_view> list, int key_at = 1)
      : count(std::min(list.size(), kMostWords)), key(key_at) {
    std::copy_n(list.begin(), count, all.begin());
  }
  std::span<const std::string_view> words() const { return {all.data(), count}; }
  std::array<std::string_view, kMostWords> all{};
  std::size_t count;
  int key;  // which word is the key
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
  Result<std::vector<RedisReply>> run(int database, const std::vector<RedisCommand>& commands) {
    return run_all(database, commands);
  }
  Result<std::vector<RedisReply>> run(int database, const std::vector<RedisRequest>& requests) {
    return run_all(database, requests);
  }
  // One command; an error answer is an error.
  Result<RedisReply> call(int database, RedisWords words, int key = 1);

 private:
  using Node = std::pair<std::string, int>;
  RedisNodes(RedisAddress address, std::stop_token stop)
      : address_(std::move(address)), own_(address_.host, address_.port), stop_(std::move(stop)) {}
  Status read_slots();
  template <typename Command>
  const Node& node_of(const Command& command) const;
  Result<RedisSession*> open(const Node& node);
  template <typename Command>
  Result<std::vector<RedisReply>> run_all(int database, const std::vector<Command>& commands);
  template <typename Command>
  Status run_once(const std::vector<Command>& commands, std::vector<std::size_t>& left,
                  std::vector<RedisReply>& replies);
  template <typename Command>
  Status run_alone(int database, const std::vector<Command>& commands,
                   std::vector<std::size_t>& left, std::vector<RedisReply>& replies);

  RedisAddress address_;
  Node own_;  // that the address names
  std::stop_token stop_;
  bool clustered_ = false;
  int version_ = 0;
  std::vector<Node> slots_;  // of a cluster: which node has a slot
  std::map<Node, std::unique_ptr<RedisSession>> sessions_;
  std::map<std::size_t, Node> asked_;  // commands that a node has sent elsewhere, once
};

}  // namespace lakeshift::databases
