// A loopback server that reads whole HTTP/1.1 requests and answers with exactly the bytes a test
// gives, or hangs up.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace lakeshift::tests {

class RawServer {
 public:
  // The request with its body; no answer = the connection is closed. An answer that starts with "!"
  // is sent without it, then the connection is closed.
  using Handler = std::function<std::optional<std::string>(const std::string& request)>;

  explicit RawServer(Handler handler) : handler_(std::move(handler)) {
    listener_ = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address);
    ::listen(listener_, 64);
    socklen_t size = sizeof address;
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    acceptor_ = std::jthread([this] { accept_all(); });
  }
  ~RawServer() {
    closing_ = true;
    ::shutdown(listener_, SHUT_RDWR);
    {
      const std::scoped_lock lock(mutex_);
      for (const int open : open_) ::shutdown(open, SHUT_RDWR);
    }
    acceptor_.join();
    ::close(listener_);
    threads_.clear();
  }
  RawServer(const RawServer&) = delete;
  RawServer& operator=(const RawServer&) = delete;

  int port() const { return port_; }
  std::string url(const std::string& path = "/") const {
    return "http://127.0.0.1:" + std::to_string(port_) + path;
  }
  int connections() const { return connections_; }
  std::vector<std::string> requests() const {
    const std::scoped_lock lock(mutex_);
    return requests_;
  }

 private:
  void accept_all() {
    while (!closing_) {
      const int connection = ::accept(listener_, nullptr, nullptr);
      if (connection < 0) return;
      ++connections_;
      const std::scoped_lock lock(mutex_);
      open_.push_back(connection);
      threads_.emplace_back([this, connection] { serve(connection); });
    }
  }

  void serve(int connection) {
    std::string received;
    while (auto request = next_request(connection, received)) {
      {
        const std::scoped_lock lock(mutex_);
        requests_.push_back(*request);
      }
      std::optional<std::string> answer = handler_(*request);
      if (!answer) break;
      const bool close_after = answer->starts_with("!");
      if (close_after) answer->erase(0, 1);
      std::string_view left = *answer;
      while (!left.empty()) {
        const ssize_t sent = ::send(connection, left.data(), left.size(), MSG_NOSIGNAL);
        if (sent <= 0) break;
        left.remove_prefix(static_cast<std::size_t>(sent));
      }
      if (close_after) break;
    }
    const std::scoped_lock lock(mutex_);
    std::erase(open_, connection);
    ::close(connection);
  }

  static std::optional<std::string> next_request(int connection, std::string& received) {
    while (true) {
      const std::size_t head = received.find("\r\n\r\n");
      if (head != std::string::npos) {
        std::size_t body = 0;
        std::string lower = received.substr(0, head);
        std::transform(lower.begin(), lower.end(), lower.begin(),
                       [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
        if (const std::size_t at = lower.find("content-length: "); at != std::string::npos)
          body = std::stoul(lower.substr(at + 16));
        if (received.size() >= head + 4 + body) {
          std::string request = received.substr(0, head + 4 + body);
          received.erase(0, request.size());
          return request;
        }
      }
      char buffer[65536];
      const ssize_t got = ::recv(connection, buffer, sizeof buffer, 0);
      if (got <= 0) return std::nullopt;
      received.append(buffer, static_cast<std::size_t>(got));
    }
  }

  Handler handler_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<bool> closing_{false};
  std::atomic<int> connections_{0};
  mutable std::mutex mutex_;
  std::vector<int> open_;
  std::vector<std::string> requests_;
  std::list<std::jthread> threads_;
  std::jthread acceptor_;
};

}  // namespace lakeshift::tests
