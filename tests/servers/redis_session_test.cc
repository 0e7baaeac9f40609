// The client against a peer that says what the test wants, and against real servers.
#include "knowledge/databases/redis_session.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <thread>

#include "knowledge/transfers/redis_carry.h"
#include "tests/servers/redis_server.h"

namespace lakeshift::servers {
namespace {

using databases::RedisAddress;
using databases::RedisNodes;
using databases::RedisSession;

const std::string kHello = "%1\r\n+version\r\n+7.0.15\r\n+OK\r\n";

// Sends the pieces to whoever connects, one after the other with a breath between, then waits or
// hangs up.
class Peer {
 public:
  Peer(std::vector<std::string> pieces, bool hangs_up) {
    listener_ = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address);
    ::listen(listener_, 4);
    socklen_t size = sizeof address;
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ =
        std::jthread([this, pieces = std::move(pieces), hangs_up](const std::stop_token& stop) {
          const int peer = ::accept(listener_, nullptr, nullptr);
          for (const std::string& piece : pieces) {
            std::size_t at = 0;
            while (at < piece.size() && !stop.stop_requested()) {
              const ssize_t sent = ::send(peer, piece.data() + at, piece.size() - at, MSG_NOSIGNAL);
              if (sent <= 0) break;
              at += static_cast<std::size_t>(sent);
            }
            std::this_thread::sleep_for(std::chrono::milliseconds(2));
          }
          while (!hangs_up && !stop.stop_requested())
            std::this_thread::sleep_for(std::chrono::milliseconds(2));
          ::close(peer);
        });
  }
  ~Peer() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.request_stop();
    thread_.join();
    ::close(listener_);
  }
  RedisAddress address() const {
    RedisAddress address;
    address.host = "127.0.0.1";
    address.port = port_;
    return address;
  }

 private:
  int listener_ = -1, port_ = 0;
  std::jthread thread_;
};

std::vector<std::string> bytes_of(const std::string& text) {
  std::vector<std::string> pieces;
  for (const char byte : text) pieces.emplace_back(1, byte);
  return pieces;
}

TEST(RedisSession, reads_what_comes_byte_by_byte) {
  Peer peer(bytes_of(kHello + "*2\r\n$3\r\na\r\n\r\n:7\r\n"), false);
  auto session = RedisSession::connect(peer.address(), {});
  ASSERT_TRUE(session) << session.error().to_text();
  EXPECT_EQ((*session)->version(), 70015);
  const auto reply = (*session)->call({"ANY"});
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->items[0].text, "a\r\n");
}

TEST(RedisSession, says_what_went_wrong) {
  {
    Peer peer({kHello, "$100\r\nonly a part"}, true);
    const auto session = RedisSession::connect(peer.address(), {});
    ASSERT_TRUE(session);
    const auto lost = (*session)->call({"GET", "x"});
    ASSERT_FALSE(lost);
    EXPECT_EQ(lost.error().code, "connection-lost");
    EXPECT_EQ(lost.error().retry, Retry::later);
    EXPECT_FALSE((*session)->alive());
    EXPECT_EQ((*session)->call({"PING"}).error().code, "connection-lost");
  }
  {
    Peer peer({"HTTP/1.1 400 Bad Request\r\n\r\n"}, true);
    EXPECT_EQ(RedisSession::connect(peer.address(), {}).error().code, "bad-reply");
  }
  {
    Peer peer({"-WRONGPASS invalid username-password pair\r\n"}, false);
    const auto refused = RedisSession::connect(peer.address(), {});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, "redis-wrongpass");
    EXPECT_EQ(refused.error().retry, Retry::never);
  }
  {
    Peer peer({kHello}, false);
    const auto session = RedisSession::connect(peer.address(), {});
    ASSERT_TRUE(session);
    (*session)->set_patience(world::Millis(50));
    EXPECT_EQ((*session)->call({"GET", "x"}).error().code, "timeout");
  }
  RedisAddress nobody;
  nobody.host = "127.0.0.1";
  nobody.port = 1;
  EXPECT_EQ(RedisSession::connect(nobody, {}).error().code, "unreachable");
}

TEST(RedisSession, stops_at_once) {
  Peer peer({kHello}, false);
  std::stop_source stop;
  const auto session = RedisSession::connect(peer.address(), stop.get_token());
  ASSERT_TRUE(session);
  const std::jthread later([&stop] {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    stop.request_stop();
  });
  const auto began = std::chrono::steady_clock::now();
  EXPECT_EQ((*session)->call({"GET", "x"}).error().code, "cancelled");
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(5));
}

TEST(RedisSession, speaks_to_a_server) {
  const RedisServer server;
  const auto session = server.connect();
  EXPECT_TRUE(session->speaks_resp3());
  EXPECT_GE(session->version(), 70000);
  // Bigger than any buffer, there and back, many at once.
  const std::string huge(70u << 20, 'x');
  std::vector<databases::RedisWords> commands;
  for (int i = 0; i < 3; ++i) commands.push_back({"SET", "huge", huge});
  commands.push_back({"GET", "huge"});
  commands.push_back({"LPUSH", "huge", "x"});
  for (int i = 0; i < 20'000; ++i) commands.push_back({"INCR", "count"});
  const auto replies = session->run(commands);
  ASSERT_TRUE(replies) << replies.error().to_text();
  EXPECT_EQ((*replies)[3].text, huge);
  EXPECT_TRUE((*replies)[4].is_error());
  EXPECT_EQ(replies->back().integer, 20'000);
  EXPECT_EQ(session->call({"LPUSH", "huge", "x"}).error().code, "redis-wrongtype");
}

TEST(RedisNodes, follow_redirections) {
  RedisClusterServers cluster;
  auto nodes = RedisNodes::connect(cluster.address(), {});
  ASSERT_TRUE(nodes) << nodes.error().to_text();
  EXPECT_TRUE((*nodes)->clustered());
  EXPECT_EQ((*nodes)->primaries().size(), 3u);
  std::vector<databases::RedisCommand> sets, gets;
  for (int i = 0; i < 300; ++i) {
    sets.push_back({{"SET", "key:" + std::to_string(i), std::to_string(i)}});
    gets.push_back({{"GET", "key:" + std::to_string(i)}});
  }
  ASSERT_TRUE((*nodes)->run(0, sets));
  // A slot that is being moved: half of it is asked for elsewhere (ASK), then all of it (MOVED).
  const std::string slot = std::to_string(databases::redis_slot("key:7"));
  std::size_t from = 0;
  while (cluster.at(from).run({"CLUSTER", "COUNTKEYSINSLOT", slot}).integer == 0) ++from;
  const std::size_t to = (from + 1) % 3;
  cluster.at(to).run({"CLUSTER", "SETSLOT", slot, "IMPORTING", cluster.id(from)});
  cluster.at(from).run({"CLUSTER", "SETSLOT", slot, "MIGRATING", cluster.id(to)});
  cluster.at(from).run(
      {"MIGRATE", "127.0.0.1", std::to_string(cluster.at(to).port()), "key:7", "0", "5000"});
  for (int round = 0; round < 2; ++round) {
    const auto replies = (*nodes)->run(0, gets);
    ASSERT_TRUE(replies);
    for (std::size_t i = 0; i < replies->size(); ++i)
      EXPECT_EQ((*replies)[i].text, std::to_string(i)) << round;
    if (round > 0) break;
    for (const std::size_t node : {to, from})
      cluster.at(node).run({"CLUSTER", "SETSLOT", slot, "NODE", cluster.id(to)});
  }
}

TEST(RedisCarry, into_a_cluster_and_out_of_it) {
  RedisClusterServers cluster;
  const RedisServer source, back;
  transfers::RedisParcel keys(0);
  for (int i = 0; i < 500; ++i) {
    const std::string key = "key:" + std::to_string(i);
    keys.add(key);
    source.run({"SET", key, std::to_string(i), "PXAT", std::to_string(4'000'000'000'000 + i)});
  }
  const auto from = source.nodes();
  auto nodes = RedisNodes::connect(cluster.address(), {});
  ASSERT_TRUE(nodes);
  const auto home = back.nodes();
  transfers::RedisCarrier there(*from, **nodes, {});
  ASSERT_TRUE(there.carry(keys));
  transfers::RedisCarrier again(**nodes, *home, {});
  ASSERT_TRUE(again.carry(keys));
  EXPECT_EQ(source.run({"DEBUG", "DIGEST"}).text, back.run({"DEBUG", "DIGEST"}).text);
  EXPECT_EQ(back.run({"PEXPIRETIME", "key:9"}).integer, 4'000'000'000'009);
}

}  // namespace
}  // namespace lakeshift::servers
