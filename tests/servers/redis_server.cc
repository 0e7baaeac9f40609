#include "tests/servers/redis_server.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <stdexcept>
#include <thread>

#include "tests/servers/free_port.h"

namespace lakeshift::servers {

using databases::RedisSession;

namespace {}  // namespace

RedisServer::RedisServer(const std::vector<std::string>& options) : port_(free_port()) {
  std::string pattern = "/tmp/lakeshift-redis-XXXXXX";
  if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no folder in /tmp");
  folder_ = pattern;
  std::vector<std::string> command = {"redis-server",
                                      "--port",
                                      std::to_string(port_),
                                      "--bind",
                                      "127.0.0.1",
                                      "--save",
                                      "",
                                      "--dir",
                                      folder_,
                                      "--enable-debug-command",
                                      "local",
                                      "--repl-diskless-sync-delay",
                                      "0"};
  command.insert(command.end(), options.begin(), options.end());
  std::vector<char*> words;
  for (std::string& word : command) words.push_back(word.data());
  words.push_back(nullptr);
  const std::string log = folder_ + "/log";
  process_ = ::fork();
  if (process_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    const int out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
    ::dup2(out, 1);
    ::dup2(out, 2);
    ::execvp(words[0], words.data());
    ::_exit(127);
  }
  for (int attempt = 0; attempt < 300; ++attempt) {
    if (RedisSession::connect(address(), {})) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  throw std::runtime_error("redis-server does not answer; its log is " + log);
}

RedisServer::~RedisServer() {
  crash();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

void RedisServer::crash() {
  if (process_ == 0) return;
  ::kill(process_, SIGKILL);
  ::waitpid(process_, nullptr, 0);
  process_ = 0;
}

databases::RedisAddress RedisServer::address() const {
  databases::RedisAddress address;
  address.host = "127.0.0.1";
  address.port = port_;
  return address;
}

std::unique_ptr<RedisSession> RedisServer::connect() const {
  auto session = RedisSession::connect(address(), {});
  if (!session) throw std::runtime_error(session.error().to_text());
  return *std::move(session);
}

std::unique_ptr<databases::RedisNodes> RedisServer::nodes() const {
  auto nodes = databases::RedisNodes::connect(address(), {});
  if (!nodes) throw std::runtime_error(nodes.error().to_text());
  return *std::move(nodes);
}

databases::RedisReply RedisServer::run(const databases::RedisWords& words) const {
  auto reply = connect()->call(words);
  if (!reply) throw std::runtime_error(reply.error().to_text());
  return *std::move(reply);
}

RedisClusterServers::RedisClusterServers() {
  for (int i = 0; i < 3; ++i)
    servers_.push_back(std::make_unique<RedisServer>(
        std::vector<std::string>{"--cluster-enabled", "yes", "--cluster-node-timeout", "5000"}));
  for (std::size_t i = 0; i < 3; ++i) {
    const int first = static_cast<int>(i) * databases::kRedisSlots / 3;
    const int last = static_cast<int>(i + 1) * databases::kRedisSlots / 3 - 1;
    servers_[i]->run({"CLUSTER", "ADDSLOTSRANGE", std::to_string(first), std::to_string(last)});
    servers_[i]->run({"CLUSTER", "SET-CONFIG-EPOCH", std::to_string(i + 1)});
  }
  for (std::size_t i = 1; i < 3; ++i)
    servers_[i]->run({"CLUSTER", "MEET", "127.0.0.1", std::to_string(servers_[0]->port())});
  for (const auto& server : servers_)
    for (int attempt = 0; attempt < 400; ++attempt) {
      if (server->run({"CLUSTER", "INFO"}).text.find("cluster_state:ok") != std::string::npos &&
          server->run({"CLUSTER", "SLOTS"}).items.size() == 3)
        break;
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
}

std::string RedisClusterServers::id(std::size_t index) const {
  return servers_[index]->run({"CLUSTER", "MYID"}).text;
}

}  // namespace lakeshift::servers
